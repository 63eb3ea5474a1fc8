/**
 * Folders in the system's place for temporary files that go with the process that made them, however it ends. What `kill -9` has left is
 * taken away by the next one that is made.
 */
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { isRunning, processIdentity } from "./process.ts";

export interface TemporaryFolder {
  /** Real path. */
  readonly path: string;
  /** Takes it off the disk. Never fails; may be called again. */
  remove(): void;
}

const prefix = "twolane-demo-";
const open = new Set<string>();

export function makeTemporaryFolder(): TemporaryFolder {
  const parent = fs.realpathSync.native(os.tmpdir());
  removeLeft(parent);
  if (open.size === 0) process.once("exit", removeOpen);
  // The name says whose it is from its first moment on.
  const owner = processIdentity(process.pid) ?? `${process.pid}`;
  const folder = fs.mkdtempSync(path.join(parent, `${prefix}${owner}-`));
  open.add(folder);
  return {
    path: folder,
    remove() {
      if (!open.delete(folder)) return;
      removeFolder(folder);
      if (open.size === 0) process.off("exit", removeOpen);
    },
  };
}

function removeOpen(): void {
  for (const folder of open) removeFolder(folder);
}

/** Folders of processes that are no more. Somebody else's cannot be removed, and stay. */
function removeLeft(parent: string): void {
  for (const name of fs.readdirSync(parent)) {
    const [, owner] = /^twolane-demo-([\d@]+)-\w+$/.exec(name) ?? [];
    if (owner !== undefined && !isRunning(owner)) removeFolder(path.join(parent, name));
  }
}

/** What cannot be removed now is in the system's folder for such things. */
function removeFolder(folder: string): void {
  try {
    fs.rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
  } catch {
    // Somebody holds a file open.
  }
}
