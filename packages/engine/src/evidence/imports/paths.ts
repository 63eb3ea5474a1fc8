/** The paths of a project for those who look for what a name means: is there such a file, and which begin with these words. */
import path from "node:path";

export class PathSet {
  /** Each once, in order. */
  readonly all: readonly string[];
  private readonly places: ReadonlyMap<string, number>;
  private shortened: ReadonlySet<string> | undefined;
  private above: ReadonlySet<string> | undefined;

  constructor(paths: Iterable<string>) {
    this.all = [...new Set(paths)].sort();
    this.places = new Map(this.all.map((file, at) => [file, at]));
  }

  has(file: string): boolean {
    return this.places.has(file);
  }

  /** Where it stands in the order; undefined: it is not among them. */
  placeOf(file: string): number | undefined {
    return this.places.get(file);
  }

  /** Whether there is a file of that path with any ending behind it: asked before each ending is tried. */
  hasStem(stem: string): boolean {
    this.shortened ??= stemsOf(this.all);
    return this.shortened.has(stem);
  }

  /** Whether there is a file somewhere below. */
  hasFolder(folder: string): boolean {
    this.above ??= foldersOf(this.all);
    return this.above.has(folder);
  }

  /** Files whose path begins so, in order, the first `limit` of them. */
  beginning(prefix: string, limit = Number.POSITIVE_INFINITY): readonly string[] {
    let [from, to] = [0, this.all.length];
    while (from < to) {
      const middle = (from + to) >> 1;
      if ((this.all[middle] ?? "") < prefix) from = middle + 1;
      else to = middle;
    }
    const found: string[] = [];
    for (let file = this.all[from]; file?.startsWith(prefix) === true && found.length < limit; file = this.all[++from])
      found.push(file);
    return found;
  }
}

/** `a/b.d.ts` has `a/b` and `a/b.d`. */
function stemsOf(files: readonly string[]): ReadonlySet<string> {
  const stems = new Set<string>();
  for (const file of files) {
    const name = file.lastIndexOf("/") + 1;
    for (let dot = file.indexOf(".", name + 1); dot >= 0; dot = file.indexOf(".", dot + 1)) stems.add(file.slice(0, dot));
  }
  return stems;
}

function foldersOf(files: readonly string[]): ReadonlySet<string> {
  const folders = new Set<string>();
  for (const file of files) {
    for (const folder of upwards(folderOf(file))) {
      if (folders.has(folder)) break;
      folders.add(folder);
    }
  }
  return folders;
}

// Nothing in it has to be worked out but the dots at its beginning.
const plain = /^(?:\.\/|(?:\.\.\/)*)([^./][^/]*(?:\/[^./][^/]*)*)$/;

/** As `path.posix.join`, with nothing for the folder itself; undefined where it leads out of the workspace. */
export function joined(folder: string, name: string): string | undefined {
  const rest = plain.exec(name)?.[1];
  if (rest !== undefined) {
    let at = folder;
    for (let from = 0; name.startsWith("../", from); from += 3) {
      if (at === "") return undefined;
      at = folderOf(at);
    }
    return at === "" ? rest : `${at}/${rest}`;
  }
  const all = path.posix.join(folder, name).replace(/\/$/, "");
  if (all === "." || all === "") return "";
  return all === ".." || all.startsWith("../") || all.startsWith("/") ? undefined : all;
}

export function folderOf(file: string): string {
  const end = file.lastIndexOf("/");
  return end < 0 ? "" : file.slice(0, end);
}

export const nameOf = (file: string): string => file.slice(file.lastIndexOf("/") + 1);

/** The folder and those above it, the nearest first; the workspace itself is the empty one. */
export function* upwards(folder: string): Generator<string> {
  for (let at = folder; ; at = folderOf(at)) {
    yield at;
    if (at === "") return;
  }
}

export const within = (folder: string, file: string): boolean => folder === "" || file.startsWith(`${folder}/`);
