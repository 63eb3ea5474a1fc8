/**
 * Takes hunks off the disk together with what stands on them: all of that or nothing of it. Bytes that nobody has typed into go
 * exactly; else a three-way merge decides, and where it cannot, the hunk stays with the person's text. Journaled and synced like a landing.
 */
import path from "node:path";
import type { HunkId } from "@twolane/protocol";
import type { FileSnapshot } from "../../host/files.ts";
import type { WithdrawalNote } from "../../journal/records.ts";
import { sameBytes } from "../../std/bytes.ts";
import { shortId } from "../../std/ids.ts";
import type { ByteChange } from "../edits.ts";
import { absorb } from "../landing/landing-absorb.ts";
import { sameContent } from "../landing/landing-files.ts";
import { type PlannedStep, type PlannedWrite, type WriteDeps, writeAll } from "../landing/landing-write.ts";
import { applyToBytes } from "../placing/file-text.ts";
import { lineChanges } from "../placing/line-changes.ts";
import { removeFolders, sidesOf, stepBack } from "../undo/step-back.ts";
import type { Ground } from "./ground.ts";
import { type FileLedger, type OwnedStep, forgetStep, throughStrange, withoutStep } from "./ledger.ts";
import { type SessionLedger, moveTo } from "./session-ledger.ts";

export interface TakeBackDeps extends WriteDeps {
  readonly lock: () => Promise<() => void>;
  readonly ground: () => Promise<Ground>;
}

export interface TakeBackWish {
  readonly roots: readonly HunkId[];
  readonly state: "rejected" | "undone";
  readonly reason: string;
}

export interface KeptHunk {
  readonly hunk: HunkId;
  readonly path: string;
  readonly reason: string;
}

export interface TakenBack {
  /** Nothing of these is on disk any more. */
  readonly gone: readonly WithdrawalNote[];
  /** What was asked for and stays, with all that stands on it. */
  readonly kept: readonly KeptHunk[];
  /** Real paths of the files that were changed. */
  readonly files: readonly string[];
}

/** Somebody saves a file again and again; then it stays. */
const attempts = 5;

export async function takeBack(deps: TakeBackDeps, wish: TakeBackWish): Promise<TakenBack> {
  const release = await deps.lock();
  try {
    const kept: KeptHunk[] = [];
    const done = { gone: new Map<HunkId, WithdrawalNote>(), kept, files: new Set<string>() };
    let roots = wish.roots;
    for (let attempt = 1; roots.length > 0; attempt++) {
      const ground = await deps.ground();
      const notes = notesOf(ground.ledger, roots, wish);
      const plans = await planFiles(deps, ground, notes);
      const kept = blockedRoots(ground.ledger, roots, plans);
      done.kept.push(...kept);
      roots = roots.filter((root) => !kept.some(({ hunk }) => hunk === root));
      // Without what stays it is another plan.
      if (kept.length > 0) continue;
      const failed = await carryOut(deps, plans, notes);
      for (const { path: file } of plans) done.files.add(file);
      const { ledger } = await deps.ground();
      for (const note of notes.values()) if (!ledger.stands(note.hunk)) done.gone.set(note.hunk, note);
      const left = roots.filter((root) => ledger.stands(root));
      if (failed === undefined && left.length === 0) break;
      roots = left;
      if (failed?.isRace === true && attempt < attempts) continue;
      done.kept.push(
        ...left.map((hunk) => ({ hunk, path: failed?.path ?? "", reason: failed?.reason ?? "it could not be found" })),
      );
      break;
    }
    return { gone: [...done.gone.values()], kept: done.kept, files: [...done.files] };
  } finally {
    release();
  }
}

/** What becomes of each hunk that goes: of the roots what was asked for, of the others that they wait for their ground. */
function notesOf(
  ledger: SessionLedger,
  roots: readonly HunkId[],
  { state, reason }: TakeBackWish,
): ReadonlyMap<HunkId, WithdrawalNote> {
  const notes = new Map<HunkId, WithdrawalNote>();
  for (const hunk of roots) notes.set(hunk, { hunk, state, ...(reason !== "" && { reason }) });
  for (const root of roots)
    for (const hunk of ledger.withDependents(root)) if (!notes.has(hunk)) notes.set(hunk, { hunk, state: "held", on: root });
  return notes;
}

