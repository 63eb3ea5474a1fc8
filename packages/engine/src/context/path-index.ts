/** Finds paths by a few characters, as a person types them. Pure. */
import type { PathIndex } from "@twolane/protocol";

/** Everything that can be known of a path before a query comes. */
interface IndexedPath {
  readonly path: string;
  readonly lower: string;
  /** Where the last segment begins. */
  readonly name: number;
  /** One bit for each letter and digit that is in it. */
  readonly mask: number;
}

export function createPathIndex(paths: readonly string[]): PathIndex {
  const indexed = paths.map((path): IndexedPath => {
    const lower = path.toLowerCase();
    return { path, lower, name: path.lastIndexOf("/") + 1, mask: maskOf(lower) };
  });
  return {
    size: indexed.length,
    match(query, limit) {
      const wanted = query.toLowerCase();
      const mask = maskOf(wanted);
      const found: { readonly path: string; readonly score: number }[] = [];
      for (const entry of indexed) {
        if ((entry.mask & mask) !== mask) continue;
        const score = scoreOf(entry, wanted);
        if (score > 0) found.push({ path: entry.path, score });
      }
      return best(found, limit);
    },
  };
}

function maskOf(text: string): number {
  let mask = 0;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code >= 0x61 && code <= 0x7a) mask |= 1 << (code - 0x61);
    else if (code >= 0x30 && code <= 0x39) mask |= 1 << 26;
    else if (code === 0x2e) mask |= 1 << 27;
  }
  return mask;
}

/** Higher is better; 0: does not match. Of equal kinds the shorter path wins. */
function scoreOf({ lower, name }: IndexedPath, wanted: string): number {
  if (wanted === "") return 1000 - lower.length;
  const kind = kindOf(lower, name, wanted);
  return kind === 0 ? 0 : kind * 1000 - Math.min(999, lower.length);
}

function kindOf(lower: string, name: number, wanted: string): number {
  if (lower.startsWith(wanted, name)) return 6;
  if (lower.startsWith(wanted) || lower.includes(`/${wanted}`)) return 5;
  if (lower.includes(wanted, name)) return 4;
  if (lower.includes(wanted)) return 3;
  if (isSubsequence(lower, name, wanted)) return 2;
  return isSubsequence(lower, 0, wanted) ? 1 : 0;
}

function isSubsequence(text: string, from: number, wanted: string): boolean {
  let at = from;
  for (let sign = 0; sign < wanted.length; sign++) {
    at = text.indexOf(wanted.charAt(sign), at);
    if (at < 0) return false;
    at++;
  }
  return true;
}

/** The few best without sorting all. */
function best(found: { readonly path: string; readonly score: number }[], limit: number): string[] {
  if (found.length > limit * 4) {
    const scores = Float64Array.from(found, ({ score }) => score).sort();
    const least = scores[scores.length - limit] ?? 0;
    const top = found.filter(({ score }) => score >= least);
    return sorted(top).slice(0, limit);
  }
  return sorted(found).slice(0, limit);
}

const sorted = (found: { readonly path: string; readonly score: number }[]): string[] =>
  found.toSorted((a, b) => b.score - a.score || (a.path < b.path ? -1 : 1)).map(({ path }) => path);
