/**
 * A piece of text for another: the exact text once (or everywhere), else, when it consists of whole lines, the same
 * ladder as for line-by-line drafts. Line endings are compared as one newline and stay what they are in the file.
 */
import { failure, type HunkLine } from "@twolane/protocol";
import type { ByteChange, Placement, SubstituteDraft, UpdateDraft } from "../edits.ts";
import { lineAt, startOf, toByteString, type FileText } from "./file-text.ts";
import { matchesAt, rungs } from "./locate.ts";
import { excerptAround, maxCandidates, nearPlaces } from "./locate-near.ts";
import { styleAt } from "./place-lines.ts";
import { editAt, growthOf, placeUpdate, prepareUpdate, unchanged, type LineEdit } from "./place-update.ts";

export function placeSubstitute(draft: SubstituteDraft, file: FileText): Placement {
  if (normalized(draft.oldText) === normalized(draft.newText)) return unchanged(draft.path);
  if (draft.oldText === "") return placeIntoEmpty(draft, file);
  const found = occurrencesOf(draft.oldText, file);
  const first = found[0];
  if (first !== undefined && (found.length === 1 || draft.everywhere)) return placedAt(draft, file, apart(found));
  if (first !== undefined)
    return ambiguous(
      draft,
      file,
      found.map((span) => lineAt(file, span.start)),
    );
  const update = wholeLines(draft);
  if (update === undefined) return missing(draft, file);
  // Old strings have no order among themselves: each stands for itself.
  return draft.everywhere ? everywhere(update, file) : placeUpdate(update, file, { cursor: 0 });
}

interface Span {
  readonly start: number;
  readonly end: number;
}

/** Every place of the text, overlapping ones too, as byte offsets. */
export function occurrencesOf(text: string, file: FileText): readonly Span[] {
  const wanted = toByteString(normalized(text));
  const bytes = Buffer.from(file.bytes.buffer, file.bytes.byteOffset, file.bytes.byteLength).toString("latin1", file.bom);
  const isPlain = !bytes.includes("\r\n");
  const content = isPlain ? bytes : bytes.replaceAll("\r\n", "\n");
  const toByte = isPlain ? (offset: number) => offset + file.bom : byteOffsets(file);
  const spans: Span[] = [];
  for (let at = content.indexOf(wanted); at >= 0; at = content.indexOf(wanted, at + 1)) {
    spans.push({ start: toByte(at), end: toByte(at + wanted.length) });
  }
  return spans;
}

/** From offsets in the content with every ending as one newline to offsets in the file. */
function byteOffsets(file: FileText): (offset: number) => number {
  const starts: number[] = [];
  let at = 0;
  for (const line of file.lines) {
    starts.push(at);
    at += line.length + 1;
  }
  starts.push(at);
  return (offset) => {
    let low = 0;
    let high = starts.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((starts[middle] ?? 0) <= offset) low = middle + 1;
      else high = middle;
    }
    return startOf(file, low - 1) + offset - (starts[low - 1] ?? 0);
  };
}

function normalized(text: string): string {
  return text.replaceAll("\r\n", "\n");
}

function apart(spans: readonly Span[]): readonly Span[] {
  const result: Span[] = [];
  for (const span of spans) if (span.start >= (result.at(-1)?.end ?? 0)) result.push(span);
  return result;
}

function placedAt(draft: SubstituteDraft, file: FileText, spans: readonly Span[]): Placement {
  const changes: ByteChange[] = [];
  let [linesRemoved, linesAdded] = [0, 0];
  for (const span of spans) {
    const change = withoutCommonEnds(file, { ...span, bytes: newBytes(draft.newText, file, span) });
    if (change.start === change.end && change.bytes.length === 0) continue;
    const [removed, added] = lineCounts(file, change);
    linesRemoved += removed;
    linesAdded += added;
    changes.push(change);
  }
  const [first] = changes;
  if (first === undefined) return unchanged(draft.path);
  const line = lineAt(file, first.start) + 1;
  return {
    ok: true,
    changes,
    matched: spans[0] ?? first,
    rung: "exact",
    line,
    linesRemoved,
    linesAdded,
    cursor: (spans.at(-1)?.end ?? 0) + growthOf(changes),
  };
}

/** Each newline of the new text takes the ending of the old one in its place, then of the last one, then of its line. */
function newBytes(text: string, file: FileText, span: Span): Uint8Array {
  const first = lineAt(file, span.start);
  const last = Math.max(first, lineAt(file, span.end) - 1);
  const [head = "", ...rest] = normalized(text).split("\n");
  const lines = rest.map((line, index) => styleAt(file, Math.min(first + index, last)) + toByteString(line));
  return Buffer.from(toByteString(head) + lines.join(""), "latin1");
}

