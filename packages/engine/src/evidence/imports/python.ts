/** What a Python file imports, as dotted names; leading dots as they are written. Reads text, runs nothing. */

export const isPython = (path: string): boolean => /\.pyi?$/.test(path);

// `from a.b import (c, d)` over several lines, and `import a.b as c, d`.
const froms = /^[ \t]*from[ \t]+(\.*[\w.]*)[ \t]+import[ \t]*(\([^)]*\)|[^\n;#]*(?:\\\n[^\n;#]*)*)/gm;
const imports = /(?:^|;)[ \t]*import[ \t]+([\w.][^\n;#]*(?:\\\n[^\n;#]*)*)/gm;
// Modules that are named in a string, and paths.
const strings = /(['"])([A-Za-z_][\w]*(?:\.[A-Za-z_]\w*)+|[\w.-]+\/[\w./-]+|[\w-]+\.[a-z]{1,5})\1/g;

/** A module's members stand behind it as well: `from a import b` may mean the module `a.b`. A string's name has a `'` in front. */
export function scanPython(text: string): readonly string[] {
  const found = new Set<string>();
  for (const [, from = "", names = ""] of text.matchAll(froms)) {
    found.add(from);
    for (const name of namesOf(names))
      if (name !== "*") found.add(`${from}${from.endsWith(".") || from === "" ? "" : "."}${name}`);
  }
  for (const [, names = ""] of text.matchAll(imports)) for (const name of namesOf(names)) found.add(name);
  for (const [, , name = ""] of text.matchAll(strings)) found.add(`'${name}`);
  found.delete("");
  return [...found];
}

const namesOf = (list: string): string[] =>
  list
    .replace(/#[^\n]*/g, "")
    .replace(/[()\\\n]/g, " ")
    .split(",")
    .map((one) => one.trim().split(/\s+/, 1)[0] ?? "")
    .filter((name) => name !== "");
