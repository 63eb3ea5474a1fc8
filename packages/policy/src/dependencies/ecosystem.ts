/** What each ecosystem's file answers, in words that fit all of them: manifests, lock files, imports. Knows no ecosystem itself. */
import type { DependencyChange, Ecosystem } from "../rules.ts";
import { keepLast } from "./keep-last.ts";

/** Where a package comes from. `workspace`: it is one of the repository's own. */
export type SourceKind = "registry" | "git" | "url" | "path" | "alias" | "workspace";

/** A package that a manifest names. */
export interface Declared {
  readonly name: string;
  /** As the manifest writes it. */
  readonly spec: string;
  readonly kind: SourceKind;
  /** Of all kinds but `registry` and `workspace`: the address without the version. */
  readonly origin?: string;
  /** Where in the manifest, e.g. `devDependencies`. A package that moves from one to another is no change. */
  readonly section: string;
  /** It bends the version of a package that others ask for. */
  readonly override?: true;
}

/** Something that runs, or is fetched from, when packages are installed. */
export interface Setting {
  /** e.g. `postinstall`, `registry`. */
  readonly name: string;
  readonly text: string;
}

export interface Manifest {
  readonly declared: readonly Declared[];
  /** What runs at install or build. */
  readonly scripts: readonly Setting[];
  /** Registries, mirrors, replacements. */
  readonly sources: readonly Setting[];
}

/** A package that a lock file has chosen. */
export interface Resolved {
  readonly name: string;
  readonly version: string;
  /** Where it comes from: a registry's host, an address, a path. Empty where the lock does not say. */
  readonly origin: string;
  readonly kind: SourceKind;
  readonly script: boolean;
  /** Names that it asks for. */
  readonly requires: readonly string[];
}

/** One of the repository's own packages, as its lock file has it. */
export interface OwnPackage {
  /** Relative to the lock file's folder, where it says so. */
  readonly folder?: string;
  readonly name?: string;
  readonly requires: readonly string[];
}

export interface Lock {
  readonly resolved: readonly Resolved[];
  /** Absent: it says nothing of them. */
  readonly own?: readonly OwnPackage[];
  /** It does not say who asks for what. */
  readonly flat?: true;
}

/** Looks at the workspace's other files. */
export interface Surroundings {
  readonly fileText: (path: string) => string | undefined;
  /** Absent: only what `fileText` knows is known to exist. */
  readonly hasFile?: ((path: string) => boolean) | undefined;
}

/** An import of something that the file's own project does not bring. */
export interface Imported {
  /** As a person would install it. */
  readonly name: string;
  /** As it stands in the code. */
  readonly specifier: string;
}

export interface EcosystemReader {
  readonly ecosystem: Ecosystem;
  readonly kindOf: (path: string) => "manifest" | "lock" | undefined;
  /** Undefined: it cannot be understood. */
  readonly manifest: (text: string, path: string) => Manifest | undefined;
  readonly lock: (text: string, path: string) => Lock | undefined;
  /** Lock files that may stand beside a manifest, or above it. */
  readonly lockNames: readonly string[];
  /** Manifests that may stand beside a lock file. */
  readonly manifestNames: readonly string[];
  /** Whose reader reads these, if not this one. */
  readonly readsLike?: EcosystemReader;
  /** The lock file notes the version that is asked for, so that it changes with each manifest. */
  readonly notesSpecs: boolean;
  /** One name for all its spellings. */
  readonly canonical: (name: string) => string;
  readonly isCode: (path: string) => boolean;
  /** Imports that `added` brings and no manifest around the file names; none where there is no manifest. */
  readonly unlisted: (code: AddedCode, around: Surroundings) => readonly Imported[];
}

/** The same reader, which reads no text of the last ones twice. Lock files are long, manifests many. */
export function keepingLast(reader: EcosystemReader): EcosystemReader {
  return {
    ...reader,
    manifest: keepLast(64, reader.manifest),
    lock: keepLast(3, reader.lock),
    ...(reader.readsLike !== undefined && { readsLike: keepingLast(reader.readsLike) }),
  };
}

export interface AddedCode {
  readonly path: string;
  readonly added: readonly string[];
  readonly before: () => string | undefined;
  readonly after: () => string | undefined;
}

/** One thing that a change does to what is depended on. */
export interface Change {
  readonly kind: DependencyChange;
  /** Those whose rules apply. The first one is shown. */
  readonly ecosystems: readonly Ecosystem[];
  /** What a rule's `packages` are compared with; empty where no package can be named. */
  readonly name: string;
  /** What a yes is remembered for. */
  readonly subject?: string;
  /** What is added, in plain words. */
  readonly reason: string;
  /** A text by which the line is found. */
  readonly find: string;
}

export const emptyManifest: Manifest = { declared: [], scripts: [], sources: [] };

export const emptyLock: Lock = { resolved: [] };

export const baseName = (path: string): string => path.slice(path.lastIndexOf("/") + 1);

/** The folders of a path from its own to the workspace, `""`. */
export function foldersAbove(path: string): readonly string[] {
  const parts = path.split("/").slice(0, -1);
  return [...parts.keys(), parts.length].reverse().map((length) => parts.slice(0, length).join("/"));
}

/** An empty name, `.` or `..`. */
const emptyStep = /(?:^|\/)\.{0,2}(?:\/|$)/;

export const joinPath = (folder: string, name: string): string => {
  const path = folder === "" ? name : `${folder}/${name}`;
  if (!emptyStep.test(path)) return path;
  const parts: string[] = [];
  for (const part of path.split("/")) {
    if (part === "..") parts.pop();
    else if (part !== "" && part !== ".") parts.push(part);
  }
  return parts.join("/");
};

export type Fields = Readonly<Record<string, unknown>>;

export const isFields = (value: unknown): value is Fields => typeof value === "object" && value !== null && !Array.isArray(value);

export const fieldsOf = (value: unknown): Fields => (isFields(value) ? value : {});

/** Undefined: no JSON, or no object. */
export function parseJson(text: string | undefined): Fields | undefined {
  if (text === undefined) return undefined;
  try {
    const value: unknown = JSON.parse(text.replace(/^\uFEFF/, ""));
    return isFields(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

export const textsOf = (value: unknown): readonly string[] =>
  Array.isArray(value) ? value.filter((item) => typeof item === "string") : [];

export const textOf = (value: unknown): string => (typeof value === "string" ? value : "");

/** The host of an address, or what stands for one. */
export function hostOf(address: string): string {
  const [, host] = /^[a-z+]+:\/\/(?:[^@/]*@)?([^/:?#]+)/i.exec(address) ?? [];
  return host?.toLowerCase() ?? "";
}

export function byName<T extends { readonly name: string }>(
  entries: readonly T[],
  canonical: (name: string) => string,
): ReadonlyMap<string, readonly T[]> {
  const groups = new Map<string, T[]>();
  for (const entry of entries) {
    const name = canonical(entry.name);
    const group = groups.get(name);
    if (group === undefined) groups.set(name, [entry]);
    else group.push(entry);
  }
  return groups;
}
