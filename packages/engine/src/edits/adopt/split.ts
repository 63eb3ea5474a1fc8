/** What somebody else made of a file, as hunks: runs of lines that differ, with those close together as one. Pure. */
import type { HunkLine, HunkOperation } from "@twolane/protocol";
import type { ByteChange } from "../edits.ts";
import type { PlannedStep } from "../landing/landing-write.ts";
import { wholeChange } from "../landing/landing-files.ts";
import { lineChanges } from "../placing/line-changes.ts";
import { changedLines } from "../review/hunk-lines.ts";

export interface Part {
  readonly operation: HunkOperation;
  /** 1-based, in the file before. */
  readonly line: number;
  readonly lines: readonly HunkLine[];
  /** In the content that the part before left. */
  readonly step: Pick<PlannedStep, "changes" | "matched">;
}

/** Lines between two changes that keep them apart. */
const apart = 6;
/** A file of more is one hunk, and so is one that is no text. */
const partsLimit = 40;
const textLimit = 1024 * 1024;
const lineFeed = 0x0a;

export interface Sides {
  readonly before: Uint8Array | undefined;
  readonly after: Uint8Array | undefined;
}

export function partsOf({ before, after }: Sides): readonly Part[] {
  const [old, fresh] = [before ?? new Uint8Array(), after ?? new Uint8Array()];
  const operation: HunkOperation = before === undefined ? "create" : after === undefined ? "delete" : "update";
  const isText = [old, fresh].every(isReadable);
  const groups = operation === "update" && isText ? grouped(old, lineChanges(old, fresh)) : [];
  if (groups.length === 0 || groups.length > partsLimit) {
    const change = wholeChange(old, fresh);
    const lines = isText ? changedLines(old, [change]) : [];
    return [{ operation, line: operation === "update" ? lineAt(old, change.start) : 0, lines, step: { changes: [change] } }];
  }
  let growth = 0;
  return groups.map((changes) => {
    const moved = changes.map((change) => ({ ...change, start: change.start + growth, end: change.end + growth }));
    const [from, to] = [moved[0]?.start ?? 0, moved.at(-1)?.end ?? 0];
    const part = { operation, line: lineAt(old, changes[0]?.start ?? 0), lines: changedLines(old, changes) };
    for (const { start, end, bytes } of changes) growth += bytes.length - (end - start);
    // Within a step all places are in the content before it.
    return { ...part, step: { changes: moved, matched: [from, to] as const } };
  });
}

export const isReadable = (bytes: Uint8Array): boolean => bytes.length <= textLimit && !bytes.subarray(0, 8000).includes(0);

/** Changes of the content before, those close together as one. */
export function grouped(before: Uint8Array, changes: readonly ByteChange[]): readonly (readonly ByteChange[])[] {
  const groups: ByteChange[][] = [];
  for (const change of changes) {
    const last = groups.at(-1);
    const between = last?.at(-1);
    if (last && between && linesIn(before, between.end, change.start) <= apart) last.push(change);
    else groups.push([change]);
  }
  return groups;
}

function linesIn(bytes: Uint8Array, start: number, end: number): number {
  let lines = 0;
  for (let at = bytes.indexOf(lineFeed, start); at >= 0 && at < end; at = bytes.indexOf(lineFeed, at + 1)) lines++;
  return lines;
}

export const lineAt = (bytes: Uint8Array, offset: number): number => linesIn(bytes, 0, offset) + 1;
