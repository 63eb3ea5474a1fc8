/** A job in its copy: what commands find there and cannot change, what stays as it was, and a network that comes later. */
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import fs from "node:fs";
import path from "node:path";
import { startSim } from "@twolane/responses/sim";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { needs } from "../../../tools/needs.ts";
import { type Sandbox, openSandbox } from "./command.ts";

const hasSandbox = needs("bwrap", { for: "sandboxed commands", get: "apt-get install bubblewrap" });
const who = ["-c", "user.name=a", "-c", "user.email=a@localhost"];

let sandbox: Sandbox;
beforeEach(() => {
  sandbox = openSandbox();
  sandbox.write(".twolane/policy.yaml", 'version: 1\ncommands:\n  - allow: ["**"]\n');
});
afterEach(() => sandbox.remove());
const git = (...args: readonly string[]): string =>
  execFileSync("git", [...who, ...args], { cwd: sandbox.folder, env: sandbox.env, encoding: "utf8" });

const plan = { when: { prompt: "Goal: " }, reply: [{ text: "1. a.txt — look — risk: low" }] };
const report = { when: { prompt: "Write the report" }, reply: [{ text: "Looked." }] };

/** Bytes of all files of the repository itself. */
function repository(): string {
  const hash = createHash("sha256");
  for (const entry of fs.readdirSync(path.join(sandbox.folder, ".git"), { recursive: true, withFileTypes: true })) {
    const name = path.join(entry.parentPath, entry.name);
    hash.update(`${name}\n`);
    if (entry.isFile()) hash.update(fs.readFileSync(name));
  }
  return hash.digest("hex");
}

describe.skipIf(!hasSandbox)("commands", () => {
  test("see history and ignored folders, and change neither; tests run there as well", async () => {
    sandbox.write(".gitignore", "node_modules\n");
    sandbox.write("package.json", '{ "name": "x", "scripts": { "test": "node --test" } }');
    sandbox.write("a.test.js", 'require("node:test")("it", () => require("dep"));\n');
    sandbox.write("node_modules/dep/index.js", 'module.exports = "from the dependency";\n');
    git("init", "-q");
    git("add", "-A");
    git("commit", "-qm", "the first of all");
    sandbox.write("staged.txt", "staged\n");
    git("add", "staged.txt");
    git("stash", "-q");
    sandbox.write("staged.txt", "staged again\n");
    git("add", "staged.txt");
    const command = [
      "git log --format=%s",
      "git status --short",
      "node -p \"require('dep')\"",
      "touch node_modules/dep/new 2>&1",
      "rm -rf node_modules 2>&1 | head -1",
      "echo changed >> staged.txt",
    ].join("; ");
    const sim = await startSim({
      port: 0,
      scenario: {
        answers: [
          plan,
          {
            when: { prompt: "Do step 1" },
            reply: [
              { call: { name: "run", arguments: { command } } },
              { call: { name: "tests", arguments: { scope: "all" } } },
              { text: "Seen." },
            ],
          },
          report,
        ],
      },
    });
    const env = { TWOLANE_SIM_URL: sim.url };
    const [tree, own] = [sandbox.hash(), repository()];
    try {
      await sandbox.run(["trust"], { env });
      const { stdout, status } = await sandbox.run(["deep", "-m", "sim/scripted", "--wait", "--json", "look"], { env });
      expect(status).toBe(0);
      const events: readonly {
        readonly type: string;
        readonly text?: string;
        readonly tool?: string;
        readonly summary?: string;
      }[] = stdout
        .trim()
        .split("\n")
        .map((line) => JSON.parse(line));
      const output = events.flatMap(({ type, text = "" }) => (type === "command.output" ? [text] : [])).join("");
      expect(output).toContain("The work tree as it was\nthe first of all\n");
      expect(output).toContain("from the dependency");
      expect(output).toMatch(/touch: .*Read-only file system/);
      expect(output).not.toContain("??");
      expect(events.find(({ type, tool }) => type === "tool.ended" && tool === "tests")?.summary).toBe(
        "passed: 0 failed, 1 passed, 0 skipped",
      );
      expect(events.findLast(({ type }) => type === "job.checked")).toMatchObject({
        scope: "whole",
        evidence: { outcome: "passed" },
      });
      const shown = JSON.parse((await sandbox.run(["deep", "show", "--json"])).stdout);
      expect(shown.files).toMatchObject([{ path: "staged.txt", kind: "changed" }]);
      expect([sandbox.hash(), repository()]).toEqual([tree, own]);
    } finally {
      await sim.close();
    }
  });
});

test("without a network it waits, says so, and goes on when there is one", async () => {
  const first = await startSim({ port: 0, scenario: { answers: [] } });
  const { port } = new URL(first.url);
  await first.close();
  const env = { TWOLANE_SIM_URL: first.url };
  await sandbox.run(["deep", "-m", "sim/scripted", "look"], { env });
  const doing = async (): Promise<string> => JSON.parse((await sandbox.run(["deep", "list", "--json"])).stdout).doing;
  await expect.poll(doing, { timeout: 15_000 }).toMatch(/^waiting for the network since \d\d:\d\d$/);
  const answers = [plan, { when: { prompt: "Do step 1" }, reply: [{ text: "Seen." }] }, report];
  const sim = await startSim({ port: Number(port), scenario: { answers } });
  try {
    const { stdout } = await sandbox.run(["deep", "tail"], { env });
    expect(stdout).toContain("Looked.");
    expect(JSON.parse((await sandbox.run(["deep", "list", "--json"])).stdout)).toMatchObject({ state: "ready" });
  } finally {
    await sim.close();
  }
}, 60_000);
