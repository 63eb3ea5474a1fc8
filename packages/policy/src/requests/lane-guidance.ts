/**
 * Which lane fits a request: what a rule of the policy says, else its words and how such requests went until now. A suggestion with its reason,
 * or none where nothing is plain: one that is wrong once is never read again. It decides nothing. Pure, and quick enough for every Enter.
 */
import type { Lane, LaneWish, PastRequests } from "@twolane/protocol";
import { because } from "../layers.ts";
import { wishFor } from "./lane-rules.ts";
import { namedPaths } from "./named-paths.ts";

export interface LaneAdvice {
  readonly lane: Lane | "split";
  /** One clause. */
  readonly reason: string;
  /** What it goes by: told once and refused once, it is not told again. */
  readonly kind: string;
  /** Of a split: what the fast lane does now, and what is left for the deep one. */
  readonly parts?: { readonly fast: string; readonly deep: string };
  /** The rule that says so, and where it stands. */
  readonly rule?: { readonly name: string; readonly source: string };
}

export interface LaneFacts {
  readonly text: string;
  readonly wishes?: readonly LaneWish[];
  /** By kind of request. Absent: nothing is known. */
  readonly past?: Readonly<Record<string, PastRequests>>;
}

interface Opening {
  readonly kind: string;
  /** The first word is one of these. A word is found without the compilation of a pattern, which costs more than all else here. */
  readonly verbs: ReadonlySet<string>;
  /** What follows it holds this. */
  readonly rest?: RegExp;
}

const opening = (kind: string, verbs: string, rest?: RegExp): Opening => ({
  ...{ kind, verbs: new Set(verbs.split(" ")) },
  ...(rest && { rest }),
});

const large: readonly Opening[] = [
  opening("migrate", "migrate port upgrade", /\b(?:to|from|onto)\b/),
  opening("migrate", "convert switch move", /\bfrom\b.*\bto\b/),
  opening("redesign", "redesign re-architect rearchitect restructure rework rewrite overhaul modularise modularize decouple"),
  opening(
    "build",
    "build implement create develop introduce",
    /\b(?:system|service|subsystem|framework|engine|pipeline|api|backend|frontend|app|application|cli|server|client|dashboard|integration|feature)\b/,
  ),
  opening("research", "investigate research audit survey analyse analyze profile"),
  opening("research", "find", /^ out\b/),
  opening("cover", "add write increase improve", /\b(?:test coverage|tests for (?:all|every|each|the whole))\b/),
];
const small: readonly Opening[] = [
  opening("rename", "rename inline extract"),
  opening("fix", "fix correct", /\b(?:typo|off.by.one|import|imports|lint|type error|null check)\b/),
  opening("tweak", "add remove change make set use replace"),
];

/** The first that opens these words. */
function openingOf(words: string, among: readonly Opening[]): Opening | undefined {
  const first = /^(?:re-)?\w+/.exec(words)?.[0] ?? "";
  return among.find(({ verbs, rest }) => verbs.has(first) && (rest === undefined || rest.test(words.slice(first.length))));
}

const breadth =
  /\b(?:everywhere|across the (?:code ?base|project|repo|repository|app|application|board)|(?:all|every|each) (?:of the )?(?:\w+ )?(?:files?|modules?|packages?|services?|components?|handlers?|endpoints?|callers?|classes|tests)|throughout|project-wide|whole (?:project|code ?base|repo|repository|app|application)|entire (?:project|code ?base|repo|repository|app|application))\b/;
/** Stands in all that `breadth` fits. */
const broad = /everywhere|across|all|every|each|throughout|project-wide|whole|entire/;
const breadthOf = (words: string): string | undefined => (broad.test(words) ? breadth.exec(words)?.[0] : undefined);

const polite = /^(?:(?:please|now|then|also|could you|can you|i want you to|i'd like you to|we should|let's|lets) )+/;
/** What is longer was thought through. */
const longest = 1500;

/** A word for requests of its like. */
export function requestKind(text: string): string {
  const words = plainWords(text);
  return (openingOf(words, large) ?? openingOf(words, small))?.kind ?? "other";
}

const plainWords = (text: string): string => text.slice(0, longest).trim().toLowerCase().replace(/\s+/g, " ").replace(polite, "");

export function laneAdvice({ text, wishes = [], past = {} }: LaneFacts): LaneAdvice | undefined {
  if (text.trim() === "" || text.length > longest || /^\s*[>/!]/.test(text)) return undefined;
  const wish = wishes.length === 0 ? undefined : wishFor(wishes, text);
  if (wish !== undefined) return ruled(wish);
  const words = plainWords(text);
  const named = namedPaths(text);
  const split = splitOf(text, named);
  if (split !== undefined) return split;
  const kind = requestKind(text);
  const own = byPast(past[kind], kind);
  if (own !== undefined) return own === "fast" ? undefined : own;
  const big = openingOf(words, large);
  const wide = breadthOf(words);
  if (big !== undefined && named.length <= 1 && (wide !== undefined || big.kind !== "research" || words.length > 60))
    return { lane: "deep", kind: big.kind, reason: reasonOf(big.kind, wide) };
  if (wide !== undefined && named.length === 0)
    return { lane: "deep", kind: "wide", reason: `“${wide}” reaches further than a look at a time` };
  if (named.length >= manyFiles) return { lane: "deep", kind: "many-files", reason: `it names ${named.length} files` };
  return undefined;
}

function ruled({ lane, name, source, ...wish }: LaneWish): LaneAdvice {
  const said = `the rule ${name} (${source}) says so`;
  const reason = wish.reason === undefined ? said : because(said, { ...wish, name, line: 0, matches: [], rejects: [] });
  return { lane, kind: `rule ${name}`, reason, rule: { name, source } };
}

/** What one's own numbers say, where there are enough of them; `fast`: it goes well there, however it sounds. */
function byPast(past: PastRequests | undefined, kind: string): LaneAdvice | "fast" | undefined {
  if (past === undefined || past.turns < enoughTurns) return undefined;
  const [answers, files] = [past.answers, past.files].map((sum) => Math.round(sum / past.turns));
  if (answers !== undefined && files !== undefined && (answers >= manyAnswers || files >= manyFiles)) {
    const cut = past.cutShort === 0 ? "" : `, ${past.cutShort} cut short`;
    const reason = `${past.turns} requests like it took ${answers} answers and ${files} files each${cut}`;
    return { lane: "deep", kind: `past ${kind}`, reason };
  }
  return past.cutShort / past.turns < 0.2 ? "fast" : undefined;
}

const enoughTurns = 5;
const manyAnswers = 15;
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
function splitOf(text: string, named: readonly string[]): LaneAdvice | undefined {
  if (named.length === 0) return undefined;
  const parts = text.trim().split(/(?:,? and then|, then|;|\. (?=[A-Z])|\n+(?=[-*\d]))\s*/);
  const [fast = "", ...rest] = parts.map((part) => part.trim().replace(/^[-*\d.)\s]+/, ""));
  const deep = rest.join("; ");
  if (fast === "" || deep === "") return undefined;
  const plain = (part: string): string => part.toLowerCase().replace(polite, "");
  const isWide = (part: string): boolean => breadthOf(plain(part)) !== undefined;
  const isSmall = openingOf(plain(fast), small) !== undefined && named.some((path) => fast.includes(path)) && !isWide(fast);
  const isLarge = openingOf(plain(deep), large) !== undefined || isWide(deep);
  if (!isSmall || !isLarge) return undefined;
  return { lane: "split", kind: "split", reason: "its first part has one place, its second has many", parts: { fast, deep } };
}
