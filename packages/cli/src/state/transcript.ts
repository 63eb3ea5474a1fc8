/**
 * What is printed for good, in blocks: a fold over events that keeps only what is not complete yet. How a block looks is
 * `views/transcript-view.ts`. Text costs what it is long, however it is cut.
 */
import type {
  CodeProblem,
  CommandEnd,
  Constraint,
  EventOf,
  Evidence,
  Failure,
  HunkId,
  HunkLine,
  MatchRung,
  Review,
  ReviewComment,
  ReviewedHunk,
  TwolaneEvent,
} from "@twolane/protocol";
import { type Broken, freshProblems, nothingBroken, reduceBroken } from "./broken.ts";
import type { SessionState } from "./session-state.ts";
import type { TurnFigures } from "./turn-figures.ts";

/** What a line of the model's text is. */
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
  | ({ readonly kind: "change"; readonly reviewed: ReviewedHunk } & ChangeWords)
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
  /** `landed`: hunks of the turn that are on disk. */
  | { readonly kind: "stopped"; readonly landed: number }
  | { readonly kind: "summary"; readonly figures: TurnFigures }
  | { readonly kind: "aside"; readonly text: string; readonly answer: boolean }
  | { readonly kind: "commit"; readonly commit: string; readonly subject: string; readonly hunks: number }
  | { readonly kind: "said"; readonly text: string; readonly tone: "plain" | "good" | "bad" }
  /** A command of the person's own, a line of its output, and how it ended. */
  | { readonly kind: "command"; readonly line: string }
  | { readonly kind: "output"; readonly text: string }
  | { readonly kind: "command-ended"; readonly line: string; readonly end: CommandEnd; readonly ms: number }
  | { readonly kind: "tests"; readonly evidence: Evidence }
  | { readonly kind: "status"; readonly session: SessionState }
  /** Of a workflow: a stage, a question, what was answered, the report. */
  | ({ readonly kind: "stage" } & Told<"workflow.moved", "workflow" | "stage" | "text" | "step" | "of">)
  | ({ readonly kind: "asked" } & Told<"workflow.asked", "question" | "detail">)
  | ({ readonly kind: "answered" } & Told<"workflow.answered", "answer">)
  | ({ readonly kind: "report" } & Told<"workflow.ended", "workflow" | "ending" | "report">)
  | { readonly kind: "comment"; readonly comment: ReviewComment }
  /** What a hunk broke that was not told before; none: nothing of it is left. */
  | { readonly kind: "broken"; readonly hunk: HunkId; readonly problems: readonly CodeProblem[]; readonly more: number }
  /** What the changes of the turn are held to. */
  | { readonly kind: "constraints"; readonly constraints: readonly Constraint[] };

type Told<T extends TwolaneEvent["type"], K extends keyof EventOf<T>> = Pick<EventOf<T>, K>;

export interface ChangeWords {
  readonly note?: string;
  /** Instead of the name of its state. */
  readonly word?: string;
}

export interface Transcript {
  /** The end of the model's text that has no line ending yet. */
  readonly pending: string;
  /** The beginning of that line is printed already. */
  readonly begun: boolean;
  /** Text of this message came in pieces. */
  readonly streamed: boolean;
  /** What opened the block of code in which the text is. */
  readonly fence?: string;
  /** Text of hunks that are closed and not yet landed, held or failed. */
  readonly closed: ReadonlyMap<HunkId, readonly HunkLine[]>;
  /** The end of an answer to a question asked aside, while it comes. */
  readonly aside: string;
  /** What was told of what hunks broke. */
  readonly broken: Broken;
  /** A review goes on: its text is comments. */
  readonly isReview?: boolean;
  /** A stage that is not told yet: where the prompt behind it says the same, once is enough. */
  readonly stage?: Extract<Block, { kind: "stage" }>;
}

export const emptyTranscript: Transcript = {
  pending: "",
  begun: false,
  streamed: false,
  closed: new Map(),
  aside: "",
  broken: nothingBroken,
};

/** Of an answer that is still coming no more is shown. */
const asideKept = 2000;

interface Taken {
  readonly transcript: Transcript;
  readonly blocks: readonly Block[];
}

export interface TranscriptContext {
  readonly review: Review;
  readonly figures: TurnFigures;
}

