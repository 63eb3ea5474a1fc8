/**
 * Finds paths by a few characters, as a person types them. What can be known of a path before a query comes is worked out when it is added.
 * Where the paths come from is not known here.
 */
import { setImmediate as breathe } from "node:timers/promises";
import type { PathIndex } from "@twolane/protocol";

export interface LivePathIndex extends PathIndex {
  /** There is such a file, and somebody works with it: of equal matches it comes first. */
  add(path: string): void;
  remove(path: string): void;
}

interface IndexedPath {
  readonly path: string;
  readonly lower: string;
  /** Where the last segment begins. */
  readonly name: number;
  /** First characters of words: `src/pathIndex.test.ts` → `spitt`. */
  readonly initials: string;
  /** A bit for each letter, for digits and the dot that is in it. */
  readonly mask: number;
}

/** So many recent files come first. */
const recentLimit = 200;
/** Longer than this at a time nothing is worked out, since keys wait meanwhile; ms. */
const sliceMs = 2;
const checkEvery = 250;
const warmPaths = 1000;

/** Takes a few milliseconds for a thousand paths, and lets others go on meanwhile. */
export async function createPathIndex(paths: readonly string[]): Promise<LivePathIndex> {
  const entries: IndexedPath[] = [];
  const places = new Map<string, number>();
  let since = performance.now();
  for (const [place, path] of paths.entries()) {
    put(entries, places, path);
    if (place % checkEvery !== 0 || performance.now() - since <= sliceMs) continue;
    await breathe();
    since = performance.now();
  }
  const index = liveIndex(entries, places);
  // What a query runs is compiled before somebody waits for one: cold it takes ten times as long.
  const some = liveIndex(entries.slice(0, warmPaths), new Map());
  for (const query of ["", "e", "ts", "p/t", "t5"]) {
    await breathe();
    some.match(query, warmPaths / 50);
  }
  return index;
}

function liveIndex(entries: IndexedPath[], places: Map<string, number>): LivePathIndex {
  /** Path → how late; later is higher. */
  const recent = new Map<string, number>();
  let uses = 0;
  return {
    get size() {
      return entries.length;
    },
    match: (query, limit) => bestOf(entries, { query: query.toLowerCase().replace(/^(\.\/)+/, ""), limit, recent }),
    add(path) {
      put(entries, places, path);
      recent.delete(path);
      recent.set(path, ++uses);
      const [oldest] = recent.keys();
      if (recent.size > recentLimit && oldest !== undefined) recent.delete(oldest);
    },
    remove(path) {
      const place = places.get(path);
      const last = entries.at(-1);
      if (place === undefined || last === undefined) return;
      // The last one takes its place: the order means nothing.
      entries[place] = last;
      places.set(last.path, place);
      entries.pop();
      places.delete(path);
      recent.delete(path);
    },
  };
}

function put(entries: IndexedPath[], places: Map<string, number>, path: string): void {
  if (path === "" || places.has(path)) return;
  places.set(path, entries.length);
  entries.push(indexed(path));
}

function indexed(path: string): IndexedPath {
  const lowered = path.toLowerCase();
  // A few letters become longer in lower case; places in the path would no longer be the same.
  const lower = lowered.length === path.length ? lowered : path;
  const initials: number[] = [];
  let mask = 0;
  for (let at = 0; at < lower.length; at++) {
    const code = lower.charCodeAt(at);
    mask |= bitOf(code);
    if (beginsWord(path, at)) initials.push(code);
  }
  return { path, lower, name: path.lastIndexOf("/") + 1, initials: String.fromCharCode(...initials), mask };
}

function bitOf(code: number): number {
  if (code >= 0x61 && code <= 0x7a) return 1 << (code - 0x61);
  if (code >= 0x30 && code <= 0x39) return 1 << 26;
  return code === 0x2e ? 1 << 27 : 0;
}

