/**
 * Making folders with what is missing above them. Level by level, because Node's own recursive mkdir never ends below `/proc`
 * and takes a read-only disk for a missing folder.
 */
import fs from "node:fs";
import path from "node:path";
import { errorCode } from "./errors.ts";

/** The folders on the way to this one that do not exist, outermost first. */
export function missingFolders(folder: string): readonly string[] {
  const missing: string[] = [];
  for (let at = folder; !fs.existsSync(at) && at !== path.dirname(at); at = path.dirname(at)) missing.unshift(at);
  return missing;
}

/** False where somebody else has made it meanwhile. Throws system errors. */
export function makeFolder(folder: string, mode?: number): boolean {
  try {
    fs.mkdirSync(folder, mode);
    return true;
  } catch (error) {
    if (errorCode(error) === "EEXIST" && fs.statSync(folder).isDirectory()) return false;
    throw error;
  }
}

/** A folder that only its user may read. Throws system errors. */
export function makePrivateFolder(folder: string): void {
  for (const each of missingFolders(folder)) makeFolder(each, 0o700);
  if (!fs.statSync(folder).isDirectory()) throw Object.assign(new Error("not a folder"), { code: "ENOTDIR" });
}
