/** What a draft's answer would land: its edits placed and judged as they come, in memory, and counted. Writes nothing. */
import type { EventBody } from "@twolane/protocol";
import type { EditStream } from "../edits/landing/edit-stream.ts";
import type { ModelEvent } from "../models/models.ts";

export type Prepared = Omit<Extract<EventBody, { type: "draft.prepared" }>, "type" | "text">;

export interface PreviewDeps {
  /** The tool whose input is an edit; absent for a model that writes edits into its messages. */
  readonly editTool?: string;
  /** Places and judges, keeps nothing. */
  readonly openStream: (onEvent: (event: EventBody) => void) => EditStream;
  /** What is said in the end is worth a line where nothing would land. */
  readonly speaks: boolean;
  /** Told whenever it is another one than before. */
  readonly onPrepared: (prepared: Prepared) => void;
}

export interface DraftPreview {
  take(event: ModelEvent): void;
}

/** One edit at a time is what a fast answer has; of several that are open at once each is counted by itself. */
export function createDraftPreview({ editTool, openStream, speaks, onPrepared }: PreviewDeps): DraftPreview {
  const open = new Map<string, { readonly stream: EditStream; received: number }>();
  const files = new Set<string>();
  const waiting: Promise<unknown>[] = [];
  let [hunks, held, said] = [0, 0, ""];
  const heard = (event: EventBody): void => {
    if (event.type !== "hunk.landed" && event.type !== "hunk.held") return;
    hunks++;
    if (event.type === "hunk.held") held++;
    files.add(event.hunk.path);
    onPrepared({ hunks, files: files.size, held });
  };
  const feed = (call: string, text: string): void => {
    const edit = open.get(call) ?? { stream: openStream(heard), received: 0 };
    open.set(call, edit);
    edit.received += text.length;
    if (text !== "") edit.stream.push(text);
  };
  const complete = (call: string, input: string): void => {
    feed(call, input.slice(open.get(call)?.received ?? 0));
    waiting.push(open.get(call)?.stream.end(true) ?? Promise.resolve());
    open.delete(call);
  };
  const over = async (event: Extract<ModelEvent, { kind: "ended" }>): Promise<void> => {
    await Promise.all(waiting);
    const note = event.failure?.message ?? (speaks ? said : "");
    if (hunks === 0) onPrepared({ hunks, files: 0, held, ...(note !== "" && { note }) });
  };
  return {
    take(event) {
      switch (event.kind) {
        case "call.delta":
          return open.has(event.call) ? feed(event.call, event.text) : undefined;
        case "call.started":
          return event.tool === editTool ? feed(event.call, "") : undefined;
        case "text":
          return editTool === undefined ? feed(inMessage, event.text) : undefined;
        case "item":
          if (event.item.kind === "call" && event.item.tool === editTool) complete(event.item.call, event.item.input);
          if (event.item.kind === "assistant") said = event.item.text;
          if (event.item.kind === "assistant" && editTool === undefined) complete(inMessage, event.item.text);
          return undefined;
        case "ended":
          return void over(event);
        default:
          return undefined;
      }
    },
  };
}

const inMessage = "message";
