/**
 * Published faults of others in where an agent writes, each as a test with the real command. What a sandboxed command can reach is in
 * `packages/engine/test/command-escapes.test.ts`. docs/security.md lists all rows.
 */
import { existsSync, linkSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { type Sim, startSim } from "@twolane/responses/sim";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { needs } from "../../../tools/needs.ts";
import { type Sandbox, git, openSandbox } from "./command.ts";

const hasSandbox = needs("bwrap", { for: "sandboxed commands", get: "apt-get install bubblewrap" });

let sandbox: Sandbox;
let sim: Sim | undefined;
let outside = "";

beforeEach(() => {
  sandbox = openSandbox();
  git(sandbox.folder, "init", "-q");
  outside = join(sandbox.folder, "..", "work-evil");
  mkdirSync(outside);
  writeFileSync(join(outside, "file"), "outside\n");
  sandbox.write("src/a.ts", "a\n");
});
afterEach(async () => {
  await sim?.close();
  sim = undefined;
  sandbox.remove();
});

const patch = (...files: readonly string[]): string => `*** Begin Patch\n${files.join("")}*** End Patch\n`;
const add = (name: string): string => `*** Add File: ${name}\n+evil\n`;
const move = (from: string, to: string): string => `*** Update File: ${from}\n*** Move to: ${to}\n@@\n-a\n+evil\n`;

async function refused(text: string): Promise<void> {
  const before = sandbox.hash();
  const { status, stdout } = await sandbox.run(["apply"], { input: text });
  expect({ text, status, changed: sandbox.hash() !== before }).toEqual({
    text,
    status: expect.toSatisfy((one) => one === 1 || one === 3),
    changed: false,
  });
  expect(stdout).toMatch(/(?:^|\n)0 hunks landed/);
  expect(readFileSync(join(outside, "file"), "utf8")).toBe("outside\n");
}

describe("what decides permissions", () => {
  it.each([
    ".twolane/policy.yaml",
    ".TWOLANE/policy.yaml",
    ".twolane./policy.yaml",
    ".twolane /policy.yaml",
    "./.twolane//policy.yaml",
    "src/../.twolane/policy.yaml",
    ".two\u200clane/policy.yaml",
    ".twolane/hooks/start",
    ".git/config",
    ".GIT/hooks/pre-commit",
    ".git./config",
    "GIT~1/config",
    ".g\u200cit/config",
    "sub/.git/config",
    ".git::$INDEX_ALLOCATION/config",
  ])("CVE-2025-54135 (CurXecute), CVE-2025-53773, CVE-2025-59944: %j is not created", (name) => refused(patch(add(name))));

  it.each([
    ".mcp.json",
    ".claude/settings.json",
    ".vscode/settings.json",
    ".vscode/tasks.json",
    ".husky/pre-commit",
    ".VSCode/settings.json",
    ".Claude/settings.json",
  ])("CVE-2025-53773: %s, which another tool believes, waits for a person", (name) => refused(patch(add(name))));

  it("CVE-2025-54135: nothing is moved there either, nor behind a link that leads there", async () => {
    await refused(patch(move("src/a.ts", ".twolane/policy.yaml")));
    await refused(patch(move("src/a.ts", ".git/config")));
    mkdirSync(join(sandbox.folder, ".twolane"));
    symlinkSync(".twolane", join(sandbox.folder, "notes"));
    symlinkSync("notes", join(sandbox.folder, "chain"));
    symlinkSync(".git", join(sandbox.folder, "repository"));
    await refused(patch(add("notes/policy.yaml")));
    await refused(patch(add("chain/policy.yaml")));
    await refused(patch(add("repository/config2")));
  });

  it("CVE-2026-25593: what would be started by trust or by configuration is never an edit's: the user's own files are out of reach", async () => {
    const config = join(sandbox.env["XDG_CONFIG_HOME"]!, "twolane/config.json");
    await refused(patch(add(config)));
    await refused(patch(add("../config/twolane/config.json")));
    await refused(patch(add("../state/twolane/trust.json")));
    expect(existsSync(config)).toBe(false);
  });
});

describe("what lies outside", () => {
  it("CVE-2025-53110: a folder whose name only begins like the workspace's", async () => {
    await refused(patch(add("../work-evil/new")));
    await refused(patch(add(join(outside, "new"))));
    await refused(patch(`*** Delete File: ../work-evil/file\n`));
  });

  it("CVE-2025-53109: links to a file, a folder, over several, and out again", async () => {
    const link = (target: string, name: string): void => {
      mkdirSync(dirname(join(sandbox.folder, name)), { recursive: true });
      symlinkSync(target, join(sandbox.folder, name));
    };
    link("../work-evil", "folder");
    link("folder", "again");
    link("../work-evil/file", "file");
    link("../work-evil/none", "none");
    link("/", "src/root");
    for (const name of ["folder/new", "again/new", "none", `src/root${outside}/new`, "folder/../../work-evil/new"])
      await refused(patch(add(name)));
    await refused(patch("*** Update File: file\n@@\n-outside\n+evil\n"));
    await refused(patch("*** Update File: folder/file\n@@\n-outside\n+evil\n"));
    expect(existsSync(join(outside, "none"))).toBe(false);
  });

  it("CVE-2025-53109: the other name of a hard link keeps its bytes", async () => {
    linkSync(join(outside, "file"), join(sandbox.folder, "hard"));
    await sandbox.run(["apply"], { input: patch("*** Update File: hard\n@@\n-outside\n+evil\n") });
    expect(readFileSync(join(outside, "file"), "utf8")).toBe("outside\n");
  });
});

const call = (name: string, input: object) => ({ call: { name, arguments: { ...input } } });
const edit = (text: string) => ({ call: { name: ["edit"], input: text } });

async function runModel(...reply: object[]): Promise<string> {
  sim = await startSim({ port: 0, scenario: { answers: [{ reply: [...reply, { text: "Done." }] as never }] } });
  const { stdout } = await sandbox.run(["run", "--trust", "-m", "sim/scripted", "--json", "go"], {
    env: { TWOLANE_SIM_URL: sim.url },
  });
  return stdout + JSON.stringify(sim.requests.map(({ body }) => body));
}

describe.skipIf(!hasSandbox)("a command and an edit together", () => {
  it("CVE-2026-39861, CVE-2026-25724: a link that a sandboxed command has made is no way out for an edit", async () => {
    const rules = join(sandbox.env["XDG_CONFIG_HOME"]!, "twolane/policy.yaml");
    mkdirSync(dirname(rules), { recursive: true });
    writeFileSync(rules, "version: 1\ncommands:\n  - allow: ['ln **', 'readlink **']\n");
    const said = await runModel(
      call("run", { command: `ln -s ${outside} way && readlink way` }),
      edit(patch(add("way/new"))),
      call("run", { command: "echo evil > way/new" }),
    );
    expect(said).toMatch(/"command.output"[^}]*work-evil/);
    expect(existsSync(join(outside, "new"))).toBe(false);
    // Whatever became of the link with its command's review: it is no way out later either.
    rmSync(join(sandbox.folder, "way"), { recursive: true, force: true });
    symlinkSync(outside, join(sandbox.folder, "way"));
    await refused(patch(add("way/new")));
  });

  it("CVE-2025-59532: the folder that a model names never widens what may be written", async () => {
    const said = await runModel(
      call("run", { command: "ls", cwd: "/" }),
      call("run", { command: "ls", cwd: ".." }),
      call("run", { command: "ls", cwd: outside }),
      call("run", { command: `echo evil > ${outside}/new`, cwd: "src" }),
      call("run", { command: "echo evil > policy.yaml", cwd: ".twolane" }),
      call("run", { command: "echo evil > ../../work-evil/new", cwd: "src" }),
    );
    expect(said).toContain("outside the workspace");
    expect(existsSync(join(outside, "new"))).toBe(false);
    expect(existsSync(join(sandbox.folder, ".twolane/policy.yaml"))).toBe(false);
  });
});
