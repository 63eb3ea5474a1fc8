/**
 * What is printed for good, in blocks: a fold over events that keeps only what is not complete yet. How a block looks is
 * `views/transcript-view.ts`. Text costs what it is long, however it is cut.
 */
import type { Failure, HunkId, HunkLine, MatchRung, Review, ReviewedHunk, TwolaneEvent } from "@twolane/protocol";
import type { SessionState } from "./session-state.ts";
import type { TurnFigures } from "./turn-figures.ts";

export type LineForm = "prose" | "heading" | "item" | "code" | "fence";

export type Block =
  | {
      readonly kind: "opened";
      readonly version: string;
      readonly model: string;
      readonly workspace: string;
      readonly resumed: boolean;
    }
  | { readonly kind: "prompt"; readonly text: string }
  | { readonly kind: "steered"; readonly text: string }
  | { readonly kind: "line"; readonly text: string; readonly form: LineForm }
  | {
      readonly kind: "hunk";
      readonly reviewed: ReviewedHunk;
      readonly lines: readonly HunkLine[];
      readonly rung: MatchRung;
      readonly merged: boolean;
      readonly candidates: readonly number[];
    }
  /** What became of a hunk that is printed already. */
  | { readonly kind: "change"; readonly reviewed: ReviewedHunk; readonly note?: string }
  | { readonly kind: "accepted"; readonly hunks: readonly HunkId[]; readonly byCommit: boolean }
  | {
      readonly kind: "diff";
      readonly hunk: HunkId;
      readonly reviewed: ReviewedHunk | undefined;
      readonly lines: readonly HunkLine[] | undefined;
    }
  | { readonly kind: "tool"; readonly summary: string }
  | { readonly kind: "notice"; readonly message: string }
  | { readonly kind: "failure"; readonly failure: Failure }
  | { readonly kind: "stopped"; readonly kept: readonly HunkId[] }
  | { readonly kind: "summary"; readonly figures: TurnFigures }
  | { readonly kind: "aside"; readonly text: string; readonly answer: boolean }
  | { readonly kind: "commit"; readonly commit: string; readonly subject: string; readonly hunks: number }
  | { readonly kind: "said"; readonly text: string; readonly tone: "plain" | "good" | "bad" }
  | { readonly kind: "status"; readonly session: SessionState };

export interface Transcript {
  /** The end of the model's text that has no line ending yet. */
  readonly pending: string;
  readonly inFence: boolean;
  /** Text of hunks that are closed and not yet landed, held or failed. */
  readonly closed: ReadonlyMap<HunkId, readonly HunkLine[]>;
  /** Hunks that have been printed in this turn. */
  readonly printed: ReadonlySet<HunkId>;
  readonly asking: string;
}

export const emptyTranscript: Transcript = { pending: "", inFence: false, closed: new Map(), printed: new Set(), asking: "" };

interface Taken {
  readonly transcript: Transcript;
  readonly blocks: readonly Block[];
}

export interface TranscriptContext {
  readonly review: Review;
  readonly figures: TurnFigures;
}

export function reduceTranscript(transcript: Transcript, event: TwolaneEvent, context: TranscriptContext): Taken {
  const only = (...blocks: Block[]): Taken => ({ transcript, blocks });
  switch (event.type) {
    case "session.started":
    case "session.resumed": {
      const { version, model, workspace } = event;
      return only({ kind: "opened", version, model, workspace, resumed: event.type === "session.resumed" });
    }
    case "turn.started":
      return { transcript: { ...emptyTranscript, asking: transcript.asking }, blocks: [{ kind: "prompt", text: event.prompt }] };
    case "turn.steered":
      return after(flush(transcript), { kind: "steered", text: event.text });
    case "text.delta":
      return takeText(transcript, event.text);
    case "text.finished":
      return flush(transcript);
    case "tool.started":
      return event.summary === "edit" ? only() : after(flush(transcript), { kind: "tool", summary: event.summary });
    case "notice.given":
      return after(flush(transcript), { kind: "notice", message: event.message });
    case "session.recovered": {
      const message = `An earlier run was cut off while writing: ${event.finished.length} hunks were finished, ${event.reverted.length} had not begun.`;
      return only({ kind: "notice", message });
    }
    case "stop.finished":
      return after(flush(transcript), { kind: "stopped", kept: event.kept });
    case "turn.ended":
      return endTurn(transcript, event, context);
    case "aside.asked":
      return only({ kind: "aside", text: event.text, answer: false });
    case "aside.answered":
      if (event.failure) return only({ kind: "failure", failure: event.failure });
      return only({ kind: "aside", text: event.text, answer: true });
    case "commit.made":
      return only({ kind: "commit", commit: event.commit, subject: event.subject, hunks: event.hunks.length });
    default:
      return takeHunk(transcript, event, context);
  }
}

