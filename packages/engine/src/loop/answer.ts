/**
 * One answer of the model while it streams: deltas go to the screen and to the edit streams at once, complete calls are
 * handed on. Decides nothing about the turn; `loop.ts` is told what happened.
 */
import type { Ending, EventBody, Failure } from "@twolane/protocol";
import type { EditReport, EditStream } from "../edits/landing/edit-stream.ts";
import type { ConversationItem, ModelEvent, ModelRun } from "../models/models.ts";
import { messageCall } from "./conversation.ts";

export type CallItem = Extract<ConversationItem, { kind: "call" }>;

export interface AnswerDeps {
  readonly step: number;
  /** Who is asked: `provider/name`. */
  readonly model: string;
  /** Name of the tool whose input is an edit. */
  readonly editTool: string;
  /** True for a model without tools: edits stand in the text. */
  readonly editsInMessage: boolean;
  readonly openEdit: () => EditStream;
  readonly emit: (event: EventBody) => void;
  /** A finished item joins the conversation. */
  readonly onItem: (item: ConversationItem) => void;
  /** A call is complete. `report` is there when it was an edit. */
  readonly onCall: (call: CallItem, report?: Promise<EditReport>) => void;
  /** The last thing that happens; what was cut off has settled by then. */
  readonly onEnd: (end: AnswerEnd) => void;
}

export interface AnswerEnd {
  readonly ending: Ending;
  readonly failure?: Failure;
  /** Edits whose call never became complete. */
  readonly cutEdits: readonly EditReport[];
  /** Text of a message that never became complete. */
  readonly cutText: string;
}

export interface Answer {
  /** Ends the answer. Closed hunks stay, the open one is dropped. */
  cut(): void;
  /** Counts as ended from now on, whatever its source still says. */
  abandon(): void;
  steer(text: string): boolean;
}

export function openAnswer(deps: AnswerDeps, respond: (onEvent: (event: ModelEvent) => void) => ModelRun): Answer {
  const edits = createOpenEdits(deps);
  const words = mergeText(deps.emit);
  let text = "";
  let ended = false;

  const firstOutput = once(() => deps.emit({ type: "step.answered", step: deps.step }));
  const completeItem = (item: ConversationItem): void => {
    words.settle();
    deps.onItem(item);
    if (item.kind === "call") return deps.onCall(item, item.tool === deps.editTool ? edits.complete(item) : undefined);
    if (item.kind !== "assistant") return;
    text = "";
    deps.emit({ type: "text.finished", text: item.text });
    if (!deps.editsInMessage) return;
    const call: CallItem = { kind: "call", call: messageCall, tool: deps.editTool, input: item.text, freeform: true };
    deps.onCall({ ...call, call: `${messageCall}:${deps.step}` }, edits.complete(call));
  };
  const end = async ({ ending, usage, estimated, failure }: Extract<ModelEvent, { kind: "ended" }>): Promise<void> => {
    ended = true;
    const cutEdits = await edits.cut();
    const taken = { ...(usage && { usage }), ...(estimated && { estimated }) };
    deps.emit({ type: "step.ended", step: deps.step, ending, ...taken, ...(failure && { failure }) });
    deps.onEnd({ ending, ...(failure && { failure }), cutEdits, cutText: text });
  };
  const take = (event: ModelEvent): void => {
    if (ended) return;
    if (event.kind !== "text") words.flush();
    switch (event.kind) {
      case "requested":
      case "started":
      case "reasoning":
      case "notice":
      case "delayed":
      case "queued":
        return deps.emit(told(event, deps.step));
      case "limits":
        return deps.emit({ type: "limits.changed", model: deps.model, windows: event.windows });
      case "text":
        firstOutput();
        text += event.text;
        words.add(event.text);
        if (!deps.editsInMessage) return;
        words.flush();
        return edits.feed(messageCall, event.text);
      case "text.done":
        return words.settle();
      case "call.started":
        firstOutput();
        if (event.tool === deps.editTool) edits.feed(event.call, "");
        return;
      case "call.delta":
        if (edits.has(event.call)) edits.feed(event.call, event.text);
        return;
      case "item":
        firstOutput();
        return completeItem(event.item);
      case "ended":
        return void end(event);
    }
  };
  const run = respond(take);
  return {
    cut: () => run.stop(),
    abandon: () => take({ kind: "ended", ending: "interrupted" }),
    steer: (message) => run.steer(message),
  };
}

function once(run: () => void): () => void {
  let isDone = false;
  return () => {
    if (isDone) return;
    isDone = true;
    run();
  };
}

interface MergedText {
  add(piece: string): void;
  /** Before anything else of the answer is told. */
  flush(): void;
  /** No more comes for now. Ahead of all that this leads to: the last word of an answer is waited for. */
  settle(): void;
}

/**
 * Pieces of text that come in one read of the connection are told as one: a model that writes faster than can be seen must not cost by
 * the piece. None of them waits for the next read.
 */
function mergeText(emit: AnswerDeps["emit"]): MergedText {
  let waiting = "";
  let isSettled = true;
  const flush = (): void => {
    if (waiting === "") return;
    const text = waiting;
    waiting = "";
    emit({ type: "text.delta", text });
  };
  return {
    add(piece) {
      if (waiting === "" && piece !== "") queueMicrotask(flush);
      waiting += piece;
      isSettled &&= piece === "";
    },
    flush,
    settle() {
      flush();
      if (isSettled) return;
      isSettled = true;
      emit({ type: "text.settled" });
    },
  };
}

interface OpenEdits {
  has(call: string): boolean;
  /** Opens the call's edit stream where it is not open yet. */
  feed(call: string, piece: string): void;
  complete(item: CallItem): Promise<EditReport>;
  /** Ends what is open as cut off. */
  cut(): Promise<EditReport[]>;
}

/** The edit calls of one answer that are not complete yet. */
function createOpenEdits({ openEdit }: AnswerDeps): OpenEdits {
  const open = new Map<string, { readonly stream: EditStream; received: string }>();
  const feed = (call: string, piece: string): void => {
    const edit = open.get(call) ?? { stream: openEdit(), received: "" };
    open.set(call, edit);
    edit.received += piece;
    if (piece !== "") edit.stream.push(piece);
  };
  return {
    has: (call) => open.has(call),
    feed,
    complete({ call, input }) {
      const received = open.get(call)?.received ?? "";
      // A wire may deliver a call whole, or the end of it only here. What has landed already is not taken back.
      feed(call, input.startsWith(received) ? input.slice(received.length) : "");
      const report = open.get(call)!.stream.end(true);
      open.delete(call);
      return report;
    },
    cut: () => Promise.all([...open.values()].map(({ stream }) => stream.end(false))),
  };
}

type ToldEvent = Extract<ModelEvent, { kind: "requested" | "started" | "reasoning" | "notice" | "delayed" | "queued" }>;

/** What of an answer is only told on. */
function told(event: ToldEvent, step: number): EventBody {
  switch (event.kind) {
    case "requested":
      return {
        ...{ type: "step.requested", step, bytesSent: event.bytesSent, transport: event.transport, continued: event.continued },
        ...(event.ahead && { ahead: true }),
      };
    case "started":
      return { type: "step.started", step, model: event.model, ...(event.serviceTier && { serviceTier: event.serviceTier }) };
    case "reasoning":
      return { type: "reasoning.delta", text: event.text };
    case "notice":
      return { type: "notice.given", code: event.code, message: event.message };
    case "delayed":
      return { type: "step.delayed", step, ...event.delay };
    case "queued":
      return { type: "step.queued", step };
  }
}