export function reduceTranscript(before: Transcript, event: TwolaneEvent, context: TranscriptContext): Taken {
  const { stage, ...transcript } = before;
  if (stage === undefined) return reduceEvent(before, event, context);
  const taken = reduceEvent(transcript, event, context);
  const isSaid = event.type === "turn.started" && event.prompt.includes(stage.text);
  return isSaid ? taken : { transcript: taken.transcript, blocks: [stage, ...taken.blocks] };
}

function reduceEvent(transcript: Transcript, event: TwolaneEvent, context: TranscriptContext): Taken {
  const only = (...blocks: Block[]): Taken => ({ transcript, blocks });
  switch (event.type) {
    case "session.started":
    case "session.resumed": {
      const { version, model, workspace } = event;
      return only({ kind: "opened", version, model, workspace, resumed: event.type === "session.resumed" });
    }
    case "turn.started":
      return {
        transcript: {
          ...{ ...emptyTranscript, aside: transcript.aside, broken: transcript.broken },
          ...(transcript.isReview === true && { isReview: true }),
        },
        blocks: [{ kind: "prompt", text: event.prompt }],
      };
    case "turn.steered":
      return after(flush(transcript), { kind: "steered", text: event.text });
    case "text.delta":
      return takeText({ ...transcript, streamed: true }, event.text);
    case "text.finished":
      return finishText(transcript, event.text);
    case "tool.started":
      return event.summary === "edit" ? flush(transcript) : after(flush(transcript), { kind: "tool", summary: event.summary });
    case "command.held":
      return after(flush(transcript), { kind: "notice", message: `${event.verdict.reason}: ${event.command}` });
    case "command.ended":
      return only({ kind: "tool", summary: endText(event) });
    case "notice.given":
      return only({ kind: "notice", message: event.message });
    case "session.recovered":
      return only({ kind: "notice", message: recoveredText(event) });
    case "stop.finished":
      return after(flush(transcript), { kind: "stopped", landed: context.figures.landed });
    case "turn.ended":
      return endTurn(transcript, event, context);
    case "aside.asked":
      return only({ kind: "aside", text: event.text, answer: false });
    case "aside.delta":
      return { transcript: { ...transcript, aside: `${transcript.aside}${event.text}`.slice(-asideKept) }, blocks: [] };
    case "aside.answered": {
      const answered: Block[] = event.text === "" ? [] : [{ kind: "aside", text: event.text, answer: true }];
      const failed: Block[] = event.failure === undefined ? [] : [{ kind: "failure", failure: event.failure }];
      return { transcript: { ...transcript, aside: "" }, blocks: [...answered, ...failed] };
    }
    case "tests.ended":
      return only({ kind: "tests", evidence: event.evidence });
    case "commit.made":
      return only({ kind: "commit", commit: event.commit, subject: event.subject, hunks: event.hunks.length });
    case "diagnostics.found":
    case "diagnostics.cleared":
      return takeProblems(transcript, event);
    case "constraints.set":
      return after(flush(transcript), { kind: "constraints", constraints: event.constraints });
    case "workflow.moved":
    case "workflow.asked":
    case "workflow.answered":
    case "workflow.ended":
    case "comment.made":
      return takeWorkflow(transcript, event);
    default:
      return takeHunk(transcript, event, context);
  }
}

/** Only what is new; that all is well again only where something was told. */
function takeProblems(transcript: Transcript, event: EventOf<"diagnostics.found" | "diagnostics.cleared">): Taken {
  const { hunk } = event;
  const before = transcript.broken.get(hunk);
  const next = { ...transcript, broken: reduceBroken(transcript.broken, event) };
  if (event.type === "diagnostics.cleared")
    return before === undefined
      ? { transcript, blocks: [] }
      : { transcript: next, blocks: [{ kind: "broken", hunk, problems: [], more: 0 }] };
  const problems = freshProblems(before, event);
  const more = before === undefined ? event.more : 0;
  return { transcript: next, blocks: problems.length === 0 ? [] : [{ kind: "broken", hunk, problems, more }] };
}

type OfWorkflow = EventOf<"workflow.moved" | "workflow.asked" | "workflow.answered" | "workflow.ended" | "comment.made">;

