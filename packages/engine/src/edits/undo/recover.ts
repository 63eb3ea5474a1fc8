/**
 * What a crash left between journal and rename. A rename happened or it did not, so each open write is decided by what is
 * on disk: the content after it, or the content before it. Where somebody typed since, the nearer of both decides, and
 * that is said. Of writes that belong together a landing goes as a whole, and an undo is finished. Temporary files of dead
 * sessions are removed.
 */
import path from "node:path";
import type { HunkId } from "@twolane/protocol";
import type { FileSnapshot, Files } from "../../host/files.ts";
import { type Journal, readJournal, reopenJournal } from "../../journal/journal.ts";
import { type LandingRecord, type PreparedRecord, isLandingRecord, isPrepared } from "../../journal/records.ts";
import { type SessionFolder, type StateFolder, ownership, release, unclosedSessions } from "../../journal/state-folder.ts";
import { differingRange } from "../../std/bytes.ts";
import { type PlannedWrite, writeAll } from "../landing/landing-write.ts";
import { applyToBytes } from "../placing/file-text.ts";
import { type Preimages, preimages } from "./preimages.ts";
import { standingSteps } from "./undo-ledger.ts";
import { takeBackSteps } from "./undo.ts";

export interface RecoverDeps {
  readonly root: string;
  readonly files: Files;
  readonly state: StateFolder;
  readonly lock: () => Promise<() => void>;
  /** The session that must be left alone. */
  readonly current?: string;
}

export interface Recovered {
  readonly finished: readonly HunkId[];
  readonly reverted: readonly HunkId[];
  /** Files in which somebody typed since, so that the nearer content decided. */
  readonly guessed: readonly string[];
}

/** Settles every session of the workspace whose process ended without closing it. */
export async function recoverWorkspace(deps: RecoverDeps): Promise<Recovered> {
  const dead = unclosedSessions(deps.state).filter((session) => session.id !== deps.current && ownership(session) === "dead");
  const all = { finished: [] as HunkId[], reverted: [] as HunkId[], guessed: [] as string[] };
  if (dead.length === 0) return all;
  const unlock = await deps.lock();
  try {
    for (const session of dead) {
      const { finished, reverted, guessed } = await recoverSession(deps, session);
      all.finished.push(...finished);
      all.reverted.push(...reverted);
      all.guessed.push(...guessed);
    }
  } finally {
    unlock();
  }
  return all;
}

async function recoverSession(deps: RecoverDeps, session: SessionFolder): Promise<Recovered> {
  const parsed = readJournal(session);
  const records = parsed.lines.filter(isLandingRecord);
  const open = unsettled(records);
  if (open.length === 0) {
    release(session);
    return { finished: [], reverted: [], guessed: [] };
  }
  const opened = await reopenJournal(session, { parsed, onTrouble: () => {} });
  if (!opened.ok) return { finished: [], reverted: [], guessed: [] };
  const journal = opened.value;
  try {
    const decided = await decide(deps, open, preimages(records, journal));
    for (const [record, done] of decided.done)
      journal.note({ type: done ? "write.done" : "write.reverted", write: record.write });
    for (const record of open) removeTemp(deps, record);
    const torn = await takeBackGroups(deps, { journal, decided: decided.done, records });
    await finishUndos(deps, { journal, decided: decided.done, records });
    const hunks = (done: boolean): HunkId[] =>
      [...decided.done].flatMap(([record, was]) => (was === done && record.type === "landing.prepared" ? hunksOf(record) : []));
    return {
      finished: [...new Set(hunks(true))].filter((hunk) => !torn.includes(hunk)),
      reverted: [...new Set([...hunks(false), ...torn])],
      guessed: decided.guessed,
    };
  } finally {
    await journal.close();
  }
}

function unsettled(records: readonly LandingRecord[]): readonly PreparedRecord[] {
  const settled = new Set(
    records.flatMap((record) => (record.type === "write.done" || record.type === "write.reverted" ? [record.write] : [])),
  );
  return records.filter(isPrepared).filter(({ write, preHash, postHash }) => !settled.has(write) && preHash !== postHash);
}

const hunksOf = (record: PreparedRecord): HunkId[] => record.steps.flatMap(({ hunk }) => (hunk === undefined ? [] : [hunk]));

interface Decided {
  readonly done: ReadonlyMap<PreparedRecord, boolean>;
  readonly guessed: readonly string[];
}

