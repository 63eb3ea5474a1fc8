/** Places as `path:line` in what a model says. Pure; whether they are there is looked up elsewhere. */

export interface NamedPlace {
  readonly path: string;
  readonly line: number;
  /** As it was written. */
  readonly text: string;
}

const form = /(?<![\w/.:@-])((?:[\w.@()[\]$+-]+\/)*[\w@()[\]$+-][\w.@()[\]$+-]*\.\w{1,12}):(\d{1,7})(?:-\d{1,7})?\b/g;
/** What is no file of a project, though it looks like one. */
const address = /^(?:\d+\.)+\d+$|^localhost/;

/** Each once, in their order. */
export function namedPlaces(text: string): readonly NamedPlace[] {
  const places = new Map<string, NamedPlace>();
  for (const [found, file = "", line = ""] of text.matchAll(form)) {
    // A bracket around it is none of its own.
    const cut = file.startsWith("(") && !file.includes(")") ? 1 : 0;
    const [whole, path] = [found.slice(cut), file.slice(cut)];
    if (!address.test(path)) places.set(whole, { path, line: Number(line), text: whole });
  }
  return [...places.values()];
}