interface FilePlan {
  readonly path: string;
  readonly actual: FileSnapshot | undefined;
  readonly after: Uint8Array | undefined;
  readonly steps: readonly PlannedStep[];
  readonly taken: readonly OwnedStep[];
  readonly conflicts: readonly KeptHunk[];
}

function planFiles(deps: TakeBackDeps, ground: Ground, notes: ReadonlyMap<HunkId, WithdrawalNote>): Promise<readonly FilePlan[]> {
  const files = ground.ledger.stepsOf(new Set(notes.keys()));
  return Promise.all([...files].map(([file, steps]) => planFile(deps, ground, { path: file, steps })));
}

interface FileWish {
  readonly path: string;
  /** Oldest first. */
  readonly steps: readonly OwnedStep[];
}

/** The file without the steps, newest first. */
async function planFile(deps: TakeBackDeps, { ledger, images }: Ground, wish: FileWish): Promise<FilePlan> {
  const { path: file, steps } = wish;
  const read = await deps.files.read(path.join(deps.root, ...file.split("/")));
  if (!read.ok && read.failure.code !== "FILE_MISSING") {
    const conflicts = steps.map(({ hunk }) => ({ hunk, path: file, reason: read.failure.message }));
    return { path: file, actual: undefined, after: undefined, steps: [], taken: [], conflicts };
  }
  const actual = read.ok ? read.value : undefined;
  const contentOf = (hash: string): Uint8Array | undefined => (hash === actual?.hash ? actual.bytes : images.content(hash));
  let state: FileState = { content: actual?.bytes, ledger: moveTo(ledger.file(file), actual?.hash ?? "", contentOf) };
  const planned: PlannedStep[] = [];
  const taken: OwnedStep[] = [];
  const conflicts: KeptHunk[] = [];
  for (const step of steps.toReversed()) {
    const next = takeStep({ ...state, step }, { images, readBlob: deps.journal.readBlob });
    if (typeof next === "string") {
      conflicts.push({ hunk: step.hunk, path: file, reason: next });
      continue;
    }
    if (next.changes.length > 0) planned.push({ takes: step.hunk, changes: next.changes });
    taken.push(step);
    state = next;
  }
  return { path: file, actual, after: state.content, steps: planned, taken, conflicts };
}

interface FileState {
  /** Undefined: there is no file. */
  readonly content: Uint8Array | undefined;
  readonly ledger: FileLedger;
}

interface Taken extends FileState {
  readonly changes: readonly ByteChange[];
}

type Store = Pick<Ground, "images"> & Pick<WriteDeps["journal"], "readBlob">;

const empty = new Uint8Array();

/** The file without one step, or why it has to stay. */
function takeStep({ content, ledger, step }: FileState & { readonly step: OwnedStep }, store: Store): Taken | string {
  // Somebody removed the file: nothing of the hunk is there.
  if (content === undefined && step.existence !== "gone") return { content, ledger: forgetStep(ledger, step), changes: [] };
  const exact = content === undefined || step.existence !== "gone" ? exactly({ content, ledger, step }, store) : undefined;
  if (exact) return exact;
  if (content !== undefined && isPutBack({ content, ledger, step }, store))
    return { content, ledger: forgetStep(ledger, step), changes: [] };
  const sides = sidesOf(step, store.images);
  if (sides === undefined) return "its earlier content is damaged in the session's store";
  const back = stepBack(sides, content);
  if (typeof back === "string") return back;
  const changes = lineChanges(content ?? empty, back.content ?? empty);
  const strange = changes.map(({ start, end, bytes }) => ({ start, end, length: bytes.length }));
  return { content: back.content, ledger: throughStrange(forgetStep(ledger, step), strange), changes };
}

/** The hunk only took something out, and the person has put it in again. */
function isPutBack(
  { content, ledger, step }: FileState & { readonly content: Uint8Array; readonly step: OwnedStep },
  { readBlob }: Pick<Store, "readBlob">,
): boolean {
  if (step.existence !== "kept") return false;
  return step.changes.every(({ removed, inserted }, number) => {
    const place = ledger.pieces.find((piece) => piece.step === step && piece.change === number)?.start;
    if (place === undefined || inserted[1] > 0) return false;
    const text = readBlob(removed);
    const [before, after] = [
      content.subarray(Math.max(0, place - text.length), place),
      content.subarray(place, place + text.length),
    ];
    return sameBytes(before, text) || sameBytes(after, text);
  });
}

