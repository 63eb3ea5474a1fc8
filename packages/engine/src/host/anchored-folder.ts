/**
 * A folder that is held while something is written into it: whatever its path leads to later, names in it lead to this one. A link that
 * somebody puts in its place between the look at a path and the write is refused, and so the write cannot leave the workspace by it.
 */
import fs from "node:fs";
import path from "node:path";
import { type Result, fail, succeed } from "@twolane/protocol";
import { errorCode, systemFailure } from "./errors.ts";

export interface AnchoredFolder {
  /** A path to the name in this folder; only until `close`. */
  path(name: string): string;
  close(): void;
}

/** Linux: to name a folder without reading it. */
const pathOnly = 0o10000000;

/** `folder`: a real path. PATH_OUTSIDE where a link stands in it now. */
export function anchorFolder(folder: string): Result<AnchoredFolder> {
  if (process.platform !== "linux") return watchedFolder(folder);
  let descriptor: number | undefined;
  try {
    descriptor = fs.openSync(folder, pathOnly | fs.constants.O_DIRECTORY | fs.constants.O_NOFOLLOW);
    const held = `/proc/self/fd/${descriptor}`;
    if (fs.readlinkSync(held) === folder) return succeed(heldFolder(descriptor, held));
    fs.closeSync(descriptor);
    return becameLink(folder);
  } catch (error) {
    if (descriptor !== undefined) fs.closeSync(descriptor);
    const code = errorCode(error);
    if (code === "ELOOP" || code === "ENOTDIR") return becameLink(folder);
    // It is open and cannot be named: without /proc a look at the path is what there is. One that was gone for a moment is not looked for.
    if (code === "ENOENT" && descriptor !== undefined) return watchedFolder(folder);
    return systemFailure(error, path.basename(folder), "write");
  }
}

function heldFolder(descriptor: number, held: string): AnchoredFolder {
  let isOpen = true;
  return {
    path: (name) => `${held}/${name}`,
    close() {
      if (isOpen) fs.closeSync(descriptor);
      isOpen = false;
    },
  };
}

/** What remains here: the moment between this look and the write. */
function watchedFolder(folder: string): Result<AnchoredFolder> {
  try {
    if (fs.realpathSync.native(folder) !== folder) return becameLink(folder);
    return succeed({ path: (name) => path.join(folder, name), close: () => {} });
  } catch (error) {
    return systemFailure(error, path.basename(folder), "write");
  }
}

const becameLink = (folder: string): Result<never> =>
  fail("PATH_OUTSIDE", `${path.basename(folder)} leads somewhere else since it was looked at.`);
