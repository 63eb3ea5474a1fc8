/** A first policy for a repository, as text: what a lead would write on a good day, each rule with its reason and a true example. */
import { coversAll, matchFolded } from "../globs.ts";
import { presets } from "../presets.ts";
import type { DiffRule, PresetName } from "../rules.ts";
import { type RepositoryFacts, type RepositoryFiles, repositoryFacts } from "./repository-facts.ts";

export interface PolicyDraft {
  /** Of `.twolane/policy.yaml`. */
  readonly text: string;
  /** What was found, one line each. */
  readonly findings: readonly string[];
}

export function draftPolicy(files: RepositoryFiles, preset: PresetName): PolicyDraft {
  const facts = repositoryFacts(files);
  const sections = [
    section("scope", scopeRules(facts)),
    section("diff", diffRules(facts, preset)),
    section("commands", commandRules(facts)),
    section("review", preset === "solo" ? [] : reviewRules(facts)),
    section("data", dataRules(facts)),
  ];
  const text = [
    "# yaml-language-server: $schema=./policy.schema.json",
    `# Drafted by \`twolane init\` from ${counted(facts.files, "file")}${facts.languages.length > 0 ? `, mostly ${facts.languages.slice(0, 2).join(" and ")}` : ""}.`,
    "# Change what does not fit, then run `twolane policy test`. What counts, and where from: `twolane policy show`.",
    "version: 1",
    `# ${presetWords[preset]}`,
    `preset: ${preset}`,
    ...sections.filter((lines) => lines.length > 0).flatMap((lines) => ["", ...lines]),
    "",
  ];
  return { text: text.join("\n"), findings: findingsOf(facts) };
}

const presetWords: Readonly<Record<PresetName, string>> = {
  solo: "Credentials unreadable, new dependencies and secrets held, no limits of size.",
  team: "As solo; also every change of a dependency, CI and CODEOWNERS are held, limits of size, review of what is sensitive.",
  strict: "As team; also smaller limits, sensitive paths held, tests before a commit, every change seen by a second person.",
};

/** Keys and values of one rule, in their order. */
type Value = string | number | boolean | readonly string[] | Readonly<Record<string, number>>;
type Rule = readonly (readonly [key: string, value: Value])[];

function section(name: string, rules: readonly Rule[]): string[] {
  if (rules.length === 0) return [];
  return [
    `${name}:`,
    ...rules.flatMap((rule) => rule.map(([key, value], index) => `  ${index === 0 ? "-" : " "} ${key}: ${valueText(value)}`)),
  ];
}

function valueText(value: Value): string {
  if (typeof value === "number" || typeof value === "boolean") return String(value);
  if (typeof value === "string") return quoted(value);
  if (!isList(value))
    return `{ ${Object.entries(value)
      .map(([key, one]) => `${key}: ${one}`)
      .join(", ")} }`;
  return `[${value.map(quoted).join(", ")}]`;
}

const isList = (value: readonly string[] | Readonly<Record<string, number>>): value is readonly string[] => Array.isArray(value);

/** Plain where YAML takes it for the same text, be it in a list. */
function quoted(text: string): string {
  const isPlain = /^[A-Za-z./][\w./ -]*(?:[\w./]|\*\*)$/.test(text) && !/^(?:true|false|null|yes|no|on|off)$/i.test(text);
  return isPlain ? text : JSON.stringify(text);
}

