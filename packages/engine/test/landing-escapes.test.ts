/**
 * Ways round the policy and out of the workspace that an answer of a model can try, through the real loop on a real disk. Each is a name
 * or a trick; none of them changes what it must not.
 */
import { spawn } from "node:child_process";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import type { TwolaneEvent } from "@twolane/protocol";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { openPatch } from "../src/engine.ts";
import type { Files } from "../src/host/files.ts";
import { openStream, openWorkshop } from "./landing/workshop.ts";

const policy = `version: 1
scope:
  - hold: [guarded/**, 'café/**']
    name: guarded
  - block: [vendor/**]
    name: vendor
`;

let home: string;
let root: string;
let outside: string;

beforeEach(() => {
  home = fs.realpathSync(fs.mkdtempSync(path.join(os.tmpdir(), "twolane-escape-")));
  [root, outside] = [path.join(home, "work"), path.join(home, "outside")];
  for (const [name, text] of Object.entries({
    "work/.twolane/policy.yaml": policy,
    "work/guarded/a.ts": "one\n",
    "work/vendor/a.ts": "one\n",
    "work/café/a.ts": "one\n",
    "work/src/a.ts": "one\n",
    "work/.git/config": "one\n",
    "outside/a.ts": "one\n",
  })) {
    fs.mkdirSync(path.dirname(path.join(home, name)), { recursive: true });
    fs.writeFileSync(path.join(home, name), text);
  }
});
afterEach(() => fs.rmSync(home, { recursive: true, force: true }));

/** Every file below, links not followed, with its text. */
function tree(): Record<string, string> {
  const names = fs
    .readdirSync(home, { recursive: true, encoding: "utf8" })
    .filter((name) => !/^(?:state|config)(?:\/|$)/.test(name));
  const isFile = (name: string): boolean => fs.lstatSync(path.join(home, name)).isFile();
  return Object.fromEntries(names.filter(isFile).map((name) => [name, fs.readFileSync(path.join(home, name), "utf8")]));
}

/** What became of each hunk: `landed`, `failed CODE`, or `hold RULE`. */
async function answer(...lines: readonly string[]): Promise<string[]> {
  const text = ["*** Begin Patch", ...lines, "*** End Patch", ""].join("\n");
  const env = { HOME: home, XDG_STATE_HOME: path.join(home, "state"), XDG_CONFIG_HOME: path.join(home, "config") };
  const opened = await openPatch({
    cwd: root,
    env,
    scope: [],
    landing: "hunk",
    dryRun: false,
    trust: true,
    text,
    dialect: "v4a",
  });
  if (!opened.ok) throw new Error(opened.failure.message);
  const events: TwolaneEvent[] = [];
  opened.value.subscribe((event) => void events.push(event));
  opened.value.send({ type: "prompt", text: "do it" });
  await opened.value.idle();
  await opened.value.close();
  return events.flatMap((event) => {
    if (event.type === "hunk.landed") return ["landed"];
    if (event.type === "hunk.failed") return [`failed ${event.failure.code}`];
    return event.type === "hunk.held" ? [`${event.verdict.decision} ${event.verdict.rule}`] : [];
  });
}

const edit = (name: string): string[] => [`*** Update File: ${name}`, "@@", "-one", "+two"];
const create = (name: string): string[] => [`*** Add File: ${name}`, "+new"];
const move = (from: string, to: string): string[] => [`*** Update File: ${from}`, `*** Move to: ${to}`];

