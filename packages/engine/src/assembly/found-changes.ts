/** What differs from a snapshot, as files for the review; and what of it the review cannot hold. */
import type { FoundFile } from "../edits/adopt/adopt.ts";
import { entryAt, joined, linkAt } from "../host/entries.ts";
import type { FolderView } from "../host/folder-index.ts";
import { type Difference, type Snapshot, keptFileBytes } from "../host/snapshot.ts";
import { textOf } from "../std/text.ts";

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
  const led = await snapshot.contents(found.flatMap(({ before }) => (before?.kind === "link" ? [before.object] : [])));
  for (const one of found) {
    const place = joined(root, one.path);
    const links = one.unkept === undefined ? linkChange(one, place, led) : undefined;
    const why = links === undefined ? obstacle(one, place) : links;
    if (why === undefined) usable.push(one);
    else if (why !== "") outside.push(`${one.path}: ${why}`);
  }
  outside.push(...emptyFolders({ found, view, after }));
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

function obstacle({ unkept }: Difference, place: string): string | undefined {
  const now = entryAt(place);
  if (unkept !== undefined) return `changed, and ${unkept}`;
  if (now?.kind === "other") return "no plain file";
  return now?.kind === "file" && now.size > keptFileBytes
    ? `${Math.round(now.size / 1024 / 1024)} MB, and more than 8 is not kept`
    : undefined;
}

/** With where it led, so that a person can put it back. Undefined: there is and was no link. Empty: the link is as it was. */
function linkChange({ before }: Difference, place: string, led: ReadonlyMap<string, Uint8Array>): string | undefined {
  const target = before?.kind === "link" ? led.get(before.object) : undefined;
  const was = before?.kind === "link" ? written(target && textOf(target)) : undefined;
  const there = entryAt(place);
  const now = there?.kind === "link" ? written(linkAt(place)) : undefined;
  if (was === undefined && now === undefined) return undefined;
  if (was === now) return "";
  if (was === undefined) return before === undefined ? `a new link to ${now}` : `a link to ${now} in the place of a file`;
  if (now !== undefined) return `a link that leads to ${now}, and led to ${was}`;
  return there === undefined ? `the link to ${was} is gone` : `a ${there.kind} in the place of a link to ${was}`;
}

const written = (target = "an unknown place"): string => target.replaceAll(/\p{Cc}/gu, "?");

/** Folders without files that came or went, the outermost of each; those with files come and go with them. */
function emptyFolders({ found, view, after }: Pick<FoundDifferences, "found" | "view" | "after">): readonly string[] {
  const withFiles = new Set(found.flatMap(({ path: file }) => parents(file)));
  const only = (some: FolderView["folders"], others: FolderView["folders"]): string[] => {
    const full = new Set([...some].flatMap(([name, files]) => (files > 0 ? [name, ...parents(name)] : [])));
    const isEmpty = (name: string): boolean => !withFiles.has(name) && !full.has(name);
    const names = [...some.keys()].filter((name) => !others.has(name) && isEmpty(name) && !ours.has(name));
    const all = new Set(names);
    return names.filter((name) => !parents(name).some((parent) => all.has(parent)));
  };
  const made = only(after.folders, view.folders).map((name) => `${name}/: a new folder without files`);
  return [...made, ...only(view.folders, after.folders).map((name) => `${name}/: a folder without files is gone`)];
}

/** They stand there while a command runs. */
const ours: ReadonlySet<string> = new Set([".git", ".twolane"]);

/** Outermost first. */
function parents(file: string): readonly string[] {
  const names = file.split("/").slice(0, -1);
  return names.map((_, at) => names.slice(0, at + 1).join("/"));
}
