/** Where jobs live, on a real disk: numbers, a log with a torn line, and who may work on one. */
import { type ChildProcess, spawn } from "node:child_process";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import type { TwolaneEvent } from "@twolane/protocol";
import { afterEach, beforeEach, expect, test } from "vitest";
import { processIdentity } from "../host/process.ts";
import {
  type JobFolder,
  claimJob,
  isJobRunning,
  listJobs,
  makeJobFolder,
  openJobLog,
  readJobLog,
  releaseJob,
  removeJob,
} from "./job-folder.ts";
import type { StateFolder } from "./state-folder.ts";

let state: StateFolder;
beforeEach(() => {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), "twolane-jobs-"));
  state = { path: folder, lockPath: path.join(folder, "lock") };
});
afterEach(() => fs.rmSync(state.path, { recursive: true }));

function make(): JobFolder {
  const made = makeJobFolder(state);
  if (!made.ok) throw new Error(made.failure.message);
  return made.value;
}

const event = (doing: string): TwolaneEvent => ({
  ...({ type: "job.moved", stage: "working", doing } as const),
  ...{ at: 1, mono: 1, lane: "deep", session: "d1" },
});

test("numbers go up, the newest first, and nobody else reads them", () => {
  expect([make(), make(), make()].map(({ job }) => job)).toEqual(["d1", "d2", "d3"]);
  for (const name of Array.from({ length: 7 }, make)) expect(fs.statSync(name.path).mode & 0o077).toBe(0);
  fs.mkdirSync(path.join(state.path, "jobs/other"));
  expect(listJobs(state).map(({ job }) => job)).toEqual(["d10", "d9", "d8", "d7", "d6", "d5", "d4", "d3", "d2", "d1"]);
  removeJob(listJobs(state)[0]!);
  // What is said of d10 anywhere stays said of that one.
  expect(make().job).toBe("d11");
});

test("a log that was cut off anywhere is read up to there, and goes on behind it", async () => {
  const folder = make();
  const log = await openJobLog(folder);
  for (const doing of ["one", "zwei ü", "three"]) await log.keep(event(doing));
  await log.close();
  const file = path.join(folder.path, "job.jsonl");
  const whole = fs.readFileSync(file);
  const known = readJobLog(folder);
  expect(known).toEqual([event("one"), event("zwei ü"), event("three")]);
  for (let size = 0; size < whole.length; size += 7) {
    fs.writeFileSync(file, whole.subarray(0, size));
    const before = readJobLog(folder);
    expect(known.slice(0, before.length)).toEqual(before);
    const again = await openJobLog(folder);
    await again.keep(event("later"));
    await again.close();
    expect(readJobLog(folder)).toEqual([...before, event("later")]);
  }
});

test("one process works on it; one that is gone leaves it to the next", async () => {
  const folder = make();
  let other: ChildProcess | undefined;
  try {
    other = spawn(process.execPath, ["-e", "setTimeout(() => {}, 60000)"], { stdio: "ignore" });
    fs.writeFileSync(path.join(folder.path, "owner"), processIdentity(other.pid ?? 0) ?? "");
    expect(isJobRunning(folder)).toBe(true);
    expect(await claimJob(folder)).toBe(false);
    other.kill("SIGKILL");
    await expect.poll(() => isJobRunning(folder)).toBe(false);
    const claims = await Promise.all(Array.from({ length: 5 }, () => claimJob(folder)));
    expect(claims.filter((claimed) => claimed)).toHaveLength(1);
    releaseJob(folder);
    expect(isJobRunning(folder)).toBe(false);
  } finally {
    other?.kill("SIGKILL");
  }
});
