/** The text of a policy file → a layer of rules, or everything that is wrong with it, each with its line and cure. */
import { LineCounter, parseDocument } from "yaml";
import type { DataRule, DiffRule, Limit, PolicyLayer, ReviewRule, RuleHead, ScopeRule } from "../rules.ts";
import type { CommandRule, DependencyRule, LaneRule } from "../rules.ts";
import { layerProblems } from "./checks.ts";
import { FileLines, type FilePath, type PolicyProblem, formProblems, textProblem } from "./problems.ts";
import { type PolicyFile, policyFile } from "./schema.ts";

export type ReadPolicy =
  | { readonly ok: true; readonly layer: PolicyLayer }
  /** In the order of the lines; at least one. */
  | { readonly ok: false; readonly problems: readonly PolicyProblem[] };

const longest = 256 * 1024;

export function readPolicy(text: string, place: Pick<PolicyLayer, "kind" | "path">): ReadPolicy {
  if (text.length > longest) return refused([{ line: 1, message: "it is longer than 256 KB", cure: "Shorten it." }]);
  const counter = new LineCounter();
  const document = parseDocument(text, { lineCounter: counter, prettyErrors: true, stringKeys: true });
  const faults = [...document.errors, ...document.warnings];
  if (faults.length > 0) return refused(faults.map(textProblem));
  const lines = new FileLines(document.contents, counter);
  const parsed = policyFile.safeParse(plainValue(document), { reportInput: true });
  if (!parsed.success) return refused(parsed.error.issues.flatMap((issue) => formProblems(issue, lines)));
  const layer = layerOf(parsed.data, { place, lineOf: (path) => lines.lineOf(path) });
  const problems = layerProblems(layer).map(({ path, ...rest }) => ({ line: lines.lineOf(path), ...rest }));
  return problems.length > 0 ? refused(problems) : { ok: true, layer };
}

/** Aliases that unfold without end make it throw; then the form says what is missing. */
function plainValue(document: ReturnType<typeof parseDocument>): unknown {
  try {
    return document.toJS({ maxAliasCount: 50 });
  } catch {
    return "aliases without end";
  }
}

function refused(problems: readonly PolicyProblem[]): ReadPolicy {
  return { ok: false, problems: problems.toSorted((a, b) => a.line - b.line) };
}

interface Origin {
  readonly place: Pick<PolicyLayer, "kind" | "path">;
  readonly lineOf: (path: FilePath) => number;
}

type Section = "scope" | "diff" | "dependencies" | "commands" | "review" | "data" | "lanes";
type Written<S extends Section> = NonNullable<PolicyFile[S]>[number];

function layerOf(file: PolicyFile, { place, lineOf }: Origin): PolicyLayer {
  const head = (section: Section, index: number, rule: Written<Section>): RuleHead => ({
    name: rule.name ?? `${section}-${index + 1}`,
    line: lineOf([section, index]),
    ...(rule.reason !== undefined && { reason: rule.reason }),
    matches: rule.matches ?? [],
    rejects: rule.rejects ?? [],
  });
  const rules = <S extends Section, Rule>(section: S, make: (rule: Written<S>) => Omit<Rule, keyof RuleHead>) => {
    const written: readonly Written<S>[] = file[section] ?? [];
    return written.map((rule, index) => ({ ...head(section, index, rule), ...make(rule) }));
  };
  return {
    ...place,
    ...(file.preset !== undefined && { preset: file.preset }),
    scope: rules<"scope", ScopeRule>("scope", scopeRule),
    diff: rules<"diff", DiffRule>("diff", diffRule),
    dependencies: rules<"dependencies", DependencyRule>("dependencies", dependencyRule),
    commands: rules<"commands", CommandRule>("commands", commandRule),
    review: rules<"review", ReviewRule>("review", ({ paths, approvals, by = [], codeowners, own }) => ({
      ...{ paths, approvals, by, codeowners, own },
    })),
    data: rules<"data", DataRule>("data", dataRule),
    ...(file.lanes && { lanes: rules<"lanes", LaneRule>("lanes", laneRule) }),
    ...(file.secrets && { secrets: said(file.secrets) }),
    ...(file.tests && { tests: said(file.tests) }),
    ...(file.audit && { audit: said(file.audit) }),
    ...(file.models && { models: said(file.models) }),
    ...(file.telemetry && { telemetry: said(file.telemetry) }),
    ...(file.format && { format: file.format }),
  };
}

function scopeRule(rule: Written<"scope">): Omit<ScopeRule, keyof RuleHead> {
  const effects = ["only", "hold", "block", "unreadable"] as const;
  const effect = effects.find((one) => rule[one] !== undefined) ?? "hold";
  return { effect, paths: rule[effect] ?? [] };
}

function diffRule({ per, lane, files, lines, except = [] }: Written<"diff">): Omit<DiffRule, keyof RuleHead> {
  return { per, ...said({ lane }), ...(files && { files: limitOf(files) }), ...(lines && { lines: limitOf(lines) }), except };
}

const limitOf = (limit: { readonly hold?: number | undefined; readonly block?: number | undefined }): Limit => said(limit);

const decisions = ["allow", "hold", "block"] as const;

function dependencyRule(rule: Written<"dependencies">): Omit<DependencyRule, keyof RuleHead> {
  const decision = decisions.find((one) => rule[one] !== undefined) ?? "hold";
  const { ecosystems, packages } = rule;
  return { decision, changes: rule[decision] ?? [], ...said({ ecosystems, packages }) };
}

function commandRule(rule: Written<"commands">): Omit<CommandRule, keyof RuleHead> {
  const decision = decisions.find((one) => rule[one] !== undefined) ?? "hold";
  return { decision, commands: rule[decision] ?? [], network: rule.network ?? false, write: rule.write ?? [] };
}

function dataRule(rule: Written<"data">): Omit<DataRule, keyof RuleHead> {
  const { lanes, providers, regions, audit } = rule;
  const { class: dataClass, paths, retention } = rule;
  return { paths, dataClass, ...said({ lanes, providers, regions, audit }), noRetention: retention === "none" };
}

function laneRule({ lane, paths, words, filesOver }: Written<"lanes">): Omit<LaneRule, keyof RuleHead> {
  return { lane, ...said({ paths, words, filesOver }) };
}

/** Without the keys that the file does not have. */
function said<Values extends object>(values: Values): { [K in keyof Values]?: Exclude<Values[K], undefined> } {
  const kept: { [K in keyof Values]?: Exclude<Values[K], undefined> } = {};
  for (const key in values) {
    const value = values[key];
    if (isSaid(value)) kept[key] = value;
  }
  return kept;
}

const isSaid = <Value>(value: Value): value is Exclude<Value, undefined> => value !== undefined;
