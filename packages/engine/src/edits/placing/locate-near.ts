/**
 * What to show a model whose hunk has no single place: the nearest lines as they are now. Nothing here ever places an
 * edit; "nearly" is for reading only.
 */
import { readableLine, toByteString, type FileText } from "./file-text.ts";
import { trimBlanks } from "./locate-blanks.ts";

export const maxCandidates = 8;
const maxPlaces = 3;
/** Old lines that are compared with every line of the file when not one of them is in it. */
const maxCompared = 3;
const maxExcerpt = 2048;
const maxLineShown = 160;
const linesAround = 2;
const maxBlockShown = 12;
/** Share of a line that must be equal, counted from both of its ends, for it to be worth showing. */
const nearEnough = 0.6;

/** 0-based lines where the old lines nearly stand, best first; empty when nothing is near. */
export function nearPlaces(file: FileText, old: readonly string[]): readonly number[] {
  const wanted = new Map<string, number>();
  old.forEach((line, index) => {
    const text = trimBlanks(toByteString(line));
    // Brackets and blank lines stand everywhere and say nothing.
    if (/\w/.test(text) && !wanted.has(text)) wanted.set(text, index);
  });
  const trimmed = file.lines.map(trimBlanks);
  const votes = new Map<number, number>();
  trimmed.forEach((line, at) => {
    const index = wanted.get(line);
    if (index === undefined) return;
    const start = Math.max(0, at - index);
    votes.set(start, (votes.get(start) ?? 0) + 1);
  });
  if (votes.size === 0) return mostAlike(trimmed, wanted);
  let best = 0;
  for (const count of votes.values()) best = Math.max(best, count);
  return [...votes]
    .filter(([, count]) => count === best)
    .map(([start]) => start)
    .slice(0, maxPlaces);
}

/** Numbered lines around the places, at most 2 KB. */
export function excerptAround(file: FileText, places: readonly number[], length: number): string {
  const rows: string[] = [];
  let size = 0;
  let shown = 0;
  for (const place of [...places].sort((a, b) => a - b).slice(0, maxPlaces)) {
    const from = Math.max(shown, place - linesAround);
    const to = Math.min(file.lines.length, place + Math.min(length, maxBlockShown) + linesAround);
    for (let index = from; index < to; index++) {
      const text = readableLine(file, index);
      const row = `${index + 1}| ${text.length > maxLineShown ? `${text.slice(0, maxLineShown)}…` : text}`;
      const gap = index === from && from > shown && rows.length > 0 ? ["…"] : [];
      size += Buffer.byteLength(row) + 1 + gap.length * 4;
      if (size > maxExcerpt) return rows.join("\n");
      rows.push(...gap, row);
    }
    shown = Math.max(shown, to);
  }
  return rows.join("\n");
}

/** The one line that shares most of its beginning and end with one of the wanted ones (text → its place in the hunk). */
function mostAlike(lines: readonly string[], wanted: ReadonlyMap<string, number>): readonly number[] {
  let best = { likeness: nearEnough, start: -1 };
  const longest = [...wanted].sort(([a], [b]) => b.length - a.length).slice(0, maxCompared);
  for (const [text, index] of longest) {
    lines.forEach((line, at) => {
      const likeness = alike(line, text);
      if (likeness > best.likeness) best = { likeness, start: Math.max(0, at - index) };
    });
  }
  return best.start < 0 ? [] : [best.start];
}

function alike(a: string, b: string): number {
  const shorter = Math.min(a.length, b.length);
  const longer = Math.max(a.length, b.length);
  if (shorter / longer <= nearEnough) return 0;
  let head = 0;
  while (head < shorter && a[head] === b[head]) head++;
  let tail = 0;
  while (tail < shorter - head && a[a.length - 1 - tail] === b[b.length - 1 - tail]) tail++;
  return (head + tail) / longer;
}
