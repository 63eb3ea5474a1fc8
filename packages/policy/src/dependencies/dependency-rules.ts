/** The rules of all layers for one change: the narrowest rule of a layer speaks for it, the strictest layer decides. */
import picomatch from "picomatch";
import type { Refusal } from "../judge.ts";
import { type Placed, because, sourceOf } from "../layers.ts";
import type { DependencyChange, DependencyRule, PolicyLayer } from "../rules.ts";
import type { Change } from "./ecosystem.ts";
import { canonicalName } from "./python.ts";

export interface Rulings {
  /** False: nothing is forbidden, so nothing need be looked at. */
  readonly any: boolean;
  readonly of: (change: Change) => readonly Refusal[];
}

interface CompiledRule extends Placed<DependencyRule> {
  /** How narrow it is. A rule that a preset wrote yields to each that a person wrote. */
  readonly rank: number;
  readonly applies: (change: Change) => boolean;
}

export function compileRulings(layers: readonly PolicyLayer[]): Rulings {
  const compiled = layers.map((layer) => layer.dependencies.map((rule) => compileRule(rule, layer)));
  return {
    any: layers.some(({ dependencies }) => dependencies.some(({ decision }) => decision !== "allow")),
    of(change) {
      const said = compiled.flatMap((rules) => decisive(rules.filter(({ applies }) => applies(change))) ?? []);
      // What somebody wrote stands in the place of the preset that always holds.
      const written = said.filter(({ layer }) => layer.kind !== "preset");
      return (written.length > 0 ? written : said).flatMap((placed) => refusalOf(placed, change));
    },
  };
}

const severity = { allow: 0, hold: 1, block: 2 } as const;

function decisive(rules: readonly CompiledRule[]): CompiledRule | undefined {
  const order = ({ rank, rule }: CompiledRule): number => rank * 3 + severity[rule.decision];
  return rules.toSorted((left, right) => order(right) - order(left))[0];
}

function compileRule(rule: DependencyRule, layer: PolicyLayer): CompiledRule {
  const kinds = new Set<DependencyChange>(rule.changes);
  // As it is written, and as Python writes all spellings of a name.
  const matchers = rule.packages?.map((pattern) => picomatch(pattern, { dot: true }));
  const pythonMatchers = rule.packages?.map((pattern) => picomatch(canonicalName(pattern), { dot: true }));
  const isWide = rule.packages === undefined || rule.packages.some((pattern) => pattern === "*" || pattern === "**");
  const isExact = rule.packages?.every((pattern) => !/[*?[{!(]/.test(pattern)) === true;
  return {
    rule,
    layer,
    rank: (rule.line > 0 ? 8 : 0) + (isWide ? 0 : isExact ? 4 : 2) + (rule.ecosystems === undefined ? 0 : 1),
    applies: ({ kind, ecosystems, name }) =>
      kinds.has(kind) &&
      (rule.ecosystems === undefined || ecosystems.some((ecosystem) => rule.ecosystems?.includes(ecosystem))) &&
      // What cannot be named is meant by rules for all packages.
      (isWide ||
        (name !== "" &&
          (ecosystems.includes("pip") || ecosystems.includes("uv")
            ? pythonMatchers?.some((matches) => matches(canonicalName(name)))
            : matchers?.some((matches) => matches(name))) === true)),
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
