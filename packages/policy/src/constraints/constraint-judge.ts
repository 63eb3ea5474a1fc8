/**
 * What a turn's request demands, as rules: a layer for the families that there are, and small families of its own for the rest. Decides
 * beside the policy; the strictest counts. Compiling one costs microseconds: nothing of the policy is compiled again.
 */
import type { Constraint } from "@twolane/protocol";
import { apiChanges } from "../api/api-changes.ts";
import { compileDependencies } from "../dependencies/dependencies.ts";
import { compileDiffSize } from "../diff-size.ts";
import type { HunkContext, HunkFacts } from "../facts.ts";
import { patternFault } from "../globs.ts";
import type { Refusal } from "../judge.ts";
import type { DependencyRule, DiffRule, PolicyLayer, RuleHead, ScopeRule } from "../rules.ts";
import { compileScopeRules } from "../scope.ts";
import { isTestFile, withoutTests } from "../tests/test-files.ts";
import { constraintText } from "./constraint-text.ts";

export interface ConstraintJudge {
  /** What can be said as soon as a path is known. */
  path(path: string): readonly Refusal[];
  /** Of a hunk that still streams it is asked without `before` and `after`. */
  refusals(facts: HunkFacts, context: HunkContext): readonly Refusal[];
}

export interface ConstraintDeps {
  /** The loop has seen a test fail for the right reason. */
  readonly testFailed: () => boolean;
}

/** How verdicts name where the rule stands. */
const source = "the request";
const wayOut = "Leave it, or say why it is needed.";

export function compileConstraints(constraints: readonly Constraint[], deps: ConstraintDeps): ConstraintJudge {
  const layer = constraintLayer(constraints);
  const scope = compileScopeRules([layer]);
  const size = compileDiffSize([layer]);
  const dependencies = compileDependencies([layer]);
  const own = constraints.flatMap((constraint) => ownRule(constraint, deps) ?? []);
  const ends = ({ path, movedTo }: HunkFacts): readonly string[] =>
    movedTo === undefined || movedTo === path ? [path] : [path, movedTo];
  const asked = (refusal: Refusal): Refusal => ({ ...refusal, wayOut });
  return {
    path: (path) => scope.write(path).map(asked),
    refusals: (facts, context) => [
      ...[...ends(facts).flatMap(scope.write), ...size.hunk(facts, context), ...dependencies.hunk(facts, context)].map(asked),
      ...own.flatMap((rule) => rule(facts, context) ?? []),
    ],
  };
}

/** Those that are rules of a family that every policy has. */
function constraintLayer(constraints: readonly Constraint[]): PolicyLayer {
  const scope: ScopeRule[] = [];
  const diff: DiffRule[] = [];
  const dependencies: DependencyRule[] = [];
  for (const constraint of constraints) {
    const head = headOf(constraint);
    switch (constraint.kind) {
      case "only":
      case "not": {
        const paths = constraint.paths.filter((path) => patternFault(path) === undefined);
        // What cannot be a path lets nothing in.
        if (constraint.kind === "only") scope.push({ ...head, effect: "only", paths: paths.length > 0 ? paths : [".nothing"] });
        else if (paths.length > 0) scope.push({ ...head, effect: "hold", paths });
        break;
      }
      case "lines":
        diff.push({ ...head, per: "turn", lines: { hold: constraint.most }, except: [] });
        break;
      case "one-file":
        diff.push({ ...head, per: "turn", files: { hold: 1 }, except: [] });
        break;
      case "no-dependencies":
        dependencies.push({ ...head, decision: "hold", changes: ["add", "import"] });
        break;
      default:
    }
  }
  return { kind: "prompt", path: source, scope, diff, dependencies, commands: [], review: [], data: [] };
}

const headOf = (constraint: Constraint): RuleHead => ({
  name: `prompt:${constraint.kind}`,
  line: 0,
  reason: quoted(constraint),
  matches: [],
  rejects: [],
});

const quoted = (constraint: Constraint): string => `the request says “${constraintText(constraint)}”`;

type OwnRule = (facts: HunkFacts, context: HunkContext) => Refusal | undefined;

function ownRule(constraint: Constraint, { testFailed }: ConstraintDeps): OwnRule | undefined {
  const refuse = (found: string, subject: string, more: Partial<Refusal> = {}): Refusal => ({
    ...{
      decision: "hold",
      rule: `prompt:${constraint.kind}`,
      reason: `${found}: ${quoted(constraint)}`,
      wayOut,
      subject,
      source,
    },
    ...more,
  });
  switch (constraint.kind) {
    case "one-change":
      return ({ path }, { turnHunks = 0 }) => (turnHunks > 0 ? refuse("it would be one more change", path) : undefined);
    case "new-files":
      return (facts, { rest }) =>
        facts.movedTo !== undefined || (facts.before() !== undefined && !isNewInTurn(facts.path, rest))
          ? refuse(`${facts.path} exists already`, facts.path)
          : undefined;
    case "tests-unchanged":
      return (facts) => (changesTests(facts) ? refuse(`${facts.path} belongs to the tests`, facts.path) : undefined);
    case "test-first":
      return (facts) =>
        isOnlyOfTests(facts) || testFailed()
          ? undefined
          : refuse(`no test has failed yet, and ${facts.path} is no test`, facts.path, {
              wayOut: "Write the failing test; this lands by itself once it was seen to fail for the right reason.",
            });
    case "no-edits":
      return ({ path }) =>
        refuse(`${path} may not be changed, this turn only plans`, path, {
          decision: "block",
          wayOut: "Say what you would change; nothing is changed now.",
        });
    case "public-api":
      return (facts) => {
        const [first, ...more] = exportedChanges(facts);
        if (first === undefined) return undefined;
        const shown = [first, ...more.slice(0, shownAtMost - 1)].join(" ⏎ ");
        const hidden = more.length >= shownAtMost ? ` ⏎ ${more.length + 1 - shownAtMost} more` : "";
        return refuse(`${facts.path} changes what it exports (${shown}${hidden})`, facts.path);
      };
    default:
      return undefined;
  }
}

/** Lines of a difference in one verdict. */
const shownAtMost = 4;

const isNewInTurn = (path: string, rest: HunkContext["rest"]): boolean =>
  rest?.().some((one) => one.path === path && one.before === undefined) === true;

/** What there was of tests; a new test leaves the others as they are. */
function changesTests({ path, movedTo, before, after }: HunkFacts): boolean {
  if (isTestFile(path)) return movedTo !== undefined || before() !== undefined;
  if (!path.endsWith(".rs")) return false;
  const [old = "", now = ""] = [before(), after()];
  const testsOf = (text: string): string => text.slice(withoutTests(text, path).length).trim();
  return testsOf(old) !== "" && testsOf(old) !== testsOf(now);
}

function isOnlyOfTests({ path, movedTo, before, after }: HunkFacts): boolean {
  if (isTestFile(path)) return movedTo === undefined || isTestFile(movedTo);
  if (!path.endsWith(".rs") || movedTo !== undefined) return false;
  const [old, now] = [before(), after()];
  return old === undefined || now === undefined
    ? old === now
    : withoutTests(old, path).trimEnd() === withoutTests(now, path).trimEnd();
}

function exportedChanges({ path, movedTo, before, after }: HunkFacts): readonly string[] {
  const old = before();
  if (old === undefined) return [];
  return apiChanges(old, movedTo === undefined || movedTo === path ? after() : undefined, path);
}
