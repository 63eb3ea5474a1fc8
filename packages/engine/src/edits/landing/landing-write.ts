/**
 * From planned contents to files: journal and pre-images synced, temporary files synced, then one rename each. Used by
 * landing, undo and recovery. Holds the workspace's landing lock only if its caller took it.
 *
 * Hard links: a rename gives the name a new file, so other names of the old one keep the old content. That is chosen:
 * writing into a shared file could tear it, and package stores share theirs between projects. Extended attributes and
 * access lists are not carried over; mode and, where allowed, owner are.
 */
import path from "node:path";
import { setImmediate as nextTurn } from "node:timers/promises";
import { type Failure, type HunkId, type TurnId, failure } from "@twolane/protocol";
import type { FileSnapshot, Files, ReplacedFile, StagedFile } from "../../host/files.ts";
import type { BlobBatch } from "../../journal/blob-store.ts";
import type { Journal } from "../../journal/journal.ts";
import type { PreparedRecord, WithdrawalNote, WriteStep } from "../../journal/records.ts";
import { sha256 } from "../../std/hash.ts";
import { shortId } from "../../std/ids.ts";
import { withWholePath } from "../../std/text.ts";
import type { ByteChange } from "../edits.ts";
import { applyToBytes } from "../placing/file-text.ts";

export interface PlannedStep {
  readonly hunk?: HunkId;
  readonly turn?: TurnId;
  /** As in the record. */
  readonly matched?: readonly [start: number, end: number];
  /** As in the record. */
  readonly takes?: HunkId;
  /** In the content that the step before left. */
  readonly changes: readonly ByteChange[];
}

export interface PlannedWrite {
  readonly absolute: string;
  /** Real path relative to the workspace. */
  readonly path: string;
  /** What is on disk; `undefined`: nothing. */
  readonly before: FileSnapshot | undefined;
  /** `undefined`: the file goes. */
  readonly after: Uint8Array | undefined;
  /** From `before` (nothing counts as empty) to `after`. Empty: the content is somebody else's, and cannot be rebuilt. */
  readonly steps: readonly PlannedStep[];
  /** Mode and owner of a file that comes into being; absent: as new files are. */
  readonly like?: Pick<FileSnapshot, "mode" | "owner">;
  readonly undoes?: readonly HunkId[];
  readonly withdraws?: readonly WithdrawalNote[];
}

export type WriteOutcome =
  | {
      readonly ok: true;
      readonly plan: PlannedWrite;
      /** The file now; `undefined` when it is gone. */
      readonly now: FileSnapshot | undefined;
      readonly madeFolders: readonly string[];
      /** The file that lost its name; to be closed. */
      readonly replaced: ReplacedFile;
    }
  | { readonly ok: false; readonly plan: PlannedWrite; readonly failure: Failure };

export interface WriteDeps {
  readonly root: string;
  readonly files: Files;
  readonly journal: Journal;
}

export interface WriteOptions {
  readonly type: PreparedRecord["type"];
  /** All or nothing for whoever starts after a crash. */
  readonly group?: string;
  /** Records of files that it concerns and that are as they should be already: journaled in the same moment. */
  readonly beside?: readonly PreparedRecord[];
  /** Asked synchronously before each rename; a failure keeps it from happening. */
  readonly refusal?: () => Failure | undefined;
}

interface Preparation {
  readonly plan: PlannedWrite;
  readonly write: string;
  readonly temp: string;
  readonly madeFolders: readonly string[];
  readonly postHash: string;
}

/** Files that are staged side by side: enough to share syncs, few enough for any limit on open files. */
const stagedAtOnce = 16;

/** Writes in order. One outcome a plan; a failed one has left nothing behind. */
export async function writeAll(
  deps: WriteDeps,
  plans: readonly PlannedWrite[],
  options: WriteOptions,
): Promise<readonly WriteOutcome[]> {
  const ready = plans.map((plan) => prepare(deps, plan));
  const good = ready.filter((item): item is Preparation => !("code" in item));
  const staged = new Map<Preparation, StagedFile | Failure>();
  // The journal first: a temporary file that it does not know would never be found again after a crash.
  const committed = await deps.journal.commit(
    (blobs) => [...good.map((item) => record(item, { deps, options, blobs })), ...(options.beside ?? [])],
    () => stageAll(deps, good, staged),
  );
  // What was said while it was synced is heard first, as a stop may be among it: the rest of this turn of the loop, and a look at all
  // that has come since.
  if (options.refusal !== undefined) for (let turns = 2; turns > 0; turns--) await nextTurn();
  return ready.map((item, index): WriteOutcome => {
    const plan = plans[index]!;
    if ("code" in item) return { ok: false, plan, failure: item };
    const stage = staged.get(item);
    const why = !committed.ok ? committed.failure : stage && "code" in stage ? stage : options.refusal?.();
    const outcome = why ? undefined : carryOut(deps, item, stage && !("code" in stage) ? stage : undefined);
    if (outcome?.ok) {
      deps.journal.note({ type: "write.done", write: item.write });
      return outcome;
    }
    if (stage && !("code" in stage)) stage.discard();
    for (const folder of item.madeFolders.toReversed()) deps.files.removeFolder(folder);
    if (committed.ok) deps.journal.note({ type: "write.reverted", write: item.write });
    const { code, message, cure } =
      (outcome?.ok === false ? outcome.failure : why) ?? failure("INTERNAL", "A write had no reason to fail.");
    return { ok: false, plan, failure: failure(code, withWholePath(message, plan.path), cure) };
  });
}

