/**
 * A hunk: one contiguous change in one file, the smallest thing that lands and is reviewed.
 * This is what every surface sees. How a hunk is parsed and placed is the engine's business (`engine/edits`).
 */

import type { JobId } from "./jobs.ts";

/** Unique within a session: `h1`, `h2`, … */
export type HunkId = string;
/** Unique within a session: `t1`, `t2`, … */
export type TurnId = string;
/** Unique on a machine and sorted by time. */
export type SessionId = string;

export type HunkOperation = "create" | "update" | "delete" | "move";

export type HunkState = "streaming" | "landed" | "held" | "failed" | "accepted" | "rejected" | "undone" | "superseded";

export interface Hunk {
  readonly id: HunkId;
  readonly turn: TurnId;
  readonly operation: HunkOperation;
  /** Relative to the workspace, `/` as separator. */
  readonly path: string;
  /** Only of a move. */
  readonly movedTo?: string;
  /** 1-based line at which the change begins in the file as it was just before; 0 when it has no place yet. */
  readonly line: number;
  readonly linesRemoved: number;
  readonly linesAdded: number;
  /** The job of the deep lane that it is from. */
  readonly job?: JobId;
}

/** One line of a hunk as it is shown: kept, removed or added. The text has no line ending. */
export interface HunkLine {
  readonly op: "keep" | "remove" | "add";
  readonly text: string;
}

/** Lines that a job and the person have both changed since the job began, as either has them. Without line endings. */
export interface HunkConflict {
  /** 1-based, in the file as it is; 0 where the file is another as a whole. */
  readonly line: number;
  readonly base: readonly string[];
  readonly yours: readonly string[];
  readonly theirs: readonly string[];
}

/** How strictly the old lines were matched; everything below `exact` is told to the model and to the person. */
export type MatchRung = "exact" | "trailing-blanks" | "indentation" | "typography";
