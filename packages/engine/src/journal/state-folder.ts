/**
 * Where a workspace's state lives: outside the repository, readable by its user only.
 *
 *     $XDG_STATE_HOME/twolane/workspaces/<name>-<hash of the real path>/
 *       landing-lock/
 *       open/<session id>
 *       removed
 *       sessions/<session id>/{journal.jsonl, preimages, owner}
 *
 * `owner` names the process that has the session open; a clean end removes it. `open` says which have one, so that a start need not look
 * into hundreds of sessions. `removed` counts the sessions that had to make room. Knows nothing of what the files hold.
 */
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { type Result, type SessionId, fail, succeed } from "@twolane/protocol";
import { errorCode } from "../host/errors.ts";
import { makePrivateFolder } from "../host/folders.ts";
import { isRunning, processIdentity } from "../host/process.ts";
import { sha256 } from "../std/hash.ts";

/** What the sessions of one workspace may take together; the oldest go first, never the current one. */
export const defaultDiskCap = 1024 * 1024 * 1024;

export interface StateFolder {
  readonly path: string;
  readonly lockPath: string;
}

export interface SessionFolder {
  readonly id: SessionId;
  readonly path: string;
  readonly journalPath: string;
  readonly preimagesPath: string;
  readonly ownerPath: string;
  /** Is there while `ownerPath` is. */
  readonly openMark: string;
}

/** `$XDG_STATE_HOME`, or what the convention says when it is unset or not absolute. */
export function stateHome(env: Readonly<Record<string, string | undefined>>): string {
  const named = env["XDG_STATE_HOME"];
  return named && path.isAbsolute(named) ? named : path.join(os.homedir(), ".local", "state");
}

/** `root` is the workspace's real path. STATE_UNWRITABLE where the folder cannot be had. */
export function openStateFolder(home: string, root: string): Result<StateFolder> {
  const slug =
    path
      .basename(root)
      .replace(/[^\w.-]+/g, "-")
      .slice(0, 40) || "root";
  const folder = path.join(home, "twolane", "workspaces", `${slug}-${sha256(root).slice(0, 16)}`);
  return attempt(folder, () => {
    makePrivateFolder(path.join(folder, "sessions"));
    const lockPath = path.join(folder, "landing-lock");
    // Another user's, left by a run with other rights: better said now than when the first hunk wants to land.
    if (fs.existsSync(lockPath)) fs.accessSync(lockPath, fs.constants.R_OK | fs.constants.W_OK | fs.constants.X_OK);
    return { path: folder, lockPath };
  });
}

/** Of every workspace that has one. */
export function listStateFolders(home: string): readonly StateFolder[] {
  const all = path.join(home, "twolane", "workspaces");
  try {
    return fs.readdirSync(all).map((name) => ({ path: path.join(all, name), lockPath: path.join(all, name, "landing-lock") }));
  } catch {
    return [];
  }
}

/** Runs what needs the state folder; a refusal of the system is STATE_UNWRITABLE. */
function attempt<T>(folder: string, action: () => T): Result<T> {
  try {
    return succeed(action());
  } catch (error) {
    const code = errorCode(error);
    if (code === undefined) throw error;
    return fail("STATE_UNWRITABLE", `The state folder ${folder} cannot be used (${code}).`);
  }
}

/** With all sessions of that workspace. Throws system errors. */
export function removeStateFolder({ path: folder }: StateFolder): void {
  fs.rmSync(folder, { recursive: true, force: true });
}

export const sessionsPath = (state: StateFolder): string => path.join(state.path, "sessions");

const openPath = (state: Pick<StateFolder, "path">): string => path.join(state.path, "open");

export function sessionFolder(state: StateFolder, id: SessionId): SessionFolder {
  return sessionFolderIn(sessionsPath(state), openPath(state), id);
}

/** Put together without a look at what is in them: a start does this for every session that there was. */
function sessionFolderIn(sessions: string, open: string, id: SessionId): SessionFolder {
  const folder = `${sessions}${path.sep}${id}`;
  return {
    id,
    path: folder,
    journalPath: `${folder}${path.sep}journal.jsonl`,
    preimagesPath: `${folder}${path.sep}preimages`,
    ownerPath: `${folder}${path.sep}owner`,
    openMark: `${open}${path.sep}${id}`,
  };
}

/** Newest first. */
export function listSessions(state: StateFolder): readonly SessionFolder[] {
  return newestFirst(state, namesIn(sessionsPath(state)) ?? []);
}

function newestFirst(state: StateFolder, ids: readonly string[]): readonly SessionFolder[] {
  const [sessions, open] = [sessionsPath(state), openPath(state)];
  return ids
    .toSorted()
    .toReversed()
    .map((id) => sessionFolderIn(sessions, open, id));
}

function namesIn(folder: string): readonly string[] | undefined {
  try {
    return fs.readdirSync(folder);
  } catch {
    return undefined;
  }
}

