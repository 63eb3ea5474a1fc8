/**
 * Takes landed hunks back: says first which files, then restores every byte. What somebody typed since stays (three-way:
 * base is the file behind our hunk, one side the file before it, the other the disk); where that overlaps, the hunk stays
 * and is reported. The undo is journaled and synced before it happens, like a landing.
 */
import path from "node:path";
import { type Failure, type HunkId, type Result, type SessionId, type TurnId, fail, succeed } from "@twolane/protocol";
import type { FileSnapshot, Files } from "../../host/files.ts";
import { type Journal, readJournal, reopenJournal } from "../../journal/journal.ts";
import { type JournalLine, type LandingRecord, isLandingRecord, isPrepared } from "../../journal/records.ts";
import { type SessionFolder, type StateFolder, listSessions } from "../../journal/state-folder.ts";
import type { Clock } from "../../std/clock.ts";
import { shortId } from "../../std/ids.ts";
import { absorb } from "../landing/landing-absorb.ts";
import { sameContent, wholeChange } from "../landing/landing-files.ts";
import { type PlannedWrite, type WriteDeps, type WriteOutcome, writeAll } from "../landing/landing-write.ts";
import { type Preimages, preimages } from "./preimages.ts";
import { isFirst, isLast, removeFolders, sidesOf, stepBack } from "./step-back.ts";
import { type StandingStep, standingSteps } from "./undo-ledger.ts";

export interface UndoDeps {
  /** Real path of the workspace. */
  readonly root: string;
  readonly files: Files;
  readonly state: StateFolder;
  readonly lock: () => Promise<() => void>;
  readonly clock: Clock;
  /** The session that this process has open, if it has one. */
  readonly current?: Journal;
}

export type UndoSelector =
  /** The newest turn of which something stands, in any session; called again, the one before. */
  | { readonly kind: "last-turn" }
  /** Without `session`: of the newest session that has such a one standing. */
  | { readonly kind: "turn"; readonly id: TurnId; readonly session?: SessionId }
  | { readonly kind: "hunk"; readonly id: HunkId; readonly session?: SessionId }
  | { readonly kind: "session"; readonly session?: SessionId };

export interface UndoPlan {
  readonly session: SessionId;
  /** For a sentence: `turn t2`. */
  readonly what: string;
  /** What was asked in the newest turn of it, and when (ms since 1970). */
  readonly request?: string;
  readonly at?: number;
  readonly files: readonly {
    readonly path: string;
    readonly action: "restore" | "remove" | "recreate" | "move-back";
    readonly hunks: readonly HunkId[];
  }[];
  readonly hunks: readonly HunkId[];
  /** Lines of the session's journal that cannot be read; hunks that only they told of are not in the plan. */
  readonly damaged: number;
}

interface HeldUndo {
  readonly path: string;
  readonly hunks: readonly HunkId[];
  readonly reason: string;
  /** It will not go another time either, as the lines were changed since. */
  readonly lasting: boolean;
}

export interface UndoReport {
  /** Nothing of these is on disk any more. */
  readonly undone: readonly HunkId[];
  /** What stays as it is, and why. */
  readonly held: readonly HeldUndo[];
  /** Files that hold later changes of somebody else, which stand. */
  readonly merged: readonly string[];
}

/** NOTHING_TO_UNDO where nothing that was asked for stands, JOURNAL_CORRUPT where that cannot be known. Changes nothing. */
export async function planUndo(deps: UndoDeps, selector: UndoSelector): Promise<Result<UndoPlan>> {
  let unreadable = 0;
  for (const folder of listSessions(deps.state)) {
    if (selector.kind !== "last-turn" && selector.session !== undefined && selector.session !== folder.id) continue;
    if (folder.id === deps.current?.id) await deps.current.flush();
    const { lines, damaged } = readJournal(folder);
    const records = lines.filter(isLandingRecord);
    const standing = standingSteps(records);
    const selected = select(standing, selector, leftStanding(records));
    if (selected.length > 0) {
      const plan = { ...describe({ folder, selected, selector }), ...requestOf(lines, selected.at(-1)?.turn) };
      return succeed({ ...plan, damaged: damaged.length });
    }
    if (damaged.length > 0) unreadable++;
    // A name is meant in the last session that changed anything; an older one's must not be taken for it.
    else if (namesOne(selector) && records.some(isPrepared)) return notThere(selector, standing);
  }
  if (unreadable > 0) {
    return fail(
      "JOURNAL_CORRUPT",
      `Nothing to undo that can be read; ${unreadable} of the journals in ${deps.state.path} cannot.`,
    );
  }
  return fail("NOTHING_TO_UNDO", `Nothing to undo in ${deps.root}.`);
}

