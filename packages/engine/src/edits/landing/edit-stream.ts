/**
 * One edit call while it streams: raw model output in, landed hunks out. Parsing is the dialect's business, placing and
 * writing the lander's; what counts at the end is the report.
 *
 * Pushing never waits: a stream has no brake that would not also stop the text. What can pile up is bounded by the parser
 * (size of a hunk) and by the lander (number of waiting hunks); beyond it a hunk fails and says so.
 */
import {
  type EventBody,
  type Failure,
  type Hunk,
  type HunkId,
  type HunkLine,
  type HunkOperation,
  type TurnId,
  failure,
} from "@twolane/protocol";
import type { DialectParser, HunkDraft, ParserEvent } from "../edits.ts";
import type { Foresight } from "./landing-foresee.ts";
import type { LandOutcome, Lander } from "./lander.ts";
import { reportForModel } from "./landing-report.ts";
import { type RestoreText, restoreDraft } from "./restore-draft.ts";

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

export interface EditStreamDeps {
  readonly parser: DialectParser;
  readonly lander: Lander;
  /** Names the next hunk. */
  readonly nextHunk: () => HunkId;
  readonly turn: TurnId;
  /** What is pushed is told as text as well. */
  readonly isMessage?: boolean;
  /** What is placed and lands has the secrets in it that the author knows by stand-ins; what is told has not. */
  readonly restore?: RestoreText;
  readonly onEvent: (event: EventBody) => void;
}

export function createEditStream(deps: EditStreamDeps): EditStream {
  const { parser, lander } = deps;
  const taker = new EventTaker(deps);
  return {
    push(text) {
      taker.characters += text.length;
      for (const event of parser.push(text)) taker.take(event);
    },
    async end(complete) {
      for (const event of parser.end(complete)) taker.take(event);
      lander.endCall();
      const { malformed } = taker;
      const outcomes = await Promise.all(taker.outcomes);
      return { outcomes, malformed, forModel: reportForModel(outcomes, malformed) };
    },
  };
}

/** What the parser says, handed on: to the lander, and as events. */
class EventTaker {
  readonly outcomes: Promise<LandOutcome>[] = [];
  readonly malformed: string[] = [];
  characters = 0;
  private readonly deps: EditStreamDeps;
  private open: OpenHunk | undefined;
  /** The last file that was named. */
  private path = "";
  /** Settles when that is read. */
  private reading = Promise.resolve();

  constructor(deps: EditStreamDeps) {
    this.deps = deps;
  }

  private meant(draft: HunkDraft): HunkDraft {
    const { restore } = this.deps;
    return restore === undefined ? draft : restoreDraft(draft, restore);
  }

  take(event: ParserEvent): void {
    switch (event.type) {
      case "file":
        return this.file(event.path);
      case "open":
        return this.placing(event.draft);
      case "lines": {
        const open = this.opened();
        open.foresight?.take(event);
        open.lines += event.added.length;
        return this.foresee(open);
      }
      case "hunk":
        return this.closed(event.draft);
      case "malformed":
        return this.unread(event);
      case "prose":
        return;
    }
  }

  private file(path: string): void {
    this.path = path;
    this.reading = this.deps.lander.open(path);
    this.foresee(this.begin(this.open?.hunk));
  }

  private placing(draft: HunkDraft): void {
    this.path = draft.path;
    const open = this.opened();
    open.lines = shownLines(draft).length;
    open.line = this.deps.lander.locate(this.meant(draft));
    this.tell(open);
    if (open.line === 0) void this.reading.then(() => this.placeLate(open, draft));
  }

  /** The stream was quicker than the disk. */
  private placeLate(open: OpenHunk, draft: HunkDraft): void {
    if (this.open !== open || open.line !== 0) return;
    open.line = this.deps.lander.locate(this.meant(draft));
    if (open.line !== 0) this.tell(open);
  }

  private closed(draft: HunkDraft): void {
    const { lander, turn, onEvent } = this.deps;
    const hunk = this.nameOnce();
    this.path = draft.path;
    onEvent({ type: "hunk.closed", hunk: closedHunk(hunk, turn, draft), lines: shownLines(draft), ...this.received() });
    this.outcomes.push(lander.land(hunk, turn, this.meant(draft)));
  }

