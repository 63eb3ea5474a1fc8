/** A hunk as a diff, from what it did to its file; and the sides of a shown hunk as text. Pure. */
import type { HunkId, HunkLine } from "@twolane/protocol";
import type { ByteChange, HunkDraft } from "../edits.ts";
import { applyToBytes } from "../placing/file-text.ts";
import { diffLines } from "../../std/line-diff.ts";
import { withoutEchoes } from "../placing/place-lines.ts";
import { sidesOf } from "../undo/step-back.ts";
import type { Journal } from "../../journal/journal.ts";
import type { Ground } from "./ground.ts";
import { baseOf, offeredChanges } from "./offers.ts";

const context = 3;

/** Undefined where it never was on disk, or its text is damaged. */
export function recordedLines({ ledger, images }: Ground, hunk: HunkId): readonly HunkLine[] | undefined {
  const steps = ledger.lastSteps(hunk);
  // Of a move nothing is said but where the file goes.
  const isMove = steps.some(({ existence }) => existence === "made") && steps.some(({ existence }) => existence === "gone");
  const shown = isMove ? steps.filter(({ existence }) => existence === "kept") : steps;
  const lines = shown.flatMap((step) => {
    const sides = sidesOf(step, images);
    const changes = images.changes(step);
    return sides && changes ? changedLines(sides.before ?? new Uint8Array(), changes) : [];
  });
  return lines.length > 0 ? lines : undefined;
}

/** Of a job's hunk, as it was offered. Undefined where there is none of that name, or its text is damaged. */
export function offeredLines(
  { offers }: Ground,
  hunk: HunkId,
  blobs: Pick<Journal, "readBlob">,
): readonly HunkLine[] | undefined {
  const offer = offers.get(hunk);
  return offer && changedLines(baseOf(offer.record, blobs) ?? new Uint8Array(), offeredChanges(offer.part, blobs));
}

/** What the changes make different, with a few lines around; what lies further between two changes is left out. */
export function changedLines(before: Uint8Array, changes: readonly ByteChange[]): readonly HunkLine[] {
  const regions: { start: number; end: number; changes: ByteChange[] }[] = [];
  for (const change of changes) {
    const start = linesBack(before, change.start);
    const end = linesOn(before, change.end);
    const last = regions.at(-1);
    if (last && start <= last.end) {
      last.end = end;
      last.changes.push(change);
    } else regions.push({ start, end, changes: [change] });
  }
  return regions.flatMap(({ start, end, changes: own }) => {
    const old = before.subarray(start, end);
    const shifted = own.map((change) => ({ ...change, start: change.start - start, end: change.end - start }));
    return diffed(linesOf(old), linesOf(applyToBytes(old, shifted)));
  });
}

function diffed(old: readonly string[], fresh: readonly string[]): readonly HunkLine[] {
  const lines: HunkLine[] = [];
  const say = (op: HunkLine["op"], texts: readonly string[]): void => void lines.push(...texts.map((text) => ({ op, text })));
  let shown = 0;
  for (const run of diffLines(old, fresh)) {
    say("keep", old.slice(shown, run.start));
    say("remove", old.slice(run.start, run.end));
    say("add", fresh.slice(run.newStart, run.newEnd));
    shown = run.end;
  }
  say("keep", old.slice(shown));
  return lines;
}

const lineFeed = 0x0a;

/** Start of the line some lines in front of the one that holds the byte. */
function linesBack(bytes: Uint8Array, offset: number): number {
  let at = offset;
  for (let count = 0; count <= context; count++) {
    at = at === 0 ? 0 : bytes.lastIndexOf(lineFeed, at - 1);
    if (at <= 0) return 0;
  }
  return at + 1;
}

/** End of the line some lines behind. */
function linesOn(bytes: Uint8Array, offset: number): number {
  // A change that ends with its line is followed by the next one; any other first needs the rest of its own.
  let at = offset > 0 && bytes[offset - 1] !== lineFeed ? bytes.indexOf(lineFeed, offset) + 1 : offset;
  if (at === 0 && offset > 0) return bytes.length;
  for (let count = 0; count < context; count++) {
    const feed = bytes.indexOf(lineFeed, at);
    if (feed < 0) return bytes.length;
    at = feed + 1;
  }
  return at;
}

/** Without their endings; a carriage return counts to the ending, a byte order mark to no line. */
function linesOf(bytes: Uint8Array): string[] {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    .toString("utf8")
    .replace(/^\ufeff/, "");
  const lines = text.split("\n").map((line) => line.replace(/\r$/, ""));
  if (lines.at(-1) === "") lines.pop();
  return lines;
}

/** Texts of the lines that are kept and of those of one side. */
export function sideOf(lines: readonly HunkLine[], side: "add" | "remove"): readonly string[] {
  return withoutEchoes(lines)
    .filter(({ op }) => op === "keep" || op === side)
    .map(({ text }) => text);
}

/** A draft as it is shown. */
export function draftLines(draft: HunkDraft): readonly HunkLine[] {
  const lines = (op: HunkLine["op"], text: string): HunkLine[] =>
    text === ""
      ? []
      : text
          .replace(/\r?\n$/, "")
          .split(/\r?\n/)
          .map((line) => ({ op, text: line }));
  switch (draft.kind) {
    case "update":
      return draft.lines;
    case "substitute":
      return [...lines("remove", draft.oldText), ...lines("add", draft.newText)];
    case "create":
    case "rewrite":
      return lines("add", draft.content);
    case "delete":
    case "move":
      return [];
  }
}
