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
import type { LandOutcome, Lander } from "./lander.ts";
import { reportForModel } from "./landing-report.ts";

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
  readonly onEvent: (event: EventBody) => void;
}

export function createEditStream({ parser, lander, nextHunk, turn, isMessage, onEvent }: EditStreamDeps): EditStream {
  const outcomes: Promise<LandOutcome>[] = [];
  const malformed: string[] = [];
  let open: HunkId | undefined;
  /** The last file that was named. */
  let path = "";
  let characters = 0;
  const received = (): { readonly received?: number } => (isMessage === true ? {} : { received: characters });

  const take = (event: ParserEvent): void => {
    switch (event.type) {
      case "file":
        path = event.path;
        return lander.open(path);
      case "open": {
        open ??= nextHunk();
        const lines = shownLines(event.draft);
        return onEvent({
          type: "hunk.streaming",
          hunk: open,
          path: event.draft.path,
          line: lander.locate(event.draft),
          lines: lines.length,
          ...received(),
        });
      }
      case "hunk": {
        const hunk = open ?? nextHunk();
        open = undefined;
        path = event.draft.path;
        onEvent({
          type: "hunk.closed",
          hunk: closedHunk(hunk, turn, event.draft),
          lines: shownLines(event.draft),
          ...received(),
        });
        outcomes.push(lander.land(hunk, turn, event.draft));
        return;
      }
      case "malformed":
        // To a person an unreadable part is a hunk that failed, though nothing is known of it but its file, if that.
        onEvent({
          type: "hunk.failed",
          hunk: unreadHunk(open ?? nextHunk(), turn, path),
          failure: unreadable(event, path),
          candidates: [],
        });
        open = undefined;
        malformed.push(event.excerpt === "" ? event.reason : `${event.reason}: ${event.excerpt}`);
        return;
      case "prose":
        return;
    }
  };

  return {
    push(text) {
      characters += text.length;
      for (const event of parser.push(text)) take(event);
    },
    async end(complete) {
      for (const event of parser.end(complete)) take(event);
      lander.endCall();
      const settled = await Promise.all(outcomes);
      return { outcomes: settled, malformed, forModel: reportForModel(settled, malformed) };
    },
  };
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
