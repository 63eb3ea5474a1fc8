/** From what a file names to the files of the workspace that are meant, in all languages. Asks the list of files and manifests, reads no source. */
import { createScriptPlaces } from "./script-places.ts";
import { createGoPlaces, isGo, rustEdges, scanGo } from "./packages.ts";
import { createPythonPlaces } from "./python-places.ts";
import { isScript, scanScript } from "./javascript.ts";
import { isPython, scanPython } from "./python.ts";
import { Manifests } from "./manifests.ts";
import { PathSet, folderOf, upwards } from "./paths.ts";

type TextOf = (path: string) => string | undefined;

/** Larger ones are data or were built. */
const scanLimit = 512 * 1024;

/** Whether what it names is found in its text alone. */
export const isScanned = (path: string): boolean => isScript(path) || isPython(path) || isGo(path);

/** A line each; none holds a line's end. */
export function scan(path: string, text: string): readonly string[] {
  if (text.length > scanLimit) return [];
  if (isGo(path)) return [".", ...scanGo(text)];
  return isPython(path) ? scanPython(text) : scanScript(text);
}

export interface Links {
  /** Each once, the file itself left out. */
  of(from: string, names: readonly string[]): readonly string[];
  /** Of files that are not scanned: Rust's, by whole packages. */
  unscanned(): ReadonlyMap<string, readonly string[]>;
}

/**
 * `absent`: named by git or by a change, and not on disk. Whoever names such a file is reached by its end, and so is what stands in its place
 * now: both are meant.
 */
export function openLinks(paths: PathSet, absent: readonly string[], text: TextOf): Links {
  const all = linksOf(paths, text);
  if (absent.length === 0) return all;
  const gone = new Set(absent);
  const there = linksOf(new PathSet(paths.all.filter((path) => !gone.has(path))), text);
  return {
    of: (from, names) => [...new Set([...all.of(from, names), ...there.of(from, names)])],
    unscanned: () => all.unscanned(),
  };
}

function linksOf(paths: PathSet, text: TextOf): Links {
  const [script, python, go] = [
    createScriptPlaces(paths, new Manifests(paths, text)),
    createPythonPlaces(paths),
    createGoPlaces(paths, text),
  ];
  return {
    unscanned: () => rustLinks(paths, text),
    of(from, names) {
      const find = isPython(from) ? python : isGo(from) ? go : script;
      const found = new Set<string>(isPython(from) ? configurations(from, paths) : []);
      for (const name of names) if (counts(from, name)) for (const to of find(from, name)) found.add(to);
      found.delete(from);
      return [...found];
    },
  };
}

function rustLinks(paths: PathSet, text: TextOf): ReadonlyMap<string, readonly string[]> {
  const links = new Map<string, string[]>();
  for (const [from, to] of rustEdges(paths, text)) {
    const list = links.get(from);
    if (list === undefined) links.set(from, [to]);
    else list.push(to);
  }
  return links;
}

/** A configuration names sources without using them. */
const counts = (from: string, name: string): boolean => !name.startsWith("'") || !settings.test(from);
const settings = /(?:^|\/)[\w.-]*(?:config|rc)\.[cm]?[jt]s$/;

/** pytest reads them for every test below. */
function configurations(test: string, paths: PathSet): readonly string[] {
  return [...upwards(folderOf(test))]
    .map((folder) => (folder === "" ? "conftest.py" : `${folder}/conftest.py`))
    .filter((file) => file !== test && paths.has(file));
}
