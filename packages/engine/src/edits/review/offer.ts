/**
 * Takes what a job made of its copy into the session's journal, as hunks that wait for a yes each. Changes no file and tells nobody: whose
 * they are and when they are told is decided by whoever calls.
 */
import { type Hunk, type HunkId, type HunkLine, type JobId, type HunkOperation, type Result, succeed } from "@twolane/protocol";
import type { BlobBatch } from "../../journal/blob-store.ts";
import type { Journal } from "../../journal/journal.ts";
import type { OfferedRecord } from "../../journal/records.ts";
import { grouped, isReadable, lineAt } from "../adopt/split.ts";
import type { ByteChange } from "../edits.ts";
import { wholeChange } from "../landing/landing-files.ts";
import { lineChanges } from "../placing/line-changes.ts";
import { changedLines } from "./hunk-lines.ts";

export interface OfferedContent {
  readonly bytes: Uint8Array;
  /** Permission bits. */
  readonly mode: number;
}

/** One file, as the job found it and as it left it; undefined: none. */
export interface OfferedChange {
  /** Real path relative to the workspace. */
  readonly path: string;
  readonly before: OfferedContent | undefined;
  readonly after: OfferedContent | undefined;
}

export interface OfferDeps {
  readonly journal: Journal;
  readonly lock: () => Promise<() => void>;
}

export interface OfferWish {
  readonly job: JobId;
  readonly changes: readonly OfferedChange[];
  readonly nextHunk: () => HunkId;
}

/** Its turn is not begun yet. */
export interface OfferedHunk {
  readonly hunk: Omit<Hunk, "turn">;
  readonly lines: readonly HunkLine[];
}

/** One sync for all. */
export async function offer({ journal, lock }: OfferDeps, wish: OfferWish): Promise<Result<readonly OfferedHunk[]>> {
  const files = wish.changes.map((change) => {
    const parts = partsOf(change).map((part) => ({ ...part, hunk: wish.nextHunk() }));
    return { change, parts };
  });
  const release = await lock();
  try {
    const kept = await journal.commit((blobs) => files.map((file) => recordOf(wish.job, file, blobs)));
    if (!kept.ok) return kept;
  } finally {
    release();
  }
  return succeed(files.flatMap((file) => hunksOf(wish.job, file)));
}

interface Part {
  readonly operation: HunkOperation;
  readonly whole: boolean;
  readonly changes: readonly ByteChange[];
}

interface NamedFile {
  readonly change: OfferedChange;
  readonly parts: readonly (Part & { readonly hunk: HunkId })[];
}

const nothing = new Uint8Array();

function partsOf({ before, after }: Omit<OfferedChange, "path">): readonly Part[] {
  const operation = before === undefined ? "create" : after === undefined ? "delete" : "update";
  const [old, fresh] = [before?.bytes ?? nothing, after?.bytes ?? nothing];
  if (operation !== "update" || !isReadable(old) || !isReadable(fresh))
    return [{ operation, whole: true, changes: [wholeChange(old, fresh)] }];
  return grouped(old, lineChanges(old, fresh)).map((changes) => ({ operation, whole: false, changes }));
}

/** Hunks that it would be. */
export const countOffered = (change: Omit<OfferedChange, "path">): number => partsOf(change).length;

function recordOf(job: JobId, { change: { path, before, after }, parts }: NamedFile, blobs: BlobBatch): OfferedRecord {
  const blob = before && blobs.add(before.bytes);
  const [from] = blob ?? [0];
  return {
    ...{ type: "change.offered", job, path },
    ...(before && blob && { base: { blob, mode: before.mode } }),
    ...(after && { mode: after.mode }),
    hunks: parts.map(({ hunk, whole, changes }) => ({
      hunk,
      ...(whole && { whole }),
      // What goes is in the base, which is stored once.
      changes: changes.map(({ start, end, bytes }) => ({
        ...{ start, end, removed: [from + start, end - start] as const },
        inserted: blobs.add(bytes),
      })),
    })),
  };
}

function hunksOf(job: JobId, { change: { path, before, after }, parts }: NamedFile): readonly OfferedHunk[] {
  const old = before?.bytes ?? nothing;
  const isText = isReadable(old) && isReadable(after?.bytes ?? nothing);
  return parts.map(({ hunk: id, operation, changes }) => {
    const lines = isText ? changedLines(old, changes) : [];
    const count = (wanted: HunkLine["op"]): number => lines.filter(({ op }) => op === wanted).length;
    const line = operation === "update" ? lineAt(old, changes[0]?.start ?? 0) : 0;
    return { hunk: { id, operation, path, line, linesRemoved: count("remove"), linesAdded: count("add"), job }, lines };
  });
}