/** Carries a plan out, on the files as they are now. */
export async function applyUndo(deps: UndoDeps, plan: UndoPlan): Promise<Result<UndoReport>> {
  const folder = listSessions(deps.state).find(({ id }) => id === plan.session);
  if (!folder) return fail("NOTHING_TO_UNDO", `The session ${plan.session} is gone.`);
  const parsed = readJournal(folder);
  const own = deps.current?.id === folder.id ? deps.current : undefined;
  const opened = own ? succeed(own) : await reopenJournal(folder, { parsed, onTrouble: () => {} });
  if (!opened.ok) return opened;
  const journal = opened.value;
  const release = await deps.lock();
  try {
    const hunks = new Set(plan.hunks);
    const records = readJournal(folder).lines.filter(isLandingRecord);
    const steps = standingSteps(records).filter(({ hunk }) => hunks.has(hunk));
    const report = await takeBackSteps({ root: deps.root, files: deps.files, journal }, steps, records);
    for (const hunk of report.undone) {
      const file = steps.find((step) => step.hunk === hunk)?.record.path ?? "";
      const stamp = { at: deps.clock.wall(), mono: deps.clock.mono(), lane: "fast" as const, session: folder.id };
      journal.append({ type: "hunk.undone", hunk, path: file, ...stamp });
    }
    const kept = report.held.flatMap(({ lasting, hunks: left }) => (lasting ? left : []));
    if (kept.length > 0) journal.note({ type: "undo.kept", hunks: [...new Set(kept)] });
    return succeed(report);
  } finally {
    release();
    if (!own) await journal.close();
    else await journal.flush();
  }
}

/** Hunks that an undo has already left, because their lines were changed since. */
function leftStanding(records: readonly LandingRecord[]): ReadonlySet<HunkId> {
  return new Set(records.flatMap((record) => (record.type === "undo.kept" ? record.hunks : [])));
}

/** What was asked in the turn, and when. */
function requestOf(lines: readonly JournalLine[], turn: TurnId | undefined): Pick<UndoPlan, "request" | "at"> {
  for (const line of lines) {
    if (line.type === "turn.started" && line.turn === turn) return { request: line.prompt, at: line.at };
  }
  return {};
}

type NamingSelector = Extract<UndoSelector, { readonly kind: "turn" | "hunk" }>;

function namesOne(selector: UndoSelector): selector is NamingSelector {
  return selector.kind === "turn" || selector.kind === "hunk";
}

function notThere({ kind, id }: NamingSelector, standing: readonly StandingStep[]): Result<never> {
  const names = [...new Set(standing.map((step) => step[kind]))];
  const rest =
    names.length === 0
      ? "nothing of it stands any more"
      : `what stands is ${names.slice(0, 12).join(", ")}${names.length > 12 ? ", …" : ""}`;
  const cure = "Name one of these, or take back what came before with `twolane undo`.";
  return fail("NOTHING_TO_UNDO", `There is no ${kind} ${id} to take back in the last session; ${rest}.`, cure);
}

function select(standing: readonly StandingStep[], selector: UndoSelector, left: ReadonlySet<HunkId>): readonly StandingStep[] {
  const open = standing.filter(({ hunk }) => !left.has(hunk));
  switch (selector.kind) {
    case "session":
      return standing;
    case "turn":
      return standing.filter(({ turn }) => turn === selector.id);
    case "hunk":
      return standing.filter(({ hunk }) => hunk === selector.id);
    case "last-turn":
      return open.filter(({ turn }) => turn === open.at(-1)?.turn);
  }
}

