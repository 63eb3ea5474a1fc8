/**
 * Layers → one judge. Each family of rules is compiled once and has one line in each list below; what a family says, its own file
 * knows. Layers decide separately and the strictest decision counts, so no order of families matters.
 */
import { strictest } from "@twolane/protocol";
import { compileCommands } from "./commands/compile-commands.ts";
import { compileDataRules } from "./data-rules.ts";
import { compileDependencies } from "./dependencies/dependencies.ts";
import { compileDiffSize } from "./diff-size.ts";
import type { HunkContext, HunkFacts } from "./facts.ts";
import type { PolicyJudge, Refusal } from "./judge.ts";
import { allLayers, mergeSettings } from "./layers.ts";
import { compileReviewRules } from "./review-rules.ts";
import type { PolicyLayer } from "./rules.ts";
import { compileServedRules } from "./served-rules.ts";
import { compileScopeRules } from "./scope.ts";
import { compileTests } from "./tests/test-rules.ts";
import { compileSecrets } from "./secrets/compile-secrets.ts";

/** `files`: what the policy files say, and what a prompt narrows; none: the preset `solo` holds. */
export function compilePolicy(files: readonly PolicyLayer[]): PolicyJudge {
  const layers = allLayers(files);
  const scope = compileScopeRules(layers);
  const size = compileDiffSize(layers);
  const data = compileDataRules(layers);
  const dependencies = compileDependencies(layers);
  const tests = compileTests(layers);
  const settings = mergeSettings(layers);
  const secrets = compileSecrets(layers, settings.secrets);

  const refusals = (facts: HunkFacts, context: HunkContext): readonly Refusal[] => [
    ...bothEnds(facts).flatMap(scope.write),
    ...size.hunk(facts, context),
    ...dependencies.hunk(facts, context),
    ...tests.hunk(facts, context),
    ...secrets(facts),
  ];

  return {
    layers,
    path: (path) => strictest(scope.write(path)),
    hunk: (facts, context) => strictest(refusals(facts, context)),
    refusals,
    change: (files, context) => [
      // What has hunks is judged hunk by hunk.
      ...files
        .filter(({ hunks }) => hunks.length === 0)
        .flatMap((file) => bothEnds({ path: file.path, ...(file.from !== undefined && { movedTo: file.from }) }))
        .flatMap((path) => scope.write(path).map((verdict) => ({ path, line: 0, verdict }))),
      ...size.change(files, context),
      ...dependencies.change(files, context),
    ],
    near: size.near,
    read: (path, reader) => strictest([...scope.read(path), ...data.read(path, reader)]),
    auditContent: (path) => data.audit(path) ?? settings.audit.content,
    served: compileServedRules(layers),
    command: compileCommands(layers, scope),
    review: compileReviewRules(layers),
    ...settings,
  };
}

/** A move counts where it comes from and where it goes. */
const bothEnds = ({ path, movedTo }: Pick<HunkFacts, "path" | "movedTo">): readonly string[] =>
  movedTo === undefined || movedTo === path ? [path] : [path, movedTo];
