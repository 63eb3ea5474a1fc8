/**
 * What a command had changed when the process that watched it was killed: taken into that session's journal, so that it can be undone. What
 * somebody changed since counts with it; nothing tells them apart.
 */
import path from "node:path";
import type { TurnId } from "@twolane/protocol";
import { adopt } from "../edits/adopt/adopt.ts";
import { ReviewGround } from "../edits/review/ground.ts";
import { diskFiles } from "../host/disk.ts";
import { FolderIndex } from "../host/folder-index.ts";
import { takeLock } from "../host/lock-file.ts";
import { systemProcesses } from "../host/process.ts";
import { Snapshot } from "../host/snapshot.ts";
import { readTextNow, removeFiles } from "../host/user-files.ts";
import { readJournal, reopenJournal } from "../journal/journal.ts";
import { type SessionFolder, commandMark } from "../journal/state-folder.ts";
import { sortDifferences } from "./found-changes.ts";
import type { Place } from "./place.ts";

interface Pending {
  readonly turn: TurnId;
  readonly unreadable: readonly string[];
  readonly folders: readonly string[];
  readonly beyond: readonly string[];
  readonly seen: number;
}

/** Gives how many hunks were found. */
export async function recoverMarked(
  place: Pick<Place, "workspace" | "state">,
  marked: readonly SessionFolder[],
): Promise<number> {
  let found = 0;
  for (const session of marked) {
    const mark = commandMark(session.path);
    const pending = readPending(mark);
    if (pending === undefined) continue;
    found += await recoverOne(place, session, pending);
    removeFiles(mark, `${mark}.stamp`);
  }
  return found;
}

async function recoverOne(
  { workspace, state }: Pick<Place, "workspace" | "state">,
  session: SessionFolder,
  pending: Pending,
): Promise<number> {
  const parsed = readJournal(session);
  const opened = await reopenJournal(session, { parsed, onTrouble: () => {} });
  if (!opened.ok) return 0;
  const journal = opened.value;
  try {
    const { root } = workspace;
    // Where the sandbox had only a place to stand.
    for (const name of [".git", ".twolane"]) if (!pending.folders.includes(name)) diskFiles.removeFolder(path.join(root, name));
    const unreadable = new Set(pending.unreadable);
    const snapshot = new Snapshot({
      root,
      folder: path.join(state.path, "snapshots"),
      owner: session.id,
      processes: systemProcesses,
    });
    const after = await new FolderIndex({ root, wanted: () => false }).look();
    const differences = await snapshot.differences({ skips: (name) => unreadable.has(name), beyond: pending.beyond });
    if (!differences.ok) return 0;
    const view = { folders: new Map(pending.folders.map((folder) => [folder, 0])) };
    const { files } = await sortDifferences({ root, snapshot, found: differences.value, view, after });
    const ground = new ReviewGround(journal);
    let names = Math.max(0, ...namedHunks(parsed.lines));
    const adopted = await adopt(
      { root, journal, files: diskFiles, lock: () => takeLock(state.lockPath), ground: () => ground.now() },
      { found: files, turn: pending.turn, seen: pending.seen, nextHunk: () => `h${++names}` },
    );
    snapshot.leave();
    return adopted.ok ? adopted.value.hunks.length : 0;
  } finally {
    await journal.close();
  }
}

function namedHunks(lines: readonly unknown[]): readonly number[] {
  return [...JSON.stringify(lines).matchAll(/"h(\d+)"/g)].map(([, number]) => Number(number));
}

/** Our own file; one that cannot be read counts for nothing. */
function readPending(mark: string): Pending | undefined {
  const text = readTextNow(mark);
  if (text === undefined) return undefined;
  try {
    const value: unknown = JSON.parse(text);
    return isPending(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function isPending(value: unknown): value is Pending {
  if (typeof value !== "object" || value === null) return false;
  const fields = new Map<string, unknown>(Object.entries(value));
  const lists = ["unreadable", "folders", "beyond"].map((name) => fields.get(name));
  return typeof fields.get("turn") === "string" && typeof fields.get("seen") === "number" && lists.every(Array.isArray);
}
