/**
 * Puts the pending hunks of one or more files on disk as a unit: reads what is there, joins it with what the hunks were
 * made from, writes, looks again, and reports hunk by hunk. Retries when somebody was faster.
 */
import { type Failure, type HunkId, type Verdict, failure } from "@twolane/protocol";
import type { FileSnapshot, ReplacedFile } from "../../host/files.ts";
import { sameBytes } from "../../std/bytes.ts";
import { shortId } from "../../std/ids.ts";
import { withWholePath } from "../../std/text.ts";
import { fileText } from "../placing/file-text.ts";
import { absorb, readSettled } from "./landing-absorb.ts";
import { type LandingFile, type Replay, concurrentEdit, forgetCall, replay, sameContent, wholeChange } from "./landing-files.ts";
import { type PlannedWrite, type WriteDeps, type WriteOutcome, writeAll } from "./landing-write.ts";

export type HunkResult =
  | { readonly state: "landed"; readonly merged: boolean; readonly hash: string }
  | { readonly state: "held"; readonly verdict: Extract<Verdict, { reason: string }> }
  | { readonly state: "failed"; readonly failure: Failure };

export interface UnitDeps extends WriteDeps {
  /** Waits for the workspace's landing lock; returns its release. */
  readonly lock: () => Promise<() => void>;
}

export interface UnitOptions {
  /** Nothing lands unless every hunk does. */
  readonly allOrNothing: boolean;
  readonly refusal: () => Failure | undefined;
  /** Gets each replaced file, to look at it once more and close it. */
  readonly watch: (written: Extract<WriteOutcome, { ok: true }>, hunks: readonly HunkId[]) => void;
}

/** Each takes some milliseconds; a program that saves without pause leaves a gap sooner or later. */
const attempts = 20;

/** A hunk that concerns two files (a move) gets its worst result. The files' pending hunks are settled afterwards. */
export async function landUnit(
  deps: UnitDeps,
  files: readonly LandingFile[],
  options: UnitOptions,
): Promise<Map<HunkId, HunkResult>> {
  const results = new Map<HunkId, HunkResult>();
  const release = await deps.lock();
  try {
    let open = files;
    for (let attempt = 1; open.length > 0; attempt++) {
      open = await landOnce(deps, open, { ...options, results, first: attempt === 1, last: attempt >= attempts });
    }
  } finally {
    release();
  }
  for (const file of files) file.pending = [];
  return results;
}

interface Attempt extends UnitOptions {
  readonly results: Map<HunkId, HunkResult>;
  readonly first: boolean;
  readonly last: boolean;
}

/** One try; gives the files that have to be tried again. */
async function landOnce(deps: UnitDeps, files: readonly LandingFile[], attempt: Attempt): Promise<readonly LandingFile[]> {
  const readings = await Promise.all(files.map((file) => reading(deps, file, attempt.first)));
  const broken = readings.find((item) => item.failure);
  if (broken?.failure && (attempt.allOrNothing || files.length === 1)) {
    failAll(files, attempt, broken.failure);
    return [];
  }
  const good = readings.filter((item) => !item.failure);
  for (const item of readings) if (item.failure) failAll([item.file], attempt, item.failure);
  if (attempt.allOrNothing && good.some(({ replayed }) => replayed.results.some(({ state }) => state !== "landed"))) {
    refuseUnit(good, attempt);
    return [];
  }
  const plans = good.map(planOf);
  // What comes into being is written before anything goes away.
  const order = [...plans.keys()].sort((a, b) => Number(plans[a]?.after === undefined) - Number(plans[b]?.after === undefined));
  const writes = order.map((index) => plans[index]).filter((plan) => plan !== undefined);
  const group = attempt.allOrNothing && writes.length > 1 ? { group: shortId() } : {};
  const outcomes = await writeAll(deps, writes, { type: "landing.prepared", refusal: attempt.refusal, ...group });
  const bad = outcomes.find((outcome) => !outcome.ok);
  if (bad && !bad.ok && attempt.allOrNothing) {
    await takeBack(deps, outcomes);
    if (isRace(bad.failure) && !attempt.last) return files;
    failAll(files, attempt, bad.failure);
    return [];
  }
  const again: LandingFile[] = [];
  for (const [index, item] of good.entries()) {
    const outcome = outcomes.find(({ plan }) => plan === plans[index]);
    if (outcome && !outcome.ok) {
      if (isRace(outcome.failure) && !attempt.last) again.push(item.file);
      else failAll([item.file], attempt, outcome.failure);
    } else await complete(deps, item, { attempt, outcome });
  }
  return again;
}

const isRace = ({ code }: Failure): boolean => code === "FILE_CHANGED" || code === "FILE_EXISTS";

interface Reading {
  readonly file: LandingFile;
  readonly actual: FileSnapshot | undefined;
  readonly replayed: Replay;
  readonly failure?: Failure;
}

/**
 * What is on disk. On the first try the file is believed to be as we know it, where the writer looks for itself right before
 * the rename: that saves a reading, and is refused if it was wrong.
 */