/** Writes of one file follow each other, so it is enough to know how far they came. */
async function decide(deps: RecoverDeps, open: readonly PreparedRecord[], images: Preimages): Promise<Decided> {
  const done = new Map<PreparedRecord, boolean>();
  const guessed: string[] = [];
  for (const file of new Set(open.map((record) => record.path))) {
    const writes = open.filter((record) => record.path === file);
    const read = await deps.files.read(path.join(deps.root, ...file.split("/")));
    const hash = read.ok ? read.value.hash : "";
    let last = writes.findLastIndex(({ postHash }) => postHash === hash);
    if (last < 0 && writes[0]?.preHash !== hash) {
      last = read.ok ? nearest(writes, read.value.bytes, images) : -1;
      guessed.push(file);
    }
    for (const [index, record] of writes.entries()) done.set(record, index <= last);
  }
  return { done, guessed };
}

/** Index of the write whose outcome is nearest to the content; -1 for the content before the first. */
function nearest(writes: readonly PreparedRecord[], actual: Uint8Array, images: Preimages): number {
  const candidates = [writes[0]?.preHash ?? "", ...writes.map(({ postHash }) => postHash)];
  const distances = candidates.map((hash) => {
    const content = hash === "" ? undefined : images.content(hash);
    if (!content) return Number.POSITIVE_INFINITY;
    const { start, end, newEnd } = differingRange(content, actual);
    return end - start + newEnd - start;
  });
  return distances.indexOf(Math.min(...distances)) - 1;
}

function removeTemp(deps: RecoverDeps, { path: file, temp }: PreparedRecord): void {
  if (temp !== undefined) deps.files.discard(path.join(path.dirname(path.join(deps.root, ...file.split("/"))), temp));
}

interface Groups {
  readonly journal: Journal;
  readonly decided: ReadonlyMap<PreparedRecord, boolean>;
  readonly records: readonly LandingRecord[];
}

/** All or nothing: a group of which something is missing goes as a whole. Gives the hunks that went. */
async function takeBackGroups(deps: RecoverDeps, { journal, decided, records }: Groups): Promise<readonly HunkId[]> {
  const broken = brokenGroups(decided);
  if (broken.size === 0) return [];
  const missing = new Set([...decided].flatMap(([record, done]) => (done ? [] : [record.write])));
  const steps = standingSteps(records).filter(
    ({ record }) => record.group !== undefined && broken.has(record.group) && !missing.has(record.write),
  );
  const report = await takeBackSteps({ root: deps.root, files: deps.files, journal }, steps, records);
  return report.undone;
}

/** Groups of which something did not happen. */
function brokenGroups(decided: Groups["decided"]): ReadonlySet<string> {
  return new Set([...decided].flatMap(([record, done]) => (!done && record.group !== undefined ? [record.group] : [])));
}

/** An undo that had begun is carried on in the files that nobody has touched since; its hunks must not stay in halves. */
async function finishUndos(deps: RecoverDeps, { journal, decided, records }: Groups): Promise<void> {
  const broken = brokenGroups(decided);
  const open = new Set([...decided].flatMap(([record, done]) => (done ? [] : [record])));
  const begun = new Set(records.filter(isPrepared).flatMap((record) => (open.has(record) ? [] : [record.group])));
  const plans: PlannedWrite[] = [];
  for (const record of open) {
    if (record.type !== "undo.prepared" || record.group === undefined) continue;
    if (!broken.has(record.group) || !begun.has(record.group)) continue;
    const absolute = path.join(deps.root, ...record.path.split("/"));
    const read = await deps.files.read(absolute);
    if ((read.ok ? read.value.hash : "") !== record.preHash) continue;
    plans.push(planAgain(record, { absolute, before: read.ok ? read.value : undefined, journal }));
  }
  if (plans.length === 0) return;
  plans.sort((a, b) => Number(a.after === undefined) - Number(b.after === undefined));
  const outcomes = await writeAll({ root: deps.root, files: deps.files, journal }, plans, { type: "undo.prepared" });
  for (const outcome of outcomes) if (outcome.ok) outcome.replaced.close();
}

interface PlaceAgain {
  readonly absolute: string;
  readonly before: FileSnapshot | undefined;
  readonly journal: Journal;
}

function planAgain(record: PreparedRecord, { absolute, before, journal }: PlaceAgain): PlannedWrite {
  const { path: file, postHash, mode, undoes = [], withdraws = [] } = record;
  const steps = record.steps.map(({ takes, changes }) => ({
    ...(takes !== undefined && { takes }),
    changes: changes.map(({ start, end, inserted }) => ({ start, end, bytes: journal.readBlob(inserted) })),
  }));
  const content = steps.reduce<Uint8Array>((at, { changes }) => applyToBytes(at, changes), before?.bytes ?? new Uint8Array());
  const like = before ? {} : { like: { mode, owner: { uid: process.getuid?.() ?? -1, gid: process.getgid?.() ?? -1 } } };
  return { absolute, path: file, before, after: postHash === "" ? undefined : content, steps, undoes, withdraws, ...like };
}
