/**
 * Who imports whom in a workspace, by reading, in slices, so that no key waits. What was read and where names led is kept, in this process and
 * for the next: a look asks the stamp of each file, reads those that changed, and follows all names anew only where the list of files or a
 * manifest changed. Knows nothing of tests.
 */
import { createSlices } from "../std/slices.ts";
import type { EvidenceStore, ProjectFiles } from "./evidence.ts";
import { type FileNode, type KeptGraph, graphText, readGraphText } from "./graph-text.ts";
import { type Links, isScanned, openLinks, scan } from "./imports/links.ts";
import { PathSet } from "./imports/paths.ts";
import { Readings, stillHold } from "./readings.ts";

export interface ImportGraph {
  readonly files: PathSet;
  isThere(path: string): boolean;
  /** Everything that reaches one of these, with the file through which it does; what was asked for stands for itself. */
  reaching(paths: readonly string[]): ReadonlyMap<string, string>;
}

export interface LookInput {
  /** Tracked and untracked files; others are looked at while it comes. */
  readonly listing: Promise<readonly string[]>;
  /** What is gone of it is still named by others. */
  readonly changed: readonly string[];
}

/** Longer than this at a time nothing is done, since keys wait meanwhile; ms. */
const sliceMs = 4;
/** The next process scans so many files again rather than that all is written for them. */
const unwrittenLimit = 16;

/** Small pieces of work between two looks at the clock, which costs as much as one of them. */
const perBreath = 16;

type Slice = ReturnType<typeof createSlices>;

/** What came of a look; never changed. */
interface Known extends KeptGraph {
  /** As it was said. */
  readonly listed: readonly string[];
  readonly paths: PathSet;
  /** For each place in the list, the places of those who reach it. */
  readonly importers: readonly (readonly number[])[];
  readonly follow: Follow;
  /** Files whose scan the store does not have. */
  readonly unwritten: number;
}

/** Opened where a name has to be followed, once for a list. */
type Follow = () => { readonly links: Links; readonly readings: Readings };

export class ImportGraphs {
  private readonly files: ProjectFiles;
  private readonly store: EvidenceStore;
  private known: Known | undefined;
  private last: Promise<unknown> = Promise.resolve();

  constructor(files: ProjectFiles, store: EvidenceStore) {
    this.files = files;
    this.store = store;
  }

  /** One look after the other: the second finds what the first has read. */
  look(input: LookInput): Promise<ImportGraph> {
    // It is waited for a little later only.
    input.listing.catch(() => undefined);
    const look = this.last.then(() => this.lookNow(input));
    this.last = look.catch(() => undefined);
    return look;
  }

  private async lookNow({ listing, changed }: LookInput): Promise<ImportGraph> {
    const slice = createSlices(sliceMs);
    const before = this.known ?? (await this.readKept(slice));
    const stamps = new Stamps(this.files);
    if (before !== undefined) await absentIn(before.paths, stamps, slice);
    const listed = [...(await listing), ...changed.filter((path) => this.files.stamp(path) === undefined)];
    const paths = pathSet(listed, before);
    const absent = await absentIn(paths, stamps, slice);
    const { nodes, fresh } = await this.scanned({ paths, before, stamps, slice });
    const same =
      before?.paths === paths && sameTexts(before.absent, absent) && stillHold(this.files, before.reads) ? before : undefined;
    const known =
      same === undefined
        ? await this.followed({ paths, absent, nodes, slice })
        : await this.patched({ before: same, nodes, fresh, slice });
    const write = same === undefined || known.unwritten > unwrittenLimit;
    if (write) this.store.write(await graphText(known, slice));
    this.known = { ...known, listed, ...(write && { unwritten: 0 }) };
    return {
      files: paths,
      isThere: (path) => stamps.of(path) !== undefined,
      reaching: (from) => reaching(known, from),
    };
  }

  private async readKept(slice: Slice): Promise<Known | undefined> {
    const kept = await readGraphText(this.store.read(), slice);
    if (kept === undefined) return undefined;
    const paths = new PathSet(kept.nodes.map(({ path }) => path));
    const known = { ...kept, paths, listed: paths.all, follow: this.follower(paths, kept.absent), unwritten: 0 };
    return { ...known, importers: await importersIn(kept.nodes, slice) };
  }

  /** A node for each file of the list, with what it names now; where that leads is as it was before, or nowhere. */
  private async scanned(look: {
    readonly paths: PathSet;
    readonly before: Known | undefined;
    readonly stamps: Stamps;
    readonly slice: Slice;
  }): Promise<{ readonly nodes: readonly FileNode[]; readonly fresh: readonly number[] }> {
    const { paths, before, stamps, slice } = look;
    const kinds = kindsOf(paths);
    const nodes: FileNode[] = [];
    const fresh: number[] = [];
    for (const [at, path] of paths.all.entries()) {
      const old = before?.nodes[(paths === before.paths ? at : before.paths.placeOf(path)) ?? -1];
      const stamp = kinds[at] === "scanned" ? stamps.of(path) : undefined;
      if (stamp === undefined) nodes.push(old?.stamp === "" ? old : { path, stamp: "", names: "", to: [] });
      else if (old?.stamp === stamp) nodes.push(old);
      else {
        fresh.push(at);
        nodes.push({ path, stamp, names: asLines(scan(path, this.files.text(path) ?? "")), to: old?.to ?? [] });
        await slice();
      }
      if (at % perBreath === 0) await slice();
    }
    return { nodes, fresh };
  }

