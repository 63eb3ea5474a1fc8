/**
 * Who imports whom in a workspace, by reading: built in slices, so that no key waits, and from what was read before where a file has not changed
 * since. Knows nothing of tests.
 */
import type { EvidenceStore, ProjectFiles } from "./evidence.ts";
import { isScript, scanScript } from "./imports/javascript.ts";
import { createGoPlaces, isGo, rustEdges, scanGo } from "./imports/packages.ts";
import { Manifests } from "./imports/manifests.ts";
import { PathSet, folderOf, upwards } from "./imports/paths.ts";
import { createPythonPlaces } from "./imports/python-places.ts";
import { isPython, scanPython } from "./imports/python.ts";
import { type Places, createScriptPlaces } from "./imports/script-places.ts";
import { listOf, parseJson, recordOf, textOf, textsOf } from "./json.ts";
import { createSlices } from "../std/slices.ts";

export interface ImportGraph {
  readonly files: PathSet;
  readonly manifests: Manifests;
  /** Everything that reaches one of these, with the file through which it does; what was asked for stands for itself. */
  reaching(paths: readonly string[]): ReadonlyMap<string, string>;
}

/** Longer than this at a time nothing is read, since keys wait meanwhile; ms. */
const sliceMs = 4;
/** Larger ones are data or were built. */
const scanLimit = 512 * 1024;
const format = 3;

type Scanned = readonly [stamp: string, ...names: string[]];

interface GraphInput {
  readonly files: ProjectFiles;
  readonly store: EvidenceStore;
  readonly paths: readonly string[];
  /** Gone, and still named by others. */
  readonly gone: readonly string[];
}

export async function readGraph(input: GraphInput): Promise<ImportGraph> {
  const paths = new PathSet([...input.paths, ...input.gone]);
  const before = readScans(input.store.read());
  const scans = new Map<string, Scanned>();
  const slice = createSlices(sliceMs);
  let fresh = 0;
  for (const path of paths.all) {
    if (!isScript(path) && !isPython(path) && !isGo(path)) continue;
    const stamp = input.files.stamp(path);
    if (stamp === undefined) continue;
    const known = before.get(path);
    if (known?.[0] === stamp) scans.set(path, known);
    else {
      scans.set(path, [stamp, ...scan(path, input.files.text(path) ?? "")]);
      fresh++;
    }
    await slice();
  }
  if (fresh > 0 || before.size !== scans.size) input.store.write(JSON.stringify({ format, files: Object.fromEntries(scans) }));
  const text = (path: string): string | undefined => input.files.text(path);
  const manifests = new Manifests(paths, text);
  const [script, python, go] = [createScriptPlaces(paths, manifests), createPythonPlaces(paths), createGoPlaces(paths, text)];
  const importers = await link(scans, (path) => (isPython(path) ? python : isGo(path) ? go : script));
  for (const [from, to] of rustEdges(paths, text)) add(importers, from, to);
  for (const [from] of scans) if (isPython(from)) for (const to of configurations(from, paths)) add(importers, from, to);
  return { files: paths, manifests, reaching: (from) => reaching(importers, from) };
}

/** pytest reads them for every test below. */
function configurations(test: string, paths: PathSet): readonly string[] {
  return [...upwards(folderOf(test))]
    .map((folder) => (folder === "" ? "conftest.py" : `${folder}/conftest.py`))
    .filter((file) => file !== test && paths.has(file));
}

function scan(path: string, text: string): readonly string[] {
  if (text.length > scanLimit) return [];
  if (isGo(path)) return [".", ...scanGo(text)];
  return isPython(path) ? scanPython(text) : scanScript(text);
}

/** Imported → importers. */
type Importers = Map<string, string[]>;

async function link(scans: ReadonlyMap<string, Scanned>, placesOf: (from: string) => Places): Promise<Importers> {
  const importers: Importers = new Map();
  const slice = createSlices(sliceMs);
  for (const [from, [, ...names]] of scans) {
    const find = placesOf(from);
    const isSettings = /(?:^|\/)[\w.-]*(?:config|rc)\.[cm]?[jt]s$/.test(from);
    for (const name of names) {
      // A configuration names sources without using them.
      if (isSettings && name.startsWith("'")) continue;
      for (const to of find(from, name)) add(importers, from, to);
    }
    await slice();
  }
  return importers;
}

function add(importers: Importers, from: string, to: string): void {
  if (to === from) return;
  const list = importers.get(to);
  if (list === undefined) importers.set(to, [from]);
  else if (list.at(-1) !== from) list.push(from);
}

function reaching(importers: Importers, paths: readonly string[]): ReadonlyMap<string, string> {
  const found = new Map(paths.map((path) => [path, path]));
  const open = [...paths];
  for (let at = open.shift(); at !== undefined; at = open.shift())
    for (const importer of importers.get(at) ?? []) {
      if (found.has(importer)) continue;
      found.set(importer, at);
      open.push(importer);
    }
  return found;
}

function readScans(text: string | undefined): ReadonlyMap<string, Scanned> {
  const stored = recordOf(parseJson(text));
  if (stored["format"] !== format) return new Map();
  return new Map(
    Object.entries(recordOf(stored["files"])).flatMap(([path, value]) => {
      const [stamp, ...names] = listOf(value);
      const written = textOf(stamp);
      return written === undefined ? [] : [[path, [written, ...textsOf(names)]] as const];
    }),
  );
}
