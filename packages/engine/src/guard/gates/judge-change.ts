/**
 * A change → findings, by the judge that the loop asks as well: every hunk in its order with what came before it, then the change as a
 * whole. What a person said yes to in the loop is not asked again. Pure.
 */
import type { FileChange, Finding, HunkContext, HunkFacts, PolicyJudge, Refusal } from "@twolane/policy";
import type { ChangeFacts } from "./change-facts.ts";
import { type LocalYeses, anySubject } from "./local-yes.ts";

export interface GateQuestion {
  readonly judge: PolicyJudge;
  readonly change: ChangeFacts;
  readonly fileText: HunkContext["fileText"];
  readonly yeses: LocalYeses;
}

/** Nobody knows any more which lane wrote it, and a commit has many turns: limits of the fast lane, and of a turn, are the loop's. */
const lane = "deep";

/** In the order of the files; each thing once. */
export function judgeChange({ judge, change, fileText, yeses }: GateQuestion): readonly Finding[] {
  const whole = judge.change(change.files, { lane, fileText }).map((one) => ({ ...one, verdict: atGates(one.verdict) }));
  const told = new Set(whole.map(({ verdict }) => topicOf(verdict)));
  const totals = new Map<string, number>();
  const found: Finding[] = [];
  const rest = (): typeof change.files => change.files;
  for (const file of change.files) {
    for (const hunk of file.hunks) {
      const context: HunkContext = { lane, changeSet: totals, fileText, rest };
      for (const verdict of judge.refusals(hunk, context).map(atGates)) {
        // A limit that many hunks are beyond is told once, of the change as a whole.
        if (verdict.subject !== undefined && told.has(topicOf(verdict))) continue;
        if (verdict.decision === "hold" && yeses.cover({ refusal: verdict, hunk })) continue;
        found.push({ path: file.path, line: verdict.line ?? hunk.line, verdict });
      }
      count(totals, hunk);
    }
    if (file.hunks.length === 0) found.push(...pathFindings(judge, file));
  }
  const question = { judge, change, fileText, yeses };
  const left = whole.filter((finding) => !isCovered(finding, question));
  return addFindings([...found, ...left], change.findings, { change, yeses });
}

/** What others found of the same change, less what a person said yes to, among ours. */
export function addFindings(
  findings: readonly Finding[],
  more: readonly Finding[],
  { change, yeses }: Pick<GateQuestion, "change" | "yeses">,
): readonly Finding[] {
  const left = more.filter((finding) => !isFileCovered(finding, { change, yeses }));
  return once([...findings, ...left], change.files);
}

const topicOf = ({ rule, subject }: Refusal): string => JSON.stringify([rule, subject]);

/**
 * The loop may never write what decides permissions; people may, and then a second person looks at it. That is the one verdict that is
 * another one here. It comes before the question whether a person has said yes, as a block knows no yes.
 */
function atGates(verdict: Refusal): Refusal {
  if (verdict.rule !== permissionsRule || verdict.decision !== "block") return verdict;
  return { ...verdict, decision: "hold", wayOut: "Have somebody who may approve it look at the change." };
}

const permissionsRule = "permissions";

function count(totals: Map<string, number>, { path, movedTo, added, removed }: HunkFacts): void {
  totals.set(path, (totals.get(path) ?? 0) + added.length + removed.length);
  if (movedTo !== undefined) totals.set(movedTo, totals.get(movedTo) ?? 0);
}

/** Of a file that is no text the paths are judged. */
function pathFindings(judge: PolicyJudge, { path, from }: FileChange): Finding[] {
  return [path, ...(from === undefined ? [] : [from])].flatMap((name) => {
    const verdict = judge.path(name);
    return verdict.decision === "allow" ? [] : [{ path, line: 0, verdict: atGates(verdict) }];
  });
}

/** Every line of its file was said yes to under this rule. What has no lines is asked about each time. */
function isFileCovered({ path, verdict }: Finding, { change, yeses }: Pick<GateQuestion, "change" | "yeses">): boolean {
  const hunks = change.files.find((file) => file.path === path)?.hunks ?? [];
  return verdict.decision === "hold" && hunks.length > 0 && hunks.every((hunk) => yeses.cover({ refusal: verdict, hunk }));
}

/** The change as a whole without the hunks that a person said yes to under this rule no longer has it. */
function isCovered({ verdict }: Finding, { judge, change, fileText, yeses }: GateQuestion): boolean {
  if (verdict.decision === "block") return false;
  const files = change.files.map((file) => ({
    ...file,
    hunks: file.hunks.filter((hunk) => !yeses.cover({ refusal: { rule: verdict.rule, subject: anySubject }, hunk })),
  }));
  if (files.every(({ hunks }, index) => hunks.length === change.files[index]?.hunks.length)) return false;
  return !judge
    .change(files, { lane, fileText })
    .some(({ verdict: other }) => other.rule === verdict.rule && other.subject === verdict.subject);
}

/** Each thing once, by files in the order of the change. */
function once(findings: readonly Finding[], files: readonly FileChange[]): readonly Finding[] {
  const order = new Map(files.map(({ path }, index) => [path, index]));
  const known = new Set<string>();
  return findings
    .filter(({ path, verdict: { rule, decision, subject, reason } }) => {
      const key = JSON.stringify([rule, decision, subject === undefined ? [path, reason] : [path, subject]]);
      if (known.has(key)) return false;
      known.add(key);
      return true;
    })
    .toSorted((a, b) => (order.get(a.path) ?? files.length) - (order.get(b.path) ?? files.length) || a.line - b.line);
}