function takeWorkflow(transcript: Transcript, event: OfWorkflow): Taken {
  switch (event.type) {
    case "workflow.moved": {
      const { workflow, stage, text, step, of } = event;
      const place = { ...(step !== undefined && { step }), ...(of !== undefined && { of }) };
      const block = { kind: "stage", workflow, stage, text, ...place } as const;
      const next = { ...transcript, isReview: workflow === "review" };
      return step === undefined ? after(flush(next), block) : { transcript: { ...next, stage: block }, blocks: [] };
    }
    case "workflow.asked":
      return after(flush(transcript), { kind: "asked", question: event.question, detail: event.detail });
    case "workflow.answered":
      return { transcript, blocks: [{ kind: "answered", answer: event.answer }] };
    case "workflow.ended": {
      const { workflow, ending, report } = event;
      const { transcript: flushed, blocks } = flush(transcript);
      return { transcript: { ...flushed, isReview: false }, blocks: [...blocks, { kind: "report", workflow, ending, report }] };
    }
    case "comment.made":
      return after(flush(transcript), { kind: "comment", comment: event.comment });
  }
}

/** How a command of the model ended, in a few words. */
export function endText({ status, signal, ended, fault, ms }: EventOf<"command.ended">): string {
  const stopped = { timeout: "ended at its time limit", stopped: "stopped", flood: "ended: it said too much" };
  const how = ended ? stopped[ended] : fault !== undefined ? fault : signal !== undefined ? signal : `exit status ${status}`;
  return `  ${how}, ${(ms / 1000).toFixed(1)} s`;
}

function after({ transcript, blocks }: Taken, ...more: readonly Block[]): Taken {
  return { transcript, blocks: [...blocks, ...more] };
}

/** Of each hunk that was being written when the process died, what became of it. */
export function recoveredText({ finished, reverted }: Extract<TwolaneEvent, { type: "session.recovered" }>): string {
  const whole = finished.length > 0 ? ` ${finished.join(", ")}: whole on disk.` : "";
  const gone = reverted.length > 0 ? ` ${reverted.join(", ")}: nothing of it on disk.` : "";
  return `An earlier run was cut off in the middle of a write.${whole}${gone} What had landed before stays.`;
}

function takeText(transcript: Transcript, text: string): Taken {
  const end = text.lastIndexOf("\n");
  if (end < 0) return { transcript: { ...transcript, pending: transcript.pending + text }, blocks: [] };
  const { transcript: next, blocks } = takeLines(transcript, transcript.pending + text.slice(0, end));
  return { transcript: { ...next, pending: text.slice(end + 1) }, blocks };
}

/** A journal has only the whole text of a message. */
function finishText(transcript: Transcript, text: string): Taken {
  const { transcript: next, blocks } = transcript.streamed || text === "" ? flush(transcript) : takeLines(transcript, text);
  return { transcript: { ...next, streamed: false }, blocks };
}

/** Complete lines. */
function takeLines(transcript: Transcript, text: string): Taken {
  // What a review says is its comments, which are told one by one.
  if (transcript.isReview === true) return { transcript: { ...transcript, pending: "", begun: false }, blocks: [] };
  const { begun, fence: before, ...rest } = transcript;
  let fence = before;
  const blocks = text.split("\n").map((whole, index): Block => {
    const line = whole.replace(/\r$/, "");
    const read = index === 0 && begun ? { form: "prose" as const } : readLine(line, fence);
    ({ fence } = read);
    return { kind: "line", text: line, form: read.form };
  });
  return { transcript: { ...rest, begun: false, pending: "", ...(fence !== undefined && { fence }) }, blocks };
}

