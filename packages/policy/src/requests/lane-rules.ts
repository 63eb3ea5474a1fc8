/** Rules of the policy on lanes: which requests a team sends where. They tell the person, who has the last word; nothing is stopped here. */
import type { LaneWish } from "@twolane/protocol";
import { matchFolded } from "../globs.ts";
import { placedRules, sourceOf } from "../layers.ts";
import type { LaneRule, PolicyLayer } from "../rules.ts";
import { namedPaths } from "./named-paths.ts";

/** As data, so that a surface can hold a request against them while it is typed. The most binding first. */
export function laneWishes(layers: readonly PolicyLayer[]): readonly LaneWish[] {
  return placedRules(layers, ({ lanes = [] }) => lanes).map((placed) => {
    const { name, lane, reason, paths, words, filesOver } = placed.rule;
    return {
      ...{ name, lane, source: sourceOf(placed) },
      ...(reason !== undefined && { reason }),
      ...(paths !== undefined && { paths }),
      ...(words !== undefined && { words }),
      ...(filesOver !== undefined && { filesOver }),
    };
  });
}

/** The first that speaks of the request. */
export const wishFor = (wishes: readonly LaneWish[], text: string): LaneWish | undefined =>
  wishes.find((wish) => probeOf(wish)(text));

type Conditions = Pick<LaneRule, "paths" | "words" | "filesOver">;

/** Compiled once for each rule. */
const probes = new WeakMap<Conditions, (text: string) => boolean>();

function probeOf(rule: Conditions): (text: string) => boolean {
  const known = probes.get(rule) ?? speaksOf(rule);
  probes.set(rule, known);
  return known;
}

export function speaksOf({ paths, words, filesOver }: Conditions): (text: string) => boolean {
  const isNamed = paths && matchFolded(paths);
  const isSaid = words && wordsIn(words);
  return (text) => {
    if (isSaid !== undefined && !isSaid.test(text)) return false;
    if (isNamed === undefined && filesOver === undefined) return isSaid !== undefined;
    const named = namedPaths(text);
    return (filesOver === undefined || named.length > filesOver) && (isNamed === undefined || named.some(isNamed));
  };
}

/** Whole words; a blank stands for any. */
function wordsIn(words: readonly string[]): RegExp {
  const escaped = words.map((word) =>
    word
      .trim()
      .replace(/[\\^$.*+?()[\]{}|/]/g, "\\$&")
      .replace(/\s+/g, "\\s+"),
  );
  return new RegExp(`(?<![\\p{L}\\p{N}_])(?:${escaped.join("|")})(?![\\p{L}\\p{N}_])`, "iu");
}
