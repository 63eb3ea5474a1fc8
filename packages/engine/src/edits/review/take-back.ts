/**
 * Takes hunks off the disk together with what stands on them: all of that or nothing of it. Bytes that nobody has typed into go
 * exactly; else a three-way merge decides, and where it cannot, the hunk stays with the person's text. Journaled and synced like a landing.
 */
import path from "node:path";
import type { HunkId } from "@twolane/protocol";
import type { FileSnapshot } from "../../host/files.ts";
import type { PreparedRecord, WithdrawalNote } from "../../journal/records.ts";
import { shortId } from "../../std/ids.ts";
import { absorb } from "../landing/landing-absorb.ts";
import { sameContent } from "../landing/landing-files.ts";
import { type PlannedStep, type PlannedWrite, type WriteDeps, writeAll } from "../landing/landing-write.ts";
import { removeFolders } from "../undo/step-back.ts";
import type { Ground } from "./ground.ts";
import type { OwnedStep } from "./ledger.ts";
import { type SessionLedger, moveTo } from "./session-ledger.ts";
import { type FileState, takeStep } from "./step-out.ts";

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
  const { readBlob } = deps.journal;
  const contentOf = (hash: string): Uint8Array | undefined => (hash === actual?.hash ? actual.bytes : images.content(hash));
  const moved = moveTo(ledger.file(file), actual?.hash ?? "", { content: contentOf, readBlob });
  let state: FileState = { content: actual?.bytes, ledger: moved };
  const planned: PlannedStep[] = [];
  const taken: OwnedStep[] = [];
  const conflicts: KeptHunk[] = [];
  for (const step of steps.toReversed()) {
    // It was taken out from outside, and only that was not known yet.
    if (!moved.steps.includes(step)) {
      taken.push(step);
      continue;
    }
    const next = takeStep({ ...state, step }, { images, readBlob });
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
  const group = { group: shortId() };
  const idle = withNotes
    .filter(({ plan }) => isIdle(plan))
    .map(({ plan: { path: file, actual }, undoes, withdraws }): PreparedRecord => {
      const hash = actual?.hash ?? "";
      const unchanged = { write: shortId(), path: file, preHash: hash, postHash: hash, mode: actual?.mode ?? 0, steps: [] };
      return { type: "undo.prepared", ...group, ...unchanged, undoes, withdraws };
    });
  const writes = withNotes
    .filter(({ plan }) => !isIdle(plan))
    .map(({ plan, ...rest }): PlannedWrite => ({ ...writeOf(deps, plan), ...rest }))
    // What comes back is written before anything goes away.
    .sort((a, b) => Number(a.after === undefined) - Number(b.after === undefined));
  if (writes.length === 0) {
    if (idle.length > 0) await deps.journal.commit(() => idle);
    return undefined;
  }
  const isSeveral = writes.length + idle.length > 1;
  const outcomes = await writeAll(deps, writes, { type: "undo.prepared", ...(isSeveral && group), beside: idle });
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