function withoutCommonEnds(file: FileText, change: ByteChange): ByteChange {
  let { start, end } = change;
  let head = 0;
  let tail = change.bytes.length;
  while (start < end && head < tail && file.bytes[start] === change.bytes[head]) {
    start++;
    head++;
  }
  while (start < end && head < tail && file.bytes[end - 1] === change.bytes[tail - 1]) {
    end--;
    tail--;
  }
  return { start, end, bytes: change.bytes.subarray(head, tail) };
}

function lineCounts(file: FileText, change: ByteChange): readonly [removed: number, added: number] {
  const newlines = (bytes: Uint8Array): number => bytes.reduce((count, byte) => (byte === 0x0a ? count + 1 : count), 0);
  const old = file.bytes.subarray(change.start, change.end);
  const isWhole = (bytes: Uint8Array): boolean => bytes.length === 0 || bytes.at(-1) === 0x0a;
  const partial = startOf(file, lineAt(file, change.start)) === change.start && isWhole(old) && isWhole(change.bytes) ? 0 : 1;
  return [newlines(old) + partial, newlines(change.bytes) + partial];
}

/** The draft line by line; nothing where it does not consist of whole lines. */
function wholeLines(draft: SubstituteDraft): UpdateDraft | undefined {
  const old = normalized(draft.oldText).split("\n");
  const added = normalized(draft.newText).split("\n");
  if (old.at(-1) === "" && old.length > 1) {
    if (added.at(-1) !== "") return undefined;
    old.pop();
    added.pop();
  }
  const lines: HunkLine[] = [];
  for (const text of old) lines.push({ op: "remove", text });
  for (const text of added) lines.push({ op: "add", text });
  return { kind: "update", path: draft.path, anchors: [], lines, endOfFile: false };
}

function everywhere(update: UpdateDraft, file: FileText): Placement {
  const prepared = prepareUpdate(update, file);
  for (const rung of rungs) {
    const edits: LineEdit[] = [];
    for (const at of matchesAt(file, prepared.sought, { rung, from: 0 })) {
      const edit = at >= (edits.at(-1)?.last ?? 0) ? editAt(file, prepared, { at, rung }) : undefined;
      if (edit !== undefined) edits.push(edit);
    }
    const [first] = edits;
    if (first === undefined) continue;
    const total = (count: (edit: LineEdit) => number): number => edits.reduce((sum, edit) => sum + count(edit), 0);
    const changes = edits.flatMap((edit) => edit.changes);
    return {
      ok: true,
      changes,
      matched: first.matched,
      rung,
      line: first.first + 1,
      linesRemoved: total((edit) => edit.removed),
      linesAdded: total((edit) => edit.added),
      cursor: startOf(file, edits.at(-1)?.last ?? 0) + growthOf(changes),
    };
  }
  return placeUpdate(update, file, { cursor: 0 });
}

function placeIntoEmpty(draft: SubstituteDraft, file: FileText): Placement {
  const message = `${draft.path}: there is no old text, and the file is not empty.`;
  if (file.lines.length > 0) {
    return { ok: false, failure: failure("HUNK_AMBIGUOUS", message, "Give the text to replace."), candidates: [], excerpt: "" };
  }
  return placedAt(draft, file, [{ start: file.bom, end: file.bom }]);
}

function ambiguous(draft: SubstituteDraft, file: FileText, places: readonly number[]): Placement {
  const lines = places.map((at) => at + 1);
  const named = lines.slice(0, maxCandidates).join(", ") + (lines.length > maxCandidates ? ", …" : "");
  return {
    ok: false,
    failure: failure("HUNK_AMBIGUOUS", `${draft.path}: the old text stands in ${lines.length} places (lines ${named}).`),
    candidates: lines.slice(0, maxCandidates),
    excerpt: excerptAround(file, places, draft.oldText.split("\n").length),
  };
}

function missing(draft: SubstituteDraft, file: FileText): Placement {
  const old = normalized(draft.oldText).split("\n");
  const near = nearPlaces(file, old);
  return {
    ok: false,
    failure: failure("HUNK_MISSING", `${draft.path}: the old text is not in the file.`),
    candidates: near.map((at) => at + 1),
    excerpt: excerptAround(file, near, old.length),
  };
}
