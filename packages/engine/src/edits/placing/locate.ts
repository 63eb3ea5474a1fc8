/**
 * Old lines → the one place in a file where they stand, rung by rung. Not responsible for what happens there (`place.ts`)
 * nor for anchors' regions (`locate-anchors.ts`). The whole rule book is docs/matching.md.
 */
import { isAscii } from "node:buffer";
import type { MatchRung } from "@twolane/protocol";
import { isAsciiText, startOf, toByteString, type FileText } from "./file-text.ts";
import { anchorRegion, type AnchorRegion } from "./locate-anchors.ts";
import { contentEnd, contentStart, holds, linesWith, trimBlanks } from "./locate-blanks.ts";
import { indentOf, reindent, type IndentPair } from "./reindent.ts";
import { foldTypography } from "./typography.ts";

/** What of a draft its place depends on. */
export interface Sought {
  readonly anchors: readonly string[];
  /** At least one. */
  readonly old: readonly string[];
  /** Lines that will need the same shift of indentation. */
  readonly added: readonly string[];
  readonly endOfFile: boolean;
}

/** Facts that may choose among places that match, and never make one. */
export interface TieBreakers {
  /** Byte offset just behind the previous hunk of the same patch; 0 for none. */
  readonly cursor: number;
  /** 1-based line in today's file where the author saw the first old line. */
  readonly hint?: number;
}

export type Located =
  | { readonly kind: "found"; /** 0-based line of the first old line. */ readonly at: number; readonly rung: MatchRung }
  /** 0-based lines. */
  | { readonly kind: "ambiguous"; readonly candidates: readonly number[] }
  | { readonly kind: "missing"; /** The anchor that is not there. */ readonly anchor?: string };

export const rungs: readonly MatchRung[] = ["exact", "trailing-blanks", "indentation", "typography"];

/** One old line in every form that a rung compares. */
export interface SoughtLine {
  readonly exact: string;
  readonly trimmedEnd: string;
  readonly trimmed: string;
  readonly folded: string;
  readonly foldedIndent: string;
  readonly indent: string;
}

export function locate(file: FileText, sought: Sought, ties: TieBreakers): Located {
  const region = anchorRegion(file, sought.anchors);
  if (region.kind === "missing") return region;
  for (const rung of rungs) {
    const candidates = matchesAt(file, sought, { rung, from: region.from });
    if (candidates.length > 0) return choose(file, candidates, { region, ties, rung, length: sought.old.length });
  }
  return { kind: "missing" };
}

/** Every place of one rung, ascending. */
export function matchesAt(
  file: FileText,
  sought: Sought,
  { rung, from }: { readonly rung: MatchRung; readonly from: number },
): readonly number[] {
  if (rung === "typography" && isAscii(file.bytes) && sought.old.every(isAsciiText)) return [];
  const lines = sought.old.map(soughtLine);
  const last = file.lines.length - lines.length;
  const first = sought.endOfFile ? Math.max(from, last) : from;
  // The longest line is the rarest as a rule: looking for it alone keeps the scan to one comparison a line.
  const probe = lines.reduce((best, line, index) => (line.trimmed.length > (lines[best]?.trimmed.length ?? 0) ? index : best), 0);
  const probeLine = lines[probe];
  if (probeLine === undefined) return [];
  const places: number[] = [];
  for (const line of linesLike(file, probeLine, { rung, from: first + probe })) {
    const at = line - probe;
    if (at > last) break;
    if (blockMatches(file, at, { lines, rung, sought })) places.push(at);
  }
  return places;
}

/** 0-based lines among which are all that match the one line by a rung, ascending. */
function linesLike(
  file: FileText,
  line: SoughtLine,
  { rung, from }: { readonly rung: MatchRung; readonly from: number },
): Iterable<number> {
  // What is folded may be spelled in many ways, so that there is no text to search for.
  return linesWith(file, rung === "typography" ? "" : rung === "exact" ? line.exact : line.trimmed, from);
}

