import { spawn, spawnSync } from "node:child_process";
import {
  chmodSync,
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { once } from "node:events";
import { tmpdir } from "node:os";
import path from "node:path";
import { setTimeout } from "node:timers/promises";
import { afterAll, beforeEach, describe, expect, it } from "vitest";

const launcher = path.join(import.meta.dirname, "../packages/cli/bin/twolane.cjs");
const folder = mkdtempSync(path.join(tmpdir(), "launcher-"));
const cache = path.join(folder, "cache/twolane/code");
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** A bundle that says what it was given, asks for a part when it is told to, and ends with the status it was told. */
const program = (build: string): string => `//${build} main later
(function (require, __filename, __dirname, readPart) {
  const { basename } = require("node:path");
  const { PART, STATUS, UPTIME } = process.env;
  if (UPTIME !== undefined) process.uptime = () => Number(UPTIME);
  const say = (...more) => {
    process.stdout.write([basename(__filename), ...process.argv.slice(2), ...more].join(" "));
    process.exit(Number(STATUS ?? 0));
  };
  if (PART === undefined) say();
  process.stdin.once("data", () => say(readPart(PART)));
  process.stdout.write("started, ");
})
`;
const later = (build: string): string => `//${build} main later\n"the later part"\n`;

beforeEach(() => {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(path.join(folder, "bin"), { recursive: true });
  mkdirSync(path.join(folder, "dist"));
  copyFileSync(launcher, path.join(folder, "bin/twolane.cjs"));
  install("one");
});

function install(build: string): void {
  writeFileSync(path.join(folder, "dist/main.cjs"), program(build));
  writeFileSync(path.join(folder, "dist/later.cjs"), later(build));
}

interface Run {
  readonly args?: readonly string[];
  readonly env?: NodeJS.ProcessEnv;
}

function run({ args = ["run"], env = {} }: Run = {}): {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
} {
  const { PATH } = process.env;
  return spawnSync(process.execPath, [path.join(folder, "bin/twolane.cjs"), ...args], {
    env: { PATH, XDG_CACHE_HOME: path.join(folder, "cache"), ...env },
    input: "go on",
    encoding: "utf8",
  });
}

/** The same for a later part, with something that happens between its start and when it is asked for. */
async function runBeside(meanwhile: () => unknown): Promise<ReturnType<typeof run>> {
  const child = spawn(process.execPath, [path.join(folder, "bin/twolane.cjs"), "run"], {
    env: { PATH: process.env["PATH"], XDG_CACHE_HOME: path.join(folder, "cache"), PART: "later" },
  });
  const said = { stdout: "", stderr: "" };
  child.stdout.on("data", (bytes: Buffer) => void (said.stdout += bytes.toString()));
  child.stderr.on("data", (bytes: Buffer) => void (said.stderr += bytes.toString()));
  const closed = once(child, "close");
  await once(child.stdout, "data");
  await meanwhile();
  child.stdin.end("go on");
  const [status]: (number | null)[] = await closed;
  return { status: status ?? null, ...said };
}

const caches = (): string[] => readdirSync(cache).sort();
const cacheOf = (word: string): string => path.join(cache, caches().find((name) => name.endsWith(`-${word}`)) ?? "none");

/** Makes a file look some hours old, so that a rewrite shows. */
function age(file: string, hours: number): void {
  const then = Date.now() / 1000 - hours * 3600;
  utimesSync(file, then, then);
}
/** The runs that each add to the cache. */
function runAtFirst(): void {
  for (let nth = 0; nth < 3; nth++) run();
}
const isRewritten = (file: string): boolean => Date.now() - statSync(file).mtimeMs < 1800_000;

describe("the launcher", () => {
  it("runs the bundle with its arguments, its own place and its exit status", () => {
    expect(run({ args: ["run", "a b"], env: { STATUS: "5" } })).toMatchObject({
      status: 5,
      stdout: "main.cjs run a b",
      stderr: "",
    });
  });

  it("writes a code cache for each command, for its owner only, and uses it", () => {
    run();
    run({ args: ["undo"] });
    expect(caches()).toHaveLength(2);
    expect(statSync(cacheOf("run")).mode & 0o777).toBe(0o600);
    expect(statSync(cache).mode & 0o777).toBe(0o700);
    expect(run().stdout).toBe("main.cjs run");
  });

  it("adds to it what the first three runs compiled", () => {
    for (const [nth, isWritten] of [true, true, true, false, false].entries()) {
      if (nth > 0) age(cacheOf("run"), 1);
      expect(run().stdout).toBe("main.cjs run");
      expect(isRewritten(cacheOf("run"))).toBe(isWritten);
    }
  });

  it("adds once a day to a cache what later runs compiled", () => {
    runAtFirst();
    age(cacheOf("run"), 23);
    run();
    expect(isRewritten(cacheOf("run"))).toBe(false);
    age(cacheOf("run"), 25);
    run();
    expect(isRewritten(cacheOf("run"))).toBe(true);
  });

  it("adds to it after a run that lasted", () => {
    runAtFirst();
    age(cacheOf("run"), 1);
    run({ env: { UPTIME: "20" } });
    expect(isRewritten(cacheOf("run"))).toBe(false);
    run({ env: { UPTIME: "40" } });
    expect(isRewritten(cacheOf("run"))).toBe(true);
  });

  it("reads another part when it is asked for, and keeps a cache of it", () => {
    run();
    expect(caches()).toHaveLength(1);
    expect(run({ env: { PART: "later" } }).stdout).toBe("started, main.cjs run the later part");
    expect(caches().filter((name) => name.startsWith("one-later-"))).toHaveLength(1);
    expect(run({ env: { PART: "later" } }).stdout).toBe("started, main.cjs run the later part");
  });

  it("goes on with its own parts when another version is installed meanwhile", async () => {
    const running = runBeside(async () => {
      await setTimeout(1500);
      install("two");
    });
    expect(await running).toEqual({ status: 0, stdout: "started, main.cjs run the later part", stderr: "" });
  });

  it("says in one line that it has been replaced before it had read them", async () => {
    expect(await runBeside(() => install("two"))).toEqual({
      status: 1,
      stdout: "started, ",
      stderr: "twolane: Another version was installed while this one ran. Start it again.\n",
    });
  });

  it.each([1, 2, 130])("makes no cache of a run that ended with status %i", (status) => {
    run({ env: { STATUS: String(status) } });
    expect(() => caches()).toThrow(/ENOENT/);
  });

  it("keeps the caches of another build, up to a limit", () => {
    run();
    for (let at = 0; at < 60; at++) {
      const other = path.join(cache, `other-${at}`);
      writeFileSync(other, "");
      age(other, 1);
    }
    install("two");
    expect(run().stdout).toBe("main.cjs run");
    expect(caches()).toHaveLength(48);
    expect(caches().filter((name) => /^(one|two)-/.test(name))).toHaveLength(2);
  });

  it.each([
    ["cut", (bytes: Buffer) => bytes.subarray(0, bytes.length / 2)],
    ["empty", () => Buffer.alloc(0)],
    ["not a cache", () => Buffer.from("this is no cache".repeat(100))],
  ])("replaces a cache that is %s", (_, spoil) => {
    run();
    const file = cacheOf("run");
    const good = readFileSync(file);
    writeFileSync(file, spoil(good));
    age(file, 1);
    expect(run()).toMatchObject({ status: 0, stdout: "main.cjs run", stderr: "" });
    expect(isRewritten(file)).toBe(true);
    expect(readFileSync(file).length).toBe(good.length);
  });

  it("does not run a cache that others could have written", () => {
    run();
    const file = cacheOf("run");
    chmodSync(file, 0o666);
    age(file, 1);
    expect(run().stdout).toBe("main.cjs run");
    expect(isRewritten(file)).toBe(true);
    expect(statSync(file).mode & 0o777).toBe(0o600);
  });

  it.each([
    ["cannot be written", { XDG_CACHE_HOME: "/dev/null" }],
    ["is relative", { XDG_CACHE_HOME: "cache" }],
    ["is not known", { XDG_CACHE_HOME: "", HOME: "" }],
  ])("runs where the cache folder %s", (_, env) => {
    expect(run({ env })).toMatchObject({ status: 0, stdout: "main.cjs run", stderr: "" });
  });

  it("says in one line that the command is not built", () => {
    rmSync(path.join(folder, "dist"), { recursive: true });
    expect(run()).toMatchObject({
      status: 1,
      stdout: "",
      stderr: "twolane: The command is not built yet. Run `npm run build`.\n",
    });
  });
});