interface Selection {
  readonly folder: SessionFolder;
  readonly selected: readonly StandingStep[];
  readonly selector: UndoSelector;
}

function describe({ folder, selected, selector }: Selection): Omit<UndoPlan, "damaged"> {
  const turn = selected.at(-1)?.turn ?? "";
  const what = {
    session: `session ${folder.id}`,
    turn: `turn ${turn}`,
    "last-turn": `turn ${turn}`,
    hunk: `hunk ${selected[0]?.hunk ?? ""}`,
  }[selector.kind];
  const byPath = groupByPath(selected);
  const removed = new Set<HunkId>();
  for (const steps of byPath.values()) if (comesFromNothing(steps)) for (const { hunk } of steps) removed.add(hunk);
  const files = [...byPath].map(([file, steps]) => {
    const hunks = [...new Set(steps.map(({ hunk }) => hunk))];
    const gone = wentAway(steps);
    const action = gone
      ? hunks.some((hunk) => removed.has(hunk))
        ? "move-back"
        : "recreate"
      : comesFromNothing(steps)
        ? "remove"
        : "restore";
    return { path: file, action, hunks } as const;
  });
  return { session: folder.id, what, files, hunks: [...new Set(selected.map(({ hunk }) => hunk))] };
}

function groupByPath(steps: readonly StandingStep[]): Map<string, StandingStep[]> {
  const groups = new Map<string, StandingStep[]>();
  for (const step of steps) groups.set(step.record.path, [...(groups.get(step.record.path) ?? []), step]);
  return groups;
}

const comesFromNothing = (steps: readonly StandingStep[]): boolean =>
  steps[0] !== undefined && isFirst(steps[0]) && steps[0].record.preHash === "";
const wentAway = (steps: readonly StandingStep[]): boolean => {
  const last = steps.at(-1);
  return last !== undefined && isLast(last) && last.record.postHash === "";
};

const attempts = 5;

/** Takes steps back, newest first in each file; one sync for all. The landing lock is held by the caller. */
export async function takeBackSteps(
  deps: WriteDeps,
  steps: readonly StandingStep[],
  records: readonly LandingRecord[],
): Promise<UndoReport> {
  const images = preimages(records, deps.journal);
  const held: UndoReport["held"][number][] = [];
  const merged = new Set<string>();
  const failed = new Set<HunkId>();
  const hold = (left: HeldUndo): void => {
    held.push(left);
    for (const hunk of left.hunks) failed.add(hunk);
  };
  let open = [...groupByPath(steps)];
  for (let attempt = 1; open.length > 0; attempt++) {
    const rewinds = await Promise.all(open.map(([file, own]) => rewind(deps, { file, steps: own, images })));
    for (const { file, conflicts, typed } of rewinds) {
      for (const conflict of conflicts) hold({ path: file, ...conflict });
      if (typed) merged.add(file);
    }
    const outcomes = await writeRewinds(deps, rewinds);
    const again = new Set<string>();
    for (const outcome of outcomes) {
      const { plan } = outcome;
      if (!outcome.ok && outcome.failure.code === "FILE_CHANGED" && attempt < attempts) again.add(plan.path);
      else if (!outcome.ok) hold({ path: plan.path, hunks: plan.undoes ?? [], reason: outcome.failure.message, lasting: false });
      else if (await wasSavedInto(deps, outcome)) merged.add(plan.path);
    }
    open = open.filter(([file]) => again.has(file)).map(([file, own]) => [file, own.filter(({ hunk }) => !failed.has(hunk))]);
  }
  const undone = [...new Set(steps.map(({ hunk }) => hunk))].filter((hunk) => !failed.has(hunk));
  return { undone, held, merged: [...merged] };
}

async function wasSavedInto(deps: WriteDeps, outcome: Extract<WriteOutcome, { ok: true }>): Promise<boolean> {
  const absorbed = await absorb(deps, outcome, []);
  outcome.replaced.close();
  return absorbed.result !== "untouched";
}

