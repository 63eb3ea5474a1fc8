/** `matches` and `rejects`: examples that say what a rule is meant to do, held against what it does. */
import { compilePattern } from "../commands/patterns.ts";
import { execution } from "../commands/unfold.ts";
import { matchFolded } from "../globs.ts";
import { speaksOf } from "../requests/lane-rules.ts";
import type { CommandRule, DependencyRule, DiffRule, LaneRule, PolicyLayer, RuleHead } from "../rules.ts";
import type { PlacedProblem } from "./problems.ts";

type Probe = (example: string) => boolean;

interface RuleProbe {
  readonly section: string;
  readonly index: number;
  readonly rule: RuleHead;
  readonly probe: Probe;
}

/** Whether a rule, taken alone, speaks of an example: a path, a command line, a package with or without its version. */
function probes(layer: PolicyLayer): RuleProbe[] {
  const of = <Rule extends RuleHead>(section: string, rules: readonly Rule[], make: (rule: Rule) => Probe) =>
    rules.map((rule, index) => ({ section, index, rule, probe: make(rule) }));
  return [
    // Of `only` the paths that it lets in, of a limit the files that it counts.
    ...of("scope", layer.scope, pathProbe),
    ...of("diff", layer.diff, countProbe),
    ...of("dependencies", layer.dependencies, packageProbe),
    ...of("commands", layer.commands, commandProbe),
    ...of("review", layer.review, pathProbe),
    ...of("data", layer.data, pathProbe),
    // Of a lane requests.
    ...of("lanes", layer.lanes ?? [], requestProbe),
  ];
}

export function exampleProblems(layer: PolicyLayer): PlacedProblem[] {
  return probes(layer).flatMap(({ section, index, rule, probe }) => {
    const wrong = (kind: "matches" | "rejects", at: number, message: string): PlacedProblem => ({
      path: [section, index, kind, at],
      message,
      cure: "Correct the rule or its example.",
    });
    return [
      ...rule.matches.flatMap((example, at) =>
        probe(example) ? [] : [wrong("matches", at, `\`${rule.name}\` should match ${example} and does not`)],
      ),
      ...rule.rejects.flatMap((example, at) =>
        probe(example) ? [wrong("rejects", at, `\`${rule.name}\` should leave ${example} alone and matches it`)] : [],
      ),
    ];
  });
}

const pathProbe = ({ paths }: { readonly paths: readonly string[] }): Probe => matchFolded(paths);

const requestProbe = (rule: LaneRule): Probe => speaksOf(rule);

function countProbe({ except }: DiffRule): Probe {
  const isExcepted = matchFolded(except);
  return (path) => !isExcepted(path);
}

function packageProbe({ packages }: DependencyRule): Probe {
  const matches = packages === undefined ? () => true : matchFolded(packages);
  return (example) => matches(example.replace(/(?<=.)@[^@/]*$/, ""));
}

/** Of what a shell line would really execute, any command that the rule is certain to mean. */
function commandProbe({ commands }: CommandRule): Probe {
  const patterns = commands.flatMap((line) => compilePattern(line) ?? []);
  return (line) => execution({ line }).commands.some(({ words }) => patterns.some((pattern) => pattern.matches(words) === "yes"));
}
