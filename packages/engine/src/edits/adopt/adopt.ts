/**
 * Takes what is on disk already into the session's journal as hunks, as if they had landed: so that review, undo and commit know them like
 * any other. Changes no file. Whose the changes are, and whether they may stay, is decided by whoever calls.
 */
import path from "node:path";
import { type Hunk, type HunkId, type HunkLine, type Result, type TurnId, fail, succeed } from "@twolane/protocol";
import type { FileSnapshot, Files } from "../../host/files.ts";
import type { Journal } from "../../journal/journal.ts";
import { type LandingRecord, isPrepared } from "../../journal/records.ts";
import type { BlobBatch } from "../../journal/blob-store.ts";
import { sameBytes } from "../../std/bytes.ts";
import { sha256 } from "../../std/hash.ts";
import { shortId } from "../../std/ids.ts";
import { recordedSteps } from "../landing/landing-write.ts";
import type { Ground } from "../review/ground.ts";
import { type Part, partsOf } from "./split.ts";

export interface AdoptDeps {
  readonly root: string;
  readonly files: Files;
  readonly journal: Journal;
  readonly lock: () => Promise<() => void>;
  readonly ground: () => Promise<Ground>;
}

/** A file that may be another one now. */
export interface FoundFile {
  /** Real path relative to the workspace. */
  readonly path: string;
  /** Undefined: it was not there. */
  readonly before: { readonly bytes: Uint8Array; readonly mode: number } | undefined;
  /** Folders that were not there, outermost first. */
  readonly madeFolders: readonly string[];
}

export interface AdoptWish {
  readonly found: readonly FoundFile[];
  readonly turn: TurnId;
  readonly nextHunk: () => HunkId;
  /** How many records there were when it began: what landed since is ours. */
  readonly seen: number;
}

export interface AdoptedHunk {
  readonly hunk: Hunk;
  readonly lines: readonly HunkLine[];
  /** The file without and with it, and all that was found in it with it. */
  readonly before: Uint8Array | undefined;
  readonly after: Uint8Array | undefined;
}

export interface Adopted {
  readonly hunks: readonly AdoptedHunk[];
  /** Files whose permissions are not as they were, whatever became of their content. */
  readonly modes: readonly { readonly path: string; readonly before: number; readonly after: number }[];
}

interface Share {
  readonly path: string;
  readonly before: FoundFile["before"];
  readonly now: FileSnapshot | undefined;
  readonly madeFolders: readonly string[];
  readonly parts: readonly (Part & { readonly hunk: HunkId })[];
}

/** One sync for all. A file that cannot be read now is left out. */
export async function adopt(deps: AdoptDeps, wish: AdoptWish): Promise<Result<Adopted>> {
  const release = await deps.lock();
  try {
    const ground = await deps.ground();
    const ours = ground.records.slice(wish.seen).filter(isPrepared);
    const shares: Share[] = [];
    const modes: Adopted["modes"][number][] = [];
    for (const found of wish.found) {
      const read = await deps.files.read(path.join(deps.root, ...found.path.split("/")));
      if (!read.ok && read.failure.code !== "FILE_MISSING") continue;
      const now = read.ok ? read.value : undefined;
      // What landed while it ran is a hunk already: only what came on top of it is new.
      const last = ours.findLast(({ path: file }) => file === found.path);
      const before = last === undefined ? found.before : leftBy(last.postHash, { ground, mode: last.mode });
      if (before && now && before.mode !== now.mode && last === undefined)
        modes.push({ path: found.path, before: before.mode, after: now.mode });
      if (before && now && sameBytes(before.bytes, now.bytes)) continue;
      if (before === undefined && now === undefined) continue;
      const parts = partsOf({ before: before?.bytes, after: now?.bytes }).map((part) => ({ ...part, hunk: wish.nextHunk() }));
      shares.push({ path: found.path, before, now, madeFolders: found.madeFolders, parts });
    }
    if (shares.length > 0) {
      const kept = await deps.journal.commit((blobs) =>
        shares.flatMap((share) => recordsOf(deps, share, { blobs, turn: wish.turn })),
      );
      if (!kept.ok) return fail(kept.failure.code, kept.failure.message, kept.failure.cure);
    }
    return succeed({ hunks: shares.flatMap((share) => hunksOf(share, wish.turn)), modes });
  } finally {
    release();
  }
}

function leftBy(hash: string, { ground, mode }: { readonly ground: Ground; readonly mode: number }): FoundFile["before"] {
  const bytes = hash === "" ? undefined : ground.images.content(hash);
  return bytes && { bytes, mode };
}

interface RecordContext {
  readonly blobs: BlobBatch;
  readonly turn: TurnId;
}

function recordsOf(
  { journal }: AdoptDeps,
  { path: file, before, now, madeFolders, parts }: Share,
  { blobs, turn }: RecordContext,
): readonly LandingRecord[] {
  const write = shortId();
  const preHash = before ? sha256(before.bytes) : "";
  const steps = parts.map(({ hunk, step }) => ({ hunk, turn, ...step }));
  return [
    {
      ...{ type: "landing.prepared" as const, write, path: file, preHash, postHash: now?.hash ?? "" },
      mode: before?.mode ?? now?.mode ?? 0,
      ...(before && !journal.knows(preHash) && { pre: blobs.add(before.bytes) }),
      ...(madeFolders.length > 0 && { madeFolders }),
      steps: recordedSteps({ bytes: before?.bytes, steps }, blobs),
    },
    { type: "write.done", write },
  ];
}

function hunksOf({ path: file, before, now, parts }: Share, turn: TurnId): readonly AdoptedHunk[] {
  return parts.map(({ hunk: id, operation, line, lines }) => ({
    hunk: {
      ...{ id, turn, operation, path: file, line },
      linesRemoved: lines.filter(({ op }) => op === "remove").length,
      linesAdded: lines.filter(({ op }) => op === "add").length,
    },
    lines,
    before: before?.bytes,
    after: now?.bytes,
  }));
}