describe("an answer cannot reach", () => {
  it.each([
    ["..", "../outside/a.ts", "failed PATH_OUTSIDE"],
    [".. on the way", "src/../../outside/a.ts", "failed PATH_OUTSIDE"],
    [".. inside", "src/../guarded/a.ts", "failed PATH_OUTSIDE"],
    [".. with backslashes", "src\\..\\guarded\\a.ts", "failed PATH_OUTSIDE"],
    ["/proc/self/cwd", "/proc/self/cwd/guarded/a.ts", "failed PATH_OUTSIDE"],
    ["/proc/self/root", "/proc/self/root/etc/hosts", "failed PATH_OUTSIDE"],
    ["a drive", "C:/guarded/a.ts", "failed PATH_OUTSIDE"],
    [". parts", "./guarded/./a.ts", "hold guarded"],
    ["doubled slashes", "guarded//a.ts", "hold guarded"],
    ["case", "GUARDED/a.ts", "hold guarded"],
    ["case, blocked", "Vendor/A.ts", "block vendor"],
    ["NFD", "cafe\u0301/a.ts", "hold guarded"],
    ["NFC", "caf\u00e9/a.ts", "hold guarded"],
    [".git", ".git/config", "failed PATH_GIT"],
    [".GIT", ".GIT/config", "failed PATH_GIT"],
    [".git.", ".git./config", "failed PATH_GIT"],
    [".git and a blank", ".git /config", "failed PATH_GIT"],
    ["git~1", "git~1/config", "failed PATH_GIT"],
    [".git::$INDEX_ALLOCATION", ".git::$INDEX_ALLOCATION/config", "failed PATH_GIT"],
    [".git with what HFS+ drops", ".g\u200cit/config", "failed PATH_GIT"],
    [".git below", "src/.git/config", "failed PATH_GIT"],
    ["the policy", ".twolane/policy.yaml", "block permissions"],
    ["the policy in capitals", ".TWOLANE/policy.yaml", "block permissions"],
    ["a new file beside the policy", ".twolane/more.yaml", "block permissions"],
  ])("%s", async (_name, target, expected) => {
    const before = tree();
    expect(await answer(...edit(target))).toEqual([expected]);
    expect(await answer(...create(target))).toEqual([expected]);
    expect(await answer(`*** Delete File: ${target}`)).toEqual([expected]);
    expect(await answer(...move("src/a.ts", target))).toEqual([expected]);
    expect(tree()).toEqual(before);
  });

  it("an absolute path outside, or a guarded one inside", async () => {
    const before = tree();
    expect(await answer(...edit(path.join(outside, "a.ts")))).toEqual(["failed PATH_OUTSIDE"]);
    expect(await answer(...edit(path.join(root, "guarded/a.ts")))).toEqual(["hold guarded"]);
    expect(tree()).toEqual(before);
  });

  it("a file through a link to it, or to its folder", async () => {
    fs.symlinkSync("../guarded/a.ts", path.join(root, "src/link.ts"));
    fs.symlinkSync("../guarded", path.join(root, "src/folder"));
    fs.symlinkSync(outside, path.join(root, "src/out"));
    fs.symlinkSync("../.git", path.join(root, "src/g"));
    const before = tree();
    expect(await answer(...edit("src/link.ts"))).toEqual(["hold guarded"]);
    expect(await answer(...edit("src/folder/a.ts"), ...create("src/folder/b.ts"))).toEqual(["hold guarded", "hold guarded"]);
    expect(await answer(...edit("src/out/a.ts"), ...create("src/out/b.ts"))).toEqual([
      "failed PATH_OUTSIDE",
      "failed PATH_OUTSIDE",
    ]);
    expect(await answer(...edit("src/g/config"))).toEqual(["failed PATH_GIT"]);
    expect(await answer(...move("src/a.ts", "src/folder/c.ts"))).toEqual(["hold guarded"]);
    expect(tree()).toEqual(before);
  });

  it("the policy through a link, or by a move", async () => {
    fs.symlinkSync("../.twolane", path.join(root, "src/p"));
    fs.symlinkSync("../.twolane/local.yaml", path.join(root, "src/q.yaml"));
    const before = tree();
    expect(await answer(...edit("src/p/policy.yaml"), ...create("src/p/x.yaml"))).toEqual([
      "block permissions",
      "block permissions",
    ]);
    expect(await answer(...create("src/q.yaml"))).toEqual(["failed FILE_IS_LINK"]);
    expect(await answer(...move("src/a.ts", ".twolane/policy.yaml"))).toEqual(["block permissions"]);
    expect(await answer(...move("src/a.ts", "src/p/y.yaml"))).toEqual(["block permissions"]);
    expect(await answer(...move(".twolane/policy.yaml", "src/policy.yaml"))).toEqual(["block permissions"]);
    expect(tree()).toEqual(before);
  });

  it("a guarded place by a move in or out, also of what the same answer has made", async () => {
    const before = tree();
    expect(await answer(...move("src/a.ts", "guarded/b.ts"))).toEqual(["hold guarded"]);
    expect(await answer(...move("guarded/a.ts", "src/b.ts"))).toEqual(["hold guarded"]);
    expect(tree()).toEqual(before);
    expect(await answer(...create("src/new.ts"), ...move("src/new.ts", "vendor/new.ts"))).toEqual(["landed", "block vendor"]);
    expect(tree()).toEqual({ ...before, "work/src/new.ts": "new\n" });
  });

  /** An edit gives the name a file of its own (`landing-write.ts`), so that no other name of the old one changes. */
  it("a guarded file by a hard link", async () => {
    fs.linkSync(path.join(root, "guarded/a.ts"), path.join(root, "src/hard.ts"));
    fs.linkSync(path.join(root, ".twolane/policy.yaml"), path.join(root, "src/policy.yaml"));
    fs.linkSync(path.join(outside, "a.ts"), path.join(root, "src/out.ts"));
    const before = tree();
    await answer(...edit("src/hard.ts"), ...edit("src/out.ts"));
    await answer("*** Update File: src/policy.yaml", "@@", "-version: 1", "+version: 2");
    await answer("*** Delete File: src/policy.yaml");
    for (const name of ["work/guarded/a.ts", "work/.twolane/policy.yaml", "outside/a.ts"])
      expect(tree()[name]).toBe(before[name]);
  });
});