/** The strictest first. What another rule covers that is as strict would never decide, so it is left out. */
function scopeRules({ vendored, generated, infrastructure }: RepositoryFacts): Rule[] {
  const wanted = [
    { effect: "block", found: vendored, name: "vendored", reason: "It is taken over from elsewhere and changed there." },
    { effect: "hold", found: generated, name: "generated", reason: "A generator writes it; its source is changed instead." },
    { effect: "hold", found: infrastructure, name: "infrastructure", reason: "It runs elsewhere, or changes data that stays." },
  ];
  return wanted.flatMap(({ effect, found, name, reason }, index): Rule[] => {
    const isCovered = (glob: string): boolean =>
      wanted.some((other, at) => {
        if (at === index || other.found === undefined || !coversAll(other.found.globs, [glob])) return false;
        return at < index || (other.effect === effect && !coversAll([glob], other.found.globs));
      });
    const globs = found?.globs.filter((glob) => !isCovered(glob)) ?? [];
    if (found === undefined || globs.length === 0) return [];
    const example = matchFolded(globs)(found.example) ? [["matches", [found.example]] as const] : [];
    return [[[effect, globs], ["name", name], ["reason", reason], ...example]];
  });
}

/** The limits of the preset, written out so that they are seen, and with this repository's own exceptions. */
function diffRules({ lockFiles, generated, vendored, snapshots }: RepositoryFacts, preset: PresetName): Rule[] {
  const except = [...lockFiles, ...(snapshots ? ["**/*.snap"] : []), ...(generated?.globs ?? []), ...(vendored?.globs ?? [])];
  const limits = ({ hold = 0, block = 0 }: NonNullable<DiffRule["files"]>): Record<string, number> => ({ hold, block });
  return presets[preset].diff.map(({ per, name, files = {}, lines = {} }): Rule => [
    ["per", per],
    ["name", name],
    ["reason", "What is larger than a person can read is split."],
    ["files", limits(files)],
    ["lines", limits(lines)],
    ...(except.length > 0 ? [["except", [...new Set(except)]] as const] : []),
  ]);
}

function commandRules({ checks }: RepositoryFacts): Rule[] {
  const [example] = checks;
  if (example === undefined) return [];
  const matches = [example.replace(/ \*\*$/, "")];
  return [
    [
      ["allow", checks],
      ["name", "checks"],
      ["reason", "The project checks itself with these, in the sandbox."],
      ["matches", matches],
    ],
  ];
}

/** In the place of the preset's rule, with the paths that are really there. */
function reviewRules({ sensitive, infrastructure, codeowners }: RepositoryFacts): readonly Rule[] {
  const globs = [...(sensitive?.globs ?? []), ...(infrastructure?.globs ?? [])];
  const example = sensitive?.example ?? infrastructure?.example;
  if (example === undefined) return [];
  return [
    [
      ["paths", globs],
      ["name", "review-sensitive"],
      ["reason", "A mistake here costs more than the review."],
      ["approvals", 1],
      ...(codeowners === undefined ? [] : [["codeowners", true] as const]),
      ["matches", [example]],
    ],
  ];
}

function dataRules({ personal }: RepositoryFacts): Rule[] {
  if (personal === undefined) return [];
  return [
    [
      ["class", "personal"],
      ["paths", personal.globs],
      ["name", "personal"],
      ["reason", "It looks as if it were about people, so it stays on this machine until somebody says otherwise."],
      ["providers", ["local"]],
      ["matches", [personal.example]],
    ],
  ];
}

function findingsOf(facts: RepositoryFacts): string[] {
  const { languages, tests, generated, vendored, infrastructure, sensitive, personal, codeowners, checks, lockFiles } = facts;
  const row = (label: string, values: readonly string[] | undefined): string[] =>
    values === undefined || values.length === 0 ? [] : [`${label}: ${values.join(", ")}`];
  return [
    ...row("languages", languages.slice(0, 3)),
    ...row("tests", tests?.globs),
    ...row("generated", generated?.globs),
    ...row("vendored", vendored?.globs),
    ...row("infrastructure", infrastructure?.globs),
    ...row("sensitive", sensitive?.globs),
    ...row("about people", personal?.globs),
    ...row("lock files", lockFiles),
    ...row("owners", codeowners === undefined ? undefined : [codeowners]),
    ...row("checks", checks),
  ];
}

const counted = (count: number, one: string): string => `${count} ${one}${count === 1 ? "" : "s"}`;
