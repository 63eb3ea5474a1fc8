/** A task of two folders: the tree before, the good change in hunks, a check, a repository to work in, and a wrong course. */
import { execFileSync, spawnSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { type ChangeHunk, hunksOf, sideOf } from "./change.ts";
import { type Drift, driftOf } from "./drift.ts";
import { type Assumptions, randomOf } from "./person.ts";
import { StudyError } from "./packages.ts";

export interface TaskFolders {
  readonly name: string;
  readonly before: string;
  readonly after: string;
  readonly within: readonly string[];
}

export interface Task {
  readonly name: string;
  readonly hunks: readonly ChangeHunk[];
  /** Files of the task as they were. */
  readonly before: ReadonlyMap<string, string>;
  /** A git repository with the tree before in its only commit. */
  readonly repository: string;
  /** Hash of the tree that the accepted commit has to have. */
  readonly goodTree: string;
  /** The same with files as given; runs the check. True: it passes. */
  passes(files: ReadonlyMap<string, string>): boolean;
}

/** Named in the script, so that no file of a package is taken for a test by its name. */
const checkFile = "test/change.test.cjs";

const isSource = (name: string): boolean => /\.[cm]?js$/.test(name) && !/\.min\./.test(name);

/** `room`: folder for its repositories. */
export function prepareTask({ name, before, after, within }: TaskFolders, room: string): Task {
  const repository = path.join(room, name);
  const isWithin = (file: string): boolean => within.some((place) => file === place || file.startsWith(`${place}/`));
  const isOurs = (file: string): boolean => isSource(file) && isWithin(file);
  const copy = (from: string, file: string): void =>
    cpSync(path.join(from, file), path.join(repository, file), { recursive: true });
  for (const file of filesBelow(before).filter(isOurs)) copy(before, file);
  // They say only which kind of modules stands below them; the change is that of the code.
  for (const file of filesBelow(after).filter((one) => one.endsWith("/package.json") && isWithin(one))) copy(after, file);
  const manifest: Record<string, unknown> = existsSync(path.join(before, "package.json"))
    ? readJson(path.join(before, "package.json"))
    : {};
  const own = {
    name: "task",
    version: "0.0.0",
    private: true,
    ...(manifest["type"] !== undefined && { type: manifest["type"] }),
  };
  writeFileSync(
    path.join(repository, "package.json"),
    `${JSON.stringify({ ...own, scripts: { test: `node --test ${checkFile}` } }, undefined, 2)}\n`,
  );
  const texts = new Map<string, string>();
  const good = new Map<string, string>();
  const hunks: ChangeHunk[] = [];
  for (const file of filesBelow(after).filter(isOurs).toSorted()) {
    const old = path.join(before, file);
    const change = readChange(file, existsSync(old) ? old : undefined, path.join(after, file));
    if (change === undefined) continue;
    hunks.push(...change);
    if (existsSync(old)) texts.set(file, readFileSync(old, "utf8"));
    good.set(file, readFileSync(path.join(after, file), "utf8"));
  }
  if (hunks.length === 0) throw new StudyError(`${name}: no edit can say anything of its change.`);
  write(repository, checkOf(repository, good));
  for (const args of [
    ["init", "-q", "-b", "main"],
    ["config", "user.name", "study"],
    ["config", "user.email", "study@localhost"],
  ])
    git(repository, args);
  git(repository, ["add", "-A", "-f"]);
  git(repository, ["commit", "-qm", "before"]);
  const passes = (files: ReadonlyMap<string, string>): boolean =>
    withFiles(
      repository,
      files,
      (folder) => spawnSync(process.execPath, ["--test", checkFile], { cwd: folder, stdio: "ignore", env: {} }).status === 0,
    );
  if (!passes(good)) throw new StudyError(`${name}: its own check does not pass on the good change.`);
  const goodTree = withFiles(repository, good, (folder) => {
    git(folder, ["add", "-A", "-f"]);
    return git(folder, ["write-tree"]).trim();
  });
  return { name, hunks, before: texts, repository, goodTree, passes };
}

/** The wrong course of a task for a seed. */
export function driftFor({ name, hunks, before }: Task, { driftPoint }: Assumptions, seed: number): Drift {
  const point = randomOf("point", name, seed)() * 2 * driftPoint;
  const drift = driftOf({ hunks, before, point, seed: `${name} ${seed}` });
  if (drift === undefined) throw new StudyError(`${name}: there is no identifier in its change to get wrong.`);
  return drift;
}

/** The task's files with these hunks in them, each where its lines before stand. */
export function filesWith({ before }: Pick<Task, "before">, hunks: readonly ChangeHunk[]): ReadonlyMap<string, string> {
  const files = new Map(before);
  for (const hunk of hunks) {
    const [old, fresh] = [sideOf(hunk, "-"), sideOf(hunk, "+")];
    const text = files.get(hunk.path) ?? "";
    files.set(hunk.path, hunk.kind === "create" ? fresh : text.replace(old, () => fresh));
  }
  return files;
}

/** With as much around each place as it needs to be the only one. */
function readChange(file: string, before: string | undefined, after: string): readonly ChangeHunk[] | undefined {
  const [old, fresh] = [before === undefined ? "" : readFileSync(before, "utf8"), readFileSync(after, "utf8")];
  for (const context of [3, 5, 8, 12, 20]) {
    const args = ["diff", "--no-index", "--no-color", `-U${context}`, before ?? "/dev/null", after];
    const diff = spawnSync("git", args, { encoding: "utf8", maxBuffer: 1 << 26 }).stdout;
    if (diff === "") return undefined;
    const hunks = hunksOf(file, diff);
    const isOnly = (text: string, part: string): boolean =>
      text.indexOf(part) >= 0 && text.indexOf(part) === text.lastIndexOf(part);
    if (hunks === undefined || hunks.length === 0) return undefined;
    if (before === undefined || hunks.every((hunk) => isOnly(old, sideOf(hunk, "-")) && isOnly(fresh, sideOf(hunk, "+"))))
      return hunks;
  }
  return undefined;
}

/** Each file of the change loads and exports what it does in the good version; one that cannot be loaded by itself is parsed. */
function checkOf(repository: string, good: ReadonlyMap<string, string>): ReadonlyMap<string, string> {
  const tests = withFiles(repository, good, (folder) =>
    [...good.keys()].map((file) => {
      const print = `import(process.argv[1]).then((all) => console.log(JSON.stringify(Object.keys(all).sort())))`;
      const loaded = spawnSync(process.execPath, ["-e", print, path.join(folder, file)], { encoding: "utf8", env: {} });
      const place = JSON.stringify(`../${file}`);
      const body =
        loaded.status === 0
          ? `assert.deepEqual(Object.keys(await import(${place})).sort(), ${loaded.stdout.trim()});`
          : `execFileSync(process.execPath, ["--check", require.resolve(${place})]);`;
      return `test(${JSON.stringify(file)}, async () => {\n  ${body}\n});\n`;
    }),
  );
  const head = `const test = require("node:test");\nconst assert = require("node:assert");\nconst { execFileSync } = require("node:child_process");\n`;
  return new Map([[checkFile, `${head}\n${tests.join("\n")}`]]);
}

/** On a copy, which is gone afterwards. */
function withFiles<T>(repository: string, files: ReadonlyMap<string, string>, use: (folder: string) => T): T {
  const folder = mkdtempSync(`${repository}-copy-`);
  try {
    cpSync(repository, folder, { recursive: true });
    write(folder, files);
    return use(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function write(folder: string, files: ReadonlyMap<string, string>): void {
  for (const [name, text] of files) {
    mkdirSync(path.dirname(path.join(folder, name)), { recursive: true });
    writeFileSync(path.join(folder, name), text);
  }
}

function filesBelow(folder: string, below = ""): string[] {
  return readdirSync(path.join(folder, below), { withFileTypes: true }).flatMap((entry) => {
    const name = path.posix.join(below, entry.name);
    if (entry.isDirectory()) return entry.name === "node_modules" ? [] : filesBelow(folder, name);
    return entry.isFile() ? [name] : [];
  });
}

const readJson = (file: string): Record<string, unknown> => JSON.parse(readFileSync(file, "utf8"));

export const git = (folder: string, args: readonly string[]): string =>
  execFileSync("git", ["-C", folder, "-c", "core.autocrlf=false", ...args], {
    encoding: "utf8",
    maxBuffer: 1 << 26,
    env: { PATH: process.env["PATH"], GIT_CONFIG_GLOBAL: "/dev/null", GIT_CONFIG_NOSYSTEM: "1" },
  });