/** The candidates that go on matching when the old lines have grown beyond the first `known`; no scan. */
export function stillMatching(
  file: FileText,
  candidates: readonly number[],
  { sought, rung, known }: { readonly sought: Sought; readonly rung: MatchRung; readonly known: number },
): readonly number[] {
  // Where indentation counts, a new line is judged together with all before it.
  const from = rung === "exact" || rung === "trailing-blanks" ? known : 0;
  const lines = sought.old.slice(from).map(soughtLine);
  const last = file.lines.length - sought.old.length;
  return candidates.filter((at) => at <= last && blockMatches(file, at + from, { lines, rung, sought }));
}

/** Anchors' blocks, then the hint and the previous hunk. Two tie breakers that disagree settle nothing. */
export function choose(
  file: FileText,
  candidates: readonly number[],
  by: { readonly region: AnchorRegion; readonly ties: TieBreakers; readonly rung: MatchRung; readonly length: number },
): Located {
  const found = (at: number): Located => ({ kind: "found", at, rung: by.rung });
  const [only] = candidates;
  if (only !== undefined && candidates.length === 1) return found(only);
  const inside = by.region.inside(candidates);
  const left = inside.length > 0 ? inside : candidates;
  const [innermost] = left;
  if (innermost !== undefined && left.length === 1) return found(innermost);
  // A place that reaches beyond the previous hunk's end is not behind it for sure, and not before it either.
  const ahead = left.filter((at) => startOf(file, at + by.length) > by.ties.cursor);
  const [next] = ahead;
  const hinted = left.find((at) => at + 1 === by.ties.hint);
  if (hinted !== undefined && (ahead.length === 0 || ahead.includes(hinted))) return found(hinted);
  if (hinted === undefined && next !== undefined && ahead.length === 1) return found(next);
  return { kind: "ambiguous", candidates: left };
}

/** Indentation as written and as found, of the old lines that are not blank. */
export function indentPairs(
  file: FileText,
  at: number,
  { old, rung }: { readonly old: readonly string[]; readonly rung: MatchRung },
): IndentPair[] {
  return pairsOf(file, at, { lines: old.map(soughtLine), rung });
}

function soughtLine(text: string): SoughtLine {
  const exact = toByteString(text);
  const folded = foldTypography(exact);
  return {
    exact,
    trimmedEnd: exact.slice(0, contentEnd(exact)),
    trimmed: trimBlanks(exact),
    folded: trimBlanks(folded),
    foldedIndent: indentOf(folded),
    indent: indentOf(exact),
  };
}

function lineMatches(line: string, sought: SoughtLine, rung: MatchRung): boolean {
  switch (rung) {
    case "exact":
      return line === sought.exact;
    case "trailing-blanks":
      return holds(line, 0, sought.trimmedEnd);
    case "indentation":
      return holds(line, contentStart(line), sought.trimmed);
    case "typography": {
      const folded = foldTypography(line);
      return holds(folded, contentStart(folded), sought.folded);
    }
  }
}

interface Block {
  readonly lines: readonly SoughtLine[];
  readonly rung: MatchRung;
}

function blockMatches(file: FileText, at: number, block: Block & { readonly sought: Sought }): boolean {
  if (!block.lines.every((line, index) => lineMatches(file.lines[at + index] ?? "", line, block.rung))) return false;
  if (block.rung === "exact" || block.rung === "trailing-blanks") return true;
  return reindent(pairsOf(file, at, block), block.sought.added) !== undefined;
}

function pairsOf(file: FileText, at: number, { lines, rung }: Block): IndentPair[] {
  const pairs: IndentPair[] = [];
  lines.forEach((line, index) => {
    if (line.folded === "") return;
    const found = file.lines[at + index] ?? "";
    if (rung === "typography") pairs.push({ written: line.foldedIndent, found: indentOf(foldTypography(found)) });
    else pairs.push({ written: line.indent, found: indentOf(found) });
  });
  return pairs;
}
