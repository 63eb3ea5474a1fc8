/** What a person changed of the lines that hunks brought: the file as we left it against the file now. Pure. */
import type { HunkId, HunkLine } from "@twolane/protocol";
import { diffLines } from "../placing/line-diff.ts";
import type { FileHistory } from "./file-history.ts";
import { linesOf } from "./hunk-lines.ts";
import { type Span, spansNow } from "./provenance.ts";

export interface Correction {
  readonly hunk: HunkId;
  readonly path: string;
  /** 1-based first line of it in the file now. */
  readonly line: number;
  /** The person's change, without lines around it. */
  readonly lines: readonly HunkLine[];
}

/** One for each hunk that was touched; empty where the file is as we left it. */
export function correctionsIn({ path, steps }: FileHistory, now: Uint8Array): readonly Correction[] {
  const left = steps.at(-1)?.after;
  if (left === undefined || Buffer.compare(left, now) === 0) return [];
  const [before, after] = [linesOf(left), linesOf(now)];
  const starts = lineStarts(left);
  const found = new Map<HunkId, Correction>();
  const owners = spansNow(steps, left);
  for (const run of diffLines(before, after)) {
    const touched = { start: starts[run.start] ?? left.length, end: starts[run.end] ?? left.length };
    const hunk = [...owners].find(([, spans]) => spans.some((span) => overlap(span, touched)))?.[0];
    if (hunk === undefined) continue;
    const lines: HunkLine[] = [
      ...before.slice(run.start, run.end).map((text): HunkLine => ({ op: "remove", text })),
      ...after.slice(run.newStart, run.newEnd).map((text): HunkLine => ({ op: "add", text })),
    ];
    const known = found.get(hunk);
    found.set(hunk, { hunk, path, line: known?.line ?? run.newStart + 1, lines: [...(known?.lines ?? []), ...lines] });
  }
  return [...found.values()];
}

/** Lines put in between count as touching only when they stand strictly within. */
const overlap = (owned: Span, touched: Span): boolean =>
  touched.start === touched.end
    ? owned.start < touched.start && touched.start < owned.end
    : owned.start < touched.end && touched.start < owned.end;

function lineStarts(bytes: Uint8Array): number[] {
  const starts = [0];
  for (let at = bytes.indexOf(0x0a); at >= 0; at = bytes.indexOf(0x0a, at + 1)) starts.push(at + 1);
  return starts;
}
