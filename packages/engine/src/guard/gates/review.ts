/**
 * Who must have looked at a change before it is merged, and who has. Rules of the policy say who; an approval is the forge's, or a signed
 * record, and both are of exactly this change. It also answers what is only held; what is blocked nobody can approve. Pure.
 */
import type { Codeowners, FileChange, Finding, PolicyJudge, PolicyLayer, ReviewRule } from "@twolane/policy";
import type { ApprovedFinding } from "./check-report.ts";
import type { ForgeReviews } from "./forge-reviews.ts";

/** Somebody who approved. */
export interface Approver {
  /** As it is shown: a login, or an address. */
  readonly name: string;
  /** Of a signed record: what its key stands for, e.g. an address or `@org/team`. */
  readonly principals: readonly string[];
}

export interface ReviewQuestion {
  readonly judge: PolicyJudge;
  readonly files: readonly FileChange[];
  readonly findings: readonly Finding[];
  readonly owners: Codeowners;
  readonly reviews: ForgeReviews;
  /** Of signed records. */
  readonly signers: readonly Approver[];
  /** Addresses of whoever made the commits. */
  readonly authors: readonly string[];
}

export interface ReviewAnswer {
  readonly findings: readonly Finding[];
  readonly approved: readonly ApprovedFinding[];
}

export function reviewChange(question: ReviewQuestion): ReviewAnswer {
  const people = new People(question);
  const left: Finding[] = [];
  const approved: ApprovedFinding[] = [];
  const open = new Map<string, readonly string[]>();
  for (const { path, from } of question.files) {
    // What a file was called before is looked after as well.
    for (const name of from === undefined ? [path] : [path, from]) {
      for (const rule of question.judge.review(name)) {
        const by = people.approving(rule, name);
        const finding = reviewFinding(question, { path, name, rule, by, people });
        if (by.length >= rule.approvals && people.against.length === 0) approved.push({ ...finding, by });
        else left.push(finding);
      }
    }
  }
  for (const finding of question.findings) {
    const by = open.get(finding.path) ?? people.answering(question.judge.review(finding.path), finding.path);
    open.set(finding.path, by);
    if (finding.verdict.decision === "hold" && by.length > 0) approved.push({ ...finding, by });
    else left.push(finding);
  }
  return { findings: left, approved };
}

class People {
  /** Who asked for changes; until they take that back nobody's approval is enough. */
  readonly against: readonly string[];
  private readonly approvers: readonly Approver[];
  private readonly question: ReviewQuestion;
  private readonly authors: ReadonlySet<string>;

  constructor(question: ReviewQuestion) {
    const { reviews, signers, authors } = question;
    this.question = question;
    this.against = reviews.against;
    this.approvers = [...reviews.approvers.map((name) => ({ name, principals: [] })), ...signers];
    this.authors = new Set([...authors, ...reviews.authors].flatMap(spellings));
  }

  /** Those of the approvers who may approve this path under this rule, each once. */
  approving(rule: ReviewRule, path: string): readonly string[] {
    const wanted = this.wanted(rule, path);
    return this.names(({ name, principals }) => {
      if (!rule.own && this.isAuthor({ name, principals })) return false;
      return wanted.length === 0 || wanted.some((one) => this.is({ name, principals }, one));
    });
  }

  /** Who answers for what is only held: whoever the rules of its path name; without rules anybody but the author. */
  answering(rules: readonly ReviewRule[], path: string): readonly string[] {
    if (this.against.length > 0) return [];
    if (rules.length === 0) return this.names((approver) => !this.isAuthor(approver));
    const each = rules.map((rule) => ({ rule, by: this.approving(rule, path) }));
    return each.every(({ rule, by }) => by.length >= rule.approvals) ? [...new Set(each.flatMap(({ by }) => by))] : [];
  }

  /** None: anybody. */
  wanted({ by, codeowners }: ReviewRule, path: string): readonly string[] {
    return [...new Set([...by, ...(codeowners ? this.question.owners(path) : [])])];
  }

  /** Each name once, however often it approved. */
  private names(may: (approver: Approver) => boolean): readonly string[] {
    return [...new Set(this.approvers.filter(may).map(({ name }) => name.toLowerCase()))];
  }

  private isAuthor({ name, principals }: Approver): boolean {
    return [name, ...principals].flatMap(spellings).some((one) => this.authors.has(one));
  }

  private is({ name, principals }: Approver, wanted: string): boolean {
    const folded = wanted.toLowerCase();
    const names = [name, ...principals].map((one) => one.toLowerCase());
    if (names.some((one) => one === folded || `@${one}` === folded)) return true;
    return this.question.reviews.teams.get(folded)?.some((member) => names.includes(member.toLowerCase())) ?? false;
  }
}

/** A login stands in the address that a forge gives its users: `1+login@users.noreply.github.com`. */
function spellings(name: string): string[] {
  const folded = name.toLowerCase().replace(/^@/, "");
  const [, login] = /^(?:\d+[+-])?([^@]+)@users\.noreply\.[\w.-]+$/.exec(folded) ?? [];
  return login === undefined ? [folded] : [folded, login];
}

interface Wanting {
  readonly path: string;
  /** What the rule is about: the path, or what it was called before. */
  readonly name: string;
  readonly rule: ReviewRule;
  readonly by: readonly string[];
  readonly people: People;
}

function reviewFinding({ judge, reviews }: ReviewQuestion, { path, name, rule, by, people }: Wanting): Finding {
  const wanted = people.wanted(rule, name);
  const whose = wanted.length === 0 ? (rule.own ? "" : ", not the author's") : ` by ${wanted.join(" or ")}`;
  const count = rule.approvals === 1 ? "an approval" : `${rule.approvals} approvals`;
  const has = by.length === 0 ? "has none" : `has ${by.length}: ${by.join(", ")}`;
  const against = people.against.length > 0 ? `; ${people.against.join(", ")} asked for changes` : "";
  const unknown = wanted.filter((one) => /^@[^/]+\/./.test(one) && !reviews.teams.has(one.toLowerCase()));
  const teams =
    unknown.length > 0 && reviews.approvers.length > 0 ? ` Who is in ${unknown.join(", ")} is not known here (--reviews).` : "";
  const layer = judge.layers.find(({ review }) => review.includes(rule));
  return {
    path,
    line: 0,
    verdict: {
      decision: "hold",
      rule: rule.name,
      reason: `${name} needs ${count}${whose}; it ${has}${against}${rule.reason === undefined ? "" : ` (${rule.reason.replace(/\.$/, "")})`}`,
      wayOut: `Have it approved on the forge, or by \`twolane approve\`.${teams}`,
      subject: name,
      ...(layer && { source: placeOf(layer, rule.line) }),
    },
  };
}

function placeOf({ kind, path, preset }: PolicyLayer, line: number): string {
  if (line > 0) return `${path}:${line}`;
  return kind === "preset" || preset === undefined ? path : `${path} (preset ${preset})`;
}
