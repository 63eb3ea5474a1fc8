/** A gate: a change from git, the policy that decides on it, and what it says. At commit, in CI, or at any time before. */
import { type FileChange, type Finding, type PolicyJudge, codeownersPaths, readCodeowners } from "@twolane/policy";
import { type Result, succeed } from "@twolane/protocol";
import type { Git } from "../../host/git.ts";
import { type ChangeSource, type ChangedEntry, readChange } from "../../host/git-change.ts";
import { type CommitRange, demandRepository, readAuthors, readRange } from "../../host/git-range.ts";
import { type Tree, readTree } from "../../host/git-tree.ts";
import type { Processes } from "../../host/process.ts";
import type { PolicyText } from "../policy-store.ts";
import { approvalsFolder } from "../approval-records.ts";
import { withFiles } from "./asked-files.ts";
import { changeFacts } from "./change-facts.ts";
import { type CheckReport, type CheckedSource, verdictOfFindings } from "./check-report.ts";
import { readForgeReviews } from "./forge-reviews.ts";
import { type GatePolicyPlace, openGatePolicy } from "./gate-policy.ts";
import { addFindings, judgeChange } from "./judge-change.ts";
import type { LocalYeses } from "./local-yes.ts";
import { secondOpinion } from "./second-opinion.ts";
import { reviewChange } from "./review.ts";
import { allowedSigners, hashOfChange, isRecord, readSignatures } from "./signed-approval.ts";

export type CheckWish =
  /** `index`: the one that git made for this commit, where it is not the repository's own. */
  | { readonly kind: "staged"; readonly index?: string }
  | { readonly kind: "work-tree" }
  | {
      readonly kind: "commits";
      readonly base: string;
      readonly head: string;
      /** JSON of the forge's API: reviews, commits, the request. */
      readonly reviews: readonly string[];
    };

export interface CheckDeps {
  readonly git: Git;
  readonly processes: Processes;
  /** Top of the work tree. */
  readonly root: string;
  readonly stateFolder: string;
  /** Where the user's own policy is. */
  readonly userFolder: string;
  readonly yeses: LocalYeses;
  /** Asked in the place of the project's policy. */
  readonly instead?: PolicyText;
  readonly onProgress: (what: string) => void;
}

/**
 * BASE_MISSING where the clone does not hold what is compared, POLICY_INVALID where nobody knows what is protected, NO_REPOSITORY
 * outside of a repository.
 */
export async function checkChange(deps: CheckDeps, wish: CheckWish): Promise<Result<CheckReport>> {
  const { git, yeses, onProgress } = deps;
  const inside = await demandRepository(git);
  if (!inside.ok) return inside;
  const plan = await planCheck(deps, wish);
  if (!plan.ok) return plan;
  const { tree, policyFrom, from } = plan.value;
  onProgress("reading the change");
  const all = await readChange(git, from);
  if (!all.ok) return all;
  const entries = all.value.filter((entry) => !isRecord(entry));
  const policy = await openGatePolicy({ ...deps, ...policyFrom });
  if (!policy.ok) return policy;
  const change = changeFacts(entries);
  onProgress(`judging ${change.files.length} ${change.files.length === 1 ? "file" : "files"}`);
  const own = new Map(change.files.flatMap(({ path, after }) => (after === undefined ? [] : [[path, after]])));
  const findings = await withFiles(
    ({ text }) => {
      const fileText = (path: string): string | undefined => own.get(path) ?? text(path);
      return judgeChange({ judge: policy.value.judge, change, fileText, yeses });
    },
    (paths) => readTree(git, tree, paths),
  );
  if (!findings.ok) return findings;
  const { judge, names, notes } = policy.value;
  const suspects = change.files.filter(({ hunks }) => hunks.some(({ added }) => added.some(mayHoldSecret)));
  const opinion = await secondOpinion({ files: suspects, secrets: judge.secrets });
  const found = addFindings(findings.value, opinion, { change, yeses });
  const reviewed = await review(deps, { plan: plan.value, entries: all.value, files: change.files, findings: found, judge });
  if (!reviewed.ok) return reviewed;
  return succeed({
    source: reviewed.value.source,
    policy: names,
    notes: [...notes, ...reviewed.value.notes],
    ...sizeOf(change.files),
    findings: reviewed.value.findings,
    approved: reviewed.value.approved,
    verdict: verdictOfFindings(reviewed.value.findings),
  });
}

