/** What a project looks like, for a request that adds to it: its folders with some of their files, as few lines as say it. Paths only. */

export interface LayoutOptions {
  /** Lines at most. */
  readonly lines?: number;
  /** What is asked for: folders and files that it names come first and whole. */
  readonly about?: string;
}

const linesShown = 60;
const widthShown = 160;
const filesOfFolder = 6;

/** One line a folder, in the order of their paths; where all files fit, all of them. Empty where there is none. */
export function layoutLines(paths: readonly string[], { lines = linesShown, about = "" }: LayoutOptions = {}): readonly string[] {
  if (paths.length <= lines) return [...paths].toSorted();
  const folders = new Map<string, string[]>();
  for (const path of paths) {
    const end = path.lastIndexOf("/");
    const folder = path.slice(0, end + 1);
    const files = folders.get(folder) ?? [];
    files.push(path.slice(end + 1));
    folders.set(folder, files);
  }
  const words = wordsOf(about);
  const isNamed = (folder: string): boolean => folder.split("/").some((name) => words.has(name.toLowerCase()));
  // What is named first, then what is not deep, then what holds much.
  const ranked = [...folders.entries()].toSorted(
    ([one, ones], [other, others]) =>
      Number(isNamed(other)) - Number(isNamed(one)) || depth(one) - depth(other) || others.length - ones.length,
  );
  const kept = ranked.slice(0, lines - 1);
  const left = ranked.length - kept.length;
  return [
    ...kept
      .toSorted(([one], [other]) => (one < other ? -1 : 1))
      .map(([folder, files]) => folderLine(folder, files, isNamed(folder) ? files.length : filesOfFolder)),
    ...(left > 0 ? [`… and ${left} more folders`] : []),
  ];
}

function folderLine(folder: string, files: readonly string[], most: number): string {
  const names = files.toSorted();
  const head = folder === "" ? "./: " : `${folder}: `;
  let shown = 0;
  let length = head.length;
  while (shown < Math.min(most, names.length) && length + (names[shown]?.length ?? 0) < widthShown)
    length += (names[shown++]?.length ?? 0) + 2;
  const left = names.length - shown;
  const more = left > 0 ? [`… ${left} more`] : [];
  return `${head}${[...names.slice(0, shown), ...more].join(", ")}`;
}

const depth = (folder: string): number => folder.split("/").length;

const wordsOf = (text: string): ReadonlySet<string> =>
  new Set(
    text
      .toLowerCase()
      .split(/[^\p{L}\d_-]+/u)
      .filter((word) => word.length > 2),
  );
