/**
 * The ledgers of all files of a session, folded from its records: which hunks stand, on which others, and where. Folded only when
 * somebody asks, and then only what is new, so that landing pays nothing for it. No IO of its own.
 */
import type { HunkId } from "@twolane/protocol";
import { type LandingRecord, type PreparedRecord, isPrepared } from "../../journal/records.ts";
import { lineChanges } from "../placing/line-changes.ts";
import {
  type FileLedger,
  type OwnedStep,
  allTouched,
  emptyLedger,
  forgetStep,
  groundsOf,
  throughStrange,
  withStep,
  withoutStep,
} from "./ledger.ts";
import { type Contents, withoutLeft } from "./taken-outside.ts";

const noHunks: ReadonlySet<HunkId> = new Set();

export class SessionLedger {
  private files = new Map<string, FileLedger>();
  /** Each as it last landed, whether or not it still stands. */
  private last = new Map<HunkId, OwnedStep>();
  private folded = 0;
  private reverted = new Set<string>();
  private taken = new Set<string>();
  /** By file: hunks that left it from outside before the next write of ours, which no record says. */
  private left = new Map<string, Set<HunkId>>();

  /** Takes in what is new in the records; `contents` are asked only where others wrote between two writes of ours. */
  catchUp(records: readonly LandingRecord[], contents: Contents): void {
    const fresh = records.slice(this.folded);
    for (const record of fresh) if (record.type === "write.reverted") this.reverted.add(record.write);
    const isLate = fresh.some((record) => record.type === "write.reverted" && this.taken.has(record.write));
    if (isLate) this.forget();
    for (const record of records.slice(this.folded)) {
      if (!isPrepared(record) || this.reverted.has(record.write)) continue;
      this.taken.add(record.write);
      this.take(record, contents);
    }
    this.folded = records.length;
  }

  file(path: string): FileLedger {
    return this.files.get(path) ?? emptyLedger("");
  }

  get paths(): Iterable<string> {
    return this.files.keys();
  }

  get standing(): readonly OwnedStep[] {
    return [...this.files.values()].flatMap(({ steps }) => steps);
  }

  /** Hunks that somebody took off this file, as its later writes show, and of which no record says so. */
  leftUnsaid(path: string): ReadonlySet<HunkId> {
    return this.left.get(path) ?? noHunks;
  }

  /** Real paths of files in which something of these hunks stands, oldest step first in each. */
  stepsOf(hunks: ReadonlySet<HunkId>): ReadonlyMap<string, readonly OwnedStep[]> {
    const found = new Map<string, readonly OwnedStep[]>();
    for (const [path, { steps }] of this.files) {
      const own = steps.filter(({ hunk }) => hunks.has(hunk));
      if (own.length > 0) found.set(path, own);
    }
    return found;
  }

  stands(hunk: HunkId): boolean {
    return this.lastSteps(hunk).some((step) => this.file(step.record.path).steps.includes(step));
  }

  /** What it did the last time that it landed, also when it is gone since; empty if it never did. */
  lastSteps(hunk: HunkId): readonly OwnedStep[] {
    const step = this.last.get(hunk);
    return step === undefined ? [] : [...step.earlier, step];
  }

  /** What it stood on when it last landed, and is not there now. */
  missingGround(hunk: HunkId): readonly HunkId[] {
    return [...new Set(this.grounds(hunk))].filter((ground) => !this.stands(ground));
  }

  /** The hunk and everything standing that stands on it, directly or through others. */
  withDependents(root: HunkId): ReadonlySet<HunkId> {
    const all = new Set([root]);
    const hunks = [...this.last.keys()].filter((hunk) => this.stands(hunk));
    const standing = hunks.map((hunk) => [hunk, this.grounds(hunk)] as const);
    for (let size = 0; size !== all.size;) {
      size = all.size;
      for (const [hunk, grounds] of standing) if (grounds.some((ground) => all.has(ground))) all.add(hunk);
    }
    return all;
  }

  private grounds(hunk: HunkId): readonly HunkId[] {
    return this.lastSteps(hunk).flatMap(groundsOf);
  }

  private forget(): void {
    this.files = new Map();
    this.last = new Map();
    this.taken = new Set();
    this.left = new Map();
    this.folded = 0;
  }

  private take(record: PreparedRecord, contents: Contents): void {
    const known = this.files.get(record.path) ?? emptyLedger(record.preHash);
    const before = seenClean(moveTo(known, record.preHash, contents));
    this.noteLeft(record, known, before);
    const after = record.type === "undo.prepared" ? withoutUndone(before, record) : this.landed(before, record);
    this.files.set(record.path, { ...after, hash: record.postHash });
  }

