/** A gate: a change from git, the policy that decides on it, and what it says. At commit, in CI, or at any time before. */
import type { FileChange } from "@twolane/policy";
import { type Result, succeed } from "@twolane/protocol";
import type { Git } from "../../host/git.ts";
import { type ChangeSource, readChange } from "../../host/git-change.ts";
import { demandRepository, readRange } from "../../host/git-range.ts";
import { type Tree, readTree } from "../../host/git-tree.ts";
import { withFiles } from "./asked-files.ts";
import { changeFacts } from "./change-facts.ts";
import { type CheckReport, type CheckedSource, verdictOfFindings } from "./check-report.ts";
import { openGatePolicy } from "./gate-policy.ts";
import { judgeChange } from "./judge-change.ts";
import type { LocalYeses } from "./local-yes.ts";
import { secondOpinion } from "./second-opinion.ts";

export type CheckWish =
  /** `index`: the one that git made for this commit, where it is not the repository's own. */
  | { readonly kind: "staged"; readonly index?: string }
  | { readonly kind: "work-tree" }
  | { readonly kind: "commits"; readonly base: string; readonly head: string };

export interface CheckDeps {
  readonly git: Git;
  /** Top of the work tree. */
  readonly root: string;
  /** Where the user's own policy is. */
  readonly userFolder: string;
  readonly yeses: LocalYeses;
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
  const { source, tree, policyTrees, from } = plan.value;
  onProgress("reading the change");
  const entries = await readChange(git, from);
  if (!entries.ok) return entries;
  const policy = await openGatePolicy({ git, trees: policyTrees, userFolder: deps.userFolder });
  if (!policy.ok) return policy;
  const change = changeFacts(entries.value);
  onProgress(`judging ${change.files.length} ${change.files.length === 1 ? "file" : "files"}`);
  const own = new Map(change.files.flatMap(({ path, after }) => (after === undefined ? [] : [[path, after]])));
  const more = await secondOpinion({ files: change.files, secrets: policy.value.judge.secrets });
  const findings = await withFiles(
    ({ text }) => {
      const fileText = (path: string): string | undefined => own.get(path) ?? text(path);
      return judgeChange({ judge: policy.value.judge, change, fileText, yeses, more });
    },
    (paths) => readTree(git, tree, paths),
  );
  if (!findings.ok) return findings;
  return succeed({
    source,
    policy: policy.value.names,
    notes: policy.value.notes,
    ...sizeOf(change.files),
    findings: findings.value,
    approved: [],
    verdict: verdictOfFindings(findings.value),
  });
}

interface CheckPlan {
  readonly source: CheckedSource;
  readonly from: ChangeSource;
  /** What the change leads to. */
  readonly tree: Tree;
  /** Where the project's policy is read from; the strictest of them counts. */
  readonly policyTrees: readonly { readonly tree: Tree; readonly name: string }[];
}

async function planCheck({ git, root }: CheckDeps, wish: CheckWish): Promise<Result<CheckPlan>> {
  const head = { tree: { kind: "commit", commit: "HEAD" }, name: "HEAD" } as const;
  switch (wish.kind) {
    case "staged": {
      const tree: Tree = { kind: "index", ...(wish.index !== undefined && { index: wish.index }) };
      return succeed({ source: { kind: "staged" }, from: wish, tree, policyTrees: [head, { tree, name: "staged" }] });
    }
    case "work-tree": {
      const tree: Tree = { kind: "disk", root };
      const policyTrees = [head, { tree, name: "work tree" }];
      return succeed({ source: { kind: "work-tree" }, from: { kind: "work-tree", root }, tree, policyTrees });
    }
    case "commits": {
      const range = await readRange(git, wish.base, wish.head);
      if (!range.ok) return range;
      const { base, from, head: end } = range.value;
      return succeed({
        source: { kind: "commits", base: wish.base, from, head: end, diff: "" },
        from: { kind: "commits", from, head: end },
        tree: { kind: "commit", commit: end },
        policyTrees: [{ tree: { kind: "commit", commit: base }, name: wish.base }],
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
