/**
 * Whose lines are where in one file, followed through what hunks and people did to it, with the same comparison of lines that a merge
 * uses. Knows nothing of what may be committed. Pure.
 */
import type { HunkId } from "@twolane/protocol";
import { type DiffRun, diffLines } from "../std/line-diff.ts";

export interface OwnedLines {
  readonly bytes: Uint8Array;
  /** As byte strings, with their endings. */
  readonly lines: readonly string[];
  /** Who brought each line; nobody of ours where it is undefined. */
  readonly owners: readonly (HunkId | undefined)[];
}

export interface OwnedRun extends DiffRun {
  /** Who brought the old lines; of lines put in, who brought what stands on both sides. */
  readonly owners: ReadonlySet<HunkId>;
}

export function nobodysLines(bytes: Uint8Array): OwnedLines {
  const lines = linesOf(bytes);
  return { bytes, lines, owners: lines.map(() => undefined) };
}

/** What makes `after` of the file. */
export function ownedRuns({ lines, owners }: OwnedLines, after: readonly string[]): readonly OwnedRun[] {
  return diffLines(lines, after).map((run) => {
    const within = run.start === run.end && owners[run.start - 1] === owners[run.start] ? [owners[run.start]] : [];
    const found = [...owners.slice(run.start, run.end), ...within].filter((owner) => owner !== undefined);
    return { ...run, owners: new Set(found) };
  });
}

/** The file as it became, where `ownerOf` says who brought the new lines of a run. */
export function becoming(file: OwnedLines, after: Uint8Array, ownerOf: (run: OwnedRun) => HunkId | undefined): OwnedLines {
  const lines = linesOf(after);
  const owners: (HunkId | undefined)[] = [];
  let done = 0;
  for (const run of ownedRuns(file, lines)) {
    const owner = ownerOf(run);
    owners.push(...file.owners.slice(done, run.start), ...lines.slice(run.newStart, run.newEnd).map(() => owner));
    done = run.end;
  }
  owners.push(...file.owners.slice(done));
  return { bytes: after, lines, owners };
}

/** Who brought lines that have bytes within `start..end`. */
export function ownersWithin({ lines, owners }: OwnedLines, [start, end]: readonly [number, number]): ReadonlySet<HunkId> {
  const found = new Set<HunkId>();
  let at = 0;
  for (const [index, line] of lines.entries()) {
    const owner = owners[index];
    if (owner !== undefined && at < end && start < at + line.length) found.add(owner);
    at += line.length;
  }
  return found;
}

export function linesOf(bytes: Uint8Array): readonly string[] {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("latin1");
  return text.match(/[^\n]*\n|[^\n]+$/g) ?? [];
}
