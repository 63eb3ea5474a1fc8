/** A short study of a small change: its courses through the product, in a real repository, with its real tests. */
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { needs } from "../tools/needs.ts";
import { StudyError, fetchPackages } from "./packages.ts";
import { stated } from "./person.ts";
import { prepareTask } from "./prepare.ts";
import { firstSentence } from "./report.ts";
import { runStudy } from "./study.ts";
import { packageChanges } from "./tasks.ts";
import { readWish } from "./wish.ts";

const hasSandbox = needs("bwrap", { for: "the loop study", get: "apt-get install bubblewrap" });
const repository = path.join(import.meta.dirname, "..");

let room: string;
beforeEach(() => void (room = realpathSync(mkdtempSync(path.join(tmpdir(), "twolane-study-test-")))));
afterEach(() => rmSync(room, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 }));

function write(folder: string, files: Readonly<Record<string, string>>): string {
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(path.dirname(path.join(room, folder, name)), { recursive: true });
    writeFileSync(path.join(room, folder, name), text);
  }
  return path.join(room, folder);
}

const spacer = (from: number): string => Array.from({ length: 9 }, (_, at) => `// line ${from + at}\n`).join("");
const source = (price: string, list: string): string =>
  `export const price = (${price}) => ${price} * 2;\n${spacer(0)}export const list = (${list}) => ${list}.length;\n${spacer(20)}export const quantity = (${list}) => ${list}.length + price(1);\n`;

const small = () =>
  prepareTask(
    {
      name: "small",
      before: write("before", {
        "package.json": '{"type":"module"}',
        "lib/shop.js": source("cents", "items"),
        "lib/other.txt": "text\n",
      }),
      after: write("after", {
        "package.json": '{"type":"module"}',
        "lib/shop.js": source("amount", "entries"),
        "lib/more.js": 'import { price } from "./shop.js";\nexport const double = (amount) => price(amount) * 2;\n',
      }),
      within: ["lib"],
    },
    path.join(room, "repositories"),
  );

describe.skipIf(!hasSandbox)("the study", () => {
  it("goes every way through the product, to the commit of the good change", async () => {
    const task = small();
    expect(task.hunks).toHaveLength(4);
    const worker = [process.execPath, path.join(repository, "packages/cli/bin/twolane.cjs"), "deep-worker"];
    // So slow a model and so quick a person that there is something to stop and to steer.
    const assumed = { ...stated, linesPerSecond: 40, reaction: 0.1, correctionWords: 0.2, briefWords: 0.2, driftPoint: 0.1 };
    const wish = { tasks: [task], seed: 3, assumed, place: { room, worker }, speeds: [65] };
    const result = await runStudy(wish);
    expect(result.tasks).toMatchObject([{ name: "small", hunks: 4 }]);
    expect(result.cells).toHaveLength(8);
    expect(result.runs).toBe(6);
    expect([result.measured.stop.length, result.measured.steer.length, result.measured.job.length]).toEqual([1, 2, 2]);
    expect(result.cells.filter(({ correction }) => correction !== undefined).map(({ way }) => way)).toEqual([
      "stop",
      "steer",
      "deep",
    ]);
    expect(result.cells.every(({ commitAt, attended, tokens, lines }) => commitAt >= attended && tokens > 0 && lines > 0)).toBe(
      true,
    );
  }, 300_000);
});

it("says first what is simulated, in its guide as on the terminal", () => {
  const [title, , first] = readFileSync(path.join(repository, "docs/loop-study.md"), "utf8").split("\n");
  expect(title).toMatch(/^# /);
  expect(first).toBe(firstSentence);
});

describe("its command", () => {
  it.each([
    [["--tasks", "0"], "--tasks takes a number from 1 to"],
    [["--tasks", "99"], "--tasks takes a number from 1 to"],
    [["--seed", "x"], "--seed takes a whole number, not x"],
    [["--sed", "1"], "'--sed'"],
    [["more"], "'more'"],
  ])("refuses %j in one line", (args, words) => {
    const wish = readWish(args);
    expect(wish).toContain(words);
    expect(wish).not.toContain("\n");
  });

  it("ends with status 2 where it was not asked for rightly", () => {
    const ended = spawnSync(process.execPath, ["--import", "./tools/typescript.mjs", "study/main.ts", "--tasks", "0"], {
      cwd: repository,
      encoding: "utf8",
    });
    expect(ended).toMatchObject({ status: 2, stdout: "", stderr: expect.stringMatching(/^study:loop: --tasks takes [^\n]*\n$/) });
  });

  const change = { name: "a", from: "1.0.0", to: "1.0.1", integrity: ["sha512-y", "sha512-z"], within: [] } as const;
  const withLock = (...hashes: readonly (readonly [string, string])[]): string =>
    write("cache", {
      "node_modules/.package-lock.json": JSON.stringify({
        packages: Object.fromEntries(hashes.map(([name, integrity]) => [`node_modules/${name}`, { integrity }])),
      }),
    });

  it("refuses archives that are others than those it was made of", () => {
    const cache = withLock(["a-1.0.0", "sha512-x"], ["a-1.0.1", "sha512-z"]);
    expect(() => fetchPackages([change], cache)).toThrow(StudyError);
    expect(() => fetchPackages([change], cache)).toThrow("a-1.0.0 is not the archive");
  });

  it("says in one line why packages could not be fetched, and what to do", () => {
    const ended = spawnSync(process.execPath, ["--import", "./tools/typescript.mjs", "study/main.ts", "--tasks", "1"], {
      ...{ cwd: repository, encoding: "utf8" },
      env: {
        ...process.env,
        XDG_CACHE_HOME: room,
        npm_config_registry: "http://127.0.0.1:9",
        npm_config_cache: path.join(room, "npm"),
      },
    });
    expect(ended).toMatchObject({ status: 1, stdout: "" });
    expect(ended.stderr).toMatch(
      /^study:loop: The packages of the tasks could not be fetched: [^\n]*ECONNREFUSED[^\n]*npm ping[^\n]*\n$/,
    );
  }, 60_000);

  it("takes packages that are there without asking the registry, also those of a smaller study", () => {
    const cache = withLock(["a-1.0.0", "sha512-y"], ["a-1.0.1", "sha512-z"], ["b-2.0.0", "sha512-w"]);
    expect(fetchPackages([change], cache)).toEqual([
      ["a-1.0.0", "a-1.0.1"].map((name) => path.join(cache, "node_modules", name)),
    ]);
  });

  it("has at least twelve changes, each pinned", () => {
    expect(packageChanges.length).toBeGreaterThanOrEqual(12);
    for (const { integrity } of packageChanges) for (const hash of integrity) expect(hash).toMatch(/^sha512-[\w+/]{86}==$/);
  });
});
