/**
 * What a session of the fast lane knows that a job of the deep lane needs: a fold over its events, then the brief. The person's own words
 * and what was measured, never a summary. Of what was rejected only path, line and reason go on, as everywhere.
 */
import type { Constraint, Evidence, EventBody, HunkId, HunkLine, JobBrief, Review } from "@twolane/protocol";
import { constraintText } from "@twolane/policy";

/** Changed in place: an event costs the same in a session of any length. */
export interface BriefFacts {
  /** Of the turn that runs or ran last. */
  constraints: readonly Constraint[];
  scope: readonly string[];
  /** Requests and steers, in the person's words, the oldest first. */
  readonly said: string[];
  /** To questions of workflows. */
  readonly answers: string[];
  readonly refused: Map<HunkId, string>;
  evidence?: Evidence;
  /** Of commands and workflows: what failed last, as it was printed. */
  failing: string;
}

export const noFacts = (): BriefFacts => ({ constraints: [], scope: [], said: [], answers: [], refused: new Map(), failing: "" });

const saidAtMost = 40;
const wordsAtMost = 600;

export function noteForBrief(facts: BriefFacts, event: EventBody): void {
  switch (event.type) {
    case "turn.started":
      // What begins a command says nothing of what is wanted.
      if (event.prompt.startsWith("/")) return;
      facts.constraints = [];
      return say(facts, event.prompt);
    case "turn.steered":
      return say(facts, event.text);
    case "workflow.answered":
      facts.answers.push(
        [event.answer, ...(event.text === undefined ? [] : [event.text.trim().slice(0, wordsAtMost)])].join(": "),
      );
      if (facts.answers.length > saidAtMost) facts.answers.shift();
      return;
    case "constraints.set":
      facts.constraints = event.constraints;
      return;
    case "scope.changed":
      facts.scope = event.scope;
      return;
    case "hunk.rejected":
      facts.refused.set(event.hunk, event.reason ?? "");
      return;
    case "tests.ended":
      facts.evidence = event.evidence;
      return;
    default:
      return;
  }
}

function say(facts: BriefFacts, text: string): void {
  const words = text.trim();
  if (words === "") return;
  facts.said.push(words.length > wordsAtMost ? `${words.slice(0, wordsAtMost)} …` : words);
  if (facts.said.length > saidAtMost) facts.said.shift();
}

export interface BriefWish {
  /** What the person wants now; empty: what the session was about. */
  readonly goal: string;
  /** What its words demand. */
  readonly constraints: readonly Constraint[];
}

export interface BriefPorts {
  readonly review: Review;
  /** Undefined where the text is gone. */
  readonly lines: (hunk: HunkId) => readonly HunkLine[] | undefined;
  /** SHA-256 of the file as it is now; undefined where there is none. */
  readonly hash: (path: string) => string | undefined;
  /** Paths of the workspace that the words name. */
  readonly named: readonly string[];
}

const filesAtMost = 30;
const diffAtMost = 24_000;
const failingAtMost = 8000;

export function briefOf(wish: BriefWish, facts: BriefFacts, ports: BriefPorts): JobBrief {
  const goal = wish.goal.trim() === "" ? (facts.said.at(-1) ?? "") : wish.goal.trim();
  const open = [...ports.review.values()].filter(({ state, commit }) => state === "landed" && commit === undefined);
  const changed = open.map(({ hunk }) => hunk.movedTo ?? hunk.path);
  const constraints = [...wish.constraints, ...facts.constraints].map(constraintText);
  const scope = facts.scope.length === 0 ? [] : [`only ${facts.scope.join(", ")}`];
  return {
    goal,
    criteria: [],
    constraints: [...new Set([...constraints, ...scope])],
    decisions: [
      ...earlier(facts, goal),
      ...facts.answers.map((answer) => `It was answered: ${answer}`),
      ...refusals(facts, ports.review),
    ],
    files: [...new Set([...ports.named, ...changed])].slice(0, filesAtMost).flatMap((path) => {
      const hash = ports.hash(path);
      return hash === undefined ? [] : [{ path, hash }];
    }),
    openHunks: diffOf(open.map(({ hunk }) => ({ hunk, lines: ports.lines(hunk.id) ?? [] }))),
    evidence: failingText(facts),
  };
}

/** What was asked and said before, in the person's words. */
const earlier = ({ said }: BriefFacts, goal: string): readonly string[] =>
  said.filter((words) => words !== goal).map((words) => `It was asked before: ${words}`);

function refusals({ refused }: BriefFacts, review: Review): readonly string[] {
  return [...refused].flatMap(([id, reason]) => {
    const known = review.get(id);
    if (known === undefined || known.state !== "rejected") return [];
    const { path, line } = known.hunk;
    const place = line > 0 ? `${path}:${line}` : path;
    return [`A change of ${place} was refused${reason === "" ? "" : `: ${reason}`}`];
  });
}

export interface OpenHunk {
  readonly hunk: { readonly path: string; readonly line: number };
  readonly lines: readonly HunkLine[];
}

const signs = { keep: " ", remove: "-", add: "+" } as const;

export function diffOf(hunks: readonly OpenHunk[]): string {
  let text = "";
  for (const [index, { hunk, lines }] of hunks.entries()) {
    if (lines.length === 0) continue;
    const body = lines.map(({ op, text: words }) => `${signs[op]}${words}`).join("\n");
    const next = `${text === "" ? "" : `${text}\n`}${hunk.path}:${hunk.line}\n${body}`;
    if (next.length > diffAtMost) return `${text}\n… and ${hunks.length - index} more changes`;
    text = next;
  }
  return text;
}

/** A text of a brief may go to another process and another model. */
export function hiddenBrief(brief: JobBrief, hide: (text: string) => string): JobBrief {
  const all = (texts: readonly string[]): readonly string[] => texts.map(hide);
  return {
    ...{
      goal: hide(brief.goal),
      criteria: all(brief.criteria),
      constraints: all(brief.constraints),
      decisions: all(brief.decisions),
    },
    ...{ files: brief.files, openHunks: hide(brief.openHunks), evidence: hide(brief.evidence) },
  };
}

export function failingText({ evidence, failing }: BriefFacts): string {
  if (evidence?.outcome !== "failed") return cut(failing);
  const { failure, counts } = evidence;
  const head = `${counts.failed} tests failed, ${counts.passed} passed.`;
  if (failure === undefined) return head;
  const place = failure.line === undefined ? failure.path : `${failure.path}:${failure.line}`;
  return cut(`${head}\n${place} ${failure.name}\n${failure.message}`);
}

const cut = (text: string): string => (text.length > failingAtMost ? `${text.slice(0, failingAtMost)}\n…` : text);
