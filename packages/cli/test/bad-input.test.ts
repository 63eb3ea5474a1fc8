/** What a person, a repository, a disk or a model server can do wrong to the command: one clear line with a code, nothing lost. */
import { execFileSync, spawn } from "node:child_process";
import { appendFileSync, chmodSync, chownSync, existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { dirname, join } from "node:path";
import { type ScenarioInput, startSim } from "@twolane/responses/sim";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { lacks, needs } from "../../../tools/needs.ts";
import { type Finished, type Sandbox, git, openSandbox } from "./command.ts";

const scale = Number(process.env["TWOLANE_TEST_SCALE"] ?? 1);

let sandbox: Sandbox;
const cleanups: (() => unknown)[] = [];
beforeEach(() => void (sandbox = openSandbox()));
afterEach(async () => {
  for (const clean of cleanups.splice(0).toReversed()) await clean();
  sandbox.remove();
});

const update = (path: string, ...hunks: readonly string[]): string =>
  `*** Begin Patch\n*** Update File: ${path}\n${hunks.map((hunk) => `@@\n${hunk}`).join("")}*** End Patch\n`;
const one = "-one\n+1\n";

/** One line a failure, with its code at the end; never a stack. */
function expectClear(run: Finished, code: string): void {
  const lines = `${run.stdout}${run.stderr}`.split("\n");
  const telling = lines.filter((line) => new RegExp(`\\[${code}\\]$|  h\\d+ ${code}$`).test(line));
  expect(telling, lines.join("\n")).toHaveLength(1);
  expect(lines.join("\n")).not.toMatch(/^ +at |node:internal|undefined|INTERNAL/m);
}

function temporaryFiles(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((name) => name.includes(".twolane-"));
}

describe("a patch that is none", () => {
  const cases: readonly [string, string, RegExp][] = [
    ["text", "Please make it better.\n", /no edit/],
    ["an unknown V4A marker", "*** Begin Patch\n*** Frobnicate File: a.txt\n@@\n-one\n+1\n*** End Patch\n", /Frobnicate/],
    ["a V4A line without a sign", "*** Begin Patch\n*** Update File: a.txt\n@@\none\n*** End Patch\n", /begins with none of/],
    ["a search block without its end", "a.txt\n<<<<<<< SEARCH\none\n=======\n1\n", /REPLACE/],
    ["a search block without a file", "<<<<<<< SEARCH\none\n=======\n1\n>>>>>>> REPLACE\n", /names its file/],
    ["a diff with a damaged hunk", "--- a/a.txt\n+++ b/a.txt\n@@ -1 +1 @@\nblah\n", /begins with none of/],
    ["JSON that breaks off", '{"path":"a.txt","edits":[{"old":"one","ne', /break off/],
    ["JSON with a number as text", '{"path":"a.txt","edits":[{"old":1,"new":"1"}]}', /no text/],
    ["a block that is not closed", "a.txt\n```\n1\n", /not closed/],
    ["bytes that are no text", "\u0000\u0001\ufffd\ufffd", /no edit/],
  ];

  it.each(cases)("%s", async (_name, input, says) => {
    sandbox.write("a.txt", "one\n");
    const before = sandbox.hash();
    const run = await sandbox.run(["apply"], { input });
    expect(run.status).toBe(1);
    expectClear(run, "PATCH_MALFORMED");
    expect(run.stdout + run.stderr).toMatch(says);
    expect(sandbox.hash()).toBe(before);
  });

  it("in a dialect that was named, and one unreadable hunk costs only itself", async () => {
    sandbox.write("a.txt", "one\ntwo\n");
    const empty = await sandbox.run(["apply", "--dialect", "unified-diff"], { input: update("a.txt", one) });
    expectClear(empty, "PATCH_MALFORMED");
    const json = await sandbox.run(["apply", "--dialect", "str-replace"], {
      input: '{"path":"a.txt","edits":[{"old":"one"},{"old":"two","new":"2"}]}',
    });
    expect(json.status).toBe(1);
    expectClear(json, "PATCH_MALFORMED");
    expect(sandbox.read("a.txt")).toBe("one\n2\n");
  });
});

describe("repositories of every kind", () => {
  /** Applies and undoes at a place, and says what git saw of it. */
  async function roundTrip(folder: string, file = "a.txt"): Promise<void> {
    const before = git(folder, "status", "--porcelain");
    const run = await sandbox.run(["apply", "-C", folder], { input: update(file, one) });
    expect(run).toMatchObject({ status: 0, stderr: "" });
    expect(readFileSync(join(folder, file), "utf8")).toBe("1\ntwo\n");
    expect((await sandbox.run(["undo", "-C", folder])).status).toBe(0);
    expect(readFileSync(join(folder, file), "utf8")).toBe("one\ntwo\n");
    expect(git(folder, "status", "--porcelain")).toBe(before);
  }

  function repository(): string {
    sandbox.write("repo/a.txt", "one\n");
    const folder = join(sandbox.folder, "repo");
    git(folder, "init", "-q");
    for (const text of ["one\n", "one\ntwo\n"]) {
      sandbox.write("repo/a.txt", text);
      git(folder, "add", "-A");
      git(folder, "commit", "-qm", "a commit");
    }
    return folder;
  }

  it("shallow, linked worktree, submodule from inside and from outside", async () => {
    const repo = repository();
    const beside = (name: string): string => join(sandbox.folder, name);
    git(sandbox.folder, "clone", "-q", "--depth", "1", `file://${repo}`, "shallow");
    git(repo, "worktree", "add", "-q", beside("worktree"));
    git(sandbox.folder, "init", "-q", "outer");
    git(beside("outer"), "-c", "protocol.file.allow=always", "submodule", "--quiet", "add", repo, "inner");
    git(beside("outer"), "commit", "-qm", "with a submodule");
    await roundTrip(beside("shallow"));
    await roundTrip(beside("worktree"));
    await roundTrip(beside("outer/inner"));
    await roundTrip(beside("outer"), "inner/a.txt");
    const inside = await sandbox.run(["apply", "-C", "outer"], { input: update("inner/.git", "-x\n+y\n") });
    expectClear(inside, "PATH_GIT");
  });

  it("bare, and inside .git: nothing is written", async () => {
    const repo = repository();
    git(sandbox.folder, "clone", "-q", "--bare", repo, "bare.git");
    const before = sandbox.hash();
    for (const folder of ["bare.git", "repo/.git"]) {
      const run = await sandbox.run(["apply", "-C", folder], { input: update("config", "-[core]\n+[evil]\n") });
      expect(run.status).toBe(1);
      expectClear(run, "PATH_GIT");
    }
    expect(sandbox.hash()).toBe(before);
  });

  it("none, and no git at all", async () => {
    sandbox.write("a.txt", "one\n");
    const env = { PATH: join(sandbox.folder, "nothing") };
    expect((await sandbox.run(["apply"], { input: update("a.txt", one), env })).status).toBe(0);
    expect(sandbox.read("a.txt")).toBe("1\n");
    expect((await sandbox.run(["undo"], { env })).status).toBe(0);
    expect(sandbox.read("a.txt")).toBe("one\n");
    expect((await sandbox.run(["doctor"], { env })).stdout).toMatch(/git +not found/);
  });
});

describe("names and contents that trip programs", () => {
  const long = "d".repeat(190);
  const cases: readonly [string, string, string, string, string][] = [
    ["blanks, quotes, other scripts, 400 columns", `ä 'q' "日本"/${long}/${long}/f "q" é.txt`, "one\n", one, "1\n"],
    ["a name that looks like an option", "-n", "one\n", one, "1\n"],
    ["an empty file gets its first line", "empty.txt", "", "+1\n", "1\n"],
    ["no final newline, kept", "a.txt", "zero\none", one, "zero\n1"],
    ["CR alone is no line ending", "a.txt", "x\ry\none\n", one, "x\ry\n1\n"],
  ];
  it.each(cases)("%s", async (_name, path, before, hunk, after) => {
    sandbox.write(join("a work space", path), before);
    const folder = join(sandbox.folder, "a work space");
    const run = await sandbox.run(["apply", "-C", folder], { input: update(path, hunk) });
    expect(run).toMatchObject({ status: 0, stderr: "" });
    expect(run.stdout).toContain(path);
    expect(readFileSync(join(folder, path), "utf8")).toBe(after);
    expect((await sandbox.run(["undo", "-C", folder])).status).toBe(0);
    expect(readFileSync(join(folder, path), "utf8")).toBe(before);
    expect(temporaryFiles(folder)).toEqual([]);
  });
});

describe("a damaged journal", () => {
  const journals = (): string[] => {
    const state = sandbox.env["XDG_STATE_HOME"] ?? "";
    return readdirSync(state, { recursive: true, encoding: "utf8" })
      .filter((name) => name.endsWith("journal.jsonl"))
      .map((name) => join(state, name));
  };

  async function landed(): Promise<{ before: string; journal: string }> {
    sandbox.write("a.txt", "one\ntwo\n");
    sandbox.write("b.txt", "one\n");
    const before = sandbox.hash();
    expect((await sandbox.run(["apply"], { input: update("a.txt", one, "-two\n+2\n") + update("b.txt", one) })).status).toBe(0);
    const [journal] = journals();
    if (journal === undefined) throw new Error("there is no journal");
    return { before, journal };
  }

  it.each<[string, (text: string) => string, boolean]>([
    [
      "garbage in the middle",
      (text) => text.replace("\n", '\n\u0000\u00ff not JSON\n{"type":"landing.prepared"}\n[]\nnull\n'),
      true,
    ],
    ["a torn last line", (text) => `${text}{"type":"landing.pre`, false],
    ["a torn line that a later start went on behind", (text) => `${text}{"type":"landing.pre\n`, false],
    ["CRLF line endings", (text) => text.replaceAll("\n", "\r\n"), false],
  ])("%s: undo still restores every byte", async (_name, damage, said) => {
    const { before, journal } = await landed();
    writeFileSync(journal, damage(readFileSync(journal, "utf8")));
    const undo = await sandbox.run(["undo"]);
    expect(undo).toMatchObject({ status: 0, stderr: "" });
    expect(undo.stdout.includes("[JOURNAL_CORRUPT]")).toBe(said);
    expect(sandbox.hash()).toBe(before);
  });

  it("a hunk whose record is gone: the others are undone, and it is said", async () => {
    const { journal } = await landed();
    const text = readFileSync(journal, "utf8");
    writeFileSync(journal, text.replace(/^.*"landing\.prepared".*"b\.txt".*$/m, "\u0000".repeat(100)));
    expectClear(await sandbox.run(["undo"]), "JOURNAL_CORRUPT");
    expect([sandbox.read("a.txt"), sandbox.read("b.txt")]).toEqual(["one\ntwo\n", "1\n"]);
    expectClear(await sandbox.run(["undo"]), "JOURNAL_CORRUPT");
    expect(sandbox.read("b.txt")).toBe("1\n");
  });

  it("pre-images that are gone or changed: nothing is written, and it is said", async () => {
    const { journal } = await landed();
    const after = sandbox.hash();
    const store = join(dirname(journal), "preimages");
    for (const bytes of [Buffer.alloc(readFileSync(store).length, 0x78), Buffer.alloc(0)]) {
      writeFileSync(store, bytes);
      const undo = await sandbox.run(["undo", "--turn", "t1"]);
      expect(undo.status).toBe(3);
      expect(undo.stdout).toMatch(/damaged/);
      expect(undo.stdout + undo.stderr).not.toContain("    at ");
      expect(sandbox.hash()).toBe(after);
    }
  });

  it("nothing but garbage: undo says so, and the next run goes on", async () => {
    const { journal } = await landed();
    writeFileSync(journal, "\u0000".repeat(10_000));
    expectClear(await sandbox.run(["undo"]), "JOURNAL_CORRUPT");
    appendFileSync(join(sandbox.folder, "a.txt"), "three\n");
    expect((await sandbox.run(["apply"], { input: update("a.txt", "-three\n+3\n") })).status).toBe(0);
    expect((await sandbox.run(["undo"])).status).toBe(0);
    expect(sandbox.read("a.txt")).toBe("1\n2\nthree\n");
  });
});

type Answer = ScenarioInput["answers"][number];
type Fault = NonNullable<Answer["fault"]>;

describe.each(["sim/scripted", "sim-chat/scripted"])("a model server that misbehaves: %s", (model) => {
  const edit = { call: { name: ["edit"], input: update("a.txt", one, "-three\n+3\n") } };
  const states = ["one\ntwo\nthree\n", "1\ntwo\nthree\n", "1\ntwo\n3\n"];

  async function serve(fault: Fault | undefined, faults: NonNullable<ScenarioInput["faults"]> = []): Promise<Finished> {
    sandbox.write("a.txt", states[0] ?? "");
    const sim = await startSim({
      port: 0,
      scenario: { answers: [{ reply: [edit, { text: "Changed." }], ...(fault && { fault }) }], faults },
    });
    cleanups.push(() => sim.close());
    return sandbox.run(["run", "-m", model, "count"], { env: { TWOLANE_SIM_URL: sim.url } });
  }

  /** What is on disk is what was said to have landed. */
  function expectOnDisk(run: Finished): void {
    const landed = run.stdout.match(/^●/gm)?.length ?? 0;
    expect(sandbox.read("a.txt")).toBe(states[landed]);
    expect(temporaryFiles(sandbox.folder)).toEqual([]);
  }

  it.each<[string, Fault, number, string]>([
    ["floods", { kind: "flood", bytes: 67_108_864, times: "always" }, 4, "PROVIDER_BROKEN"],
    ["sends garbage first", { kind: "garbage", times: "always" }, 4, "PROVIDER_BROKEN"],
    ["sends garbage later", { kind: "garbage", atEvent: 9, times: "always" }, 4, "PROVIDER_BROKEN"],
    ["breaks down", { kind: "status", status: 500, times: "always" }, 4, "PROVIDER_BROKEN"],
    ["reports an error in the middle", { kind: "error", atEvent: 8, times: "always" }, 4, "PROVIDER_BROKEN"],
    ["never says that it has ended", { kind: "no-terminal", times: "always" }, 5, "STREAM_TRUNCATED"],
    ["reaches its output limit", { kind: "incomplete", times: "always" }, 5, "OUTPUT_LIMIT"],
  ])("%s", async (_name, fault, status, code) => {
    const run = await serve(fault);
    expect(run.status).toBe(status);
    expectClear(run, code);
    expectOnDisk(run);
  });

  it("cuts the stream at any byte: exactly what was finished stays", async () => {
    const step = scale > 1 ? 40 : 1400;
    for (let atByte = 0; atByte < 6500; atByte += step) {
      const run = await serve({ kind: "cut", atByte, times: "always" });
      // Before its first byte it is a server that could not be reached.
      if (run.status !== 0) expectClear(run, run.status === 4 ? "PROVIDER_UNREACHABLE" : "STREAM_TRUNCATED");
      expectOnDisk(run);
    }
  });

  it("says things in the wrong order: a clear end, and nothing half done", async () => {
    for (const atEvent of [1, 6, 12]) {
      const run = await serve({ kind: "disorder", atEvent, times: "always" });
      if (run.status !== 0) expectClear(run, run.status === 4 ? "PROVIDER_BROKEN" : "PATCH_MALFORMED");
      expectOnDisk(run);
    }
  });

  it.each([426, 500])("refuses the upgrade with %i: the request goes over HTTP", async (status) => {
    const run = await serve(undefined, [{ kind: "refuse-upgrade", status, times: "always" }]);
    expect(run).toMatchObject({ status: 0, stderr: "" });
    expect(sandbox.read("a.txt")).toBe(states[2]);
  });

  it.each<NonNullable<ScenarioInput["faults"]>[number]>([
    { kind: "close", ms: 0, times: "always" },
    { kind: "age-limit", ms: 0, times: "always" },
  ])("ends every socket at once ($kind): carried out all the same, or a clear end", async (fault) => {
    const run = await serve(undefined, [fault]);
    // Which of them depends on whether a socket got as far as an answer.
    if (run.status !== 0) expectClear(run, run.status === 5 ? "STREAM_TRUNCATED" : "PROVIDER_BROKEN");
    expectOnDisk(run);
  });

  it("never answers: Ctrl-C ends it at once, and nothing has changed", async () => {
    const server = createServer(() => {}).listen(0, "127.0.0.1");
    await new Promise((resolve) => server.once("listening", resolve));
    cleanups.push(() => server.close());
    const connected = new Promise((resolve) => server.once("connection", resolve));
    const address = server.address();
    const port = typeof address === "object" && address !== null ? address.port : 0;
    sandbox.write("a.txt", "one\n");
    const running = sandbox.start(["run", "-m", model, "--json", "count"], {
      env: { TWOLANE_SIM_URL: `http://127.0.0.1:${port}` },
    });
    running.process.stdin?.end();
    await connected;
    await running.until('"turn.started"');
    running.process.kill("SIGINT");
    const run = await running.done;
    expect(run.status).toBe(130);
    expect(run.stdout).toMatch(/"turn\.ended".*"interrupted"/);
    expect(run.stderr).toBe("");
    expect(sandbox.read("a.txt")).toBe("one\n");
  });
});

/** Runs the command as a user who is not root. */
function unprivileged(args: readonly string[], input: string): Promise<Finished> {
  const command = join(import.meta.dirname, "../bin/twolane.cjs");
  const drop = process.getuid?.() === 0 ? ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"] : [];
  const [program = "", ...rest] = [...drop, process.execPath, command, ...args];
  return new Promise((resolve, reject) => {
    const child = spawn(program, rest, {
      cwd: sandbox.folder,
      env: { ...sandbox.env, XDG_CACHE_HOME: join(dirname(sandbox.folder), "cache") },
      stdio: "pipe",
    });
    const [stdout, stderr]: [Buffer[], Buffer[]] = [[], []];
    child.stdout.on("data", (bytes: Buffer) => void stdout.push(bytes));
    child.stderr.on("data", (bytes: Buffer) => void stderr.push(bytes));
    child.on("error", reject);
    child.on("close", (status) =>
      resolve({ status, stdout: Buffer.concat(stdout).toString(), stderr: Buffer.concat(stderr).toString() }),
    );
    child.stdin.end(input);
  });
}

/** Root reads and writes everything, so the tests below give it up. */
function canBeNobody(): boolean {
  if (process.getuid?.() !== 0) return true;
  if (!needs("setpriv", { for: "files without permission", get: "apt-get install util-linux" })) return false;
  try {
    execFileSync(
      "setpriv",
      [
        "--reuid=65534",
        "--regid=65534",
        "--clear-groups",
        process.execPath,
        "-e",
        "0",
        join(import.meta.dirname, "../bin/twolane.cjs"),
      ],
      { stdio: "ignore" },
    );
    return true;
  } catch {
    return lacks("user without rights that may run node", {
      for: "files without permission",
      get: "run the tests as an ordinary user",
    });
  }
}

describe.skipIf(!canBeNobody())("without permission", () => {
  beforeEach(() => {
    const root = dirname(sandbox.folder);
    sandbox.write("free.txt", "one\n");
    sandbox.write("locked.txt", "one\n");
    sandbox.write("closed/x.txt", "one\n");
    if (process.getuid?.() !== 0) return;
    for (const path of [root, ...readdirSync(root, { recursive: true, encoding: "utf8" }).map((name) => join(root, name))])
      chownSync(path, 65_534, 65_534);
  });

  it("read-only files and folders stay as they are, what is free lands", async () => {
    chmodSync(join(sandbox.folder, "locked.txt"), 0o444);
    chmodSync(join(sandbox.folder, "closed"), 0o555);
    cleanups.push(() => chmodSync(join(sandbox.folder, "closed"), 0o755));
    for (const path of ["locked.txt", "closed/x.txt"]) {
      const run = await unprivileged(["apply"], update(path, one));
      expect(run.status).toBe(1);
      expectClear(run, "FILE_UNWRITABLE");
      expect(sandbox.read(path)).toBe("one\n");
    }
    expect((await unprivileged(["apply"], update("free.txt", one))).status).toBe(0);
    expect(temporaryFiles(sandbox.folder)).toEqual([]);
  });

  it("a state folder that may not be written", async () => {
    const state = sandbox.env["XDG_STATE_HOME"] ?? "";
    mkdirSync(state, { mode: 0o555 });
    chmodSync(state, 0o555);
    for (const args of [["apply"], ["undo"], ["run", "-m", "instant", "rename a to b in free.txt"]]) {
      const run = await unprivileged(args, update("free.txt", one));
      expect(run.status).toBe(1);
      expectClear(run, "STATE_UNWRITABLE");
    }
    expect(sandbox.read("free.txt")).toBe("one\n");
    expect(existsSync(join(state, "twolane"))).toBe(false);
  });

  it("what another user's run left in the state folder is no obstacle, or said", async () => {
    expect((await unprivileged(["apply"], update("free.txt", one))).status).toBe(0);
    const state = sandbox.env["XDG_STATE_HOME"] ?? "";
    const named = (ending: string): string =>
      join(state, readdirSync(state, { recursive: true, encoding: "utf8" }).find((name) => name.endsWith(ending)) ?? "");
    const session = dirname(named("journal.jsonl"));
    cleanups.push(() => chmodSync(session, 0o700));
    chmodSync(session, 0o000);
    expectClear(await unprivileged(["undo"], ""), "JOURNAL_CORRUPT");
    expect((await unprivileged(["apply"], update("locked.txt", one))).status).toBe(0);
    expect((await unprivileged(["undo"], "")).status).toBe(0);
    expect(sandbox.read("locked.txt")).toBe("one\n");
    chmodSync(named("landing-lock"), 0o000);
    expectClear(await unprivileged(["apply"], update("locked.txt", one)), "STATE_UNWRITABLE");
    expect(sandbox.read("locked.txt")).toBe("one\n");
  });

  it("a folder that may not be entered", async () => {
    chmodSync(join(sandbox.folder, "closed"), 0o000);
    cleanups.push(() => chmodSync(join(sandbox.folder, "closed"), 0o755));
    const run = await unprivileged(["apply", "-C", "closed"], update("x.txt", one));
    expect(run.status).toBeGreaterThan(0);
    // Its rules are the first thing that is looked for there: nobody knows what they protect, so nothing begins.
    expect(run.stdout + run.stderr).toMatch(/policy\.yaml may not be touched by this user\. .*\[POLICY_INVALID\]/);
    expect(run.stdout + run.stderr).not.toContain("    at ");
  });
});