/** What any secret has; a commit without it need not wait until another scanner is loaded. */
function mayHoldSecret(line: string): boolean {
  if (line.includes("-----BEGIN") || /:\/\/[^\s/]{0,200}:[^\s@]{0,200}@/.test(line)) return true;
  return line.match(/[\w+/=.~-]{16,}/g)?.some((word) => /\d/.test(word)) ?? false;
}

interface ToReview {
  readonly plan: CheckPlan;
  readonly entries: readonly ChangedEntry[];
  readonly files: readonly FileChange[];
  readonly findings: readonly Finding[];
  readonly judge: PolicyJudge;
}

type Reviewed = Pick<CheckReport, "source" | "notes" | "findings" | "approved">;

/** Who must have looked at it is asked before merge; at commit nobody can have. */
async function review({ git, processes }: CheckDeps, { plan, ...change }: ToReview): Promise<Result<Reviewed>> {
  const { source, range, reviews: texts } = plan;
  if (source.kind !== "commits" || range === undefined)
    return succeed({ source, notes: [], findings: change.findings, approved: [] });
  const diff = hashOfChange(change.entries);
  const base: Tree = { kind: "commit", commit: range.base };
  const read = await readTree(git, base, [allowedSigners, ...codeownersPaths]);
  if (!read.ok) return read;
  const reviews = readForgeReviews(texts, range.head);
  if (!reviews.ok) return reviews;
  const signed = await readSignatures(processes, { entries: change.entries, diff, allowed: read.value.get(allowedSigners) });
  if (!signed.ok) return signed;
  const authors = await readAuthors(git, range, approvalsFolder);
  if (!authors.ok) return authors;
  const owners = codeownersPaths.map((name) => read.value.get(name)).find((text) => text !== undefined) ?? "";
  const answer = reviewChange({
    ...{ judge: change.judge, files: change.files, findings: change.findings, owners: readCodeowners(owners) },
    ...{ reviews: reviews.value, signers: signed.value.approvers, authors: authors.value },
  });
  return succeed({ source: { ...source, diff }, notes: [...reviews.value.notes, ...signed.value.notes], ...answer });
}

interface CheckPlan {
  readonly source: CheckedSource;
  readonly range?: CommitRange;
  readonly reviews: readonly string[];
  readonly from: ChangeSource;
  /** What the change leads to. */
  readonly tree: Tree;
  /** Where the project's policy is read from; the strictest of them counts. */
  readonly policyFrom: Pick<GatePolicyPlace, "trees" | "otherwise">;
}

async function planCheck({ git, root }: CheckDeps, wish: CheckWish): Promise<Result<CheckPlan>> {
  const head = { tree: { kind: "commit", commit: "HEAD" }, name: "HEAD" } as const;
  switch (wish.kind) {
    case "staged": {
      const tree: Tree = { kind: "index", ...(wish.index !== undefined && { index: wish.index }) };
      const policyFrom = { trees: [head, { tree, name: "staged" }] };
      return succeed({ source: { kind: "staged" }, from: wish, tree, policyFrom, reviews: [] });
    }
    case "work-tree": {
      const tree: Tree = { kind: "disk", root };
      const policyFrom = { trees: [head, { tree, name: "work tree" }] };
      return succeed({ source: { kind: "work-tree" }, from: { kind: "work-tree", root }, tree, policyFrom, reviews: [] });
    }
    case "commits": {
      const range = await readRange(git, wish.base, wish.head);
      if (!range.ok) return range;
      const { base, from, head: end } = range.value;
      return succeed({
        source: { kind: "commits", base: wish.base, from, head: end, diff: "" },
        from: { kind: "commits", from, head: end },
        range: range.value,
        reviews: wish.reviews,
        tree: { kind: "commit", commit: end },
        policyFrom: { trees: [{ tree: { kind: "commit", commit: base }, name: wish.base }], otherwise: "team" },
      });
    }
  }
}

function sizeOf(files: readonly FileChange[]): Pick<CheckReport, "files" | "linesAdded" | "linesRemoved"> {
  const hunks = files.flatMap((file) => file.hunks);
  return {
    files: files.length,
    linesAdded: hunks.reduce((sum, { added }) => sum + added.length, 0),
    linesRemoved: hunks.reduce((sum, { removed }) => sum + removed.length, 0),
  };
}
