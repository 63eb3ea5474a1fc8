/** Hunks that really landed, followed through what people do to real repositories afterwards. */
import { execFileSync } from "node:child_process";
import { appendFileSync, mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { type KpiName, type KpiSample } from "@twolane/protocol/kpis";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type ReadSession, foldSession, followIntoGit } from "../src/assembly/kpi-history.ts";
import { readKpis } from "../src/assembly/kpi-desk.ts";
import { openPatch } from "../src/engine.ts";
import { openGit } from "../src/host/git.ts";
import { systemProcesses } from "../src/host/process.ts";
import { readJournal } from "../src/journal/journal.ts";
import { listSessions, openStateFolder } from "../src/journal/state-folder.ts";

const dayMs = 24 * 3600 * 1000;
const old = Array.from({ length: 30 }, (_, at) => `const line${at} = ${at};`);
const rest = ["export const end = true;"];
let folder = "";
let root = "";

beforeEach(() => {
  folder = realpathSync(mkdtempSync(path.join(tmpdir(), "kpi-")));
  root = path.join(folder, "work");
  mkdirSync(root);
  git("init", "-q", "-b", "main");
  write("a.js", [...old, ...rest]);
  commit("base");
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe("a hunk is found in the commit", () => {
  it.each<[string, () => void]>([
    ["made by hand", () => commit("mine")],
    [
      "amended twice",
      () => {
        commit("mine");
        git("commit", "-q", "--amend", "-m", "other words");
        write("b.js", ["more"]);
        git("add", "-A");
        git("commit", "-q", "--amend", "-m", "and more");
      },
    ],
    [
      "rebased onto others' work",
      () => {
        git("checkout", "-q", "-b", "side");
        commit("mine");
        git("checkout", "-q", "main");
        write("c.js", ["theirs"]);
        commit("theirs");
        git("checkout", "-q", "side");
        git("rebase", "-q", "main");
        git("checkout", "-q", "main");
        git("merge", "-q", "--ff-only", "side");
      },
    ],
    [
      "squashed with others, its branch gone",
      () => {
        git("checkout", "-q", "-b", "side");
        commit("mine");
        write("b.js", ["more"]);
        commit("more");
        git("checkout", "-q", "main");
        git("merge", "-q", "--squash", "side");
        git("commit", "-q", "-m", "squashed");
        git("branch", "-q", "-D", "side");
      },
    ],
    [
      "merged by a merge commit",
      () => {
        git("checkout", "-q", "-b", "side");
        commit("mine");
        git("checkout", "-q", "main");
        write("c.js", ["theirs"]);
        commit("theirs");
        git("merge", "-q", "--no-ff", "-m", "merge", "side");
      },
    ],
    [
      "of which a person changed a line first",
      () => {
        write(
          "a.js",
          read("a.js").map((line) => line.replace("const fresh1 = 1;", "const fresh1 = 100;")),
        );
        commit("mine, corrected");
      },
    ],
  ])("%s", async (_, afterwards) => {
    await land();
    afterwards();
    const { samples, tasks } = await kpisNow();
    expect(tasks).toMatchObject([{ outcome: "committed", prompts: 1, steers: 0, takenBack: 0, commits: [expect.any(String)] }]);
    const [{ startedAt, endedAt } = { startedAt: 0, endedAt: -1 }] = tasks;
    expect(endedAt - startedAt).toBeGreaterThanOrEqual(0);
    expect(endedAt - startedAt).toBeLessThan(60_000);
    // It came as a patch: nobody was asked, and no loop is measured.
    expect([...of(samples, "one-loop"), ...of(samples, "accepted-commit")]).toEqual([]);
    expect(of(samples, "hunks-accepted")).toMatchObject([{ hits: 1, of: 1 }]);
    expect(of(samples, "lead-time")[0]?.value).toBeLessThan(1);
  });

  it("also where the work tree has other line endings", async () => {
    git("config", "core.autocrlf", "true");
    write("a.js", [...old, ...rest], "\r\n");
    await land("\r\n");
    commit("mine");
    expect((await kpisNow()).tasks.map(({ outcome }) => outcome)).toEqual(["committed"]);
  });

  it("and not in one that holds other lines, or lost it before", async () => {
    await land();
    git("checkout", "-q", "--", "a.js");
    write("a.js", ["const other = 1;", ...read("a.js")]);
    commit("something else");
    const { samples, tasks } = await kpisNow();
    expect(tasks.map(({ outcome }) => outcome)).toEqual(["open"]);
    expect(tasks.flatMap(({ commits }) => commits)).toEqual([]);
    expect(of(samples, "lead-time")).toEqual([]);
  });

  it("which is not merged yet: its lead time is missing", async () => {
    await land();
    git("checkout", "-q", "-b", "side");
    commit("mine");
    expect(of((await kpisNow()).samples, "lead-time")).toMatchObject([{ missing: "unmerged" }]);
  });
});

describe("accepted lines", () => {
  it("are counted as they survive, in a file that has moved too; a fix that changes them and a revert count apart", async () => {
    await land();
    commit("mine");
    const mine = git("rev-parse", "HEAD").trim();
    // Five lines landed: two are changed by a fix on the third day, in a file that is renamed on the tenth.
    write(
      "a.js",
      read("a.js").map((line) => line.replace(/^const fresh([12]) = .*/, "const fresh$1 = 7;")),
    );
    commitAt(3, "Fix the first two");
    write("c.js", ["elsewhere"]);
    commitAt(4, "fix something else");
    git("mv", "a.js", "moved.js");
    commitAt(10, "move");
    write(
      "moved.js",
      read("moved.js").filter((line) => !line.includes("fresh5")),
    );
    commitAt(20, `Take one out\n\nThis reverts commit ${mine}, or most of it`);
    const samples = await laterSamples(40);
    expect(of(samples, "survival-1")).toMatchObject([{ hits: 5, of: 5 }]);
    expect(of(samples, "survival-7")).toMatchObject([{ hits: 3, of: 5 }]);
    expect(of(samples, "survival-30")).toMatchObject([{ hits: 2, of: 5 }]);
    expect(of(samples, "fixes")).toMatchObject([{ hits: 1, of: 1 }]);
    expect(of(samples, "reverts")).toMatchObject([{ hits: 1, of: 1 }]);
  });

  it("are no cases before their time", async () => {
    await land();
    commit("mine");
    const samples = await laterSamples(8);
    expect(of(samples, "survival-7")).toMatchObject([{ hits: 5, of: 5 }]);
    expect(of(samples, "survival-30")).toEqual([]);
    expect(of(samples, "fixes")).toEqual([]);
  });
});

it("says why without git: then only what events tell is there", async () => {
  rmSync(path.join(root, ".git"), { recursive: true });
  await land();
  const read = await readKpis({ cwd: root, env: environment() });
  expect(read.ok && read.value.withoutGit.join()).toContain("There is no git repository here");
  expect(read.ok && read.value.tasks).toMatchObject([{ outcome: "open", prompts: 1 }]);
});

it("a damaged journal costs what is damaged", async () => {
  await land();
  commit("mine");
  const [session] = listSessions(state());
  appendFileSync(session!.journalPath, '{"type":"hunk.landed","hunk":\n\0\0');
  expect((await kpisNow()).tasks.map(({ outcome }) => outcome)).toEqual(["committed"]);
});

const of = (samples: readonly KpiSample[], kpi: KpiName): readonly KpiSample[] => samples.filter((one) => one.kpi === kpi);
const environment = () => ({ XDG_STATE_HOME: path.join(folder, "state"), HOME: folder });

function state() {
  const opened = openStateFolder(path.join(folder, "state"), root);
  if (!opened.ok) throw new Error(opened.failure.message);
  return opened.value;
}

/** Five lines before the last one, and their first prompt. */
async function land(ending = "\n"): Promise<void> {
  const fresh = [1, 2, 3, 4, 5].map((at) => `+const fresh${at} = ${at};`);
  const text = ["--- a/a.js", "+++ b/a.js", "@@ -30,2 +30,7 @@", ` ${old[29]}`, ...fresh, ` ${rest[0]}`, ""].join(ending);
  const opened = await openPatch({ cwd: root, env: environment(), scope: [], landing: "hunk", dryRun: false, text });
  if (!opened.ok) throw new Error(opened.failure.message);
  opened.value.send({ type: "prompt", text: "add five lines" });
  await opened.value.idle();
  await opened.value.close();
  expect(read("a.js")).toHaveLength(36);
}

async function kpisNow() {
  const read = await readKpis({ cwd: root, env: environment() });
  if (!read.ok) throw new Error(read.failure.message);
  expect(read.value.withoutGit).toEqual([]);
  return read.value;
}

async function laterSamples(days: number): Promise<readonly KpiSample[]> {
  const sessions = listSessions(state()).map((session): ReadSession => {
    const { lines } = readJournal(session);
    return { folder: session, lines, jobs: [], kpis: foldSession(lines, []) };
  });
  const followed = await followIntoGit(sessions, { git: openGit(root, systemProcesses), now: Date.now() + days * dayMs });
  if (!followed.ok) throw new Error(followed.failure.message);
  return followed.value;
}

function write(file: string, lines: readonly string[], ending = "\n"): void {
  writeFileSync(path.join(root, file), lines.map((line) => line + ending).join(""));
}

const read = (file: string): readonly string[] =>
  readFileSync(path.join(root, file), "utf8")
    .replace(/\r?\n$/, "")
    .split(/\r?\n/);

function commit(message: string): void {
  git("add", "-A");
  git("commit", "-q", "-m", message);
}

function commitAt(days: number, message: string): void {
  const date = new Date(Date.now() + days * dayMs).toISOString();
  git("add", "-A");
  execFileSync("git", ["commit", "-q", "-m", message], {
    cwd: root,
    env: { ...author, GIT_AUTHOR_DATE: date, GIT_COMMITTER_DATE: date },
  });
}

const author = {
  ...{ PATH: process.env["PATH"] ?? "", HOME: "/nonexistent", GIT_CONFIG_NOSYSTEM: "1" },
  ...{ GIT_AUTHOR_NAME: "a", GIT_AUTHOR_EMAIL: "a@b.c", GIT_COMMITTER_NAME: "a", GIT_COMMITTER_EMAIL: "a@b.c" },
};

function git(...args: readonly string[]): string {
  return execFileSync("git", args, { cwd: root, env: author, encoding: "utf8" });
}
