/** Cuts text into streamed pieces, the same way each time for one seed. */
import type { CutText, Piece } from "../server/reply.ts";
import type { Pace } from "./scenario.ts";

/** Roughly what tokenizers do with prose and code: short words with their space, digits by three, signs one by one. */
const TOKEN = / ?\p{L}{1,6}|\p{N}{1,3}|\n+|[^\S\n]+|[^\p{L}\p{N}\s]/gu;
const LINE = /[^\n]*\n|[^\n]+/g;
const CHARS_PER_TOKEN = 4;

/** Number of tokens of a text, roughly. */
export function estimateTokens(characters: number): number {
  return Math.ceil(characters / CHARS_PER_TOKEN);
}

/** Numbers in [0, 1), the same for the same seed (mulberry32). */
export function seededRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

export function cutter(chunk: Pace["chunk"], random: () => number): CutText {
  const { unit, size } = chunk;
  const next = (): number => {
    if (typeof size === "number") return size;
    return size.min + Math.floor(random() * (Math.max(size.max, size.min) - size.min + 1));
  };
  if (unit === "all") return (text) => (text === "" ? [] : [{ text, tokens: Math.max(1, estimateTokens(text.length)) }]);
  if (unit === "bytes") return (text) => cutBytes(text, next);
  const matcher = unit === "token" ? TOKEN : LINE;
  return (text) => cutMatches(text, matcher, next);
}

function* cutMatches(text: string, matcher: RegExp, next: () => number): Generator<Piece> {
  let wanted = next();
  let units = 0;
  let start = 0;
  let end = 0;
  for (const match of text.matchAll(matcher)) {
    units += 1;
    end = match.index + match[0].length;
    if (units < wanted) continue;
    yield piece(text.slice(start, end), matcher === TOKEN ? units : undefined);
    start = end;
    units = 0;
    wanted = next();
  }
  if (start < text.length) yield piece(text.slice(start), matcher === TOKEN ? Math.max(1, units) : undefined);
}

function* cutBytes(text: string, next: () => number): Generator<Piece> {
  let wanted = next();
  let start = 0;
  let bytes = 0;
  for (let at = 0; at < text.length;) {
    const point = text.codePointAt(at) ?? 0;
    const width = point < 0x80 ? 1 : point < 0x800 ? 2 : point < 0x10000 ? 3 : 4;
    // A piece holds at least one character, even where that is larger than the size.
    if (bytes > 0 && bytes + width > wanted) {
      yield piece(text.slice(start, at));
      start = at;
      bytes = 0;
      wanted = next();
    }
    bytes += width;
    at += point < 0x10000 ? 1 : 2;
  }
  if (start < text.length) yield piece(text.slice(start));
}

function piece(text: string, tokens?: number): Piece {
  return { text, tokens: tokens ?? Math.max(1, Math.round(text.length / CHARS_PER_TOKEN)) };
}