function prepare(deps: WriteDeps, plan: PlannedWrite): Preparation | Failure {
  const base = { plan, write: shortId(), temp: `.twolane-${shortId()}.tmp`, postHash: plan.after ? sha256(plan.after) : "" };
  if (plan.before || plan.after === undefined) return { ...base, madeFolders: [] };
  const made = deps.files.makeFolders(path.dirname(plan.absolute));
  return made.ok ? { ...base, madeFolders: made.value } : made.failure;
}

async function stageAll(
  deps: WriteDeps,
  items: readonly Preparation[],
  staged: Map<Preparation, StagedFile | Failure>,
): Promise<void> {
  const waiting = items.filter(({ plan }) => plan.after !== undefined);
  const worker = async (): Promise<void> => {
    for (let item = waiting.shift(); item; item = waiting.shift()) {
      const { plan, temp } = item;
      const like = plan.before ?? plan.like;
      const result = await deps.files.stage(plan.absolute, {
        bytes: plan.after ?? new Uint8Array(),
        temp,
        ...(like && { like }),
      });
      staged.set(item, result.ok ? result.value : result.failure);
    }
  };
  await Promise.all(Array.from({ length: Math.min(stagedAtOnce, waiting.length) }, worker));
}

function carryOut(deps: WriteDeps, { plan, madeFolders, postHash }: Preparation, stage: StagedFile | undefined): WriteOutcome {
  const { before, after } = plan;
  if (after === undefined && before === undefined) return { ok: true, plan, now: undefined, madeFolders, replaced: nothing };
  const result = stage
    ? stage.replace(before)
    : deps.files.remove(plan.absolute, before ?? { identity: "", bytes: new Uint8Array(), mode: 0 });
  if (!result.ok) return { ok: false, plan, failure: result.failure };
  const owner = (before ?? plan.like)?.owner ?? { uid: -1, gid: -1 };
  const now = stage && after ? { bytes: after, hash: postHash, mode: stage.mode, owner, identity: stage.identity } : undefined;
  return { ok: true, plan, now, madeFolders, replaced: result.value };
}

const nothing: ReplacedFile = { read: () => undefined, isStill: () => true, close: () => {} };

interface RecordContext {
  readonly deps: WriteDeps;
  readonly options: WriteOptions;
  readonly blobs: BlobBatch;
}

function record(
  { plan, write, temp, madeFolders, postHash }: Preparation,
  { deps, options, blobs }: RecordContext,
): PreparedRecord {
  const { before, after } = plan;
  const preHash = before?.hash ?? "";
  const relative = (folder: string): string => path.relative(deps.root, folder).split(path.sep).join("/");
  return {
    type: options.type,
    write,
    ...(options.group !== undefined && { group: options.group }),
    path: plan.path,
    preHash,
    postHash,
    mode: before?.mode ?? plan.like?.mode ?? 0,
    ...(after && { temp }),
    ...(before && !deps.journal.knows(preHash) && { pre: blobs.add(before.bytes) }),
    ...(madeFolders.length > 0 && { madeFolders: madeFolders.map(relative) }),
    steps: recordedSteps({ bytes: before?.bytes, steps: plan.steps }, blobs),
    ...(plan.undoes && { undoes: plan.undoes }),
    ...(plan.withdraws && { withdraws: plan.withdraws }),
  };
}

export interface StepsFrom {
  /** What is there before the first of them; nothing counts as empty. */
  readonly bytes: Uint8Array | undefined;
  readonly steps: readonly PlannedStep[];
}

export function recordedSteps({ bytes, steps }: StepsFrom, blobs: BlobBatch): readonly WriteStep[] {
  let content = bytes ?? new Uint8Array();
  return steps.map(({ hunk, turn, matched, takes, changes }, at) => {
    const step = {
      ...(hunk !== undefined && { hunk }),
      ...(turn !== undefined && { turn }),
      ...(matched !== undefined && { matched }),
      ...(takes !== undefined && { takes }),
      changes: changes.map((change) => ({
        start: change.start,
        end: change.end,
        removed: blobs.add(content.subarray(change.start, change.end)),
        inserted: blobs.add(change.bytes),
      })),
    };
    // What the last one leaves nobody asks for, and it would be a copy of the file.
    if (at < steps.length - 1) content = applyToBytes(content, changes);
    return step;
  });
}

/** What somebody wrote into the replaced file between our reading it and its losing its name; `undefined`: nothing. */
export function writtenMeanwhile(outcome: WriteOutcome): Uint8Array | undefined {
  if (!outcome.ok || !outcome.plan.before) return undefined;
  return outcome.replaced.isStill(outcome.plan.before.bytes) ? undefined : outcome.replaced.read();
}
