/** What in a request reads like a path. Whether there is such a file nobody here knows. Pure. */

/** More than these say nothing new of its size. */
const most = 40;

export function namedPaths(text: string): readonly string[] {
  // All paths have one of them, most requests none.
  if (!/[@./]/.test(text)) return [];
  const found = new Set<string>();
  for (const [, quoted, word = ""] of text.matchAll(/@"([^"\n]+)"|([^\s"'`<>|*?,;()[\]{}]+)/g)) {
    const path = (
      quoted ??
      word
        .replace(/^@/, "")
        .replace(/[.:!?]+$/, "")
        .replace(/:\d+(?::\d+)?$/, "")
    ).replace(/^\.\//, "");
    if (path !== "" && (quoted !== undefined || isPath(word, path))) found.add(path);
    if (found.size === most) break;
  }
  return [...found];
}

/** Behind an `@` any word; else one with a folder, or a name with an ending of letters: `e.g.` and `1.5` are none, nor is an address. */
function isPath(word: string, path: string): boolean {
  if (/^[a-z]+:\/\//i.test(path) || path.startsWith("/") || path.split("/").includes("..")) return false;
  if (word.startsWith("@") || /^[\w.@$+-]+(?:\/[\w.@$+()[\]-]+)+\/?$/.test(path)) return true;
  return /^[\w@$+-](?:[\w.@$+-]*[\w$+-]\.[a-z]\w{0,7}|\.[a-z]\w{1,7})$/i.test(path);
}
