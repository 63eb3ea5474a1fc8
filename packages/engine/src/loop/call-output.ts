/** What came of a call as the turn counts it, and as it goes back to the model. */

export interface CallOutcome {
  /** For the model. */
  readonly text: string;
  /** Equal for two calls that asked for the same and got the same. */
  readonly fingerprint: string;
  /** Hunks that found no place; the model may send them once more. */
  readonly failedHunks: number;
  /** False where nothing has to be sent back: edits in a message that all landed. */
  readonly expectsAnswer: boolean;
}

export interface CallOutput {
  readonly call: string;
  readonly text: string;
  /** It did not do all that it was to do. */
  readonly failed?: true;
}

/** Of a call that never came to its end. */
export const interruptedOutput = "interrupted";

export function outputOf(call: string, outcome: CallOutcome | undefined): CallOutput {
  const failed = outcome === undefined || outcome.failedHunks > 0;
  return { call, text: outcome?.text ?? interruptedOutput, ...(failed && { failed }) };
}
