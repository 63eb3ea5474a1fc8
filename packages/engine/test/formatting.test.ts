/** The repository's formatter before a commit: real git, real formatters, the real sandbox. */
import { execFileSync } from "node:child_process";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import type { Session } from "@twolane/protocol";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { needs } from "../../../tools/needs.ts";
import { pickFormatted } from "../src/commit/format-lines.ts";
import { openTrust } from "../src/assembly/trusting.ts";
import { openPatch } from "../src/engine.ts";

const hasSandbox = needs("bwrap", { for: "the formatter before a commit", get: "apt-get install bubblewrap" });

let base: string;
let root: string;
const open: Session[] = [];
beforeEach(() => {
  base = fs.realpathSync(fs.mkdtempSync(path.join(os.tmpdir(), "twolane-format-")));
  root = path.join(base, "it's work");
  fs.mkdirSync(root);
});
afterEach(async () => {
  for (const session of open.splice(0)) await session.close();
  fs.rmSync(base, { recursive: true, force: true });
});

const git = (...args: readonly string[]): string =>
  execFileSync("git", ["-c", "user.name=test", "-c", "user.email=test@example.invalid", ...args], {
    cwd: root,
    encoding: "utf8",
  });
const read = (file: string): string => fs.readFileSync(path.join(root, file), "utf8");
const lines = (...texts: readonly string[]): string => texts.map((text) => `${text}\n`).join("");
const change = (file: string, ...texts: readonly string[]): string => `*** Update File: ${file}\n@@\n${lines(...texts)}`;

const environment = () => ({
  ...process.env,
  XDG_STATE_HOME: path.join(base, "state"),
  XDG_CONFIG_HOME: path.join(base, "config"),
});
const policyWith = (command: string): string => `version: 1\nformat: { command: ${JSON.stringify(command)} }\n`;

/** Lands and accepts everything. */
async function land(
  files: Readonly<Record<string, string>>,
  patch: string,
  { command, trust = true }: { readonly command?: string; readonly trust?: boolean },
): Promise<Session> {
  git("init", "-q", "-b", "main");
  for (const key of ["name", "email"]) git("config", `user.${key}`, "test@example.invalid");
  for (const [file, text] of Object.entries(files)) fs.writeFileSync(path.join(root, file), text);
  git("add", "-A");
  git("commit", "-qm", "first");
  const config = path.join(base, "config/twolane");
  fs.mkdirSync(config, { recursive: true });
  if (command !== undefined) fs.writeFileSync(path.join(config, "policy.yaml"), policyWith(command));
  const opened = await openPatch({
    ...{ cwd: root, scope: [], landing: "hunk", dryRun: false, trust, text: `*** Begin Patch\n${patch}*** End Patch\n` },
    env: environment(),
  });
  if (!opened.ok) throw new Error(opened.failure.message);
  const session = opened.value;
  open.push(session);
  const landed: string[] = [];
  session.subscribe((event) => void (event.type === "hunk.landed" && landed.push(event.hunk.id)));
  session.send({ type: "prompt", text: "change it" });
  await session.idle();
  session.send({ type: "hunk.accept", hunks: landed });
  await session.idle();
  return session;
}

/** Drafts and commits; gives what the draft said of the formatter. */
async function commit(session: Session): Promise<string | undefined> {
  const draft = await session.draftCommit();
  if (!draft.ok) throw new Error(draft.failure.message);
  const made = await session.commit(draft.value.message);
  if (!made.ok) throw new Error(made.failure.message);
  return draft.value.formatting;
}

/** One blank around each `=`, none at the ends of lines. */
const spaces = `sed -e 's/ *= */ = /' -e 's/ *$//'`;