  private noteLeft({ path, steps, undoes = [] }: PreparedRecord, known: FileLedger, now: FileLedger): void {
    const left = known.steps.filter((step) => !now.steps.includes(step)).map(({ hunk }) => hunk);
    if (left.length === 0 && !this.left.has(path)) return;
    const unsaid = new Set([...(this.left.get(path) ?? []), ...left]);
    for (const hunk of [...undoes, ...steps.map((step) => step.hunk ?? "")]) unsaid.delete(hunk);
    if (unsaid.size > 0) this.left.set(path, unsaid);
    else this.left.delete(path);
  }

  private landed(before: FileLedger, record: PreparedRecord): FileLedger {
    let file = before;
    for (const [index, { hunk, changes }] of record.steps.entries()) {
      if (hunk === undefined) {
        file = throughStrange(file, changes.map(strange));
        continue;
      }
      // Of a hunk with several files, or that was edited, everything counts together while it stands.
      const isMore = this.stands(hunk);
      file = withStep(file, { hunk, record, index }, isMore ? this.lastSteps(hunk) : []);
      const step = file.steps.at(-1);
      if (step) this.last.set(hunk, step);
      this.files.set(record.path, file);
    }
    return file;
  }
}

const strange = ({ start, end, inserted }: PreparedRecord["steps"][number]["changes"][number]) => ({
  start,
  end,
  length: inserted[1],
});

/** The ledger at another content of the file: what differs is somebody else's, and hunks that left with it are forgotten. */
export function moveTo(file: FileLedger, hash: string, contents: Contents): FileLedger {
  if (file.hash === hash) return file;
  const moved = movedFile(file, hash, contents);
  return { ...moved, hash, foreign: new Map([...file.foreign, [hash, moved.steps]]) };
}

/** A content on which nothing stood when a write of ours met it: of the write that is taken back, nothing else would say so. */
const seenClean = (file: FileLedger): FileLedger =>
  file.steps.length > 0 || file.foreign.has(file.hash)
    ? file
    : { ...file, foreign: new Map([...file.foreign, [file.hash, file.steps]]) };

function movedFile(file: FileLedger, hash: string, contents: Contents): FileLedger {
  const [old, now] = [contents.content(file.hash), contents.content(hash)];
  const left = withoutLeft({ file, content: old }, { hash, content: now }, contents);
  if (left.isFound) return left.file;
  if (file.hash === "" || hash === "" || left.content === undefined || now === undefined) return allTouched(file);
  const changes = lineChanges(left.content, now).map(({ start, end, bytes }) => ({ start, end, length: bytes.length }));
  return throughStrange(left.file, changes);
}

/**
 * An undo of ours says hunk by hunk what it took out. Of others only the sum is known: where it is what leaving alone gives, that is
 * what happened; else somebody's typing was in it, and nothing is known but what went.
 */
function withoutUndone(file: FileLedger, record: PreparedRecord): FileLedger {
  const undone = new Set(record.undoes ?? []);
  const gone = file.steps.filter(({ hunk }) => undone.has(hunk)).toReversed();
  if (record.steps.some(({ takes }) => takes !== undefined)) return gone.reduce(forgetStep, withoutTaken(file, record));
  let exact: FileLedger | undefined = file;
  let growth = 0;
  for (const step of gone) {
    const left: ReturnType<typeof withoutStep> = exact && withoutStep(exact, step);
    exact = left?.file;
    for (const { start, end, removed } of left?.changes ?? []) growth += removed[1] - (end - start);
  }
  const changes = record.steps.flatMap((step) => step.changes);
  const real = changes.reduce((sum, change) => sum + change.inserted[1] - (change.end - change.start), 0);
  if (exact && growth === real) return exact;
  return record.steps.reduce((at, step) => throughStrange(at, step.changes.map(strange)), gone.reduce(forgetStep, file));
}

function withoutTaken(before: FileLedger, record: PreparedRecord): FileLedger {
  let file = before;
  for (const { takes, changes } of record.steps) {
    const step = file.steps.findLast(({ hunk }) => hunk === takes);
    const left = step && withoutStep(file, step);
    const isExact =
      left?.changes.length === changes.length &&
      left.changes.every(({ start, end }, at) => start === changes[at]?.start && end === changes[at]?.end);
    if (left && isExact) file = left.file;
    else file = throughStrange(step ? forgetStep(file, step) : file, changes.map(strange));
  }
  return file;
}
