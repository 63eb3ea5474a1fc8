/**
 * The contract of landing: drafts in, outcomes out, in order. `land.ts` implements it; the loop and the tests only know
 * this file.
 */
import type { EventBody, Failure, Hunk, HunkId, LandingMode, MatchRung, ReviewMode, TurnId, Verdict } from "@twolane/protocol";
import type { HunkDraft } from "../edits.ts";

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
  | { readonly state: "held"; readonly hunk: Hunk; readonly verdict: Extract<Verdict, { reason: string }> }
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
  /** The person has said yes to what comes: only a block keeps it off the disk. */
  readonly approved?: boolean;
}

/** What a person's review means for hunks that have not landed. */
export interface LandingReview {
  /** Asked for each hunk. */
  readonly mode: () => ReviewMode;
  /** The same change was rejected before; it never lands by itself again. */
  readonly wasRejected: (draft: HunkDraft) => boolean;
  /** Told before the event, of a hunk that was rejected while it waited. */
  readonly onRejected: (hunk: Hunk, draft: HunkDraft) => void;
}

/** One lander per turn. */
export interface Lander {
  /** The path is known: read the file and take its pre-image before the first hunk needs it. Never fails. */
  open(path: string): void;
  /** 1-based line of an open hunk, or 0 while it has no single place. */
  locate(draft: HunkDraft): number;
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
  /** Decides on a hunk of this turn that waits or will wait for a yes (mode `step`); false if there is no such hunk. */
  decide(hunk: HunkId, decision: "accept" | "reject"): boolean;
  /** Whoever waits for a yes is answered to the model as undecided, and stays held. */
  release(): void;
  /** Runs between two hunks, with everything before it on disk. Files that it changes are taken up as they are then. */
  exclusive(action: () => Promise<void>): Promise<void>;
  /** Writes what the mode still holds back. Resolves when everything is on disk. */
  finish(): Promise<void>;
  /**
   * From the moment this returns nothing more reaches the disk, except a rename that is already with the kernel. Pending
   * hunks settle as failed with code STOPPED. In mode `turn` nothing of the turn lands.
   */
  stop(): void;
}
