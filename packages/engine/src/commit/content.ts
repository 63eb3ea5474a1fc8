/**
 * The content of a file that a commit of some hunks must have: what HEAD has, with what those hunks did to it, and with what a person
 * corrected in their lines since. Nothing else that is on disk. Pure.
 */
import type { HunkId } from "@twolane/protocol";
import { merge3 } from "../edits/placing/merge.ts";
import { sameBytes } from "../std/bytes.ts";
import { type OwnedLines, type OwnedRun, becoming, linesOf, nobodysLines, ownedRuns, ownersWithin } from "./line-owners.ts";

/** One standing hunk's share in the history of one file. Where there is no file, its content is empty. */
export interface CommitStep {
  readonly hunk: HunkId;
  readonly before: Uint8Array;
  readonly after: Uint8Array;
  /** Bytes of `before` that the hunk was matched by, lines around the change included. */
  readonly matched?: readonly [start: number, end: number];
  /** The file came into being with it. */
  readonly creates: boolean;
  /** The file goes with it. */
  readonly deletes: boolean;
}

/** A file that hunks of the session changed. */
export interface RecordedFile {
  /** Relative to the workspace. */
  readonly path: string;
  /** Oldest first. What differs between one step's `after` and the next one's `before` is somebody else's change. */
  readonly steps: readonly CommitStep[];
  /** `undefined`: it is not there. */
  readonly disk: Uint8Array | undefined;
}

export interface CommitFile extends RecordedFile {
  /** In work-tree form; `undefined` where HEAD has no such file. */
  readonly head: Uint8Array | undefined;
  /** Of a move: the file that this one was, as it was before. */
  readonly movedFrom?: (hunk: HunkId) => CommitFile | undefined;
}

export interface HunkSets {
  /** To be committed. */
  readonly accepted: ReadonlySet<HunkId>;
  /** In HEAD already. */
  readonly committed: ReadonlySet<HunkId>;
}

export interface LeftHunk {
  readonly hunk: HunkId;
  /** Names the path and what to do. */
  readonly reason: string;
}

export interface CommitContent {
  /** In work-tree form; `undefined`: the file is not in the commit. */
  readonly after: Uint8Array | undefined;
  /** Of a file that is new in git: as its first accepted hunk made it. */
  readonly born?: Uint8Array;
  readonly taken: readonly HunkId[];
  /** Then the content is not to be used: what stands on them has no place to stand. Compute again without them. */
  readonly left: readonly LeftHunk[];
}

/** The content so far, and the file as it was on disk at that time. */
interface Walk {
  readonly file: CommitFile;
  readonly sets: HunkSets;
  content: Uint8Array | undefined;
  disk: OwnedLines | undefined;
  born: Uint8Array | undefined;
  readonly taken: HunkId[];
  readonly left: LeftHunk[];
}

export function commitContent(file: CommitFile, sets: HunkSets): CommitContent {
  const walk = walkSteps(file, sets, file.steps);
  const { disk, taken, left } = walk;
  const isGone = file.steps.at(-1)?.deletes === true;
  if (!isGone && file.disk === undefined)
    for (const hunk of new Set(taken))
      left.push({ hunk, reason: `${file.path} is not on disk any more; bring it back, or undo ${hunk}` });
  if (!isGone && disk !== undefined && file.disk !== undefined) correct(walk, disk, file.disk);
  return { after: walk.content, taken, left, ...(walk.born !== undefined && { born: walk.born }) };
}

function walkSteps(file: CommitFile, sets: HunkSets, steps: readonly CommitStep[]): Walk {
  const walk: Walk = { file, sets, content: file.head, disk: undefined, born: undefined, taken: [], left: [] };
  for (const step of steps) {
    // A file that comes into being knows nothing of what had its name before.
    const disk = step.creates || walk.disk === undefined ? nobodysLines(step.before) : correct(walk, walk.disk, step.before);
    const moved = step.creates ? beforeMove(file, step.hunk, sets) : undefined;
    if (sets.accepted.has(step.hunk)) {
      const reason = take(walk, step, { disk, moved });
      if (reason === undefined) walk.taken.push(step.hunk);
      else walk.left.push({ hunk: step.hunk, reason });
    }
    walk.disk = becoming(moved?.disk ?? disk, step.after, () => step.hunk);
  }
  return walk;
}

