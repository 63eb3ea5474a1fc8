import { spawnSync } from "node:child_process";
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
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeEach, describe, expect, it } from "vitest";

const launcher = path.join(import.meta.dirname, "../packages/cli/bin/twolane.cjs");
const folder = mkdtempSync(path.join(tmpdir(), "launcher-"));
const cache = path.join(folder, "cache/twolane/code");
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** A bundle that says what it was given and ends with the status it was told. */
const program = (build: string): string => `//${build}
(function (require, module, exports, __filename, __dirname) {
  const { basename } = require("node:path");
  process.stdout.write([basename(__filename), ...process.argv.slice(2)].join(" "));
  process.exit(Number(process.env.STATUS ?? 0));
})
`;

beforeEach(() => {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(path.join(folder, "bin"), { recursive: true });
  mkdirSync(path.join(folder, "dist"));
  copyFileSync(launcher, path.join(folder, "bin/twolane.cjs"));
  writeFileSync(path.join(folder, "dist/main.cjs"), program("one"));
});

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
    encoding: "utf8",
  });
}

const caches = (): string[] => readdirSync(cache).sort();
const cacheOf = (word: string): string => path.join(cache, caches().find((name) => name.endsWith(`-${word}`)) ?? "none");

/** Makes a file look some hours old, so that a rewrite shows. */
function age(file: string, hours: number): void {
  const then = Date.now() / 1000 - hours * 3600;
  utimesSync(file, then, then);
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

  it("writes a code cache for each command once, for its owner only, and uses it", () => {
    run();
    run({ args: ["undo"] });
    expect(caches()).toHaveLength(2);
    expect(statSync(cacheOf("run")).mode & 0o777).toBe(0o600);
    expect(statSync(cache).mode & 0o777).toBe(0o700);
    age(cacheOf("run"), 1);
    expect(run().stdout).toBe("main.cjs run");
    expect(isRewritten(cacheOf("run"))).toBe(false);
  });

  it("adds once a day to a cache what later runs compiled", () => {
    run();
    age(cacheOf("run"), 25);
    run();
    expect(isRewritten(cacheOf("run"))).toBe(true);
  });

  it.each([1, 2, 130])("makes no cache of a run that ended with status %i", (status) => {
    run({ env: { STATUS: String(status) } });
    expect(() => caches()).toThrow(/ENOENT/);
  });

  it("keeps the caches of another build, up to a limit", () => {
    run();
    for (let at = 0; at < 30; at++) {
      const other = path.join(cache, `other-${at}`);
      writeFileSync(other, "");
      age(other, 1);
    }
    writeFileSync(path.join(folder, "dist/main.cjs"), program("two"));
    expect(run().stdout).toBe("main.cjs run");
    expect(caches()).toHaveLength(24);
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