async function reading(deps: UnitDeps, file: LandingFile, believing: boolean): Promise<Reading> {
  if (believing && (file.disk?.bytes.length ?? 0) <= deps.files.rereadLimit)
    return { file, actual: file.disk, replayed: replay(file, file.disk) };
  const result = await deps.files.read(file.target.absolute);
  if (!result.ok && result.failure.code !== "FILE_MISSING") {
    const { code, message, cure } = result.failure;
    const reason = failure(code, withWholePath(message, file.target.relative), cure);
    return { file, actual: undefined, replayed: { results: [], after: undefined }, failure: reason };
  }
  let actual = result.ok ? result.value : undefined;
  if (actual && !sameContent(file.disk?.bytes, actual.bytes)) actual = await readSettled(deps.files, file.target.absolute);
  return { file, actual, replayed: replay(file, actual) };
}

function planOf({ file, actual, replayed }: Reading): PlannedWrite | undefined {
  const { after } = replayed;
  if (sameContent(actual?.bytes, after)) return undefined;
  const steps = replayed.results.flatMap((result) => (result.state === "landed" ? [result.step] : []));
  const like = file.like && !actual ? { like: file.like } : {};
  return { absolute: file.target.absolute, path: file.target.real, before: actual, after, steps, ...like };
}

interface Completion {
  readonly attempt: Attempt;
  /** Absent: the disk had the content already. */
  readonly outcome: Extract<WriteOutcome, { ok: true }> | undefined;
}

async function complete(deps: UnitDeps, item: Reading, { attempt, outcome }: Completion): Promise<void> {
  const { file, actual, replayed } = item;
  const landed = replayed.results.filter(({ state }) => state === "landed").map(({ pending }) => pending.hunk);
  const absorbed = outcome ? await absorb(deps, outcome, landed) : { now: actual, result: "untouched" as const };
  if (outcome) attempt.watch(outcome, landed);
  for (const result of replayed.results) {
    const { hunk } = result.pending;
    if (result.state === "held") note(attempt.results, hunk, { state: "held", verdict: result.verdict });
    else if (result.state === "failed") note(attempt.results, hunk, { state: "failed", failure: result.failure });
    else if (absorbed.result === "yielded")
      note(attempt.results, hunk, { state: "held", verdict: concurrentEdit(file.target.relative) });
    else
      note(attempt.results, hunk, {
        state: "landed",
        merged: result.merged || absorbed.result === "merged",
        hash: absorbed.now?.hash ?? "",
      });
  }
  settleFile(file, absorbed.now);
}

/** The file is from now on what is on disk. */
export function settleFile(file: LandingFile, now: FileSnapshot | undefined): void {
  if (!sameContent(file.text?.bytes, now?.bytes)) {
    file.text = now && fileText(now.bytes);
    forgetCall(file);
  }
  file.disk = now;
}

function note(results: Map<HunkId, HunkResult>, hunk: HunkId, result: HunkResult): void {
  const known = results.get(hunk);
  if (!known || known.state === "landed") results.set(hunk, result);
}

function failAll(files: readonly LandingFile[], attempt: Attempt, reason: Failure): void {
  for (const file of files) {
    for (const { hunk } of file.pending) note(attempt.results, hunk, { state: "failed", failure: reason });
    file.text = file.disk && fileText(file.disk.bytes);
    forgetCall(file);
  }
}

/** What does not fit is told as it is; the rest only fails with it. */
function refuseUnit(readings: readonly Reading[], attempt: Attempt): void {
  for (const { file, replayed } of readings) {
    for (const result of replayed.results) {
      if (result.state === "held") note(attempt.results, result.pending.hunk, { state: "held", verdict: result.verdict });
      if (result.state === "failed") note(attempt.results, result.pending.hunk, { state: "failed", failure: result.failure });
    }
    failAll([file], attempt, failure("TURN_INCOMPLETE", "Another hunk of the same turn could not be written."));
  }
}

/** The part of a unit that was written goes again, last first. What somebody typed since stays: then ours stays with it. */
async function takeBack(deps: UnitDeps, outcomes: readonly WriteOutcome[]): Promise<void> {
  for (const outcome of outcomes.toReversed()) {
    if (!outcome.ok) continue;
    close(outcome.replaced);
    const { plan, now } = outcome;
    const disk = await deps.files.read(plan.absolute);
    const current = disk.ok ? disk.value : undefined;
    if (now ? !current || !sameBytes(now.bytes, current.bytes) : current) continue;
    const from = current?.bytes ?? new Uint8Array();
    const steps = [{ changes: [wholeChange(from, plan.before?.bytes ?? new Uint8Array())] }];
    const undoes = plan.steps.flatMap(({ hunk }) => (hunk === undefined ? [] : [hunk]));
    const back = { absolute: plan.absolute, path: plan.path, before: current, after: plan.before?.bytes, steps, undoes };
    const [reverted] = await writeAll(deps, [plan.before ? { ...back, like: plan.before } : back], { type: "undo.prepared" });
    if (reverted?.ok) close(reverted.replaced);
    for (const folder of outcome.madeFolders.toReversed()) deps.files.removeFolder(folder);
  }
}

function close(replaced: ReplacedFile): void {
  replaced.close();
}
