/** The rules of all layers for one change: the narrowest rule of a layer speaks for it, the strictest layer decides. */
import type { Refusal } from "../judge.ts";
import { type Placed, because, sourceOf } from "../layers.ts";
import type { DependencyChange, DependencyRule, PolicyLayer } from "../rules.ts";
import type { Change } from "./ecosystem.ts";
import { type NameMatcher, matchName } from "./package-matcher.ts";
import { canonicalName } from "./python.ts";

export interface Rulings {
  /** False: nothing is forbidden, so nothing need be looked at. */
  readonly any: boolean;
  readonly of: (change: Change) => readonly Refusal[];
}

interface CompiledRule extends Placed<DependencyRule> {
  /** How narrow it is. A rule that a preset wrote yields to each that a person wrote. */
  readonly rank: number;
  readonly applies: (asked: Asked) => boolean;
}

interface Asked extends Change {
  /** Its name as Python writes all spellings of it; absent where it is none of Python's. */
  readonly pythonName: string | undefined;
}

export function compileRulings(layers: readonly PolicyLayer[]): Rulings {
  const compiled = layers.map((layer) => mostDecisiveFirst(layer.dependencies.map((rule) => compileRule(rule, layer))));
  return {
    any: layers.some(({ dependencies }) => dependencies.some(({ decision }) => decision !== "allow")),
    of(change) {
      const isPython = change.ecosystems.includes("pip") || change.ecosystems.includes("uv");
      const asked = { ...change, pythonName: isPython ? canonicalName(change.name) : undefined };
      const said = compiled.flatMap((rules) => rules.find(({ applies }) => applies(asked)) ?? []);
      // What somebody wrote stands in the place of the preset that always holds.
      const written = said.filter(({ layer }) => layer.kind !== "preset");
      return (written.length > 0 ? written : said).flatMap((placed) => refusalOf(placed, change));
    },
  };
}

const severity = { allow: 0, hold: 1, block: 2 } as const;

function mostDecisiveFirst(rules: readonly CompiledRule[]): readonly CompiledRule[] {
  const order = ({ rank, rule }: CompiledRule): number => rank * 3 + severity[rule.decision];
  return rules.toSorted((left, right) => order(right) - order(left));
}

function compileRule(rule: DependencyRule, layer: PolicyLayer): CompiledRule {
  const kinds = new Set<DependencyChange>(rule.changes);
  // As it is written, and as Python writes all spellings of a name.
  const matchers = rule.packages?.map(matchName) ?? [];
  const pythonMatchers = rule.packages?.map((pattern) => matchName(canonicalName(pattern))) ?? [];
  const anyOf = (some: readonly NameMatcher[], name: string): boolean => some.some((matches) => matches(name));
  const isWide = rule.packages === undefined || rule.packages.some((pattern) => pattern === "*" || pattern === "**");
  const isExact = rule.packages?.every((pattern) => !/[*?[{!(]/.test(pattern)) === true;
  return {
    rule,
    layer,
    rank: (rule.line > 0 ? 8 : 0) + (isWide ? 0 : isExact ? 4 : 2) + (rule.ecosystems === undefined ? 0 : 1),
    applies: ({ kind, ecosystems, name, pythonName }) =>
      kinds.has(kind) &&
      (rule.ecosystems === undefined || ecosystems.some((ecosystem) => rule.ecosystems?.includes(ecosystem))) &&
      // What cannot be named is meant by rules for all packages.
      (isWide || (name !== "" && (pythonName === undefined ? anyOf(matchers, name) : anyOf(pythonMatchers, pythonName)))),
  };
}

const waysOut: Readonly<Record<DependencyChange, (name: string) => string>> = {
  add: (name) => `Use what the project has already, or ask the user for ${name || "it"}.`,
  change: (name) => `Leave the version as it is, or ask the user for ${name || "it"}.`,
  source: () => "Take it from where packages came from so far, or ask the user.",
  script: () => "Leave out what runs at install, or ask the user.",
  lock: () => "Change the manifest and let the package manager write the lock file, or ask the user.",
  import: (name) => `Use what the project has already, or ask the user to add ${name || "it"}.`,
};

function refusalOf(placed: CompiledRule, change: Change): readonly Refusal[] {
  const { rule } = placed;
  if (rule.decision === "allow") return [];
  const { name, kind, subject } = change;
  return [
    {
      decision: rule.decision,
      rule: rule.name,
      reason: because(change.reason, rule),
      wayOut: waysOut[kind](name),
      ...(subject !== undefined && { subject }),
      source: sourceOf(placed),
    },
  ];
}
