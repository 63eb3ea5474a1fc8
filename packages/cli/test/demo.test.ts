/** The demo, without a terminal and in one: on a repository, on commits of every kind, without git; and what it leaves behind: nothing. */
import { chmodSync, existsSync, mkdirSync, readdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type Sandbox, git, openSandbox } from "./command.ts";
import { openScreen } from "./pty.ts";

let sandbox: Sandbox;
/** Folders for temporary files that nobody else uses. */
let temporary: string;
beforeEach(() => {
  sandbox = openSandbox();
  temporary = path.join(path.dirname(sandbox.folder), "tmp");
  mkdirSync(temporary);
  sandbox.env["TMPDIR"] = temporary;
});
afterEach(() => sandbox.remove());

const text = (word: string): string => Array.from({ length: 40 }, (_, n) => `${word} line ${n} of the file\n`).join("");
const changed = text("old").replace("line 5 ", "line five ").replace("line 30 ", "line thirty ");

function commit(subject: string, files: Readonly<Record<string, string>> = {}): void {
  for (const [name, content] of Object.entries(files)) sandbox.write(name, content);
  git(sandbox.folder, "add", "-A");
  git(sandbox.folder, "commit", "-q", "--allow-empty", "-m", subject);
}

/** So many files, in each of which the last commit changes two places. */
function repository(count = 3): void {
  const names = Array.from({ length: count }, (_, n) => `${String.fromCharCode(97 + n)}.txt`);
  git(sandbox.folder, "init", "-q", "-b", "main");
  commit("first", Object.fromEntries(names.map((name) => [name, text("old")])));
  commit("Numbers as words", Object.fromEntries(names.map((name) => [name, changed])));
}