  /** All names anew. */
  private async followed(look: {
    readonly paths: PathSet;
    readonly absent: readonly string[];
    readonly nodes: readonly FileNode[];
    readonly slice: Slice;
  }): Promise<Known> {
    const { paths, absent, slice } = look;
    const follow = this.follower(paths, absent);
    const { links, readings } = follow();
    const unscanned = links.unscanned();
    const nodes: FileNode[] = [];
    for (const [at, node] of look.nodes.entries()) {
      const to = node.stamp === "" ? (unscanned.get(node.path) ?? []) : links.of(node.path, namesOf(node));
      nodes.push({ ...node, to: placesOf(paths, to) });
      if (at % perBreath === 0) await slice();
    }
    const importers = await importersIn(nodes, slice);
    return { nodes, absent, paths, listed: [], follow, importers, reads: readings.stamps(), unwritten: 0 };
  }

  /** The names of those files alone that name others than before. */
  private async patched(look: {
    readonly before: Known;
    readonly nodes: readonly FileNode[];
    readonly fresh: readonly number[];
    readonly slice: Slice;
  }): Promise<Known> {
    const { before, fresh, slice } = look;
    if (fresh.length === 0) return before;
    const nodes = [...look.nodes];
    const unwritten = before.unwritten + fresh.length;
    const named = fresh.filter((at) => nodes[at]?.names !== before.nodes[at]?.names);
    if (named.length === 0) return { ...before, nodes, unwritten };
    const { links, readings } = before.follow();
    for (const at of named) {
      const node = nodes[at];
      if (node !== undefined) nodes[at] = { ...node, to: placesOf(before.paths, links.of(node.path, namesOf(node))) };
      await slice();
    }
    // Of what was read twice the older stamp counts: if they differ, the next look follows all anew.
    const reads = [...new Map([...readings.stamps(), ...before.reads])];
    return { ...before, nodes, unwritten, reads, importers: await importersIn(nodes, slice) };
  }

  private follower(paths: PathSet, absent: readonly string[]): Follow {
    let open: ReturnType<Follow> | undefined;
    return () => {
      if (open !== undefined) return open;
      const readings = new Readings(this.files);
      return (open = { readings, links: openLinks(paths, absent, readings.text) });
    };
  }
}

/** Of one look: each file is asked once. */
class Stamps {
  private readonly files: ProjectFiles;
  private readonly asked = new Map<string, string | undefined>();

  constructor(files: ProjectFiles) {
    this.files = files;
  }

  of(path: string): string | undefined {
    if (this.asked.has(path)) return this.asked.get(path);
    const stamp = this.files.stamp(path);
    this.asked.set(path, stamp);
    return stamp;
  }
}

/** `named`: a name can lead there. Others are nobody's business. */
type Kind = "scanned" | "named" | "other";

/** A list stays the same over many looks. */
const kindsKept = new WeakMap<PathSet, readonly Kind[]>();

function kindsOf(paths: PathSet): readonly Kind[] {
  let kinds = kindsKept.get(paths);
  if (kinds === undefined) kindsKept.set(paths, (kinds = paths.all.map(kindOf)));
  return kinds;
}

const kindOf = (path: string): Kind => (isScanned(path) ? "scanned" : path.endsWith(".json") ? "named" : "other");

/** Listed, and not on disk. */
async function absentIn(paths: PathSet, stamps: Stamps, slice: Slice): Promise<readonly string[]> {
  const absent: string[] = [];
  const kinds = kindsOf(paths);
  for (const [at, path] of paths.all.entries()) {
    if (kinds[at] !== "other" && stamps.of(path) === undefined) absent.push(path);
    if (at % perBreath === 0) await slice();
  }
  return absent;
}

/** The one from before where it holds the same. */
function pathSet(listed: readonly string[], before: Known | undefined): PathSet {
  if (before !== undefined && sameTexts(before.listed, listed)) return before.paths;
  const paths = new Set(listed);
  const known = before?.paths;
  return known?.all.length === paths.size && known.all.every((path) => paths.has(path)) ? known : new PathSet(paths);
}

const sameTexts = (one: readonly string[], other: readonly string[]): boolean =>
  one.length === other.length && one.every((text, at) => text === other[at]);

/** Each behind a line's end. Joined to something even where it is alone: a piece of a text would keep all of it in memory. */
const asLines = (names: readonly string[]): string => (names.length === 0 ? "" : ["", ...names].join("\n"));
const namesOf = ({ names }: FileNode): readonly string[] => names.split("\n").slice(1);

const placesOf = (paths: PathSet, files: readonly string[]): readonly number[] =>
  files.flatMap((file) => paths.placeOf(file) ?? []);

async function importersIn(nodes: readonly FileNode[], slice: Slice): Promise<readonly (readonly number[])[]> {
  const importers: number[][] = nodes.map(() => []);
  for (const [from, { to }] of nodes.entries()) {
    for (const at of to) importers[at]?.push(from);
    if (from % perBreath === 0) await slice();
  }
  return importers;
}

/** Nearest first. */
function reaching({ paths, importers }: Known, from: readonly string[]): ReadonlyMap<string, string> {
  const found = new Map(from.map((path) => [path, path]));
  const open = [...from];
  for (let next = 0; next < open.length; next++) {
    const via = open[next] ?? "";
    for (const at of importers[paths.placeOf(via) ?? -1] ?? []) {
      const importer = paths.all[at] ?? "";
      if (found.has(importer)) continue;
      found.set(importer, via);
      open.push(importer);
    }
  }
  return found;
}
