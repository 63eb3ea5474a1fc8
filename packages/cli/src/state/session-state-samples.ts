/** Events and hunks for tests of the folds and views. Used by tests alone. */
import type { EventBody, Hunk, HunkLine, ReviewedHunk, TwolaneEvent, Verdict } from "@twolane/protocol";
import { type SessionState, emptySession, reduceSession } from "./session-state.ts";

export const at = (mono: number, body: EventBody): TwolaneEvent => ({
  ...body,
  at: 1_700_000_000_000,
  mono,
  lane: "fast",
  session: "s",
});

/** One line of `src/price.ts` changed, unless something else is said. */
export const hunkOf = (id: string, more: Partial<Hunk> = {}): Hunk => ({
  ...{ id, turn: "t1", operation: "update", path: "src/price.ts", line: 12, linesRemoved: 1, linesAdded: 1 },
  ...more,
});

export const priceLines: readonly HunkLine[] = [
  { op: "keep", text: "export function total(" },
  { op: "remove", text: "  quantity: number," },
  { op: "add", text: "  quantity?: number," },
  { op: "keep", text: "): number {" },
];

export const stepHold: Extract<Verdict, { reason: string }> = {
  decision: "hold",
  rule: "step",
  reason: "it waits for your yes",
  wayOut: "Accept or reject it in the review list.",
};

export const prompted = (mono: number, turn = "t1"): TwolaneEvent => at(mono, { type: "turn.started", turn, prompt: "do it" });
export const closed = (mono: number, hunk: Hunk, lines = priceLines): TwolaneEvent =>
  at(mono, { type: "hunk.closed", hunk, lines });
export const landed = (mono: number, hunk: Hunk): TwolaneEvent =>
  at(mono, { type: "hunk.landed", hunk, rung: "exact", merged: false, dryRun: false });
export const held = (mono: number, hunk: Hunk, verdict = stepHold): TwolaneEvent =>
  at(mono, { type: "hunk.held", hunk, verdict });

export const sessionAfter = (...events: readonly TwolaneEvent[]): SessionState => events.reduce(reduceSession, emptySession());

export const reviewedHunk = (id: string, more: Partial<ReviewedHunk> = {}): ReviewedHunk => ({
  ...{ hunk: hunkOf(id), state: "landed", seen: true },
  ...more,
});
