/** What a session that goes on knows of commits that were made while it was not there to see them. */
import { execFileSync, spawnSync } from "node:child_process";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import type { Session, TwolaneEvent } from "@twolane/protocol";
import { afterEach, expect, it } from "vitest";
import { openEngine, openPatch } from "../src/engine.ts";

Object.assign(process.env, {
  ...{ GIT_AUTHOR_NAME: "test", GIT_AUTHOR_EMAIL: "test@example.org" },
  ...{ GIT_COMMITTER_NAME: "test", GIT_COMMITTER_EMAIL: "test@example.org" },
});

const open: Session[] = [];
const made: string[] = [];
afterEach(async () => {
  for (const session of open.splice(0)) await session.close();
  for (const folder of made.splice(0)) fs.rmSync(folder, { recursive: true, force: true });
});

function temporary(name: string): string {
  const folder = fs.realpathSync(fs.mkdtempSync(path.join(os.tmpdir(), `twolane-${name}-`)));
  made.push(folder);
  return folder;
}

const text = "*** Begin Patch\n*** Update File: a.ts\n@@\n-one\n+ONE\n@@\n-five\n+FIVE\n*** End Patch\n";
const lines = (...each: readonly string[]): string => each.map((line) => `${line}\n`).join("");

function repository() {
  const root = temporary("work");
  const git = (...args: readonly string[]): string => execFileSync("git", ["-C", root, ...args], { encoding: "utf8" }).trim();
  git("init", "-q", "-b", "main");
  fs.writeFileSync(path.join(root, "a.ts"), lines("one", "two", "three", "four", "five"));
  git("add", "-A");
  git("commit", "-qm", "first");
  return { root, git, state: temporary("state") };
}

const wishes = (cwd: string, state: string) => ({
  ...{ cwd, env: { XDG_STATE_HOME: state }, scope: [], landing: "hunk" as const, dryRun: false },
});

async function resume(cwd: string, state: string): Promise<{ session: Session; told: TwolaneEvent[] }> {
  const opened = await openEngine({ ...wishes(cwd, state), model: "instant", resume: "latest", trust: false });
  if (!opened.ok) throw new Error(opened.failure.message);
  const session = opened.value;
  open.push(session);
  const told: TwolaneEvent[] = [];
  session.subscribe((event) => told.push(event));
  // It waits for what is being looked at.
  await session.draftCommit();
  return { session, told: told.filter(({ type }) => type === "commit.made" || type === "hunk.accepted") };
}

async function landed(cwd: string, state: string): Promise<void> {
  const opened = await openPatch({ ...wishes(cwd, state), text });
  if (!opened.ok) throw new Error(opened.failure.message);
  opened.value.send({ type: "prompt", text: "make it better" });
  await opened.value.idle();
  await opened.value.close();
}

it("a commit whose process was killed before it could tell is told once", async () => {
  const { root, git, state } = repository();
  const driver = path.join(import.meta.dirname, "commit-driver.ts");
  const loader = path.join(import.meta.dirname, "../../../tools/typescript.mjs");
  const hook = path.join(root, ".git/hooks/post-commit");
  fs.mkdirSync(path.dirname(hook), { recursive: true });
  fs.writeFileSync(hook, "#!/bin/sh\nkill -9 $(ps -o ppid= -p $PPID)\n", { mode: 0o755 });
  const killed = spawnSync(process.execPath, ["--import", loader, driver, root, state, text], { encoding: "utf8" });
  expect([killed.signal, killed.stderr]).toEqual(["SIGKILL", ""]);
  expect(git("show", "HEAD:a.ts")).toBe(lines("ONE", "two", "three", "four", "five").trim());
  const first = await resume(root, state);
  const commit = git("rev-parse", "HEAD");
  expect(first.told).toMatchObject([{ type: "commit.made", commit, subject: "Make it better", hunks: ["h1"] }]);
  expect(git("status", "--porcelain")).toBe("M a.ts");
  await first.session.close();
  open.pop();
  expect((await resume(root, state)).told).toEqual([]);
});

it("a commit made by hand while it was closed accepts what it contains", async () => {
  const { root, git, state } = repository();
  await landed(root, state);
  expect((await resume(root, state)).told).toEqual([]);
  await open.pop()?.close();
  const disk = fs.readFileSync(path.join(root, "a.ts"), "utf8");
  fs.writeFileSync(path.join(root, "a.ts"), disk.replace("FIVE", "five"));
  git("commit", "-qam", "by hand");
  fs.writeFileSync(path.join(root, "a.ts"), disk);
  const { told } = await resume(root, state);
  expect(told).toMatchObject([
    { type: "hunk.accepted", hunk: "h1", by: "commit" },
    { type: "commit.made", commit: git("rev-parse", "HEAD"), hunks: ["h1"] },
  ]);
});
