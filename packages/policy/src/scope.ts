/**
 * Scope: which paths the loop may touch, and which it may not even read. Text in, verdict out.
 * Whether a path lies in the workspace at all is the writer's business (`engine/host`), not these rules'.
 */
import { type Result, type Verdict, fail, succeed } from "@twolane/protocol";
import { type PathMatcher, fold, matchExactly, matchFolded, matchOfFolded } from "./globs.ts";
import type { Refusal } from "./judge.ts";
import { type Placed, because, placedRules, sourceOf } from "./layers.ts";
import type { PolicyLayer, ScopeRule } from "./rules.ts";

/** Paths relative to the workspace, `/` as separator. */
export type Scope = (path: string) => Verdict;

export const everywhere: Scope = () => ({ decision: "allow" });

/**
 * Compiles the patterns of a prompt into a scope. A pattern is a file, a folder (with all below it) or a glob; one that begins with
 * `!` takes paths out again. No pattern allows everything; only `!` patterns allow all but those.
 * A path is taken out in every spelling that differs only in case or Unicode composition, so that a file system that folds
 * them lets nothing through; it is let in only as it is written.
 */
export function compileScope(patterns: readonly string[]): Result<Scope> {
  if (patterns.length === 0) return succeed(everywhere);
  for (const pattern of patterns) {
    const body = pattern.startsWith("!") ? pattern.slice(1) : pattern;
    if (body !== "" && !body.startsWith("/") && !body.split("/").includes("..")) continue;
    return fail(
      "USAGE",
      `The scope \`${pattern}\` is not a path inside the workspace.`,
      "Use a path or glob relative to the workspace, e.g. `src/auth/**`.",
    );
  }
  const inside = matchInside(patterns);
  const allowedText = patterns.join(", ");
  return succeed((path) => {
    if (inside(path)) return { decision: "allow" };
    return {
      decision: "hold",
      rule: "scope",
      reason: `${path} is outside the scope ${allowedText}`,
      wayOut: `Widen --scope, or ask for a change inside ${allowedText}.`,
    };
  });
}

function matchInside(patterns: readonly string[]): PathMatcher {
  const isOut = (pattern: string): boolean => pattern.startsWith("!");
  const ins = patterns.filter((pattern) => !isOut(pattern));
  const isIn = ins.length === 0 ? () => true : matchExactly(ins);
  const isTakenOut = matchFolded(patterns.filter(isOut).map((pattern) => pattern.slice(1)));
  return (path) => isIn(path) && !isTakenOut(path);
}

/** The scope rules of all layers: every one that speaks against writing a path, and those that speak against reading it. */
export interface ScopeRules {
  write(path: string): readonly Refusal[];
  read(path: string): readonly Refusal[];
}

export function compileScopeRules(layers: readonly PolicyLayer[]): ScopeRules {
  const rules = placedRules(layers, ({ scope }) => scope).map(compileRule);
  const unreadable = rules.filter(({ effect }) => effect === "unreadable");
  const ask = (list: readonly CompiledRule[], path: string): readonly Refusal[] => {
    const folded = fold(path);
    const against = list.filter(({ speaks }) => speaks(path, folded));
    return against.map(({ refuse }) => refuse(path));
  };
  return { write: (path) => ask(rules, path), read: (path) => ask(unreadable, path) };
}

interface CompiledRule {
  readonly effect: ScopeRule["effect"];
  readonly speaks: (path: string, folded: string) => boolean;
  readonly refuse: (path: string) => Refusal;
}

function compileRule(placed: Placed<ScopeRule>): CompiledRule {
  const { rule } = placed;
  const { effect, paths, name } = rule;
  const source = sourceOf(placed);
  const matches = effect === "only" ? matchInside(paths) : matchOfFolded(paths);
  return {
    effect,
    speaks: effect === "only" ? (path) => !matches(path) : (_, folded) => matches(folded),
    refuse: (path) => ({
      decision: effect === "only" || effect === "hold" ? "hold" : "block",
      rule: name,
      reason: because(found(path, rule), rule),
      wayOut: wayOut(rule),
      subject: path,
      source,
    }),
  };
}

function found(path: string, { effect, paths }: ScopeRule): string {
  switch (effect) {
    case "only":
      return `${path} is outside of ${paths.join(", ")}`;
    case "hold":
      return `${path} is protected`;
    case "block":
      return `${path} may not be changed`;
    case "unreadable":
      return `${path} may neither be read nor changed`;
  }
}

function wayOut({ effect, paths }: ScopeRule): string {
  switch (effect) {
    case "only":
      return `Make the change inside ${paths.join(", ")}, or have a person say yes.`;
    case "hold":
      return "Leave it as it is, or have a person say yes.";
    case "block":
      return "Leave it as it is; a person changes it by hand.";
    case "unreadable":
      return "Do without it; a person changes it by hand.";
  }
}
