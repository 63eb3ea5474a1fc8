/**
 * Sees which hunks somebody has taken off the disk from outside, and writes it down, so that undo, review and commit know of it now and
 * after a resume. Looks into files that differ from what the session left; changes none.
 */
import path from "node:path";
import type { HunkId } from "@twolane/protocol";
import type { Journal } from "../../journal/journal.ts";
import type { PreparedRecord, WithdrawalNote } from "../../journal/records.ts";
import type { FileSnapshot, Files } from "../../host/files.ts";
import { shortId } from "../../std/ids.ts";
import { readSettled } from "../landing/landing-absorb.ts";
import { isUnderWay } from "./corrections.ts";
import type { Ground } from "./ground.ts";
import { moveTo } from "./session-ledger.ts";

export interface LetGoDeps {
  readonly root: string;
  readonly files: Files;
  readonly journal: Journal;
  readonly lock: () => Promise<() => void>;
  readonly ground: () => Promise<Ground>;
}

/** Those files (real paths) of all or some that hold hunks of the session and are not as it left them, or lack a record of what left. */
export async function changedOutside(deps: LetGoDeps, among?: readonly string[]): Promise<readonly string[]> {
  const before = await deps.ground();
  const seen = before.records.length;
  const known = [...(among ?? before.ledger.paths)].filter((file) => before.ledger.file(file).steps.length > 0);
  const disk = await Promise.all(known.map((file) => deps.files.read(absoluteOf(deps, file))));
  // Records come before the disk: asked again, they know of every write of ours that was read.
  const { records, ledger } = await deps.ground();
  const changed = known.filter((file, at) => {
    const read = disk[at];
    const hash = read?.ok === true ? read.value.hash : "";
    const isReadable = read?.ok === true || read?.failure.code === "FILE_MISSING";
    return isReadable && hash !== ledger.file(file).hash && !isUnderWay({ records, seen }, file, hash);
  });
  const unsaid = [...(among ?? ledger.paths)].filter((file) => ledger.leftUnsaid(file).size > 0);
  return [...new Set([...changed, ...unsaid])];
}

/** Nothing of these is on disk any more. To be called while nothing of ours is being written. */
export async function letGo(deps: LetGoDeps, paths: readonly string[]): Promise<readonly HunkId[]> {
  const release = await deps.lock();
  try {
    const ground = await deps.ground();
    const found = await Promise.all(paths.map((file) => goneFrom(deps, ground, file)));
    const gone = found.filter(({ hunks }) => hunks.length > 0);
    if (gone.length === 0) return [];
    await deps.journal.commit((blobs) =>
      gone.flatMap((one) => {
        const isKnown = one.actual === undefined || deps.journal.knows(one.actual.hash);
        const record = { ...recordOf(one), ...(!isKnown && one.actual && { pre: blobs.add(one.actual.bytes) }) };
        return [record, { type: "write.done" as const, write: record.write }];
      }),
    );
    const { ledger } = await deps.ground();
    return [...new Set(gone.flatMap(({ hunks }) => hunks))].filter((hunk) => !ledger.stands(hunk));
  } finally {
    release();
  }
}

const absoluteOf = ({ root }: LetGoDeps, file: string): string => path.join(root, ...file.split("/"));

interface Gone {
  readonly path: string;
  readonly actual: FileSnapshot | undefined;
  readonly hunks: readonly HunkId[];
}

async function goneFrom(deps: LetGoDeps, { records, ledger, images }: Ground, file: string): Promise<Gone> {
  const actual = await readSettled(deps.files, absoluteOf(deps, file));
  if (isUnderWay({ records, seen: records.length }, file, actual?.hash ?? "")) return { path: file, actual, hunks: [] };
  const known = ledger.file(file);
  const content = (hash: string): Uint8Array | undefined => (hash === actual?.hash ? actual.bytes : images.content(hash));
  const now = moveTo(known, actual?.hash ?? "", { content, readBlob: deps.journal.readBlob });
  const there = new Set(now.steps.map(({ hunk }) => hunk));
  const left = [...ledger.leftUnsaid(file), ...known.steps.map(({ hunk }) => hunk)].filter((hunk) => !there.has(hunk));
  return { path: file, actual, hunks: [...new Set(left)] };
}

/** As an undo that had nothing left to do. */
function recordOf({ path: file, actual, hunks }: Gone): PreparedRecord {
  const hash = actual?.hash ?? "";
  const withdraws = hunks.map((hunk): WithdrawalNote => ({ hunk, state: "undone" }));
  const unchanged = { write: shortId(), path: file, preHash: hash, postHash: hash, mode: actual?.mode ?? 0, steps: [] };
  return { type: "undo.prepared", ...unchanged, undoes: hunks, withdraws };
}
