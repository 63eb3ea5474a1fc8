/**
 * Which changes of a formatter fall within the lines of hunks: what it would do to the committed content, taken over into the file on
 * disk. Starts nothing, writes nothing. Pure.
 */
import type { HunkId } from "@twolane/protocol";
import { type DiffRun, diffLines } from "../std/line-diff.ts";
import type { RecordedFile } from "./content.ts";
import { type OwnedLines, becoming, nobodysLines } from "./line-owners.ts";
import { textOf } from "../std/text.ts";

/** Without their endings: those are the file's own affair. */
export type Lines = readonly string[];

export interface FormatInput {
  /** As it would be committed. */
  readonly content: Lines;
  readonly formatted: Lines;
  readonly disk: Lines;
  /** Whose each line on disk is. */
  readonly owners: OwnedLines["owners"];
  readonly hunks: ReadonlySet<HunkId>;
}

export interface FormatPick {
  /** With what was taken. */
  readonly content: Lines;
  readonly disk: Lines;
  /** In which something was taken. */
  readonly hunks: readonly HunkId[];
  /** Nothing that the formatter wants was left out. */
  readonly isAll: boolean;
}

export function textLines(bytes: Uint8Array): Lines {
  const lines = textOf(bytes).split("\n");
  if (lines.at(-1) === "") lines.pop();
  return lines.map((line) => line.replace(/\r$/, ""));
}

export function pickFormatted({ content, formatted, disk, owners, hunks }: FormatInput): FormatPick {
  const differences = diffLines(content, disk);
  const taken: { readonly piece: DiffRun; readonly shift: number; readonly hunk: HunkId }[] = [];
  const pieces = formatPieces(content, formatted);
  for (const piece of pieces) {
    const shift = shiftOf(differences, piece);
    const hunk = shift === undefined ? undefined : soleOwner(owners, { start: piece.start + shift, end: piece.end + shift });
    if (shift !== undefined && hunk !== undefined && hunks.has(hunk)) taken.push({ piece, shift, hunk });
  }
  const changed = (lines: Lines, shifted: boolean): Lines =>
    taken.reduceRight(
      (text, { piece, shift }) => {
        const by = shifted ? shift : 0;
        text.splice(piece.start + by, piece.end - piece.start, ...formatted.slice(piece.newStart, piece.newEnd));
        return text;
      },
      [...lines],
    );
  return {
    content: changed(content, false),
    disk: changed(disk, true),
    hunks: [...new Set(taken.map(({ hunk }) => hunk))],
    isAll: taken.length === pieces.length,
  };
}

/** How much further down the same lines stand on disk; nothing where they, or what they touch, are others there. */
function shiftOf(differences: readonly DiffRun[], { start, end }: DiffRun): number | undefined {
  let shift = 0;
  for (const run of differences) {
    if (run.start > end || (run.start === end && end > start)) break;
    const isInFront = start < end ? run.end <= start : run.end < start;
    if (!isInFront) return undefined;
    shift = run.newEnd - run.end;
  }
  return shift;
}

/** The hunk that brought all these lines, or what stands on both sides of lines that are put in. */
export function soleOwner(owners: OwnedLines["owners"], { start, end }: Pick<DiffRun, "start" | "end">): HunkId | undefined {
  const [first, ...more] = start === end ? [owners[start - 1], owners[start]] : owners.slice(start, end);
  return more.every((owner) => owner === first) ? first : undefined;
}

/**
 * What the formatter changes, in pieces as small as they can be: lines that say the same but for blanks and punctuation are changed
 * each for itself, so that lines of a hunk do not wait for the ones beside it.
 */
export function formatPieces(before: Lines, after: Lines): readonly DiffRun[] {
  return diffLines(before, after).flatMap((run) => splitRun(run, before, after));
}

function splitRun(run: DiffRun, before: Lines, after: Lines): readonly DiffRun[] {
  const pieces: DiffRun[] = [];
  let [start, newStart, at, newAt] = [run.start, run.newStart, run.start, run.newStart];
  let [old, fresh] = ["", ""];
  const cut = (): void => {
    const isSame = at - start === 1 && newAt - newStart === 1 && before[start] === after[newStart];
    if (!isSame && (at > start || newAt > newStart)) pieces.push({ start, end: at, newStart, newEnd: newAt });
    [start, newStart] = [at, newAt];
  };
  while (at < run.end || newAt < run.newEnd) {
    const takesOld = at < run.end && (old.length <= fresh.length || newAt === run.newEnd);
    if (takesOld) old += ink(before[at++] ?? "");
    else fresh += ink(after[newAt++] ?? "");
    if (old === fresh && old !== "") {
      cut();
      [old, fresh] = ["", ""];
    }
  }
  cut();
  return pieces;
}

const ink = (line: string): string => line.replace(/[\s'"`;,()]/g, "");

/** The file on disk with who brought each line. */
export function diskOwners({ steps, disk }: RecordedFile): OwnedLines | undefined {
  if (disk === undefined) return undefined;
  let file: OwnedLines | undefined;
  const corrected = (known: OwnedLines, after: Uint8Array): OwnedLines =>
    becoming(known, after, ({ owners }) => (owners.size === 1 ? [...owners][0] : undefined));
  for (const step of steps) {
    const before = step.creates || file === undefined ? nobodysLines(step.before) : corrected(file, step.before);
    file = becoming(before, step.after, () => step.hunk);
  }
  return file && corrected(file, disk);
}
