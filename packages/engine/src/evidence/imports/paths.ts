/** The paths of a project for those who look for what a name means: is there such a file, and which begin with these words. */
import path from "node:path";

export class PathSet {
  readonly all: readonly string[];
  private readonly files: ReadonlySet<string>;
  private sorted: readonly string[] | undefined;

  constructor(paths: Iterable<string>) {
    this.files = new Set(paths);
    this.all = [...this.files];
  }

  has(file: string): boolean {
    return this.files.has(file);
  }

  /** Files whose path begins so, in order. */
  beginning(prefix: string): readonly string[] {
    this.sorted ??= this.all.toSorted();
    let [from, to] = [0, this.sorted.length];
    while (from < to) {
      const middle = (from + to) >> 1;
      if ((this.sorted[middle] ?? "") < prefix) from = middle + 1;
      else to = middle;
    }
    const found: string[] = [];
    for (let file = this.sorted[from]; file?.startsWith(prefix) === true; file = this.sorted[++from]) found.push(file);
    return found;
  }
}

/** As `path.posix.join`, with nothing for the folder itself; undefined where it leads out of the workspace. */
export function joined(folder: string, name: string): string | undefined {
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
