/**
 * One answer of the model while it streams: deltas go to the screen and to the edit streams at once, complete calls are
 * handed on. Decides nothing about the turn; `loop.ts` is told what happened.
 */
import type { Ending, EventBody, Failure } from "@twolane/protocol";
import type { EditReport, EditStream } from "../edits/edit-stream.ts";
import type { ConversationItem, ModelEvent, ModelRun } from "../models/models.ts";
import { messageCall } from "./conversation.ts";

export type CallItem = Extract<ConversationItem, { kind: "call" }>;

export interface AnswerDeps {
  readonly step: number;
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
  steer(text: string): boolean;
}

interface OpenEdit {
  readonly stream: EditStream;
  received: string;
}

export function openAnswer(deps: AnswerDeps, respond: (onEvent: (event: ModelEvent) => void) => ModelRun): Answer {
  const edits = new Map<string, OpenEdit>();
  let text = "";
  let answered = false;

  const firstOutput = (): void => {
    if (answered) return;
    answered = true;
    deps.emit({ type: "step.answered", step: deps.step });
  };
  const edit = (call: string): OpenEdit => {
    const open = edits.get(call) ?? { stream: deps.openEdit(), received: "" };
    edits.set(call, open);
    return open;
  };
  const feed = (call: string, piece: string): void => {
    const open = edit(call);
    open.received += piece;
    open.stream.push(piece);
  };
  const completeCall = (item: CallItem): void => {
    if (item.tool !== deps.editTool) return deps.onCall(item);
    const received = edits.get(item.call)?.received ?? "";
    // A wire may deliver a call whole, or the end of it only here. What has landed already is not taken back.
    if (item.input.startsWith(received)) feed(item.call, item.input.slice(received.length));
    const { stream } = edit(item.call);
    edits.delete(item.call);
    deps.onCall(item, stream.end(true));
  };
  const completeItem = (item: ConversationItem): void => {
    deps.onItem(item);
    if (item.kind === "call") return completeCall(item);
    if (item.kind !== "assistant") return;
    text = "";
    deps.emit({ type: "text.finished", text: item.text });
    const open = edits.get(messageCall);
    if (open === undefined) return;
    edits.delete(messageCall);
    const call = `${messageCall}:${deps.step}`;
    deps.onCall({ kind: "call", call, tool: deps.editTool, input: item.text, freeform: true }, open.stream.end(true));
  };
  const end = async (event: Extract<ModelEvent, { kind: "ended" }>): Promise<void> => {
    const { ending, usage, failure } = event;
    const facts = { ...(usage && { usage }), ...(failure && { failure }) };
    const cutEdits = await Promise.all([...edits.values()].map(({ stream }) => stream.end(false)));
    deps.emit({ type: "step.ended", step: deps.step, ending, ...facts });
    deps.onEnd({ ending, ...(failure && { failure }), cutEdits, cutText: text });
  };

  const run = respond((event) => {
    switch (event.kind) {
      case "requested":
        return deps.emit({ type: "step.requested", step: deps.step, bytesSent: event.bytesSent, transport: event.transport, continued: event.continued });
      case "started":
        return deps.emit({ type: "step.started", step: deps.step, model: event.model, ...(event.serviceTier && { serviceTier: event.serviceTier }) });
      case "reasoning":
        return deps.emit({ type: "reasoning.delta", text: event.text });
      case "text":
        firstOutput();
        text += event.text;
        deps.emit({ type: "text.delta", text: event.text });
        if (deps.editsInMessage) feed(messageCall, event.text);
        return;
      case "call.started":
        firstOutput();
        if (event.tool === deps.editTool) edit(event.call);
        return;
      case "call.delta":
        if (edits.has(event.call)) feed(event.call, event.text);
        return;
      case "item":
        firstOutput();
        return completeItem(event.item);
      case "notice":
        return deps.emit({ type: "notice.given", code: event.code, message: event.message });
      case "ended":
        return void end(event);
    }
  });
  return { cut: () => run.stop(), steer: (message) => run.steer(message) };
}