  /** To a person an unreadable part is a hunk that failed, though nothing is known of it but its file, if that. */
  private unread(event: Extract<ParserEvent, { type: "malformed" }>): void {
    const { turn, onEvent } = this.deps;
    const hunk = unreadHunk(this.nameOnce(), turn, this.path);
    onEvent({ type: "hunk.failed", hunk, failure: unreadable(event, this.path), candidates: [] });
    this.malformed.push(event.excerpt === "" ? event.reason : `${event.reason}: ${event.excerpt}`);
  }

  private opened(): OpenHunk {
    return this.open ?? this.begin();
  }

  private begin(hunk?: HunkId): OpenHunk {
    const foresight = this.deps.lander.foresee(this.deps.turn, this.path);
    return (this.open = { foresight, lines: 0, line: 0, ...(hunk !== undefined && { hunk }) });
  }

  /** The byte at which it is certain that it will be held: said at once, and once. */
  private foresee(open: OpenHunk): void {
    if (open.isTold !== true && open.foresight?.verdict !== undefined) this.tell(open);
  }

  private tell(open: OpenHunk): void {
    const { nextHunk, onEvent } = this.deps;
    const { line, lines, foresight } = open;
    const hunk = (open.hunk ??= nextHunk());
    const verdict = foresight?.verdict;
    open.isTold = verdict !== undefined;
    onEvent({ type: "hunk.streaming", hunk, path: this.path, line, lines, ...this.received(), ...(verdict && { verdict }) });
  }

  /** The name that it has, or a new one; what comes next is another hunk. */
  private nameOnce(): HunkId {
    const { hunk } = this.open ?? {};
    this.open = undefined;
    return hunk ?? this.deps.nextHunk();
  }

  private received(): { readonly received?: number } {
    return this.deps.isMessage === true ? {} : { received: this.characters };
  }
}

/** A hunk of which not everything has come. */
interface OpenHunk {
  readonly foresight: Foresight | undefined;
  /** It has one as soon as something is told of it. */
  hunk?: HunkId;
  lines: number;
  line: number;
  isTold?: boolean;
}

const operations: Readonly<Record<HunkDraft["kind"], HunkOperation>> = {
  update: "update",
  substitute: "update",
  rewrite: "update",
  create: "create",
  delete: "delete",
  move: "move",
};

function closedHunk(id: HunkId, turn: TurnId, draft: HunkDraft) {
  const lines = shownLines(draft);
  return {
    id,
    turn,
    operation: operations[draft.kind],
    path: draft.path,
    ...(draft.kind === "move" && { movedTo: draft.to }),
    line: 0,
    linesRemoved: lines.filter(({ op }) => op === "remove").length,
    linesAdded: lines.filter(({ op }) => op === "add").length,
  };
}

function unreadHunk(id: HunkId, turn: TurnId, path: string): Hunk {
  return { id, turn, operation: "update", path, line: 0, linesRemoved: 0, linesAdded: 0 };
}

function unreadable({ reason, excerpt }: Extract<ParserEvent, { type: "malformed" }>, path: string): Failure {
  const line = excerpt.trim().split("\n", 1)[0] ?? "";
  const where = path !== "" && reason.startsWith(path) ? "" : `${path === "" ? "The edit" : path}: `;
  return failure("PATCH_MALFORMED", `${where}${reason}${line === "" ? "" : `, at ${JSON.stringify(line)}`}.`);
}

/** The draft as lines for a screen. */
function shownLines(draft: HunkDraft): readonly HunkLine[] {
  const lines = (op: HunkLine["op"], text: string): HunkLine[] =>
    text === ""
      ? []
      : text
          .replace(/\n$/, "")
          .split("\n")
          .map((line) => ({ op, text: line }));
  switch (draft.kind) {
    case "update":
      return draft.lines;
    case "substitute":
      return [...lines("remove", draft.oldText), ...lines("add", draft.newText)];
    case "create":
    case "rewrite":
      return lines("add", draft.content);
    case "delete":
    case "move":
      return [];
  }
}