function exactly(
  { content, ledger, step }: FileState & { readonly step: OwnedStep },
  { readBlob }: Pick<Store, "readBlob">,
): Taken | undefined {
  const left = withoutStep(ledger, step);
  if (left === undefined) return undefined;
  const bytes = content ?? empty;
  if (!left.changes.every(({ start, end, inserted }) => sameBytes(bytes.subarray(start, end), readBlob(inserted))))
    return undefined;
  const changes = left.changes.map(({ start, end, removed }) => ({ start, end, bytes: readBlob(removed) }));
  if (changes.some(({ bytes: restored }, at) => restored.length !== left.changes[at]?.removed[1])) return undefined;
  const after = applyToBytes(bytes, changes);
  if (step.existence !== "made") return { content: after, ledger: left.file, changes };
  // More than the hunk brought is in the file: the merge says so.
  return after.length > 0 ? undefined : { content: undefined, ledger: left.file, changes };
}

/** Roots that stay, because something of what would go cannot. */
function blockedRoots(ledger: SessionLedger, roots: readonly HunkId[], plans: readonly FilePlan[]): readonly KeptHunk[] {
  const blocked = new Map(plans.flatMap(({ conflicts }) => conflicts.map((conflict) => [conflict.hunk, conflict] as const)));
  if (blocked.size === 0) return [];
  return roots.flatMap((root) => {
    const own = blocked.get(root);
    if (own) return [own];
    const other = [...ledger.withDependents(root)].map((hunk) => blocked.get(hunk)).find((conflict) => conflict !== undefined);
    return other
      ? [{ hunk: root, path: other.path, reason: `${other.hunk} stands on it and cannot leave: ${other.reason}` }]
      : [];
  });
}

interface FailedWrite {
  readonly path: string;
  readonly reason: string;
  /** Somebody wrote in the same moment. */
  readonly isRace: boolean;
}

async function carryOut(
  deps: TakeBackDeps,
  plans: readonly FilePlan[],
  notes: ReadonlyMap<HunkId, WithdrawalNote>,
): Promise<FailedWrite | undefined> {
  const withNotes = plans.map((plan) => {
    const undoes = [...new Set(plan.taken.map(({ hunk }) => hunk))];
    return { plan, undoes, withdraws: undoes.flatMap((hunk) => notes.get(hunk) ?? []) };
  });
  const isIdle = ({ actual, after }: FilePlan): boolean => sameContent(actual?.bytes, after);
  const idle = withNotes.filter(({ plan }) => isIdle(plan));
  if (idle.length > 0) {
    await deps.journal.commit(() =>
      idle.map(({ plan: { path: file, actual }, undoes, withdraws }) => {
        const hash = actual?.hash ?? "";
        const unchanged = { write: shortId(), path: file, preHash: hash, postHash: hash, mode: actual?.mode ?? 0, steps: [] };
        return { type: "undo.prepared" as const, ...unchanged, undoes, withdraws };
      }),
    );
  }
  const writes = withNotes
    .filter(({ plan }) => !isIdle(plan))
    .map(({ plan, ...rest }): PlannedWrite => ({ ...writeOf(deps, plan), ...rest }))
    // What comes back is written before anything goes away.
    .sort((a, b) => Number(a.after === undefined) - Number(b.after === undefined));
  if (writes.length === 0) return undefined;
  const group = writes.length > 1 ? { group: shortId() } : {};
  const outcomes = await writeAll(deps, writes, { type: "undo.prepared", ...group });
  for (const { taken } of plans) removeFolders(deps, taken);
  for (const outcome of outcomes) {
    if (!outcome.ok) continue;
    await absorb(deps, outcome, []);
    outcome.replaced.close();
  }
  const bad = outcomes.find((outcome) => !outcome.ok);
  if (!bad || bad.ok) return undefined;
  const { code, message } = bad.failure;
  return { path: bad.plan.path, reason: message, isRace: code === "FILE_CHANGED" || code === "FILE_EXISTS" };
}

function writeOf(deps: TakeBackDeps, { path: file, actual, after, steps, taken }: FilePlan): PlannedWrite {
  const mode = actual ? undefined : taken.find(({ existence }) => existence === "gone")?.record.mode;
  const owner = { uid: process.getuid?.() ?? -1, gid: process.getgid?.() ?? -1 };
  return {
    absolute: path.join(deps.root, ...file.split("/")),
    path: file,
    before: actual,
    after,
    steps,
    ...(mode !== undefined && { like: { mode, owner } }),
  };
}