/** What a file was that moved here, in the moment before. */
function beforeMove(file: CommitFile, hunk: HunkId, sets: HunkSets): Walk | undefined {
  const from = file.movedFrom?.(hunk);
  const at = from?.steps.findIndex((step) => step.hunk === hunk && step.deletes) ?? -1;
  const leaving = from?.steps[at];
  if (from === undefined || leaving === undefined) return undefined;
  const walk = walkSteps(from, sets, from.steps.slice(0, at));
  walk.disk = walk.disk === undefined ? nobodysLines(leaving.before) : correct(walk, walk.disk, leaving.before);
  return walk;
}

/** Puts what the hunk did into the content, or says why it has no place there. */
function take(
  walk: Walk,
  step: CommitStep,
  { disk, moved }: { readonly disk: OwnedLines; readonly moved: Walk | undefined },
): string | undefined {
  const { path } = walk.file;
  if (step.creates) return create(walk, step, moved);
  if (walk.content === undefined) return `${path} is not in git; commit it first, or accept the hunk that made it`;
  if (step.deletes) {
    walk.content = undefined;
    return undefined;
  }
  const { accepted, committed } = walk.sets;
  const ground = [...ownersWithin(disk, step.matched ?? [0, 0])].find(
    (owner) => owner !== step.hunk && !accepted.has(owner) && !committed.has(owner),
  );
  if (ground !== undefined) return `it stands on ${ground} in ${path}, which is not in the commit; accept ${ground} as well`;
  const merged = merge3(step.before, walk.content, step.after);
  if (!merged.ok) return `it stands on lines of ${path} that are not committed; commit those lines first (git add -p)`;
  walk.content = merged.bytes;
  return undefined;
}

function create(walk: Walk, step: CommitStep, moved: Walk | undefined): string | undefined {
  const { path } = walk.file;
  const made = moved === undefined ? step.after : movedContent(moved, step);
  if (typeof made === "string") return made;
  if (walk.content !== undefined && !sameBytes(walk.content, made))
    return `git has another ${path} already; commit first that it is gone, or accept the hunk that took it away`;
  if (walk.content === undefined) walk.born = made;
  walk.content = made;
  return undefined;
}

/** What a person had not committed before the move is not committed with it. */
function movedContent({ file, content, disk }: Walk, step: CommitStep): Uint8Array | string {
  if (content === undefined || disk === undefined) return `${file.path}, which it moved, is not in git; commit that first`;
  const merged = merge3(disk.bytes, content, step.after);
  return merged.ok
    ? merged.bytes
    : `it changed lines of ${file.path} that are not committed; commit those lines first (git add -p)`;
}

/**
 * Somebody changed the file: those lines go into the content that accepted hunks had brought. The rest stays where it is, uncommitted.
 * Gives the file as it then was.
 */
function correct(walk: Walk, disk: OwnedLines, after: Uint8Array): OwnedLines {
  if (sameBytes(disk.bytes, after)) return disk;
  const fresh = linesOf(after);
  const { accepted } = walk.sets;
  const wanted = ({ owners }: OwnedRun): HunkId[] => [...owners].filter((owner) => accepted.has(owner));
  for (const run of ownedRuns(disk, fresh)) {
    const hunks = wanted(run);
    if (hunks.length === 0 || walk.content === undefined) continue;
    const lines = [...disk.lines.slice(0, run.start), ...fresh.slice(run.newStart, run.newEnd), ...disk.lines.slice(run.end)];
    const merged = merge3(disk.bytes, walk.content, Buffer.from(lines.join(""), "latin1"));
    if (merged.ok) walk.content = merged.bytes;
    else
      for (const hunk of hunks)
        walk.left.push({
          hunk,
          reason: `you changed its lines of ${walk.file.path} together with others that are not in the commit; commit those first`,
        });
  }
  return becoming(disk, after, (run) => wanted(run)[0] ?? [...run.owners][0]);
}
