/**
 * What only shows when rules are looked at closely: bad globs, names twice, rules that contradict each other or can never decide,
 * examples that do not hold. The form of each rule is right already (`schema.ts`).
 */
import { compilePattern } from "../commands/patterns.ts";
import { coversAll, patternFault } from "../globs.ts";
import { permissionsRule } from "../presets.ts";
import type { PolicyLayer, RuleHead, ScopeRule } from "../rules.ts";
import { exampleProblems } from "./examples.ts";
import type { FilePath, PlacedProblem } from "./problems.ts";

/** Of the file's own rules. */
export function layerProblems(layer: PolicyLayer): PlacedProblem[] {
  return [
    ...nameProblems(layer),
    ...patternProblems(layer),
    ...limitProblems(layer),
    ...scopeProblems(layer.scope),
    ...commandProblems(layer),
    ...laneProblems(layer),
    ...sameMeaning(layer),
    ...exampleProblems(layer),
  ];
}

function sectionsOf(layer: PolicyLayer): [string, readonly RuleHead[]][] {
  const { scope, diff, dependencies, commands, review, data, lanes = [] } = layer;
  return Object.entries({ scope, diff, dependencies, commands, review, data, lanes });
}

function nameProblems(layer: PolicyLayer): PlacedProblem[] {
  const seen = new Set<string>();
  return sectionsOf(layer).flatMap(([section, rules]) =>
    rules.flatMap(({ name }, index) => {
      const path = [section, index, "name"];
      if (name === permissionsRule)
        return [
          { path, message: `the rule \`${name}\` always holds and has no substitute`, cure: "Give your rule another name." },
        ];
      if (seen.has(name))
        return [{ path, message: `two rules have the name \`${name}\``, cure: "Give one of them another name." }];
      seen.add(name);
      return [];
    }),
  );
}

function patternProblems(layer: PolicyLayer): PlacedProblem[] {
  const lists: [FilePath, readonly string[]][] = [
    ...layer.scope.map(({ effect, paths }, index): [FilePath, readonly string[]] => [["scope", index, effect], paths]),
    ...layer.diff.map(({ except }, index): [FilePath, readonly string[]] => [["diff", index, "except"], except]),
    ...layer.review.map(({ paths }, index): [FilePath, readonly string[]] => [["review", index, "paths"], paths]),
    ...layer.data.map(({ paths }, index): [FilePath, readonly string[]] => [["data", index, "paths"], paths]),
    ...(layer.lanes ?? []).map(({ paths = [] }, index): [FilePath, readonly string[]] => [["lanes", index, "paths"], paths]),
    [["models", "allow"], layer.models?.allow ?? []],
    [["secrets", "except"], layer.secrets?.except ?? []],
  ];
  return lists.flatMap(([path, patterns]) => [
    ...patterns.flatMap((pattern, index) => {
      const fault = patternFault(pattern);
      if (fault === undefined) return [];
      const cure = "Write a path or glob relative to the workspace, e.g. `src/**`.";
      return [{ path: [...path, index], message: `\`${pattern}\` is no glob: ${fault}`, cure }];
    }),
    ...onlyTakenOut(path, patterns),
  ]);
}

/** `!` takes out of what stands before; alone it matches nothing. Of `only` it means everything else. */
function onlyTakenOut(path: FilePath, patterns: readonly string[]): PlacedProblem[] {
  const alone = path.at(-1) !== "only" && patterns.length > 0 && patterns.every((pattern) => pattern.startsWith("!"));
  return alone ? [{ path, message: "it only takes paths out, so it matches none", cure: "Add a glob that lets paths in." }] : [];
}

function limitProblems({ diff }: PolicyLayer): PlacedProblem[] {
  return diff.flatMap((rule, index) => {
    if (rule.files === undefined && rule.lines === undefined)
      return [{ path: ["diff", index], message: "the rule has no limit", cure: "Give it `files` or `lines`." }];
    return (["files", "lines"] as const).flatMap((unit) => {
      const { hold = -1, block = Infinity } = rule[unit] ?? {};
      if (hold < block) return [];
      const message = `the limit for \`hold\` (${hold}) is not below the one for \`block\` (${block}), so it never holds`;
      return [{ path: ["diff", index, unit, "hold"], message, cure: "Lower `hold`, or leave it out." }];
    });
  });
}