/** After a separator, or a capital after a small letter. */
function beginsWord(path: string, at: number): boolean {
  const [code, before] = [path.charCodeAt(at), at === 0 ? 0x2f : path.charCodeAt(at - 1)];
  if (isSeparator(code)) return false;
  return isSeparator(before) || (isCapital(code) && !isCapital(before));
}

const isCapital = (code: number): boolean => code >= 0x41 && code <= 0x5a;
/** ASCII that is neither letter nor digit. */
const isSeparator = (code: number): boolean =>
  code < 0x30 || (code > 0x39 && code < 0x41) || (code > 0x5a && code < 0x61) || (code > 0x7a && code < 0x80);

interface Query {
  readonly query: string;
  readonly limit: number;
  readonly recent: ReadonlyMap<string, number>;
}

interface Match {
  readonly path: string;
  readonly score: number;
}

/** Only the best so far are kept and sorted: nearly all others are out after a comparison or two. */
function bestOf(entries: readonly IndexedPath[], { query, limit, recent }: Query): string[] {
  const best: Match[] = [];
  const wanted = { query, segment: `/${query}` };
  let [mask, least] = [0, 1];
  for (let at = 0; at < query.length; at++) mask |= bitOf(query.charCodeAt(at));
  for (const entry of entries) {
    if ((entry.mask & mask) !== mask) continue;
    const kind = kindOf(entry, wanted, least);
    if (kind === 0) continue;
    const { path } = entry;
    const score = kind * kindStep + (recent.size === 0 ? 0 : recentScore(recent.get(path))) - Math.min(longest, path.length);
    const worst = best.length < limit ? undefined : best.at(-1);
    if (worst !== undefined && score < worst.score) continue;
    insert(best, { path, score }, limit);
    // What fits less well than all of these need not be looked at more closely.
    if (best.length === limit) least = Math.floor(((best.at(-1)?.score ?? 0) + longest) / kindStep);
  }
  return best.map(({ path }) => path);
}

const longest = 999;
const kindStep = 1_000_000_000;
/** Beyond what length takes away, so that of equal kinds the file that was used last wins. */
const recentScore = (use: number | undefined): number => (use === undefined ? 0 : Math.min(use, kindStep / 1e4) * 1000);

function insert(best: Match[], match: Match, limit: number): void {
  const last = best.at(-1);
  if (best.length >= limit && (last === undefined || !isBetter(match, last))) return;
  let at = best.length;
  while (at > 0 && isBetter(match, best[at - 1] ?? match)) at--;
  best.splice(at, 0, match);
  if (best.length > limit) best.pop();
}

const isBetter = (one: Match, other: Match): boolean =>
  one.score > other.score || (one.score === other.score && one.path < other.path);

interface Wanted {
  readonly query: string;
  /** The query as the beginning of a segment. */
  readonly segment: string;
}

/** How well a path fits; higher is better, 0: not at all, or less than `least`. */
function kindOf({ path, lower, name, initials }: IndexedPath, { query, segment }: Wanted, least: number): number {
  if (query === "") return 1;
  if (lower.startsWith(query, name)) return 7;
  if (least > 6) return 0;
  if (lower.startsWith(query) || lower.includes(segment)) return 6;
  if (least > 5) return 0;
  if (query.length > 1 && inOrder(initials, 0, query)) return 5;
  const inName = lower.indexOf(query, name);
  if (inName >= 0) return beginsWord(path, inName) ? 5 : 4;
  if (least > 3) return 0;
  if (lower.includes(query)) return 3;
  if (least > 2) return 0;
  if (inOrder(lower, name, query)) return 2;
  return inOrder(lower, 0, query) ? 1 : 0;
}

function inOrder(text: string, from: number, query: string): boolean {
  let at = from;
  for (let sign = 0; sign < query.length; sign++) {
    at = text.indexOf(query.charAt(sign), at) + 1;
    if (at === 0) return false;
  }
  return true;
}