describe("a link that is put in a folder's place", () => {
  const both = ["*** Begin Patch", ...edit("src/a.ts"), ...create("src/b.ts"), "*** End Patch", ""].join("\n");

  it.each(["before", "behind"] as const)(
    "between the judge and the write, %s the staging, leads no write out of the workspace",
    async (when) => {
      const names: string[][] = [];
      const swap = (): void => {
        if (fs.lstatSync(real).isSymbolicLink()) return;
        fs.renameSync(real, `${real}.kept`);
        fs.symlinkSync(outside, real);
      };
      const port = (files: Files): Files => ({
        ...files,
        async stage(name, options) {
          if (when === "before") swap();
          const staged = await files.stage(name, options);
          if (when === "behind") swap();
          names.push(fs.readdirSync(outside));
          return staged;
        },
      });
      const shop = await openWorkshop({ files: { "src/a.ts": "one\n" }, port });
      const real = path.join(shop.root, "src");
      const stream = openStream({ lander: shop.lander() });
      stream.push(both);
      await stream.end(true);
      // Not even for a moment, and not as a temporary file.
      expect(names.flat().filter((name) => name !== "a.ts")).toEqual([]);
      expect(fs.readdirSync(outside)).toEqual(["a.ts"]);
      expect(fs.readFileSync(path.join(outside, "a.ts"), "utf8")).toBe("one\n");
      await shop.dispose();
    },
  );

  it("by a racing process leads no write out of the workspace", async () => {
    const shop = await openWorkshop({ files: { "src/a.ts": "one\n" } });
    const real = path.join(shop.root, "src");
    // Changes places without a pause: the folder, and a link to one outside in which the same file stands.
    const swap = `
      const fs = require("node:fs");
      const [real, away] = process.argv.slice(1);
      const attempt = (action) => { try { action(); } catch {} };
      process.stdout.write("ready\\n");
      for (;;) {
        attempt(() => fs.renameSync(real, real + ".kept"));
        attempt(() => fs.symlinkSync(away, real));
        for (const until = performance.now() + 0.3; performance.now() < until; );
        attempt(() => fs.lstatSync(real).isSymbolicLink() ? fs.unlinkSync(real) : fs.rmSync(real, { recursive: true }));
        attempt(() => fs.renameSync(real + ".kept", real));
        for (const until = performance.now() + 0.3; performance.now() < until; );
      }`;
    const racer = spawn(process.execPath, ["-e", swap, real, outside], { stdio: ["ignore", "pipe", "ignore"] });
    const ended = new Promise((resolve) => void racer.on("close", resolve));
    const found = new Set<string>();
    try {
      await new Promise((resolve) => void racer.stdout.once("data", resolve));
      for (let n = 0; n < 200; n++) {
        const lander = shop.lander();
        const stream = openStream({ lander, from: n * 2 + 1 });
        stream.push(both.replace("src/b.ts", `src/n${n}.ts`));
        await stream.end(true);
        await lander.finish();
        for (const name of fs.readdirSync(outside)) found.add(name);
      }
      expect(racer.exitCode).toBeNull();
    } finally {
      racer.kill("SIGKILL");
      await ended;
    }
    expect([...found]).toEqual(["a.ts"]);
    expect(fs.readFileSync(path.join(outside, "a.ts"), "utf8")).toBe("one\n");
    await shop.dispose();
  }, 60_000);
});
