/** What makes one content of another, as changes of whole lines with their endings; and where things are behind such changes. Pure. */
import type { ByteChange, ByteRange } from "../edits.ts";
import { diffLines } from "../../std/line-diff.ts";

/** Ascending and disjoint; one for each run of lines that differ. */
export function lineChanges(before: Uint8Array, after: Uint8Array): readonly ByteChange[] {
  const [old, fresh] = [linesOf(before), linesOf(after)];
  return diffLines(old.lines, fresh.lines).map((run) => ({
    start: old.starts[run.start] ?? before.length,
    end: old.starts[run.end] ?? before.length,
    bytes: after.subarray(fresh.starts[run.newStart] ?? after.length, fresh.starts[run.newEnd] ?? after.length),
  }));
}

interface Lines {
  /** As byte strings, with their endings. */
  readonly lines: readonly string[];
  readonly starts: readonly number[];
}

function linesOf(bytes: Uint8Array): Lines {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("latin1");
  const lines = text.match(/[^\n]*\n|[^\n]+$/g) ?? [];
  const starts: number[] = [];
  let at = 0;
  for (const line of lines) {
    starts.push(at);
    at += line.length;
  }
  return { lines, starts };
}

/**
 * The same bytes behind the changes; what was put in place of some of them is counted to them. `ends`: whether what was put in at
 * either end is as well.
 */
export function rangeBehind({ start, end }: ByteRange, changes: readonly ByteChange[], ends: "with" | "without"): ByteRange {
  let from = start;
  let to = end;
  for (const change of changes.toReversed()) {
    const growth = change.bytes.length - (change.end - change.start);
    const isAtEnd = change.start === change.end && ends === "with";
    if (change.end < from || (change.end === from && !isAtEnd)) {
      from += growth;
      to += growth;
    } else if (change.start < to || (change.start === to && isAtEnd)) {
      from = Math.min(from, change.start);
      to = Math.max(to, change.end) + growth;
    }
  }
  return { start: from, end: to };
}
