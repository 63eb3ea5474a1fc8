/** A lock file before and after, held against the manifests that it stands for: what no manifest explains is a change of its own. */
import { type Change, type EcosystemReader, type Lock, type Resolved, byName } from "./ecosystem.ts";
import { subject } from "./compare-manifests.ts";
import type { DeclaredNames } from "./manifest-and-lock.ts";

export interface LockPair {
  readonly reader: EcosystemReader;
  readonly path: string;
  /** Undefined: it cannot be understood. A file that is not there is an empty one. */
  readonly before: Lock | undefined;
  readonly after: Lock | undefined;
  readonly names: DeclaredNames;
}

/** The registries that the tools use without being told. */
const usualHosts = new Set([
  ...["npmjs.org", "yarnpkg.com"].map((host) => `registry.${host}`),
  ...["pypi.org", "files.pythonhosted.org", "github.com", "index.crates.io"],
]);

export function lockChanges(pair: LockPair): readonly Change[] {
  const { reader, path, before, after } = pair;
  if (before === undefined || after === undefined) {
    const when = after === undefined ? "cannot be understood" : "could not be understood before";
    const reason = `${path} ${when}, so what it adds cannot be told`;
    return [{ kind: "lock", ecosystems: [reader.ecosystem], name: "", find: "", reason }];
  }
  const { canonical } = reader;
  const { named: old, origins } = indexOf(before, canonical);
  const { ids: left } = indexOf(after, canonical);
  const reachable = reachableNames(pair, before, after);
  const follows = followsManifests(pair, old, after);
  const hosts = new Set([...usualHosts, ...origins]);
  const seen = new Set<string>();
  const changes: Change[] = [];
  for (const entry of after.resolved) {
    if (entry.kind === "workspace") continue;
    const name = canonical(entry.name);
    const known = old.get(name) ?? [];
    const settings = [...scriptChange(pair, entry, known), ...sourceChange({ pair, entry, known, hosts })];
    const version = known.some((one) => one.version === entry.version)
      ? []
      : versionChange({ pair, entry, known, left, reachable, follows });
    for (const change of [...settings, ...version]) {
      const id = `${change.kind} ${change.subject}`;
      if (!seen.has(id)) changes.push(change);
      seen.add(id);
    }
  }
  return changes;
}

interface LockIndex {
  readonly named: ReadonlyMap<string, readonly Resolved[]>;
  /** Names with versions. */
  readonly ids: ReadonlySet<string>;
  readonly origins: ReadonlySet<string>;
  /** What all versions of a name ask for. */
  readonly requires: ReadonlyMap<string, readonly string[]>;
}

/** A lock file is of one ecosystem, and what is after a hunk is before the next. */
const indexes = new WeakMap<Lock, LockIndex>();

function indexOf(lock: Lock, canonical: (name: string) => string): LockIndex {
  const known = indexes.get(lock);
  if (known !== undefined) return known;
  const named = byName(lock.resolved, canonical);
  const index: LockIndex = {
    named,
    ids: new Set(lock.resolved.map(idOf)),
    origins: new Set(lock.resolved.map(({ origin }) => origin)),
    requires: new Map([...named].map(([name, group]) => [name, group.flatMap(({ requires }) => requires.map(canonical))])),
  };
  indexes.set(lock, index);
  return index;
}

const idOf = ({ name, version }: Resolved): string => `${name}@${version}`;

interface Entry {
  readonly pair: LockPair;
  readonly entry: Resolved;
  /** The same name before. */
  readonly known: readonly Resolved[];
}

function one(
  { reader }: LockPair,
  kind: Change["kind"],
  { entry, reason, detail }: { entry: Resolved; reason: string; detail?: string },
): Change {
  const ecosystems = [reader.ecosystem];
  return {
    kind,
    ecosystems,
    name: entry.name,
    subject: subject(ecosystems, `${idOf(entry)}${detail ?? ""}`),
    reason,
    find: entry.name,
  };
}