/** Those that nobody has closed: they run, or their process has died. Newest first. */
export function unclosedSessions(state: StateFolder): readonly SessionFolder[] {
  const marked = namesIn(openPath(state));
  return marked === undefined ? listSessions(state) : newestFirst(state, marked);
}

export function makeSessionFolder(session: SessionFolder): Result<void> {
  return attempt(session.path, () => {
    makePrivateFolder(session.path);
    claim(session);
  });
}

/** This process has the session open. */
export function claim(session: SessionFolder): void {
  mark(session);
  fs.writeFileSync(session.ownerPath, processIdentity(process.pid) ?? `${process.pid}`, { mode: 0o600 });
  showChange(session);
}

/** Before the owner is named: whoever dies in between has only a mark too many. */
function mark(session: SessionFolder): void {
  const folder = path.dirname(session.openMark);
  if (!fs.existsSync(folder)) {
    const state = { path: path.dirname(folder), lockPath: "" };
    // Of a version that made no marks. Under its last name only with all of them.
    const draft = `${folder}.${process.pid}`;
    makePrivateFolder(draft);
    for (const { id, ownerPath } of listSessions(state)) if (fs.existsSync(ownerPath)) fs.writeFileSync(path.join(draft, id), "");
    try {
      fs.renameSync(draft, folder);
    } catch {
      // Another process was first, with the same.
      fs.rmSync(draft, { recursive: true, force: true });
    }
  }
  fs.writeFileSync(session.openMark, "", { mode: 0o600 });
}

export function release(session: SessionFolder): void {
  fs.rmSync(session.ownerPath, { force: true });
  fs.rmSync(session.openMark, { force: true });
  showChange(session);
}

/** Whoever watches the folder of all sessions sees no change within one of them, only that its date is another. */
function showChange(session: SessionFolder): void {
  const now = new Date();
  try {
    fs.utimesSync(session.path, now, now);
  } catch {
    // Then they see it at their next look.
  }
}

/** `dead`: its process ended without closing it, so something may be half done. */
export function ownership(session: SessionFolder): "closed" | "running" | "dead" {
  try {
    return isRunning(fs.readFileSync(session.ownerPath, "utf8")) ? "running" : "dead";
  } catch {
    return "closed";
  }
}

/** Removes the oldest sessions until what is left fits under `cap` bytes. Gives how many went. */
export function evictSessions(state: StateFolder, current: SessionId, cap: number): number {
  const sizes = listSessions(state).map((session) => ({ session, size: sizeOf(session) }));
  let total = sizes.reduce((sum, { size }) => sum + size, 0);
  let removed = 0;
  let until = 0;
  for (const { session, size } of sizes.toReversed()) {
    if (total <= cap) break;
    if (session.id === current || ownership(session) === "running") continue;
    const last = lastChange(session);
    if (!removeSession(session)) continue;
    total -= size;
    removed++;
    until = Math.max(until, last);
  }
  if (removed > 0) noteRemoved(state, { sessions: removed, until });
  return removed;
}

/** Sessions that had to make room: what they would have told nobody can read any more. */
export interface RemovedSessions {
  readonly sessions: number;
  /** When the newest of them was last open, ms since 1970. */
  readonly until: number;
}

const removedPath = (state: StateFolder): string => path.join(state.path, "removed");

/** Undefined where there are none. */
export function removedSessions(state: StateFolder): RemovedSessions | undefined {
  try {
    const [sessions = Number.NaN, until = Number.NaN] = fs.readFileSync(removedPath(state), "utf8").split(" ").map(Number);
    return sessions > 0 && until > 0 ? { sessions, until } : undefined;
  } catch {
    return undefined;
  }
}

function noteRemoved(state: StateFolder, { sessions, until }: RemovedSessions): void {
  const before = removedSessions(state) ?? { sessions: 0, until: 0 };
  try {
    fs.writeFileSync(removedPath(state), `${before.sessions + sessions} ${Math.max(before.until, until)}`, { mode: 0o600 });
  } catch {
    // A full disk: the next one that is removed counts again.
  }
}

function lastChange(session: SessionFolder): number {
  try {
    return Math.round(fs.statSync(session.path).mtimeMs);
  } catch {
    return 0;
  }
}

/** False for what is not ours to remove, such as a session that root had here. */
export function removeSession(session: SessionFolder): boolean {
  try {
    fs.rmSync(session.path, { recursive: true, force: true });
    fs.rmSync(session.openMark, { force: true });
    return true;
  } catch {
    return false;
  }
}

function sizeOf(session: SessionFolder): number {
  return sizeOfFile(session.journalPath) + sizeOfFile(session.preimagesPath);
}

function sizeOfFile(name: string): number {
  try {
    return fs.statSync(name).size;
  } catch {
    return 0;
  }
}

/** Where a session says that a command runs which may change something. */
export const commandMark = (sessionPath: string): string => path.join(sessionPath, "command");
