/** The parts of a repository as places on disk: where its own files lie, and which of them decide what git starts. */
import fs from "node:fs";
import path from "node:path";
import { realPlace } from "./private-places.ts";

export interface GitPlaces {
  /** Folders that a git command writes: of a worktree its own and the common one. */
  readonly folders: readonly string[];
  /** What names programs that git would start later; whether it is there or not. */
  readonly deciding: readonly string[];
}

/** `mark`: absolute path of a `.git`, a folder or the file that leads to one. */
export function gitPlaces(mark: string): GitPlaces {
  const own = fs.lstatSync(mark, { throwIfNoEntry: false })?.isFile() ? leadsTo(mark, /^gitdir: (.*)$/m) : realPlace(mark);
  const common = own.flatMap((folder) => leadsTo(path.join(folder, "commondir"), /^(.*)$/m));
  const folders = [...new Set([...own, ...common])];
  const deciding = folders.flatMap((folder) => ["hooks", "config", "config.worktree"].map((name) => path.join(folder, name)));
  return { folders, deciding };
}

function leadsTo(file: string, form: RegExp): readonly string[] {
  try {
    const [, place = ""] = form.exec(fs.readFileSync(file, "utf8")) ?? [];
    return place === "" ? [] : realPlace(path.resolve(path.dirname(file), place));
  } catch {
    return [];
  }
}

/** A link, which a command could put another one in the place of: nothing can be mounted over it. */
export function isLink(place: string): boolean {
  return fs.lstatSync(place, { throwIfNoEntry: false })?.isSymbolicLink() ?? false;
}