interface Moved extends Entry {
  /** Names with versions that are still there. */
  readonly left: ReadonlySet<string>;
  readonly reachable: ReadonlySet<string> | undefined;
  readonly follows: boolean;
}

function versionChange({ pair, entry, known, left, reachable, follows }: Moved): readonly Change[] {
  const { path, reader } = pair;
  if (reachable !== undefined && !reachable.has(reader.canonical(entry.name)))
    return [one(pair, "lock", { entry, reason: `${path} adds ${idOf(entry)}, which no manifest asks for` })];
  if (known.length === 0 || follows) return [];
  const gone = known.find((was) => !left.has(idOf(was)));
  const how = gone === undefined ? `adds another version of ${entry.name}, ` : `moves ${entry.name} from ${gone.version} to `;
  return [one(pair, "change", { entry, reason: `${path} ${how}${entry.version}` })];
}

/** A manifest asks for something since, so that versions may move: for a package that was not there, or for a version that is new. */
function followsManifests({ reader, names }: LockPair, old: ReadonlyMap<string, readonly Resolved[]>, after: Lock): boolean {
  const { named: versions } = indexOf(after, reader.canonical);
  return [...names.declared].some(([name, specs]) => {
    const [before, now] = [old.get(name), versions.get(name) ?? []];
    if (before === undefined) return now.length > 0;
    return now.some(
      ({ version }) => !before.some((was) => was.version === version) && specs.some((spec) => mentions(spec, version)),
    );
  });
}

/** `^1.2.3` was just asked for and is what came. */
const mentions = (spec: string, version: string): boolean =>
  version !== "" && spec.replace(/^[\^~=>v<\s]+/, "") === version.replace(/^v/, "");

function scriptChange(pair: LockPair, entry: Resolved, known: readonly Resolved[]): readonly Change[] {
  if (!entry.script || known.some(({ script }) => script)) return [];
  return [
    one(pair, "script", {
      entry,
      reason: `${pair.path} brings ${idOf(entry)}, which runs a script at install`,
      detail: " install script",
    }),
  ];
}

function sourceChange({ pair, entry, known, hosts }: Entry & { hosts: Set<string> }): readonly Change[] {
  const { kind, origin } = entry;
  if (origin === "" || known.some((was) => was.kind === kind && was.origin === origin)) return [];
  if (
    kind === "registry"
      ? hosts.has(origin) && movedFrom(known, origin) === undefined
      : pair.names.elsewhere.has(pair.reader.canonical(entry.name))
  )
    return [];
  // A new registry is told once.
  hosts.add(origin);
  return [
    one(pair, "source", {
      entry,
      reason: `${pair.path} takes ${entry.name} from ${kind === "registry" ? "" : `${kind} `}${origin}`,
      detail: ` from ${origin}`,
    }),
  ];
}

/** The registry from which a package was taken before, where that is another. */
const movedFrom = (known: readonly Resolved[], origin: string): string | undefined =>
  known.find(
    (was) =>
      was.kind === "registry" &&
      was.origin !== "" &&
      was.origin !== origin &&
      !(usualHosts.has(was.origin) && usualHosts.has(origin)),
  )?.origin;

/** Names that manifests ask for, or what they ask for does. Undefined where the lock file does not say who asks for what. */
function reachableNames({ reader, names }: LockPair, before: Lock, after: Lock): ReadonlySet<string> | undefined {
  const { canonical } = reader;
  if (names.partial || after.flat === true) return undefined;
  const { requires } = indexOf(after, canonical);
  // Where the lock file says nothing of own packages, what was there before explains itself.
  const old = after.own === undefined ? indexOf(before, canonical).named.keys() : [];
  const reached = new Set([...names.declared.keys(), ...names.believed, ...old]);
  const open = [...reached];
  for (let name = open.pop(); name !== undefined; name = open.pop()) {
    for (const next of requires.get(name) ?? []) {
      if (reached.has(next)) continue;
      reached.add(next);
      open.push(next);
    }
  }
  return reached;
}
