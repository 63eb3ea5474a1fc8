/**
 * What a model says, before it has the form of a wire: the items of one response, and the timed events which an emitter
 * makes of them. Every emitter is a generator, so that a stop in the middle costs nothing and nothing is made in advance.
 */
import type { JsonObject } from "../wire/events.ts";

/** Text that the model writes, or a rest while it writes. */
export type ReplyPart = { readonly kind: "text"; readonly text: string } | { readonly kind: "pause"; readonly ms: number };

export type ReplyItem =
  /** `raw`: the reasoning itself, as open-weight models show it; else a summary of it. */
  | { readonly kind: "reasoning"; readonly raw: boolean; readonly parts: readonly ReplyPart[] }
  | { readonly kind: "message"; readonly parts: readonly ReplyPart[] }
  /** `input`: raw text of a freeform call, else JSON. */
  | {
      readonly kind: "call";
      readonly name: string;
      readonly freeform: boolean;
      readonly input: string;
      /** It is an operation of the wire's own patch tool. */
      readonly patch?: true;
    }
  /** A rest between two items. */
  | { readonly kind: "pause"; readonly ms: number };

/** Only of the Responses wire: a shorter form of the conversation, unreadable to whoever gets it. */
export interface Compaction {
  readonly kind: "compaction";
  readonly content: string;
}

/** One piece of streamed text and what it counts as. */
export interface Piece {
  readonly text: string;
  readonly tokens: number;
}

/** Cuts a text into the pieces in which it is streamed. Together they are the text. */
export type CutText = (text: string) => Iterable<Piece>;

export type { JsonObject } from "../wire/events.ts";
/** An object while it is being put together. */
export type JsonDraft = Record<string, unknown>;

export type Emission =
  /** `tokens`: how many generated tokens travel in this event; this is what pacing counts. */
  | { readonly kind: "event"; readonly event: JsonObject; readonly tokens: number }
  /** A frame that is no event of the wire's schema. */
  | { readonly kind: "raw"; readonly text: string }
  /** The model begins to write here. */
  | { readonly kind: "first" }
  | { readonly kind: "pause"; readonly ms: number };

/** The pieces of an item's parts, with its rests between them. */
export function* piecesOf(parts: readonly ReplyPart[], cut: CutText): Generator<Piece | { readonly pauseMs: number }> {
  for (const part of parts) {
    if (part.kind === "pause") yield { pauseMs: part.ms };
    else yield* cut(part.text);
  }
}

/** The whole text of an item's parts. */
export function textOf(parts: readonly ReplyPart[]): string {
  return parts.map((part) => (part.kind === "text" ? part.text : "")).join("");
}