interface Rewind {
  readonly file: string;
  readonly actual: FileSnapshot | undefined;
  readonly after: Uint8Array | undefined;
  readonly undone: readonly StandingStep[];
  readonly conflicts: readonly Omit<HeldUndo, "path">[];
  /** Somebody changed the file since, and that stands. */
  readonly typed: boolean;
}

interface RewindInput {
  readonly file: string;
  readonly steps: readonly StandingStep[];
  readonly images: Preimages;
}

/** The file without these steps, newest first. */
async function rewind(deps: WriteDeps, { file, steps, images }: RewindInput): Promise<Rewind> {
  const read = await deps.files.read(path.join(deps.root, ...file.split("/")));
  const all = [...new Set(steps.map(({ hunk }) => hunk))];
  if (!read.ok && read.failure.code !== "FILE_MISSING") return unreadable(file, all, read.failure);
  const actual = read.ok ? read.value : undefined;
  let current = actual?.bytes;
  let typed = false;
  const undone: StandingStep[] = [];
  const conflicts: Rewind["conflicts"][number][] = [];
  for (const step of steps.toReversed()) {
    const sides = sidesOf(step, images);
    const result = sides === undefined ? "its earlier content is damaged in the session's store" : stepBack(sides, current);
    if (typeof result === "string") {
      conflicts.push({ hunks: [step.hunk], reason: result, lasting: true });
      continue;
    }
    typed ||= result.typed;
    current = result.content;
    undone.push(step);
  }
  return { file, actual, after: current, undone, conflicts, typed };
}

function unreadable(file: string, hunks: readonly HunkId[], reason: Failure): Rewind {
  return {
    file,
    actual: undefined,
    after: undefined,
    undone: [],
    conflicts: [{ hunks, reason: reason.message, lasting: false }],
    typed: false,
  };
}

async function writeRewinds(deps: WriteDeps, rewinds: readonly Rewind[]): Promise<readonly WriteOutcome[]> {
  const changing = rewinds.filter(({ actual, after, undone }) => undone.length > 0 && !sameContent(actual?.bytes, after));
  const idle = rewinds.filter(({ actual, after, undone }) => undone.length > 0 && sameContent(actual?.bytes, after));
  if (idle.length > 0) await noteIdle(deps, idle);
  const plans = changing.map((item) => planOf(deps, item));
  // What comes back is written before anything goes away.
  plans.sort((a, b) => Number(a.after === undefined) - Number(b.after === undefined));
  const outcomes = plans.length > 0 ? await writeAll(deps, plans, { type: "undo.prepared" }) : [];
  for (const { undone } of changing) removeFolders(deps, undone);
  return outcomes;
}

function planOf(deps: WriteDeps, { file, actual, after, undone }: Rewind): PlannedWrite {
  const mode = undone.find(({ record }) => record.postHash === "")?.record.mode;
  return {
    absolute: path.join(deps.root, ...file.split("/")),
    path: file,
    before: actual,
    after,
    steps: [{ changes: [wholeChange(actual?.bytes ?? new Uint8Array(), after ?? new Uint8Array())] }],
    ...(mode !== undefined &&
      !actual && { like: { mode, owner: { uid: process.getuid?.() ?? -1, gid: process.getgid?.() ?? -1 } } }),
    undoes: [...new Set(undone.map(({ hunk }) => hunk))],
  };
}

/** The disk is already as it was: only to be remembered. */
async function noteIdle(deps: WriteDeps, rewinds: readonly Rewind[]): Promise<void> {
  await deps.journal.commit(() =>
    rewinds.map(({ file, actual, undone }) => ({
      type: "undo.prepared" as const,
      write: shortId(),
      path: file,
      preHash: actual?.hash ?? "",
      postHash: actual?.hash ?? "",
      mode: actual?.mode ?? 0,
      steps: [],
      undoes: [...new Set(undone.map(({ hunk }) => hunk))],
    })),
  );
}
