/**
 * Where the deep lane's jobs of a workspace live, in its state folder, readable by its user only.
 *
 *     jobs/<id>/{job.jsonl, owner, log, tree/<name of the workspace>/}
 *
 * `job.jsonl` is the job's log of events; `owner` names the process that works on it; `tree` holds the private copy. What the events mean is
 * known elsewhere (`lanes/job.ts`).
 */
import fs from "node:fs";
import path from "node:path";
import { type JobId, type Result, type TwolaneEvent, fail, succeed } from "@twolane/protocol";
import { type AppendFile, openAppendFile } from "../host/append-file.ts";
import { errorCode, systemFailure } from "../host/errors.ts";
import { makePrivateFolder } from "../host/folders.ts";
import { takeLock } from "../host/lock-file.ts";
import { isRunning, processIdentity } from "../host/process.ts";
import { readTextNow, writeTextNow } from "../host/user-files.ts";
import { fileStamp } from "../host/user-files.ts";
import { createLineLog } from "./line-log.ts";
import type { StateFolder } from "./state-folder.ts";

export interface JobFolder {
  readonly job: JobId;
  readonly path: string;
}

export interface JobLog {
  /** Written soon. */
  add(event: TwolaneEvent): void;
  /** Written and synced: what comes after it may rely on it. */
  keep(event: TwolaneEvent): Promise<void>;
  close(): Promise<void>;
}

const logName = "job.jsonl";
const ownerName = "owner";
const startingName = "starting";
/** A worker has so long to come up. */
const comesUpMs = 15_000;
const folderName = /^d[1-9]\d{0,8}$/;

export const jobsPath = (state: StateFolder): string => path.join(state.path, "jobs");

export const jobFolder = (state: StateFolder, job: JobId): JobFolder => ({ job, path: path.join(jobsPath(state), job) });

/** Of the private copies of the workspace's repositories. */
export const treesPath = (folder: JobFolder): string => path.join(folder.path, "tree");

/** A new one; its number is free. STATE_UNWRITABLE. */
export function makeJobFolder(state: StateFolder): Result<JobFolder> {
  try {
    makePrivateFolder(jobsPath(state));
    for (let number = nextNumber(state); ; number++) {
      const folder = jobFolder(state, `d${number}`);
      try {
        fs.mkdirSync(folder.path, { mode: 0o700 });
        writeTextNow(lastPath(state), `${number}`);
        return succeed(folder);
      } catch (error) {
        // Another process was faster.
        if (errorCode(error) !== "EEXIST") throw error;
      }
    }
  } catch (error) {
    const refused = systemFailure(error, jobsPath(state), "write");
    return fail("STATE_UNWRITABLE", `No job can be made in ${state.path}: ${refused.ok ? "" : refused.failure.message}`);
  }
}

const lastPath = (state: StateFolder): string => path.join(jobsPath(state), "last");

/** A number is not given again when its job is dropped: sessions still speak of that one. */
function nextNumber(state: StateFolder): number {
  const given = Number.parseInt(readTextNow(lastPath(state)) ?? "", 10);
  const numbers = listJobs(state).map(({ job }) => Number.parseInt(job.slice(1), 10));
  return Math.max(0, ...(Number.isSafeInteger(given) ? [given] : []), ...numbers) + 1;
}

/** The newest first. */
export function listJobs(state: StateFolder): readonly JobFolder[] {
  let names: string[];
  try {
    names = fs.readdirSync(jobsPath(state));
  } catch {
    return [];
  }
  return names
    .filter((name) => folderName.test(name))
    .toSorted((a, b) => Number.parseInt(b.slice(1), 10) - Number.parseInt(a.slice(1), 10))
    .map((name) => jobFolder(state, name));
}

/** Another one whenever something was written. */
export const jobLogStamp = ({ path: folder }: JobFolder): string => fileStamp(path.join(folder, logName));

/** Lines that cannot be read are left out: a crash cuts the last one off. */
export function readJobLog(folder: JobFolder): readonly TwolaneEvent[] {
  let text: string;
  try {
    text = fs.readFileSync(path.join(folder.path, logName), "utf8");
  } catch {
    return [];
  }
  return text.split("\n").flatMap((line) => {
    try {
      const event: unknown = JSON.parse(line);
      return isEvent(event) ? [event] : [];
    } catch {
      return [];
    }
  });
}

const isEvent = (value: unknown): value is TwolaneEvent =>
  typeof value === "object" && value !== null && "type" in value && "at" in value && typeof value.type === "string";

/** Throws system errors. */
export async function openJobLog(folder: JobFolder): Promise<JobLog> {
  const file: AppendFile = await openAppendFile(path.join(folder.path, logName));
  const size = file.size();
  const torn = size > 0 && file.read(size - 1, 1)[0] !== 0x0a;
  const lines = createLineLog({ file, torn, onTrouble: () => {} });
  return {
    add: (event) => lines.add(event),
    async keep(event) {
      lines.write([event]);
      await file.sync();
    },
    async close() {
      lines.flush();
      await file.close();
    },
  };
}

/** This process works on it from now on; false while another one does. */
export async function claimJob(folder: JobFolder): Promise<boolean> {
  // Of two that begin at once one goes on.
  const giveBack = await takeLock(path.join(folder.path, "claim"));
  try {
    if (isJobRunning(folder)) return false;
    // In this order one of both is there at any moment.
    fs.writeFileSync(path.join(folder.path, ownerName), processIdentity(process.pid) ?? `${process.pid}`, { mode: 0o600 });
    fs.rmSync(path.join(folder.path, startingName), { force: true });
    return true;
  } finally {
    giveBack();
  }
}

/** A process is being started for it. */
export function markStarting(folder: JobFolder): void {
  fs.writeFileSync(path.join(folder.path, startingName), "", { mode: 0o600 });
}

/** A process works on it, or was started so shortly ago that it may not have come up yet. */
export const isWorkedOn = (folder: JobFolder): boolean => workedOnSince(folder) !== undefined;

/** ms since 1970; undefined where no process works on it. */
export function workedOnSince(folder: JobFolder): number | undefined {
  const written = (name: string): number | undefined =>
    fs.statSync(path.join(folder.path, name), { throwIfNoEntry: false })?.mtimeMs;
  // The mark goes when the owner is there: looked at in the other order, both could be missed.
  const mark = written(startingName);
  if (mark !== undefined && Date.now() - mark < comesUpMs) return mark;
  return isJobRunning(folder) ? written(ownerName) : undefined;
}

export function releaseJob(folder: JobFolder): void {
  fs.rmSync(path.join(folder.path, ownerName), { force: true });
}

/** With its copy; Throws system errors. */
export function removeJob(folder: JobFolder): void {
  fs.rmSync(folder.path, { recursive: true, force: true });
}

export function isJobRunning(folder: JobFolder): boolean {
  try {
    return isRunning(fs.readFileSync(path.join(folder.path, ownerName), "utf8"));
  } catch {
    return false;
  }
}
