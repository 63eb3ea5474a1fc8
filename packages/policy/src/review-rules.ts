/** Review: the rules that want a person before merge. Whether somebody approved is the gates' business. */
import { fold, matchOfFolded } from "./globs.ts";
import { placedRules } from "./layers.ts";
import type { PolicyLayer, ReviewRule } from "./rules.ts";

export type ReviewRules = (path: string) => readonly ReviewRule[];

export function compileReviewRules(layers: readonly PolicyLayer[]): ReviewRules {
  const rules = placedRules(layers, ({ review }) => review).map(({ rule }) => ({ rule, matches: matchOfFolded(rule.paths) }));
  return (path) => {
    const folded = fold(path);
    return rules.filter(({ matches }) => matches(folded)).map(({ rule }) => rule);
  };
}