describe("twolane demo without a terminal", () => {
  it("plays the last commit of the repository, proves each claim on disk, and leaves nothing behind", async () => {
    repository();
    const before = sandbox.hash();
    const { status, stdout } = await sandbox.run(["demo"]);
    expect(stdout).toMatch(/Your commit \w+ “Numbers as words” lands again; the text is real, only the pace is simulated/);
    const claims = [
      /✓ the first hunk is on disk after \d+ ms; the text was still coming/,
      /✓ quiet after [\d.]+ ms; kept: 1 hunk; no file has a byte of the half one/,
      /✓ what you typed into b\.txt is there, once/,
      /✓ the message was heard after [\d.]+ ms; c\.txt is as it was/,
      /✓ h1 is off the disk after [\d.]+ ms: no line of it is in a\.txt/,
      /✓ 3 hunks taken back in [\d.]+ ms; your line stayed; without it the copy is as before: git's tree \w{9}/,
    ];
    for (const claim of claims) expect(stdout).toMatch(claim);
    expect([status, stdout.includes("✗")]).toEqual([0, false]);
    expect(sandbox.hash()).toBe(before);
    expect([readdirSync(temporary), existsSync(sandbox.env["XDG_STATE_HOME"] ?? "")]).toEqual([[], false]);
  });

  it.each([
    ["where there is no repository", {}, /git's tree/],
    ["where there is no git", { PATH: "/nowhere" }, /SHA-256 of all files/],
  ])("brings a project along %s, and shows all of it", async (_, env, proof) => {
    const { status, stdout } = await sandbox.run(["demo"], { env });
    expect(stdout).toContain("A small project");
    expect(stdout.includes("Without git there is no /commit in it")).toBe("PATH" in env);
    expect(stdout.match(/✓/g)).toHaveLength(6);
    expect(stdout).toMatch(proof);
    expect([status, stdout.includes("✗"), stdout.includes("not shown"), readdirSync(temporary)]).toEqual([0, false, false, []]);
  });

  it.each<readonly [string, () => void, RegExp]>([
    [
      "has one hunk only",
      () => commit("One", { "a.txt": changed.replace("line 20 ", "line twenty ") }),
      /“One” lands again[^]*More to see: twolane demo --commit \w+  \(6 hunks “Numbers as words”\)/,
    ],
    [
      "holds binary files only",
      () => commit("Picture", { "a.png": "\0\u0001" }),
      /“Numbers as words”[^]*holds nothing that an edit can say \(binary\)/,
    ],
    ["is empty", () => commit("Nothing"), /“Numbers as words”[^]*Your last commit \w+ changes no text/],
    [
      "is a merge",
      () => {
        git(sandbox.folder, "checkout", "-q", "-b", "side", "HEAD~1");
        commit("Side", { "side.txt": text("side") });
        git(sandbox.folder, "checkout", "-q", "main");
        git(sandbox.folder, "merge", "-q", "--no-edit", "side");
      },
      /“Merge branch 'side'” lands again[^]*side\.txt  create/,
    ],
  ])("shows what there is when the last commit %s", async (_, last, shown) => {
    repository();
    last();
    const { status, stdout } = await sandbox.run(["demo", "--pace", "4000"]);
    expect(stdout).toMatch(shown);
    expect([status, stdout.includes("✗"), readdirSync(temporary)]).toEqual([0, false, []]);
  });

  it("replays a first commit, and brings a project along where there is none yet", async () => {
    git(sandbox.folder, "init", "-q");
    expect((await sandbox.run(["demo", "--pace", "4000"])).stdout).toMatch(
      /There is no commit HEAD here\. A small project is used/,
    );
    commit("Root", { "a.txt": text("new"), "b.txt": text("new") });
    const { status, stdout } = await sandbox.run(["demo", "--pace", "4000"]);
    expect(stdout).toMatch(/“Root” lands again[^]*a\.txt  create/);
    expect([status, stdout.includes("✗")]).toEqual([0, false]);
  });

  it("names a commit that is not there or holds nothing, and a pace that is none", async () => {
    repository();
    commit("Nothing");
    expect((await sandbox.run(["demo", "--commit", "nope"])).status).toBe(2);
    expect((await sandbox.run(["demo", "--commit", "HEAD"])).stderr).toContain("it changes no text. Name another one");
    expect((await sandbox.run(["demo", "--pace", "fast"])).status).toBe(2);
  });
});

describe("a demo that is ended early", () => {
  /** A git that does not come back from writing the copy. */
  function slowGit(): { readonly env: Record<string, string>; readonly isCopying: () => boolean } {
    const folder = path.join(path.dirname(sandbox.folder), "bin");
    const reached = path.join(folder, "reached");
    mkdirSync(folder);
    const real = `PATH="${sandbox.env["PATH"]}" exec git "$@"`;
    writeFileSync(
      path.join(folder, "git"),
      `#!/bin/sh\ncase "$*" in *checkout-index*) echo half > half; : > "${reached}"; exec sleep 60;; esac\n${real}\n`,
    );
    chmodSync(path.join(folder, "git"), 0o755);
    return { env: { PATH: `${folder}:${sandbox.env["PATH"]}` }, isCopying: () => existsSync(reached) };
  }

  it.each(["SIGINT", "SIGTERM", "SIGHUP"] as const)("leaves nothing behind: %s while it copies", async (signal) => {
    repository();
    const { env, isCopying } = slowGit();
    const running = sandbox.start(["demo"], { env });
    await expect.poll(isCopying, { timeout: 10_000 }).toBe(true);
    expect(readdirSync(temporary)).toHaveLength(1);
    running.process.kill(signal);
    expect((await running.done).status).toBe(130);
    expect(readdirSync(temporary)).toEqual([]);
  });

  it("is tidied up after by the next one: kill -9", async () => {
    repository();
    const running = sandbox.start(["demo"]);
    await running.until("h1");
    running.process.kill("SIGKILL");
    await running.done;
    expect(readdirSync(temporary)).toHaveLength(1);
    await sandbox.run(["demo", "--pace", "4000"]);
    expect(readdirSync(temporary)).toEqual([]);
  });
});

describe("twolane demo in a terminal", () => {
  it("guides through the loop, at a pace that keys change", async () => {
    repository(6);
    const screen = openScreen({ cwd: sandbox.folder, env: sandbox.env, args: ["demo"], cols: 110 });
    try {
      await screen.until("1 [65]  2 300  3 1,000  4 2,000  tokens a second");
      screen.write("2");
      await screen.until("2 [300]");
      await screen.until("Press Ctrl-C now");
      screen.press("ctrl-c");
      await screen.until("type /continue");
      screen.write("/continue");
      screen.press("enter");
      await screen.until("skip f.txt");
      screen.write("1");
      await screen.until("1 [65]");
      screen.write("skip f.txt");
      screen.press("enter");
      await screen.until("Skipping f.txt");
      screen.write("4");
      await screen.until("is at its end");
      await screen.until("A line was typed into e.txt");
      screen.press("tab");
      await screen.until("Review");
      await new Promise((resolve) => setTimeout(resolve, 350));
      screen.press("n");
      await screen.until("/undo session");
      screen.press("esc");
      await new Promise((resolve) => setTimeout(resolve, 350));
      screen.write("/undo session");
      screen.press("enter");
      await screen.until("That is the loop");
      const figures =
        /Your run: 10 hunks landed, the first after [\d.]+ m?s · h1 rejected · \d+ undone\s+your stop was done after [\d.]+ ms · your steer was heard after [\d.]+ ms/;
      await screen.until(figures);
      screen.press("ctrl-c", "ctrl-c");
      expect((await screen.exited).status).toBe(0);
      const left = screen
        .logicalLines()
        .filter((line) => line !== "")
        .slice(-4)
        .join("\n");
      expect(left).toMatch(figures);
      expect(left).toContain("Your line in e.txt is still there.");
      expect(left).toContain("With a real model: CEREBRAS_API_KEY=… twolane");
      expect(readdirSync(temporary)).toEqual([]);
    } finally {
      screen.kill();
    }
  });

  it.each(["SIGTERM", "SIGHUP"] as const)("leaves nothing behind: %s", async (signal) => {
    repository();
    const screen = openScreen({ cwd: sandbox.folder, env: sandbox.env, args: ["demo"], cols: 110 });
    await screen.until("lands again");
    screen.kill(signal);
    await screen.exited;
    expect(readdirSync(temporary)).toEqual([]);
  });
});
