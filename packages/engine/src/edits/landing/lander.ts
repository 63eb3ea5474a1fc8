/**
 * The contract of landing: drafts in, outcomes out, in order. `land.ts` implements it; the loop and the tests only know
 * this file.
 */
import type { EventBody, Failure, Hunk, HunkId, LandingMode, MatchRung, ReviewMode, TurnId, Verdict } from "@twolane/protocol";
import type { WithdrawalNote } from "../../journal/records.ts";
import type { HunkDraft } from "../edits.ts";
import type { Foresight } from "./landing-foresee.ts";
import type { Decision } from "./landing-decisions.ts";

export type LandOutcome =
  | {
      readonly state: "landed";
      readonly hunk: Hunk;
      readonly rung: MatchRung;
      /** Somebody had changed the file meanwhile; both changes stand. */
      readonly merged: boolean;
      /** SHA-256 (hex) of the file after landing; empty string for a deleted file. */
      readonly hash: string;
    }
  /** The file has it already; nothing was written. */
  | { readonly state: "present"; readonly hunk: Hunk }
  /** `again`: the same change was held before. */
  | {
      readonly state: "held";
      readonly hunk: Hunk;
      readonly verdict: Extract<Verdict, { reason: string }>;
      readonly again?: boolean;
    }
  /** The person said no before it reached the disk. */
  | { readonly state: "rejected"; readonly hunk: Hunk }
  | {
      readonly state: "failed";
      readonly hunk: Hunk;
      readonly failure: Failure;
      readonly candidates: readonly number[];
      /** Fresh lines for the model; empty when nothing is near. */
      readonly excerpt: string;
    };

export interface LanderOptions {
  readonly mode: LandingMode;
  /** Everything is placed and judged, nothing is written. */
  readonly dryRun: boolean;
  /** Hunk events, in the order in which they happened. */
  readonly onEvent: (event: EventBody) => void;
  /** Absent: everything that the judge allows lands. */
  readonly review?: LandingReview;
  /** The person has said yes to what comes: of what was shown of it only a block keeps it off the disk. */
  readonly approved?: boolean;
}

/** What a person's review means for hunks that have not landed. */
export interface LandingReview {
  /** Asked for each hunk. */
  readonly mode: () => ReviewMode;
  /** The same change was rejected before; it never lands by itself again. */
  readonly wasRejected: (draft: HunkDraft) => boolean;
  /** Told before the event, of a hunk that was rejected before it was written, and of those that stand on it. */
  readonly onGone: (hunk: Hunk, draft: HunkDraft, note: WithdrawalNote) => void;
}

/** One lander per turn. */
export interface Lander {
  /** The path is known: read the file and take its pre-image before the first hunk needs it. Resolves when it is read; never fails. */
  open(path: string): Promise<void>;
  /** 1-based line of an open hunk, or 0 while it has no single place. */
  locate(draft: HunkDraft): number;
  /** What is against a hunk of this path while it streams; undefined where the path leads nowhere. */
  foresee(turn: TurnId, path: string): Foresight | undefined;
  /**
   * Queues one closed hunk. The promise gives its outcome; it never rejects. What the mode holds back is answered as landed
   * once it has its place (the model waits for the answer); `hunk.landed` is only told when it is on disk, and a hunk that
   * could not be written after all is told as `hunk.failed`.
   */
  land(hunk: HunkId, turn: TurnId, draft: HunkDraft): Promise<LandOutcome>;
  /** Content that is placed but held back from the disk (modes `file` and `turn`, dry run), by real path in the workspace. */
  pending(path: string): Uint8Array | undefined;
  /** The edit call is over: mode `file` writes what it holds; line numbers and order of the next call begin anew. */
  endCall(): void;
  /**
   * Decides on a hunk whose turn has not come, that waits for its yes (mode `step`), or that is held back (modes `file` and `turn`): at
   * once, or remembered until then. What stands on a hunk that was held back and is rejected is held with it.
   * False for all others: what is on its way to the disk must be there before anything is done to it (`exclusive`).
   */
  decide(hunk: HunkId, decision: Decision): boolean;
  /** Every hunk that waits for a yes is answered to the model as undecided, and stays held. Later ones wait again. */
  release(): void;
  /**
   * Runs between two hunks, also while one waits for its yes, with everything before it on disk (mode `hunk`). It gives the real paths
   * of the files that it changed: later hunks are placed in them as they are then. Rejects as `action` does.
   */
  exclusive(action: () => Promise<readonly string[]>): Promise<void>;
  /** Writes what the mode still holds back. Resolves when everything is on disk. */
  finish(): Promise<void>;
  /**
   * From the moment this returns nothing more reaches the disk, except a rename that is already with the kernel. Pending
   * hunks settle as failed with code STOPPED, those that wait for a yes as held. In mode `turn` nothing of the turn lands.
   */
  stop(): void;
}
