/** What a change does to the packages that the code stands on, and what the rules say of it. Text in, refusals out. */
import type { FileChange, Finding, HunkContext, HunkFacts } from "../facts.ts";
import type { Refusal } from "../judge.ts";
import type { Ecosystem, PolicyLayer } from "../rules.ts";
import { cargo } from "./cargo.ts";
import { lockChanges } from "./compare-locks.ts";
import { manifestChanges, subject } from "./compare-manifests.ts";
import { compileRulings } from "./dependency-rules.ts";
import { type Change, type EcosystemReader, type Surroundings, baseName, keepingLast } from "./ecosystem.ts";
import { go } from "./go.ts";
import { declaredAround, manifestsAlone, readLock, readManifest } from "./manifest-and-lock.ts";
import { npm } from "./npm.ts";
import { pip } from "./pip.ts";
import { uv } from "./uv.ts";

/** The next ecosystem is a file beside these and a line here. */
const readers: readonly EcosystemReader[] = [npm, pip, uv, cargo, go].map(keepingLast);

type Context = Pick<HunkContext, "fileText" | "hasFile">;

export interface DependencyJudge {
  hunk(facts: HunkFacts, context: Context): readonly Refusal[];
  /** What only shows when manifests and lock files stand side by side. */
  change(files: readonly FileChange[], context: Context): readonly Finding[];
}

export function compileDependencies(layers: readonly PolicyLayer[]): DependencyJudge {
  const rulings = compileRulings(layers);
  return {
    hunk(facts, context) {
      if (facts.operation === "delete" || !rulings.any) return [];
      const path = usualSpelling(facts.movedTo ?? facts.path);
      return readers.flatMap((reader) =>
        [...importChanges(reader, path, { facts, around: context }), ...fileChanges(reader, path, { facts, around: context })]
          .filter(({ find }) => standsHere(find, facts))
          .flatMap(rulings.of),
      );
    },
    change(files, context) {
      if (!rulings.any || files.every(({ path }) => readers.every((reader) => reader.kindOf(usualSpelling(path)) === undefined)))
        return [];
      const around = withChange(files, context);
      const changed = files.filter(({ before, after }) => before !== after).map(({ path }) => path);
      return files.flatMap((file) =>
        manifestsAlone(readers, { file, changed, around }).flatMap((change) =>
          rulings.of(change).map((verdict) => ({ path: file.path, line: lineOf(file, change.find), verdict })),
        ),
      );
    },
  };
}

/** A file system that folds cases finds `Package.JSON` for package.json. */
function usualSpelling(path: string): string {
  const name = baseName(path);
  const usual = usualNames.get(name.toLowerCase());
  return usual === undefined ? path : path.slice(0, path.length - name.length) + usual;
}

const usualNames: ReadonlyMap<string, string> = new Map(
  [
    ...readers.flatMap(({ manifestNames, lockNames }) => [...manifestNames, ...lockNames]),
    ...["Pipfile", "setup.py", "setup.cfg", "build.rs", ".npmrc", ".yarnrc.yml", "pnpm-workspace.yaml", "binding.gyp"],
  ].map((name) => [name.toLowerCase(), name]),
);

interface Asked {
  readonly facts: HunkFacts;
  readonly around: Surroundings;
}

function importChanges(reader: EcosystemReader, path: string, { facts, around }: Asked): readonly Change[] {
  // Of a hunk that still streams it cannot be told whether a line is code.
  if (!reader.isCode(path) || facts.added.length === 0) return [];
  const { added, before, after } = facts;
  return reader.unlisted({ path, added, before, after }, around).map(({ name, specifier }) => ({
    kind: "import",
    ecosystems: reader.ecosystem === "pip" ? ["pip", "uv"] : [reader.ecosystem],
    name,
    subject: subject([reader.ecosystem], name),
    reason: `${path} imports ${specifier}, which no manifest names`,
    find: specifier,
  }));
}

function fileChanges(reader: EcosystemReader, path: string, { facts, around }: Asked): readonly Change[] {
  const kind = reader.kindOf(path);
  if (kind === undefined) return [];
  // What was no manifest under its old name becomes one.
  const becomes = facts.movedTo !== undefined && reader.kindOf(usualSpelling(facts.path)) !== kind;
  const before = becomes ? undefined : facts.before();
  const after = facts.after();
  if (after === undefined || before === after) return [];
  if (kind === "manifest")
    return manifestChanges({
      reader,
      path,
      ecosystems: ecosystemsOf(reader, path, after),
      before: readManifest(reader, path, before),
      after: readManifest(reader, path, after),
    });
  const lock = readLock(reader, path, after);
  const names = declaredAround({ reader, path, around, lock });
  return lockChanges({ reader, path, before: readLock(reader, path, before), after: lock, names });
}

/** pip and uv read the same manifest. */
function ecosystemsOf({ ecosystem }: EcosystemReader, path: string, text: string): readonly Ecosystem[] {
  if (baseName(path) !== "pyproject.toml") return [ecosystem];
  return /^\s*\[+tool\.uv/m.test(text) ? ["uv", "pip"] : ["pip", "uv"];
}

/**
 * Where many hunks of a file are judged with the file as it is before and after all of them, each tells what it brings itself. What stands in
 * no line of its own is told by all, so that nothing is told by none.
 */
function standsHere(find: string, { added, before, after }: HunkFacts): boolean {
  if (find === "" || added.some((line) => line.includes(find))) return true;
  const [line, ...more] = linesWith(after(), find);
  return line === undefined || more.length > 0 || linesWith(before(), find).includes(line);
}

const linesWith = (text: string | undefined, find: string): readonly string[] =>
  text?.split(/\r?\n/).filter((line) => line.includes(find)) ?? [];

/** What the files of a change are after it, and all others as they are. */
function withChange(files: readonly FileChange[], { fileText, hasFile }: Surroundings): Surroundings {
  const after = new Map(files.map((file) => [file.path, file.after]));
  return {
    fileText: (path) => (after.has(path) ? after.get(path) : fileText(path)),
    hasFile: (path) => (after.has(path) ? after.get(path) !== undefined : (hasFile?.(path) ?? fileText(path) !== undefined)),
  };
}

/** Where it stands: an added line if there is one; 0 where it cannot be told. */
function lineOf({ after, hunks }: FileChange, find: string): number {
  const lines = after?.split(/\r?\n/) ?? [];
  const added = new Set(hunks.flatMap((hunk) => hunk.added));
  const place = lines.findIndex((line) => line.includes(find) && added.has(line));
  return (place === -1 ? lines.findIndex((line) => line.includes(find)) : place) + 1;
}