/** A rule all of whose paths an equally strict one covers, or paths that are let in and never changed. */
function scopeProblems(rules: readonly ScopeRule[]): PlacedProblem[] {
  const strictness = { only: -1, hold: 0, block: 1, unreadable: 2 } as const;
  return rules.flatMap((rule, index): PlacedProblem[] => {
    const over = rules.find((other, at) => {
      if (other === rule || other.effect === "only" || !coversAll(other.paths, rule.paths)) return false;
      if (rule.effect === "only") return true;
      const difference = strictness[other.effect] - strictness[rule.effect];
      return difference > 0 || (difference === 0 && (at < index || !coversAll(rule.paths, other.paths)));
    });
    if (over === undefined) return [];
    const path = ["scope", index, rule.effect];
    return rule.effect === "only"
      ? [
          {
            path,
            message: `\`${rule.name}\` lets in only what \`${over.name}\` keeps out: nothing could be changed`,
            cure: `Take the paths out of one of the two rules (the other stands in line ${over.line}).`,
          },
        ]
      : [
          {
            path,
            message: `\`${rule.name}\` never decides: \`${over.name}\` (line ${over.line}) covers all of its paths`,
            cure: "Leave one of the two rules out.",
          },
        ];
  });
}

function commandProblems({ commands }: PolicyLayer): PlacedProblem[] {
  return commands.flatMap((rule, index) => {
    const problems: PlacedProblem[] = [];
    const put = (path: FilePath, message: string, cure: string): void =>
      void problems.push({ path: ["commands", index, ...path], message, cure });
    if (rule.decision !== "allow" && (rule.network || rule.write.length > 0))
      put(
        [rule.network ? "network" : "write"],
        "only an allowed command is granted something",
        "Leave it out, or allow the command.",
      );
    rule.write.forEach((path, at) => {
      if (!/^(?:\/|~\/).+/.test(path) || path.split("/").includes(".."))
        put(["write", at], `\`${path}\` is no path to write to`, "Write it as `/…` or `~/…`.");
    });
    rule.commands.forEach((line, at) => {
      if (compilePattern(line) === undefined)
        put([rule.decision, at], `\`${line}\` is no command`, "Pair its quotes; `**` may only stand last.");
      else if (/\*\*(?!$)/.test(line) || /[^ ]\*\*$/.test(line))
        put([rule.decision, at], `in \`${line}\` \`**\` is not the last word`, "Put `**` at the end, as a word of its own.");
    });
    return problems;
  });
}

function laneProblems({ lanes = [] }: PolicyLayer): PlacedProblem[] {
  return lanes.flatMap(({ paths, words, filesOver }, index) => {
    if (paths !== undefined || words !== undefined || filesOver !== undefined) return [];
    const message = "the rule speaks of every request";
    return [{ path: ["lanes", index], message, cure: "Give it `paths`, `words` or `filesOver`." }];
  });
}

/** Two rules for the very same thing: one of them never decides, whichever it is. */
function sameMeaning({ dependencies, commands }: PolicyLayer): PlacedProblem[] {
  const topics: [section: string, index: number, rule: RuleHead & { readonly decision: string }, topics: readonly string[]][] = [
    ...dependencies.map((rule, index): (typeof topics)[number] => {
      const about = JSON.stringify([(rule.packages ?? ["*"]).toSorted(), (rule.ecosystems ?? []).toSorted()]);
      return ["dependencies", index, rule, rule.changes.map((change) => `${change} ${about}`)];
    }),
    ...commands.map((rule, index): (typeof topics)[number] => ["commands", index, rule, rule.commands]),
  ];
  const known = new Map<string, RuleHead & { readonly decision: string }>();
  return topics.flatMap(([section, index, rule, about]) => {
    const other = about.map((topic) => known.get(`${section} ${topic}`)).find((one) => one !== undefined);
    for (const topic of about) known.set(`${section} ${topic}`, rule);
    if (other === undefined) return [];
    const message =
      other.decision === rule.decision
        ? `\`${rule.name}\` says again what \`${other.name}\` says (line ${other.line})`
        : `\`${rule.name}\` contradicts \`${other.name}\` (line ${other.line}): both speak of the same`;
    return [{ path: [section, index, rule.decision], message, cure: "Leave one of the two out." }];
  });
}