describe.skipIf(!hasSandbox)("the formatter before a commit", () => {
  it("formats the lines of hunks and no others, on disk and in the commit alike", async () => {
    const session = await land(
      { "a.ts": lines("x=0", "one", "two", "y=0"), "b.ts": lines("b") },
      change("a.ts", "-one", "+one=1") + change("b.ts", "-b", "+b=2"),
      { command: spaces },
    );
    expect(await commit(session)).toBe("Formatted 2 hunks.");
    expect(read("a.ts")).toBe(lines("x=0", "one = 1", "two", "y=0"));
    expect(git("show", "HEAD:a.ts")).toBe(read("a.ts"));
    expect(git("show", "HEAD:b.ts")).toBe(lines("b = 2"));
    expect(git("status", "--porcelain")).toBe("");
  });

  it("is undone with the hunk", async () => {
    const before = lines("one", "two");
    const session = await land({ "a.ts": before }, change("a.ts", "-one", "+one=1"), { command: spaces });
    await session.draftCommit();
    expect(read("a.ts")).toBe(lines("one = 1", "two"));
    session.send({ type: "hunk.undo", hunks: ["h1"] });
    await session.idle();
    expect(read("a.ts")).toBe(before);
  });

  it.each([
    ["fails", "echo no >&2; exit 3", "a.ts is not formatted: the formatter ended with 3: no."],
    ["is missing", "no-such-formatter {file}", "a.ts is not formatted: the formatter ended with 127"],
    ["writes into the workspace", "echo x > a.ts && cat", "a.ts is not formatted: the formatter ended with"],
    ["writes nothing", "true", "a.ts is not formatted: the formatter wrote nothing."],
  ])("goes on where it %s", async (_, command, expected) => {
    const session = await land({ "a.ts": lines("one") }, change("a.ts", "-one", "+one=1"), { command });
    expect(await commit(session)).toContain(expected);
    expect(git("show", "HEAD:a.ts")).toBe(lines("one=1"));
  });

  it("goes on with the other files where one fails, and says which were left out and why", async () => {
    const names = ["a.ts", "bad 1.ts", "bad 2.ts", "c.ts", "odd.ts"];
    const session = await land(
      Object.fromEntries(names.map((name) => [name, lines("one")])),
      names.map((name) => change(name, "-one", "+one=1")).join(""),
      { command: `case {file} in bad*) echo no >&2; exit 3;; odd*) exit 4;; esac; ${spaces}` },
    );
    expect(await commit(session)).toBe(
      "Formatted 2 hunks. bad 1.ts and bad 2.ts are not formatted: the formatter ended with 3: no. odd.ts is not formatted: the formatter ended with 4.",
    );
    for (const name of names) {
      const text = lines(/^[ac]/.test(name) ? "one = 1" : "one=1");
      expect([read(name), git("show", `HEAD:${name}`)]).toEqual([text, text]);
    }
    expect(git("status", "--porcelain")).toBe("");
  });

  it("that a policy names is used from when a person trusts the workspace", async () => {
    fs.mkdirSync(path.join(root, ".twolane"));
    fs.writeFileSync(path.join(root, ".twolane/policy.yaml"), policyWith(spaces));
    const session = await land({ "a.ts": lines("one") }, change("a.ts", "-one", "+one=1"), { trust: false });
    const formatting = async (): Promise<unknown> => {
      const draft = await session.draftCommit();
      return draft.ok ? draft.value.formatting : draft.failure;
    };
    expect(await formatting()).toBeUndefined();
    const trust = openTrust({ cwd: root, env: environment() });
    expect(trust.ok && trust.value.give()).toEqual({ ok: true });
    session.send({ type: "trust.look" });
    await vi.waitFor(async () => expect(await formatting()).toBe("Formatted 1 hunk."), 10_000);
    expect(read("a.ts")).toBe(lines("one = 1"));
  });

  it("starts nothing in a workspace that nobody trusts", async () => {
    const session = await land({ "a.ts": lines("one") }, change("a.ts", "-one", "+one=1"), { command: spaces, trust: false });
    expect(await commit(session)).toContain("not trusted");
    expect(read("a.ts")).toBe(lines("one=1"));
  });

  it("gives the path as one word, whatever is in it", async () => {
    const name = "it's $(touch x) -a.ts";
    const session = await land({ [name]: lines("one") }, change(name, "-one", "+two"), {
      command: `printf '%s\\n' {file}; cat >/dev/null`,
    });
    expect(await commit(session)).toBe("Formatted 1 hunk.");
    expect(git("show", `HEAD:${name}`)).toBe(lines(name));
  });

  it("works with a real formatter", async () => {
    // The sandbox has a /tmp of its own: the formatter is in the workspace, as a repository's is.
    for (const name of ["oxfmt", "@oxfmt", "tinypool"]) {
      const from = path.resolve("node_modules", name);
      if (fs.existsSync(from)) fs.cpSync(from, path.join(root, "node_modules", name), { recursive: true });
    }
    const session = await land(
      { ".gitignore": "node_modules\n", "a.ts": lines("const z  = {a:1}", "", "let b = 1;") },
      change("a.ts", "-let b = 1;", "+let b = {c:1}"),
      { command: "node node_modules/oxfmt/bin/oxfmt --stdin-filepath {file}" },
    );
    expect(await commit(session)).toBe("Formatted 1 hunk.");
    expect(read("a.ts")).toBe(lines("const z  = {a:1}", "", "let b = { c: 1 };"));
    expect(git("status", "--porcelain")).toBe("");
  });
});

describe("what is taken of a formatter's changes", () => {
  const owners = [undefined, "h1", undefined];
  const hunks = new Set(["h1"]);
  it("leaves a change that joins a line of a hunk with another", () => {
    const content = ["a", "f(", "b)"];
    expect(pickFormatted({ content, disk: content, formatted: ["a", "f(b)"], owners, hunks }).hunks).toEqual([]);
  });
  it("takes the hunk's own of lines that stand together", () => {
    const content = ["a=1", "b=2", "c=3"];
    const pick = pickFormatted({ content, disk: content, formatted: ["a = 1", "b = 2", "c = 3"], owners, hunks });
    expect(pick).toMatchObject({ disk: ["a=1", "b = 2", "c=3"], isAll: false });
  });
});
