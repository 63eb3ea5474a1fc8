/** The policy of a folder, for people who write or question it: what its files say, and which rule decides on what. */
import path from "node:path";
import type { AuditContent, CommandVerdict, PolicyJudge, Refusal, ReviewRule } from "@twolane/policy";
import { type Result, type Verdict, succeed } from "@twolane/protocol";
import { type PolicyFileState, policyOf, readPolicyFiles } from "../guard/policy-store.ts";
import { realFolder } from "../host/user-files.ts";
import { resolveTarget } from "../host/workspace.ts";
import { type HunkExplanation, explainChange } from "./explain-change.ts";
import { type PlaceOptions, configFolder, openPlace } from "./place.ts";

export interface PathExplanation {
  /** Relative to the workspace; of a link the file behind it. */
  readonly path: string;
  /** What speaks against a change, the strictest first: it decides. None: it is allowed. */
  readonly change: readonly Refusal[];
  /** For a model of a provider that nothing is known of. */
  readonly read: Verdict;
  readonly review: readonly ReviewRule[];
  readonly audit: AuditContent;
}

export interface PolicyDesk {
  readonly files: readonly PolicyFileState[];
  /** False: what the project's file allows does not count until somebody trusts the workspace. */
  readonly trusted: boolean;
  /** POLICY_INVALID where one of the files cannot be understood; then nothing is explained. */
  readonly judge: Result<PolicyJudge>;
  path(name: string): Result<PathExplanation>;
  command(line: string): Result<CommandVerdict>;
  /** A patch in any form that `twolane apply` reads. */
  change(text: string): Promise<Result<readonly HunkExplanation[]>>;
}

export async function openPolicyDesk(options: PlaceOptions): Promise<Result<PolicyDesk>> {
  const place = openPlace(options);
  if (!place.ok) return place;
  const { workspace } = place.value;
  const trusted = place.value.isTrusted();
  const files = await readPolicyFiles({ ...place.value, userFolder: configFolder(options.env), trusted });
  const judge = policyOf(files, trusted);
  return succeed({
    files,
    trusted,
    judge,
    path(name) {
      if (!judge.ok) return judge;
      const target = resolveTarget(workspace, path.resolve(realFolder(options.cwd), name));
      return target.ok ? succeed(explainPath(judge.value, target.value)) : target;
    },
    command: (line) => (judge.ok ? succeed(judge.value.command({ line })) : judge),
    change: (text) => (judge.ok ? explainChange({ workspace, judge: judge.value }, text) : Promise.resolve(judge)),
  });
}

function explainPath(
  judge: PolicyJudge,
  { relative, real }: { readonly relative: string; readonly real: string },
): PathExplanation {
  const names = relative === real ? [real] : [relative, real];
  const nothing = { line: 0, added: [], removed: [], before: () => undefined, after: () => undefined } as const;
  const context = { lane: "fast", turn: new Map(), changeSet: new Map(), fileText: () => undefined } as const;
  const change = names.flatMap((name) => judge.refusals({ ...nothing, path: name, operation: "update" }, context));
  return {
    path: real,
    change: change.toSorted((a, b) => Number(b.decision === "block") - Number(a.decision === "block")),
    read: judge.read(real, { lane: "fast", provider: "another provider", keepsNothing: false }),
    review: judge.review(real),
    audit: judge.auditContent(real),
  };
}