/** The form of a line, and the block of code that is open after it. */
function readLine(line: string, fence: string | undefined): { readonly form: LineForm; readonly fence?: string } {
  const [, mark, info = ""] = /^\s{0,12}(`{3,}|~{3,})(.*)$/.exec(line) ?? [];
  if (fence !== undefined) {
    const closes = mark?.startsWith(fence) === true && info.trim() === "";
    return closes ? { form: "fence" } : { form: "code", fence };
  }
  if (mark !== undefined && !info.includes("`")) return { form: "fence", fence: mark };
  return { form: formOf(line) };
}

function formOf(line: string): LineForm {
  if (/^#{1,6}\s/.test(line)) return "heading";
  // Tables are read in columns.
  if (/^\s*\|.*\|\s*$/.test(line)) return "code";
  return /^\s*([-*+]|\d{1,9}[.)])\s/.test(line) ? "item" : "prose";
}

/** The unfinished line counts as finished. */
function flush(transcript: Transcript): Taken {
  return transcript.pending === "" ? { transcript, blocks: [] } : takeLines(transcript, transcript.pending);
}

/** How an unfinished line looks so far. */
export const pendingForm = ({ pending, fence, begun }: Transcript): LineForm =>
  begun ? "prose" : fence === undefined ? formOf(pending) : "code";

/** The beginning of a long unfinished line has been printed; this is what is left of it. */
export const withPending = (transcript: Transcript, pending: string): Transcript =>
  pending === transcript.pending ? transcript : { ...transcript, pending, begun: true };

function endTurn(
  transcript: Transcript,
  event: Extract<TwolaneEvent, { type: "turn.ended" }>,
  { figures }: TranscriptContext,
): Taken {
  const failed: Block[] =
    event.failure === undefined || event.failure.code === "STOPPED" ? [] : [{ kind: "failure", failure: event.failure }];
  const flushed = flush(transcript);
  const { fence: _, ...rest } = flushed.transcript;
  return { transcript: rest, blocks: [...flushed.blocks, ...failed, { kind: "summary", figures }] };
}

function takeHunk(transcript: Transcript, event: TwolaneEvent, { review }: TranscriptContext): Taken {
  switch (event.type) {
    case "hunk.streaming":
      // Whoever writes a hunk has ended the sentence before it.
      return flush(transcript);
    case "hunk.closed": {
      const { transcript: next, blocks } = flush(transcript);
      return { transcript: { ...next, closed: new Map(next.closed).set(event.hunk.id, event.lines) }, blocks };
    }
    case "hunk.landed":
      return printHunk(transcript, review.get(event.hunk.id), { rung: event.rung, merged: event.merged });
    case "hunk.held":
      return printHunk(transcript, review.get(event.hunk.id), {});
    case "hunk.failed":
      if (event.failure.code === "STOPPED") return { transcript: withoutLines(transcript, event.hunk.id), blocks: [] };
      return printHunk(transcript, review.get(event.hunk.id), { candidates: event.candidates });
    case "hunk.rejected":
      return change(transcript, review.get(event.hunk), event.reason === undefined ? {} : { note: event.reason });
    case "hunk.undone":
      return change(transcript, review.get(event.hunk));
    case "hunk.present":
      return change(withoutLines(transcript, event.hunk.id), review.get(event.hunk.id), {
        word: "already there, nothing changed",
      });
    case "hunk.superseded":
      return change(
        transcript,
        review.get(event.hunk),
        event.by === undefined ? { word: "goes into the turn that carries the plan out" } : { note: `by ${event.by}` },
      );
    case "hunk.accepted":
      return { transcript, blocks: [{ kind: "accepted", hunks: [event.hunk], byCommit: event.by === "commit" }] };
    default:
      return { transcript, blocks: [] };
  }
}

function change(transcript: Transcript, reviewed: ReviewedHunk | undefined, words: ChangeWords = {}): Taken {
  if (reviewed === undefined) return { transcript, blocks: [] };
  return { transcript, blocks: [{ kind: "change", reviewed, ...words }] };
}

function withoutLines(transcript: Transcript, hunk: HunkId): Transcript {
  if (!transcript.closed.has(hunk)) return transcript;
  const closed = new Map(transcript.closed);
  closed.delete(hunk);
  return { ...transcript, closed };
}

interface HunkNotes {
  readonly rung?: MatchRung;
  readonly merged?: boolean;
  readonly candidates?: readonly number[];
}

/** With its lines the first time, as a change of state from then on; why it failed is always said in full. */
function printHunk(transcript: Transcript, reviewed: ReviewedHunk | undefined, notes: HunkNotes): Taken {
  if (reviewed === undefined) return { transcript, blocks: [] };
  const { id } = reviewed.hunk;
  const lines = transcript.closed.get(id);
  if (lines === undefined && reviewed.failure === undefined) return change(transcript, reviewed);
  const { rung = "exact", merged = false, candidates = [] } = notes;
  return {
    transcript: withoutLines(transcript, id),
    blocks: [{ kind: "hunk", reviewed, lines: lines ?? [], rung, merged, candidates }],
  };
}
