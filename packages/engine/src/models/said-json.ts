/**
 * JSON of what was said before, kept as bytes while the same items stand there: a wire without a memory sends the whole
 * conversation with every request, and only what is new is written anew. Knows no wire.
 */
import type { ConversationItem } from "./models.ts";

/** Messages that are made of these items and of nothing else. */
export interface SaidPiece<Message> {
  readonly of: readonly ConversationItem[];
  readonly messages: () => readonly Message[];
}

/** The messages' JSON, with commas between them. Never to be written into. */
export type SaidJson<Message> = (piece: SaidPiece<Message>) => Uint8Array;

export function createSaidJson<Message>(): SaidJson<Message> {
  // An entry of the conversation that changes is another object, so that the same objects are the same words.
  const kept = new WeakMap<ConversationItem, { readonly of: readonly ConversationItem[]; readonly bytes: Uint8Array }>();
  return ({ of, messages }) => {
    const [first] = of;
    const known = first === undefined ? undefined : kept.get(first);
    if (known !== undefined && sameItems(known.of, of)) return known.bytes;
    const text = messages()
      .map((message) => JSON.stringify(message))
      .join(",");
    const bytes = Buffer.from(text, "utf8");
    if (first !== undefined) kept.set(first, { of, bytes });
    return bytes;
  };
}

const sameItems = (one: readonly ConversationItem[], other: readonly ConversationItem[]): boolean =>
  one.length === other.length && one.every((item, index) => item === other[index]);

const comma = Buffer.from(",");

/** `head`, the pieces with commas between them, `tail`. */
export function joinJson(head: string, pieces: readonly Uint8Array[], tail: string): Uint8Array {
  const parts: Uint8Array[] = [Buffer.from(head, "utf8")];
  for (const [index, piece] of pieces.entries()) parts.push(...(index === 0 ? [piece] : [comma, piece]));
  parts.push(Buffer.from(tail, "utf8"));
  return Buffer.concat(parts);
}
