/** For tests of commits: a real repository on which hunks land through the real lander, and a desk on it. */
import { execFileSync } from "node:child_process";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { type CommitDraft, type EventBody, type HunkId, type Review, reviewEvent, succeed } from "@twolane/protocol";
import { CommitDesk, type CommitDeps } from "../src/commit/desk.ts";
import { fileHistories } from "../src/edits/review/file-history.ts";
import { preimages } from "../src/edits/undo/preimages.ts";
import { standingSteps } from "../src/edits/undo/undo-ledger.ts";
import { applyUndo, planUndo } from "../src/edits/undo/undo.ts";
import { diskFiles } from "../src/host/disk.ts";
import { branchOf, operationUnderWay } from "../src/host/git-state.ts";
import { type Git, openGit } from "../src/host/git.ts";
import { systemProcesses } from "../src/host/process.ts";
import { readJournal } from "../src/journal/journal.ts";
import { isLandingRecord } from "../src/journal/records.ts";
import { systemClock } from "../src/std/clock.ts";
import { type Workshop, applyText, must, openWorkshop } from "./landing/workshop.ts";

/** Nothing of the machine's own git configuration counts; who commits is told by the environment. */
const environment = {
  GIT_CONFIG_GLOBAL: "/dev/null",
  GIT_CONFIG_NOSYSTEM: "1",
  GIT_AUTHOR_NAME: "test",
  GIT_AUTHOR_EMAIL: "test@example.org",
  GIT_COMMITTER_NAME: "test",
  GIT_COMMITTER_EMAIL: "test@example.org",
};
Object.assign(process.env, environment);

export interface CommitBench {
  readonly shop: Workshop;
  readonly root: string;
  readonly desk: CommitDesk;
  readonly review: Review;
  git(...args: readonly string[]): string;
  /** One character a byte. */
  blob(name: string): string;
  /** Sections of a V4A patch; they become hunks `h1`, `h2`, … in the order of all calls, of the turn `t1` unless told otherwise. */
  land(sections: readonly string[], turn?: string): Promise<void>;
  accept(...hunks: readonly HunkId[]): void;
  /** As a person: the last turn's hunks leave the disk again. */
  undoLastTurn(): Promise<void>;
  draft(): Promise<CommitDraft>;
  /** The code of the failure, or the hunks that were committed. */
  commit(message?: string): Promise<string>;
  /** What hooks printed and what had to be said in the last commit, or the message of its failure. */
  said: string;
  dispose(): Promise<void>;
}

export interface BenchOptions {
  readonly files?: Readonly<Record<string, string>>;
  /** Instead of a fresh repository: this work tree. */
  readonly root?: string;
  /** Stands between the desk and git. */
  readonly wrap?: (git: Git) => Git;
  readonly remember?: CommitDeps["remember"];
  readonly forget?: CommitDeps["forget"];
}

export async function openCommitBench({
  files,
  root,
  wrap = (git) => git,
  remember,
  forget,
}: BenchOptions): Promise<CommitBench> {
  const home = fs.mkdtempSync(path.join(os.tmpdir(), "twolane-state-"));
  const shop =
    root === undefined ? await openWorkshop(files === undefined ? {} : { files }) : await openWorkshop({ at: { home, root } });
  const git = (...args: readonly string[]): string =>
    execFileSync("git", ["-C", shop.root, ...args], { encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });
  if (root === undefined) {
    git("init", "-q", "-b", "main");
    if (files !== undefined) {
      git("add", "-A");
      git("commit", "-qm", "first");
    }
  }
  const review: Review = new Map();
  const tell = (event: EventBody): void => void reviewEvent(review, event);
  const deps: CommitDeps = {
    git: wrap(openGit(shop.root, systemProcesses)),
    review,
    files: () => recorded(shop),
    promptOf: (turn) => `prompt of ${turn}`,
    model: () => "maker/model",
    trailer: () => "assisted-by",
    busy: () => operationUnderWay(shop.root),
    branch: () => branchOf(shop.root),
    isExecutable: (file) => ((fs.statSync(path.join(shop.root, file), { throwIfNoEntry: false })?.mode ?? 0) & 0o100) !== 0,
    permit: () => Promise.resolve(succeed(undefined)),
    temporary() {
      const index = path.join(home, "index");
      return { path: index, remove: () => fs.rmSync(index, { force: true }) };
    },
    ...(remember !== undefined && { remember }),
    ...(forget !== undefined && { forget }),
  };
  const desk = new CommitDesk(deps);
  let count = 1;
  const bench: CommitBench = {
    ...{ shop, root: shop.root, desk, review, git, said: "" },
    blob: (name) => execFileSync("git", ["-C", shop.root, "cat-file", "blob", name], { encoding: "latin1" }),
    async land(sections, turn = "t1") {
      const text = `*** Begin Patch\n${sections.join("")}*** End Patch\n`;
      const report = await applyText(text, { lander: shop.lander({ onEvent: tell }), turn, from: count });
      const others = report.outcomes.filter(({ state }) => state !== "landed");
      if (others.length > 0) throw new Error(`not landed: ${JSON.stringify(others)}`);
      count += report.outcomes.length;
    },
    accept: (...hunks) => hunks.forEach((hunk) => tell({ type: "hunk.accepted", hunk, by: "person" })),
    async undoLastTurn() {
      const parts = { root: shop.root, files: shop.deps.files, state: shop.state, lock: shop.deps.lock };
      const undo = { ...parts, clock: systemClock, current: shop.journal };
      await applyUndo(undo, must(await planUndo(undo, { kind: "last-turn" })));
    },
    draft: async () => must(await desk.draft()),
    async commit(message = "made by the test") {
      const made = await desk.commit(message);
      bench.said = made.ok ? made.value.output : made.failure.message;
      if (!made.ok) return made.failure.code;
      tell({ type: "commit.made", ...made.value });
      return made.value.hunks.join(" ");
    },
    async dispose() {
      await shop.dispose();
      for (const folder of [home, shop.home, shop.root]) fs.rmSync(folder, { recursive: true, force: true });
    },
  };
  return bench;
}

async function recorded({ root, journal }: Workshop): ReturnType<CommitDeps["files"]> {
  await journal.flush();
  const records = readJournal(journal.folder).lines.filter(isLandingRecord);
  const files = fileHistories(standingSteps(records), preimages(records, journal));
  return Promise.all(
    files.map(async (file) => {
      const read = await diskFiles.read(path.join(root, file.path));
      return { ...file, disk: read.ok ? read.value.bytes : undefined };
    }),
  );
}

export const change = (file: string, ...lines: readonly string[]): string => `*** Update File: ${file}\n@@\n${join(...lines)}`;
/** Each with a line feed behind it. */
export const join = (...lines: readonly string[]): string => lines.map((line) => `${line}\n`).join("");
