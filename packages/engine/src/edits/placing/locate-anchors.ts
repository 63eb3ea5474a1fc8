/**
 * Anchors: whole lines that an author names to say where a change stands, outermost first. They narrow the file to what
 * follows them, and, where several places remain, to what is indented below them.
 */
import { isAscii } from "node:buffer";
import { isAsciiText, toByteString, type FileText } from "./file-text.ts";
import { contentStart, holds, linesWith, trimBlanks } from "./locate-blanks.ts";
import { foldTypography } from "./typography.ts";

export interface AnchorRegion {
  readonly kind: "region";
  /** 0-based line of the innermost anchor's first possible place; 0 without anchors. */
  readonly from: number;
  /** 0-based lines of the innermost anchor, each behind the outer ones; empty without anchors. */
  readonly places: readonly number[];
  /** Those of the given lines that have all anchors, in order, among the lines that they are indented below. */
  inside(lines: readonly number[]): readonly number[];
}

/** Without anchors. */
export const everywhere: AnchorRegion = { kind: "region", from: 0, places: [], inside: (lines) => lines };

/** Beyond this many look-alike places nobody can be meant. */
const maxPlaces = 256;

export function anchorRegion(
  file: FileText,
  anchors: readonly string[],
): AnchorRegion | { readonly kind: "missing"; readonly anchor: string } {
  if (anchors.length === 0) return everywhere;
  const occurrences: ReadonlySet<number>[] = [];
  let from = 0;
  for (const anchor of anchors) {
    const places = anchorPlaces(file, anchor, from);
    const [first] = places;
    if (first === undefined) return { kind: "missing", anchor };
    occurrences.push(places);
    from = first + 1;
  }
  const places = [...(occurrences.at(-1) ?? [])];
  const inside = (lines: readonly number[]): readonly number[] =>
    lines.length > maxPlaces ? [] : lines.filter((line) => standsInside(file, line, occurrences));
  return { kind: "region", from: from - 1, places, inside };
}

/** Lines that equal the anchor, blanks around aside; only if there is none, with typography folded. */
function anchorPlaces(file: FileText, anchor: string, from: number): ReadonlySet<number> {
  const plain = trimBlanks(toByteString(anchor));
  const places = new Set<number>();
  for (const at of linesWith(file, plain, from)) {
    const line = file.lines[at] ?? "";
    if (holds(line, contentStart(line), plain)) places.add(at);
  }
  if (places.size > 0 || (isAscii(file.bytes) && isAsciiText(anchor))) return places;
  const folded = trimBlanks(foldTypography(plain));
  for (let at = from; at < file.lines.length; at++) {
    const line = foldTypography(file.lines[at] ?? "");
    if (holds(line, contentStart(line), folded)) places.add(at);
  }
  return places;
}

/** Walks up from a line through the lines that it is indented below, innermost anchor first. */
function standsInside(file: FileText, line: number, occurrences: readonly ReadonlySet<number>[]): boolean {
  let wanted = occurrences.length - 1;
  if (occurrences[wanted]?.has(line)) wanted--;
  let depth = indentWidth(file.lines[line] ?? "");
  for (let at = line - 1; at >= 0 && wanted >= 0 && depth > 0; at--) {
    const above = file.lines[at] ?? "";
    const width = indentWidth(above);
    const isAnchor = occurrences[wanted]?.has(at) ?? false;
    if (width >= depth || (!isAnchor && continuesHead(above))) continue;
    depth = width;
    if (isAnchor) wanted--;
  }
  return wanted < 0;
}

/** Blank, a closing bracket, or only opening ones: the head of such a line's block stands further up. */
function continuesHead(line: string): boolean {
  return /^[\t-\r ]*(?:$|[)}\]]|[{([]+[\t-\r ]*$)/.test(line);
}

/** In columns, a tab up to the next multiple of 8. */
function indentWidth(line: string): number {
  let width = 0;
  for (const sign of line) {
    if (sign === " ") width++;
    else if (sign === "\t") width += 8 - (width % 8);
    else break;
  }
  return width;
}
