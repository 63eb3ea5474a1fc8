/**
 * The tool calls of one answer, put together from their pieces. Servers differ: arguments in pieces or whole, ids missing
 * or only in the first piece, several calls under one index, the name late or repeated.
 */
import type { ConversationItem, ModelEvent } from "../models.ts";

interface Call {
  /** Ours, unique in the conversation. */
  readonly id: string;
  /** The server's, if it gave one. */
  wireId: string | undefined;
  name: string | undefined;
  input: string;
  /** What of the input has been told. */
  told: number;
}

export interface ChatCalls {
  /** One element of a delta's `tool_calls`. */
  push(piece: Record<string, unknown>): void;
  /** The calls as conversation items, in the order in which they began; with `onlyWhole`, those whose arguments are whole. */
  items(onlyWhole: boolean): readonly ConversationItem[];
}

export interface ChatCallsOptions {
  /** Ids that the conversation has used already. */
  readonly usedIds: ReadonlySet<string>;
  /** Beginning of the ids that are made here. */
  readonly idPrefix: string;
  readonly tell: (event: ModelEvent) => void;
}

export function createChatCalls({ usedIds, idPrefix, tell }: ChatCallsOptions): ChatCalls {
  const calls: Call[] = [];
  const byIndex = new Map<number, Call>();

  const begin = (wireId: string | undefined): Call => {
    const free = wireId !== undefined && !usedIds.has(wireId) && !calls.some(({ id }) => id === wireId);
    const call: Call = { id: free ? wireId : `${idPrefix}_${calls.length}`, wireId, name: undefined, input: "", told: 0 };
    calls.push(call);
    return call;
  };
  /** The call that a piece belongs to, or a new one. */
  const callOf = (index: number | undefined, wireId: string | undefined, named: boolean): Call => {
    const known =
      index === undefined
        ? (calls.find((call) => wireId !== undefined && call.wireId === wireId) ?? calls.at(-1))
        : byIndex.get(index);
    const another = known !== undefined && named && wireId !== undefined && known.wireId !== undefined && known.wireId !== wireId;
    // Without index and id, a piece with a name begins a call where the one before has its arguments.
    const next = known !== undefined && index === undefined && wireId === undefined && named && isWhole(known.input);
    const call = known === undefined || another || next ? begin(wireId) : known;
    if (index !== undefined) byIndex.set(index, call);
    return call;
  };
  const tellNews = (call: Call): void => {
    if (call.name === undefined) return;
    const text = call.input.slice(call.told);
    call.told = call.input.length;
    if (text !== "") tell({ kind: "call.delta", call: call.id, text });
  };

  return {
    push(piece) {
      const target = typeof piece["function"] === "object" && piece["function"] !== null ? { ...piece["function"] } : {};
      const fields: Record<string, unknown> = target;
      const name = nonEmpty(fields["name"]);
      const call = callOf(
        typeof piece["index"] === "number" ? piece["index"] : undefined,
        nonEmpty(piece["id"]),
        name !== undefined,
      );
      const written = fields["arguments"];
      if (typeof written === "string") call.input += written;
      else if (typeof written === "object" && written !== null) call.input += JSON.stringify(written);
      if (call.name === undefined && name !== undefined) {
        call.name = name;
        tell({ kind: "call.started", call: call.id, tool: name, freeform: false });
      }
      tellNews(call);
    },
    items(onlyWhole) {
      const items: ConversationItem[] = [];
      for (const { id, name, input } of calls) {
        if (name === undefined || (onlyWhole && !isWhole(input))) continue;
        items.push({ kind: "call", call: id, tool: name, input: input.trim() === "" ? "{}" : input, freeform: false });
      }
      return items;
    },
  };
}

const nonEmpty = (value: unknown): string | undefined => (typeof value === "string" && value !== "" ? value : undefined);

function isWhole(input: string): boolean {
  try {
    JSON.parse(input);
    return true;
  } catch {
    return false;
  }
}
