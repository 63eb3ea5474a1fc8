/**
 * Which lane fits a request, from its words and from past numbers: a suggestion with its reason, or none where nothing is plain. Pure, and
 * careful: a suggestion that is wrong once is never read again. It never decides anything.
 */
import type { Lane } from "@twolane/protocol";

export interface LaneSuggestion {
  readonly lane: Lane | "split";
  /** One clause. */
  readonly reason: string;
  /** Kind of request: told once and refused once, it is not told again. */
  readonly kind: string;
  /** Of a split: what the fast lane does now, and what is left for the deep one. */
  readonly parts?: { readonly fast: string; readonly deep: string };
}

/** How requests of one kind went until now. */
export interface PastTurns {
  readonly turns: number;
  /** Answers of the model a turn. */
  readonly steps: number;
  /** Files that a turn changed. */
  readonly files: number;
  /** Turns that were stopped or steered. */
  readonly cutShort: number;
}

export interface GuidanceFacts {
  readonly text: string;
  /** Files of the workspace that it names. */
  readonly named: readonly string[];
  /** Of this kind; absent: nothing is known. */
  readonly past?: PastTurns;
}

const large: readonly (readonly [kind: string, pattern: RegExp])[] = [
  ["migrate", /^(?:migrate|port|convert|upgrade|switch|move)\b.*\b(?:to|from|onto)\b/],
  ["redesign", /^(?:redesign|re-?architect|restructure|rework|rewrite|overhaul|modulari[sz]e|decouple)\b/],
  [
    "build",
    /^(?:build|implement|create|develop|introduce)\b.*\b(?:system|service|subsystem|framework|engine|pipeline|api|backend|frontend|app|application|cli|server|client|dashboard|integration|feature)\b/,
  ],
  ["research", /^(?:investigate|research|find out|audit|survey|analy[sz]e|profile)\b/],
  ["cover", /^(?:add|write|increase|improve)\b.*\b(?:test coverage|tests for (?:all|every|each|the whole))\b/],
];
const small: readonly (readonly [kind: string, pattern: RegExp])[] = [
  ["rename", /^(?:rename|inline|extract)\b/],
  ["fix", /^(?:fix|correct)\b.*\b(?:typo|off.by.one|import|imports|lint|type error|null check)\b/],
  ["tweak", /^(?:add|remove|change|make|set|use|replace)\b/],
];
const breadth =
  /\b(?:everywhere|across the (?:code ?base|project|repo|repository|app|application|board)|(?:all|every|each) (?:of the )?(?:\w+ )?(?:files?|modules?|packages?|services?|components?|handlers?|endpoints?|callers?|classes|tests)|throughout|project-wide|whole (?:project|code ?base|repo|repository|app|application)|entire (?:project|code ?base|repo|repository|app|application))\b/;
const polite = /^(?:(?:please|now|then|also|could you|can you|i want you to|i'd like you to|we should|let's|lets) )+/;
const longest = 4000;

export function suggestLane({ text, named, past }: GuidanceFacts): LaneSuggestion | undefined {
  const words = text.trim().toLowerCase().replace(/\s+/g, " ").replace(polite, "");
  if (words === "" || text.length > longest || /^[>/!]/.test(words)) return undefined;
  const split = splitOf(text, named);
  if (split !== undefined) return split;
  const big = large.find(([, pattern]) => pattern.test(words));
  const wide = breadth.exec(words)?.[0];
  if (past !== undefined && past.turns >= enoughTurns) {
    const [kind] = big ?? small.find(([, pattern]) => pattern.test(words)) ?? ["other"];
    if (past.steps >= manySteps || past.files >= manyFiles)
      return {
        lane: "deep",
        kind: `past-${kind}`,
        reason: `requests like it took ${past.steps} answers and ${past.files} files on average`,
      };
    // What the fast lane does well by its own numbers needs no advice.
    if (past.cutShort / past.turns < 0.2) return undefined;
  }
  if (big !== undefined && named.length <= 1 && (wide !== undefined || big[0] !== "research" || words.length > 60))
    return { lane: "deep", kind: big[0], reason: reasonOf(big[0], wide) };
  if (wide !== undefined && named.length === 0)
    return { lane: "deep", kind: "wide", reason: `“${wide}” reaches further than a look at a time` };
  if (named.length >= manyFiles) return { lane: "deep", kind: "many-files", reason: `it names ${named.length} files` };
  return undefined;
}

const enoughTurns = 5;
const manySteps = 15;
const manyFiles = 8;

function reasonOf(kind: string, wide: string | undefined): string {
  const far = wide === undefined ? "" : `, and “${wide}”`;
  switch (kind) {
    case "migrate":
      return `a migration is many changes that hold only together${far}`;
    case "redesign":
      return `a new structure is many changes that hold only together${far}`;
    case "build":
      return `something new of several parts wants a plan and tests of its own${far}`;
    case "research":
      return `it asks for much reading${far}`;
    default:
      return `it is work of many files${far}`;
  }
}

/** A small part with a place of its own, then a large one: `rename x in a.ts, then migrate all callers to …`. */
function splitOf(text: string, named: readonly string[]): LaneSuggestion | undefined {
  if (named.length === 0) return undefined;
  const parts = text.trim().split(/(?:,? and then|, then|;|\. (?=[A-Z])|\n+(?=[-*\d]))\s*/);
  const [fast = "", ...rest] = parts.map((part) => part.trim().replace(/^[-*\d.)\s]+/, ""));
  const deep = rest.join("; ");
  if (fast === "" || deep === "") return undefined;
  const plain = (part: string): string => part.toLowerCase().replace(polite, "");
  const isSmall =
    small.some(([, pattern]) => pattern.test(plain(fast))) &&
    named.some((path) => fast.includes(path)) &&
    !breadth.test(plain(fast));
  const isLarge = large.some(([, pattern]) => pattern.test(plain(deep))) || breadth.test(plain(deep));
  if (!isSmall || !isLarge) return undefined;
  return { lane: "split", kind: "split", reason: "its first part has one place, its second has many", parts: { fast, deep } };
}
