import { execFileSync } from "node:child_process";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { setImmediate as breathe } from "node:timers/promises";
import { rgPath } from "@vscode/ripgrep";
import { afterAll, describe, expect, it } from "vitest";
import { listWorkspacePaths } from "./path-list.ts";
import { type Processes, systemProcesses } from "./process.ts";
import { watchPauses } from "../../test/pauses.ts";

const base = fs.realpathSync(fs.mkdtempSync(path.join(os.tmpdir(), "twolane-paths-")));
afterAll(() => fs.rmSync(base, { recursive: true }));

let folders = 0;
function folder(files: Readonly<Record<string, string>>): string {
  const root = path.join(base, `f${folders++}`);
  fs.mkdirSync(root);
  for (const [name, text] of Object.entries(files)) {
    fs.mkdirSync(path.dirname(path.join(root, name)), { recursive: true });
    fs.writeFileSync(path.join(root, name), text);
  }
  return root;
}

const git = (root: string, ...args: string[]): string =>
  execFileSync("git", ["-c", "user.name=t", "-c", "user.email=t@t", "-c", "protocol.file.allow=always", ...args], {
    cwd: root,
    encoding: "utf8",
    stdio: ["ignore", "pipe", "pipe"],
  });

const list = (root: string, options: { processes?: Processes; ripgrep?: () => string } = {}) =>
  listWorkspacePaths({ root, processes: systemProcesses, ripgrep: () => rgPath, ...options });

/** The machine without one of its programs. */
const without = (program: string): Processes => ({
  run: (options) =>
    systemProcesses.run(
      path.basename(options.command) === program ? { ...options, command: path.join(base, "nowhere") } : options,
    ),
});

const files = {
  ".gitignore": "dist/\n*.log\n",
  "src/a.ts": "",
  "src/straße 👩‍👩‍👧.ts": "",
  "with\nline.txt": "",
  ".github/ci.yml": "",
  "dist/out.js": "",
  "debug.log": "",
};
const kept = [".github/ci.yml", ".gitignore", "src/a.ts", "src/straße 👩‍👩‍👧.ts", "with\nline.txt"];

describe("the files of a repository", () => {
  it("are tracked and untracked ones, without what is ignored", async () => {
    const root = folder(files);
    git(root, "init", "-q");
    git(root, "add", "src/a.ts");
    git(root, "add", "-f", "debug.log");
    expect(new Set(await list(root))).toEqual(new Set([...kept, "debug.log"]));
    expect(await list(path.join(root, "src"))).toEqual(expect.arrayContaining(["a.ts"]));
    expect(await list(path.join(root, "src"))).toHaveLength(2);
  });

  it("are each once, also in the middle of a merge; a submodule is one path", async () => {
    const inner = folder({ "inner.txt": "x" });
    git(inner, "init", "-q");
    git(inner, "add", ".");
    git(inner, "commit", "-qm", "inner");
    const root = folder({ "a.txt": "base\n" });
    git(root, "init", "-q", "-b", "main");
    git(root, "submodule", "--quiet", "add", inner, "sub");
    git(root, "add", ".");
    git(root, "commit", "-qm", "base");
    git(root, "checkout", "-qb", "other");
    fs.writeFileSync(path.join(root, "a.txt"), "other\n");
    git(root, "commit", "-qam", "other");
    git(root, "checkout", "-q", "main");
    fs.writeFileSync(path.join(root, "a.txt"), "main\n");
    git(root, "commit", "-qam", "main");
    expect(() => git(root, "merge", "other")).toThrow("merge other");
    expect([...(await list(root))].toSorted((a, b) => (a < b ? -1 : 1))).toEqual([".gitmodules", "a.txt", "sub"]);
  });

  it("are listed without starting what the repository names", async () => {
    const root = folder({ "a.txt": "" });
    git(root, "init", "-q");
    const hook = path.join(root, "hook.sh");
    fs.writeFileSync(hook, `#!/bin/sh\ntouch ${root}/started\n`, { mode: 0o755 });
    git(root, "config", "core.fsmonitor", hook);
    expect(new Set(await list(root))).toEqual(new Set(["a.txt", "hook.sh"]));
    expect(fs.existsSync(path.join(root, "started"))).toBe(false);
    // What would be started without our care; else this test shows nothing.
    git(root, "ls-files", "-o");
    git(root, "status");
    expect(fs.existsSync(path.join(root, "started"))).toBe(true);
  });
});

describe("the files of another folder", () => {
  it("are found by ripgrep, hidden ones too", async () => {
    const root = folder({ ...files, ".git/config": "", ".ignore": "*.txt\n" });
    const found = kept.filter((name) => !name.endsWith(".txt"));
    expect(new Set(await list(root))).toEqual(new Set([...found, ".ignore"]));
    expect(await list(folder({}))).toEqual([]);
  });

  it("are found without git", async () => {
    const root = folder(files);
    git(root, "init", "-q");
    expect(new Set(await list(root, { processes: without("git") }))).toEqual(new Set(kept));
  });

  it("are found by walking where nothing else is there", async () => {
    const root = folder({ "a/b/c.txt": "", "z.txt": "", ".hidden/x": "", "node_modules/x/index.js": "" });
    fs.symlinkSync(root, path.join(root, "a/round"));
    const expected = ["z.txt", "a/round", "a/b/c.txt"];
    expect(await list(root, { processes: without("rg") })).toEqual(expected);
    const missing = (): string => {
      throw new Error("no such package");
    };
    expect(await list(root, { ripgrep: missing })).toEqual(expected);
    expect(await list(path.join(root, "missing"), { ripgrep: missing })).toEqual([]);
  });
});

describe("many files", () => {
  /** Ten times the budget, in ms. */
  const pauseLimit = 50;

  /** What git would say of a repository of this size, in the pieces that a pipe has. */
  const saying = (stdout: string): Processes => ({
    async run({ onOutput }) {
      for (let at = 0; at < stdout.length; at += 65_536) {
        onOutput?.(stdout.slice(at, at + 65_536));
        await breathe();
      }
      return { kind: "exited", status: 0, stdout: "", stderr: "", cut: true };
    },
  });

  it("are at most 200,000, without a name that was cut, and no key waits for them", async () => {
    const stdout = Array.from({ length: 250_000 }, (_, n) => `packages/p${n % 100}/src/file${n}.ts\0`).join("");
    let longest = Number.POSITIVE_INFINITY;
    // The quietest of some runs: other tests share the processor.
    for (let run = 0; run < 5 && longest > pauseLimit; run++) {
      const stop = watchPauses();
      expect(await list("/", { processes: saying(stdout) })).toHaveLength(200_000);
      longest = Math.min(longest, stop());
    }
    console.log(`200,000 paths: longest pause while split ${longest.toFixed(1)} ms`);
    expect(longest).toBeLessThan(pauseLimit);
    const cut: Processes = {
      run: (options) =>
        options.command === "git" ? without("git").run({ ...options, cwd: base }) : saying("a.ts\0b.ts\0c.t").run(options),
    };
    expect(await list("/", { processes: cut })).toEqual(["a.ts", "b.ts"]);
  });
});
