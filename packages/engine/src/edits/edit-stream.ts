/** The contract of one edit call while it streams: raw model output in, landed hunks out. */
import type { LandOutcome } from "./lander.ts";

/** What became of one edit call (or of one message with edits in it). */
export interface EditReport {
  readonly outcomes: readonly LandOutcome[];
  /** Parts that could not be read, one reason each. */
  readonly malformed: readonly string[];
  /** The call's output for the model: one line a hunk, the rung where not exact, fresh lines for what failed. */
  readonly forModel: string;
}

export interface EditStream {
  /** A piece of the call's raw input, cut anywhere. Closed hunks start to land before this returns. */
  push(text: string): void;
  /** `complete` as in DialectParser.end. Resolves when every hunk has its outcome. */
  end(complete: boolean): Promise<EditReport>;
}
