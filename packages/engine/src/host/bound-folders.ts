/**
 * Ignored folders that a build needs and that nobody wants to copy, such as `node_modules`: found in the work tree, and laid out in its private
 * copy as a view. The view leads to the user's folder entry by entry, so that programs outside of the sandbox find what is there; in the sandbox
 * the folder itself is mounted over it, read-only. A link that leads within the tree leads within the copy.
 */
import fs from "node:fs";
import path from "node:path";
import { readable } from "../std/text.ts";
import type { Git } from "./git.ts";

/** What stands for itself, wherever it lies in the tree. */
export const boundByDefault: readonly string[] = ["node_modules", ".venv", "venv", "vendor/bundle", ".tox"];

/** Each is a mount of its own. */
const mostBound = 200;

export interface BoundWish {
  /** Real path of the work tree. */
  readonly source: string;
  /** Absent: no repository says what is ignored. */
  readonly git: Git | undefined;
  /** `name` or `path/name`, anywhere in the tree. */
  readonly names: readonly string[];
}

/** Those that are there and ignored, relative to the work tree. */
export async function findBound({ source, git, names }: BoundWish): Promise<readonly string[]> {
  if (names.length === 0) return [];
  const listed = await git?.ask({ args: ["ls-files", "-z", "-o", "-i", "--exclude-standard", "--directory"] });
  const ignored =
    listed === undefined
      ? fs.readdirSync(source, { withFileTypes: true }).flatMap((entry) => (entry.isDirectory() ? [entry.name] : []))
      : listed.ok && listed.value.status === 0
        ? listed.value.stdout
            .split("\0")
            .filter((name) => name !== "")
            .map((name) => readable(name).replace(/\/$/, ""))
        : [];
  const isWanted = (folder: string): boolean => names.some((name) => folder === name || folder.endsWith(`/${name}`));
  const found = new Set<string>();
  for (const folder of ignored) {
    // `vendor/` is ignored and `vendor/bundle` is wanted, or the thing itself is.
    for (const candidate of [folder, ...names.flatMap((name) => inside(folder, name))])
      if (isWanted(candidate)) found.add(candidate);
  }
  return [...found]
    .filter((name) => isFolder(path.join(source, name)))
    .toSorted()
    .slice(0, mostBound);
}

function inside(folder: string, name: string): readonly string[] {
  const [first = "", ...rest] = name.split("/");
  return rest.length > 0 && path.posix.basename(folder) === first ? [`${folder}/${rest.join("/")}`] : [];
}

export interface LayWish {
  readonly source: string;
  readonly folder: string;
  /** File with the copy's own rules of what is ignored. */
  readonly exclude: string;
}

/** Those of which there is a view now: a place that the tree itself holds is left alone. Throws system errors. */
export function laySeen(names: readonly string[], { source, folder, exclude }: LayWish): readonly string[] {
  const laid = names.filter((name) => {
    const place = path.join(folder, name);
    if (fs.lstatSync(place, { throwIfNoEntry: false }) !== undefined) return false;
    fs.mkdirSync(place, { recursive: true });
    layEntries(path.join(source, name), place);
    return true;
  });
  if (laid.length > 0) fs.appendFileSync(exclude, laid.map((name) => `/${escaped(name)}/\n`).join(""));
  return laid;
}

function layEntries(from: string, to: string): void {
  for (const entry of fs.readdirSync(from, { withFileTypes: true })) {
    const [source, place] = [path.join(from, entry.name), path.join(to, entry.name)];
    const link = entry.isSymbolicLink() ? fs.readlinkSync(source) : undefined;
    if (link !== undefined && !path.isAbsolute(link)) fs.symlinkSync(link, place);
    // A scope of packages, or where commands are: what is in it may lead to packages of the tree itself.
    else if (entry.isDirectory() && (entry.name.startsWith("@") || entry.name === ".bin" || entry.name === "bin")) {
      fs.mkdirSync(place);
      layEntries(source, place);
    } else fs.symlinkSync(source, place);
  }
}

const isFolder = (place: string): boolean => fs.statSync(place, { throwIfNoEntry: false })?.isDirectory() ?? false;
const escaped = (name: string): string => name.replace(/[\\*?[\]#! ]/g, "\\$&");