function after({ transcript, blocks }: Taken, ...more: readonly Block[]): Taken {
  return { transcript, blocks: [...blocks, ...more] };
}

function takeText(transcript: Transcript, text: string): Taken {
  const end = text.lastIndexOf("\n");
  if (end < 0) return { transcript: { ...transcript, pending: transcript.pending + text }, blocks: [] };
  const lines = (transcript.pending + text.slice(0, end)).split("\n");
  return takeLines({ ...transcript, pending: text.slice(end + 1) }, lines);
}

function takeLines(transcript: Transcript, lines: readonly string[]): Taken {
  let { inFence } = transcript;
  const blocks = lines.map((line): Block => {
    const text = line.replace(/\r$/, "");
    if (/^\s*(```|~~~)/.test(text)) {
      inFence = !inFence;
      return { kind: "line", text, form: "fence" };
    }
    return { kind: "line", text, form: inFence ? "code" : formOf(text) };
  });
  return { transcript: { ...transcript, inFence }, blocks };
}

function formOf(text: string): LineForm {
  if (/^#{1,6}\s/.test(text)) return "heading";
  return /^\s*([-*+]|\d+[.)])\s/.test(text) ? "item" : "prose";
}

/** The unfinished line counts as finished. */
function flush(transcript: Transcript): Taken {
  if (transcript.pending === "") return { transcript, blocks: [] };
  return takeLines({ ...transcript, pending: "" }, [transcript.pending]);
}

/** How an unfinished line looks so far. */
export const pendingForm = ({ pending, inFence }: Transcript): LineForm => (inFence ? "code" : formOf(pending));

/** The beginning of a long unfinished line has been printed; this is what is left of it. */
export const withPending = (transcript: Transcript, pending: string): Transcript => ({ ...transcript, pending });

function endTurn(
  transcript: Transcript,
  event: Extract<TwolaneEvent, { type: "turn.ended" }>,
  { figures }: TranscriptContext,
): Taken {
  const failed: Block[] =
    event.failure === undefined || event.failure.code === "STOPPED" ? [] : [{ kind: "failure", failure: event.failure }];
  const { transcript: flushed, blocks } = flush(transcript);
  return {
    transcript: { ...flushed, inFence: false, closed: new Map() },
    blocks: [...blocks, ...failed, { kind: "summary", figures }],
  };
}

function takeHunk(transcript: Transcript, event: TwolaneEvent, { review }: TranscriptContext): Taken {
  switch (event.type) {
    case "hunk.closed":
      return { transcript: { ...transcript, closed: new Map(transcript.closed).set(event.hunk.id, event.lines) }, blocks: [] };
    case "hunk.landed":
      return printHunk(transcript, review.get(event.hunk.id), { rung: event.rung, merged: event.merged });
    case "hunk.held":
      return printHunk(transcript, review.get(event.hunk.id), {});
    case "hunk.failed":
      if (event.failure.code === "STOPPED") return forget(transcript, event.hunk.id);
      return printHunk(transcript, review.get(event.hunk.id), { candidates: event.candidates });
    case "hunk.rejected":
    case "hunk.undone":
    case "hunk.superseded": {
      const reviewed = review.get(event.hunk);
      const note = event.type === "hunk.superseded" ? `made good by ${event.by}` : undefined;
      return {
        transcript,
        blocks: reviewed === undefined ? [] : [{ kind: "change", reviewed, ...(note !== undefined && { note }) }],
      };
    }
    case "hunk.accepted":
      return { transcript, blocks: [{ kind: "accepted", hunks: [event.hunk], byCommit: event.by === "commit" }] };
    default:
      return { transcript, blocks: [] };
  }
}

function forget(transcript: Transcript, hunk: HunkId): Taken {
  const closed = new Map(transcript.closed);
  closed.delete(hunk);
  return { transcript: { ...transcript, closed }, blocks: [] };
}

interface HunkNotes {
  readonly rung?: MatchRung;
  readonly merged?: boolean;
  readonly candidates?: readonly number[];
}

/** With its lines the first time, as a change of state from then on. */
function printHunk(transcript: Transcript, reviewed: ReviewedHunk | undefined, notes: HunkNotes): Taken {
  if (reviewed === undefined) return { transcript, blocks: [] };
  const { id } = reviewed.hunk;
  if (transcript.printed.has(id)) return { transcript, blocks: [{ kind: "change", reviewed }] };
  const flushed = flush(transcript);
  const lines = transcript.closed.get(id) ?? [];
  const kept = forget(flushed.transcript, id).transcript;
  const { rung = "exact", merged = false, candidates = [] } = notes;
  return {
    transcript: { ...kept, printed: new Set(kept.printed).add(id) },
    blocks: [...flushed.blocks, { kind: "hunk", reviewed, lines, rung, merged, candidates }],
  };
}
