/** What differs from a snapshot, as files for the review; and what of it the review cannot hold. */
import path from "node:path";
import type { FoundFile } from "../edits/adopt/adopt.ts";
import { entryAt, joined } from "../host/entries.ts";
import type { FolderView } from "../host/folder-index.ts";
import { type Difference, type Snapshot, keptFileBytes } from "../host/snapshot.ts";

/** Files of one command that become hunks; of more only the number is told. */
const filesLimit = 1000;
/** Contents that are asked for at once. */
const contentsAtOnce = 50;

export interface FoundDifferences {
  readonly root: string;
  readonly snapshot: Snapshot;
  readonly found: readonly Difference[];
  /** The folders before and behind it. */
  readonly view: Pick<FolderView, "folders">;
  readonly after: Pick<FolderView, "folders">;
}

export interface SortedDifferences {
  readonly files: readonly FoundFile[];
  /** Said, and not in the review. */
  readonly outside: readonly string[];
}

export async function sortDifferences({ root, snapshot, found, view, after }: FoundDifferences): Promise<SortedDifferences> {
  const outside: string[] = [];
  const usable: Difference[] = [];
  for (const one of found) {
    const why = obstacle(one, joined(root, one.path));
    if (why === undefined) usable.push(one);
    else outside.push(`${one.path}: ${why}`);
  }
  if (usable.length > filesLimit) outside.push(`${usable.length - filesLimit} more files`);
  const files: FoundFile[] = [];
  const chosen = usable.slice(0, filesLimit);
  for (let at = 0; at < chosen.length; at += contentsAtOnce) {
    const some = chosen.slice(at, at + contentsAtOnce);
    const contents = await snapshot.contents(some.flatMap(({ before }) => before?.object ?? []));
    for (const { path: file, before } of some) {
      const bytes = before && contents.get(before.object);
      const madeFolders = parents(file).filter((folder) => !view.folders.has(folder) && after.folders.has(folder));
      if (before && bytes === undefined) outside.push(`${file}: its content before is not known`);
      else files.push({ path: file, before: before && bytes && { bytes, mode: before.mode }, madeFolders });
    }
  }
  return { files, outside };
}

function obstacle({ before, unkept }: Difference, place: string): string | undefined {
  const now = entryAt(place);
  if (unkept !== undefined) return unkept;
  if (before?.kind === "link" || now?.kind === "link") return "a link";
  if (now?.kind === "other") return "no plain file";
  return now?.kind === "file" && now.size > keptFileBytes ? "too large" : undefined;
}

/** Outermost first. */
function parents(file: string): readonly string[] {
  const names = file.split("/").slice(0, -1);
  return names.map((_, at) => names.slice(0, at + 1).join("/"));
}

/** Where a session says that a command runs which may change something. */
export const pendingMark = (sessionPath: string): string => path.join(sessionPath, "command");
