/**
 * Takes a hunk that has its place and is not written yet out of the files again, and with it what stands on it: hunks whose matched lines
 * it made, or whose file. All others go on as if it had never been. No IO.
 */
import type { HunkId } from "@twolane/protocol";
import { sameBytes } from "../../std/bytes.ts";
import { type FileText, fileText, lineAt } from "../placing/file-text.ts";
import { lineChanges } from "../placing/line-changes.ts";
import type { Admitted } from "./landing-admit.ts";
import type { HunkJob } from "./landing-outcomes.ts";
import { type LandingFile, type PendingHunk, matchedIn, mergeOne, putText } from "./landing-files.ts";

/** A hunk that has its place and waits to be written. */
export interface Waiting {
  readonly job: HunkJob;
  readonly admitted: Extract<Admitted, { state: "pending" }>;
}

interface TakenOut {
  readonly rest: Waiting[];
  /** The hunk itself and what stood on it. */
  readonly taken: readonly Waiting[];
}

export function takeOut(waiting: readonly Waiting[], files: readonly LandingFile[], hunk: HunkId): TakenOut {
  // What concerns two files cannot be moved in one of them alone.
  const lone = new Set(waiting.filter(({ admitted }) => admitted.files.length > 1).map(({ job }) => job.hunk));
  const isLone = (other: HunkId): boolean => lone.has(other);
  const gone = new Set([hunk]);
  for (;;) {
    const lost = files.flatMap((file) => without(file, gone, isLone).lost);
    if (lost.length === 0) break;
    for (const other of lost) gone.add(other);
  }
  const lines = new Map<HunkId, number>();
  for (const file of files) {
    if (!file.pending.some((pending) => gone.has(pending.hunk))) continue;
    const { kept, content } = without(file, gone, isLone);
    for (const { hunk: id, before, changes } of kept)
      if (before && changes[0]) lines.set(id, lineAt(before, changes[0].start) + 1);
    file.pending = kept;
    if (content === undefined) delete file.like;
    putText(file, content);
  }
  const rest = waiting.filter(({ job }) => !gone.has(job.hunk));
  return {
    rest: rest.map((item) => atLine(item, lines.get(item.job.hunk))),
    taken: waiting.filter(({ job }) => gone.has(job.hunk)),
  };
}

/** It begins in another line where one before it has gone. */
function atLine({ job, admitted }: Waiting, line: number | undefined): Waiting {
  const { hunk } = admitted;
  return { job, admitted: line === undefined || hunk.line === 0 ? admitted : { ...admitted, hunk: { ...hunk, line } } };
}

interface Rest {
  readonly kept: PendingHunk[];
  readonly lost: readonly HunkId[];
  readonly content: FileText | undefined;
}

function without(file: LandingFile, gone: ReadonlySet<HunkId>, isLone: (hunk: HunkId) => boolean): Rest {
  const kept: PendingHunk[] = [];
  const lost: HunkId[] = [];
  let content = file.pending[0]?.before;
  let isSame = true;
  for (const pending of file.pending) {
    const isGone = gone.has(pending.hunk);
    isSame &&= !isGone;
    if (isGone) continue;
    const next = isSame ? pending : isLone(pending.hunk) ? undefined : putOn(pending, content, file.target.relative);
    if (next === undefined) lost.push(pending.hunk);
    else {
      kept.push(next);
      content = next.after;
    }
  }
  return { kept, lost, content };
}

/** The same hunk on another content; undefined where it cannot be there. */
function putOn(pending: PendingHunk, content: FileText | undefined, path: string): PendingHunk | undefined {
  const bytes = content?.bytes ?? nothing;
  const merged = mergeOne(pending, content?.bytes, path);
  const matched = matchedIn(pending, bytes);
  if ("state" in merged || !sawTheSame(pending, bytes, matched)) return undefined;
  return {
    ...{ hunk: pending.hunk, turn: pending.turn, before: content },
    after: merged.bytes && fileText(merged.bytes),
    changes: lineChanges(bytes, merged.bytes ?? nothing),
    ...(matched && { matched }),
  };
}

const nothing = new Uint8Array();

function sawTheSame({ before, matched }: PendingHunk, bytes: Uint8Array, now: PendingHunk["matched"]): boolean {
  if (!matched || !now) return true;
  return sameBytes((before?.bytes ?? nothing).subarray(...matched), bytes.subarray(...now));
}
