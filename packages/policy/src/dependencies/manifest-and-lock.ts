/** Manifests and lock files side by side: which stand for which, and what one has that the other has not. */
import type { FileChange } from "../facts.ts";
import {
  type Change,
  type Declared,
  type EcosystemReader,
  type Lock,
  type Manifest,
  type Surroundings,
  baseName,
  emptyLock,
  emptyManifest,
  foldersAbove,
  joinPath,
} from "./ecosystem.ts";
import { subject } from "./compare-manifests.ts";

export function readManifest(reader: EcosystemReader, path: string, text: string | undefined): Manifest | undefined {
  return text === undefined ? emptyManifest : reader.manifest(text, path);
}

export function readLock(reader: EcosystemReader, path: string, text: string | undefined): Lock | undefined {
  return text === undefined ? emptyLock : reader.lock(text, path);
}

interface LockPlace {
  readonly reader: EcosystemReader;
  readonly path: string;
  readonly around: Surroundings;
  readonly lock: Lock | undefined;
}

export interface DeclaredNames {
  /** Versions that manifests ask for, by name. */
  readonly declared: ReadonlyMap<string, readonly string[]>;
  /** Names that manifests take from elsewhere than the registry. */
  readonly elsewhere: ReadonlySet<string>;
  /** What own packages ask for whose manifest is not at hand: there the lock file is believed. */
  readonly believed: readonly string[];
  /** Some of the repository's own packages are not known at all. */
  readonly partial: boolean;
}

/** What the manifests name for which a lock file stands. */
export function declaredAround({ reader, path, around, lock }: LockPlace): DeclaredNames {
  const [folder = ""] = foldersAbove(path);
  const declared = new Map<string, string[]>();
  const elsewhere = new Set<string>();
  const believed: string[] = [];
  const take = (file: string): boolean => {
    const text = around.fileText(file);
    if (text === undefined) return false;
    for (const entry of manifestOf(reader, file, text)?.declared ?? [])
      for (const name of new Set([entry.name, realName(entry)].map(reader.canonical))) {
        declared.set(name, [...(declared.get(name) ?? []), entry.spec]);
        if (entry.kind !== "registry") elsewhere.add(name);
      }
    return true;
  };
  for (const name of [...reader.manifestNames, ...sideManifests]) take(joinPath(folder, name));
  const root = around.fileText(joinPath(folder, reader.manifestNames[0] ?? "")) ?? "";
  for (const own of lock?.own ?? []) {
    if (own.name !== undefined && hasName(root, own.name)) continue;
    const places = own.folder === undefined ? guesses.map((guess) => `${guess}${own.name ?? ""}`) : [own.folder];
    const files = places.flatMap((place) => reader.manifestNames.map((name) => joinPath(folder, joinPath(place, name))));
    if (!files.some(take)) believed.push(...own.requires.map(reader.canonical));
  }
  return { declared, elsewhere, believed, partial: lock?.own === undefined && /"workspaces"/.test(root) };
}

const hasName = (manifest: string, name: string): boolean =>
  manifest.split("\n").some((line) => /^\s*name\s*=\s*"([^"]*)"/.exec(line)?.[1] === name);

/** Where a package of a name is kept, as a rule. */
const guesses = ["", "crates/", "packages/", "libs/"];

const sideManifests = ["pnpm-workspace.yaml"];

/** uv's manifest is read as pip's is. */
const manifestOf = (reader: EcosystemReader, path: string, text: string): Manifest | undefined =>
  (reader.readsLike ?? reader).manifest(text, path);

/** Cargo's lock file has the name that the registry has. */
const realName = ({ kind, origin, name }: Declared): string => (kind === "alias" ? (origin ?? name).replace(/^npm:/, "") : name);

interface ManifestPlace {
  readonly file: FileChange;
  /** Paths of all that the change touches. */
  readonly changed: readonly string[];
  readonly around: Surroundings;
}

/** A manifest that changed, while its lock file knows nothing of it. */
export function manifestsAlone(readers: readonly EcosystemReader[], { file, changed, around }: ManifestPlace): readonly Change[] {
  const { path, after: text } = file;
  if (text === undefined) return [];
  return readers.flatMap((reader): readonly Change[] => {
    if (!reader.manifestNames.includes(baseName(path))) return [];
    const lockPath = foldersAbove(path)
      .flatMap((folder) => reader.lockNames.map((name) => joinPath(folder, name)))
      .find((lock) => around.fileText(lock) !== undefined);
    const lock = lockPath === undefined ? undefined : readLock(reader, lockPath, around.fileText(lockPath));
    const after = manifestOf(reader, path, text);
    if (lockPath === undefined || lock === undefined || after === undefined) return [];
    const inLock = new Set(lock.resolved.map(({ name }) => reader.canonical(name)));
    const old = (file.before === undefined ? undefined : manifestOf(reader, path, file.before)) ?? emptyManifest;
    return after.declared.flatMap((entry) => {
      const known = old.declared.filter(({ name }) => name === entry.name);
      if (!isLocked(entry) || known.some(({ spec, origin }) => spec === entry.spec && origin === entry.origin)) return [];
      const isMissing = ![entry.name, realName(entry)].some((name) => inLock.has(reader.canonical(name)));
      if (!isMissing && (changed.includes(lockPath) || !reader.notesSpecs)) return [];
      const reason = isMissing
        ? `${path} names ${entry.name}, which ${lockPath} does not have`
        : `${path} asks for ${entry.name} ${entry.spec}, and ${lockPath} did not change with it`;
      const ecosystems = [reader.ecosystem];
      return [
        {
          kind: "lock" as const,
          ecosystems,
          name: entry.name,
          subject: subject(ecosystems, `${entry.name} not in lock`),
          reason,
          find: entry.name,
        },
      ];
    });
  });
}

/** Lock files say nothing of these. */
const isLocked = ({ kind, section, override }: Declared): boolean =>
  kind !== "workspace" &&
  kind !== "path" &&
  override !== true &&
  !/^(peerDependencies|catalog|build-system|tool\.uv)/.test(section);
