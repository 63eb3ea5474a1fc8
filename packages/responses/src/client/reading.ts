/**
 * The events of one response, made whole: announced calls that stream, items whose announcement or deltas never came (sockets
 * may be sparse), items that only the terminal event lists. Whatever the server leaves out, the deltas of a call add up to its
 * input and every finished item is delivered once. Knows neither time nor transport.
 */
import type { ResponseHead, ServerEvent, WireItem } from "../wire/events.ts";
import { isFinished, readCall, readText } from "../wire/items.ts";
import type { IsFollowed } from "./options.ts";
import type { ResponseEvent } from "./outcome.ts";

/** One output item that is being written. */
interface Slot {
  /** Known once the item is announced. */
  callId: string | undefined;
  /** Length of what has been delivered of its text or input, in UTF-16 units. */
  delivered: number;
  done: boolean;
  /** Nobody wants its input before it is whole. */
  unfollowed: boolean;
}

export class ResponseReading {
  readonly #emit: (event: ResponseEvent) => void;
  #slots: Slot[] = [];
  #output: WireItem[] = [];
  #latest = -1;
  #answered = false;
  readonly #isFollowed: IsFollowed;

  constructor(emit: (event: ResponseEvent) => void, isFollowed: IsFollowed) {
    this.#emit = emit;
    this.#isFollowed = isFollowed;
  }

  /** The output items so far, cut off ones included. */
  get output(): readonly WireItem[] {
    return this.#output;
  }

  /** Something of an answer has been delivered. */
  get answered(): boolean {
    return this.#answered;
  }

  /** What comes of the inputs of calls can be passed over until they are whole. */
  get leavesInputs(): boolean {
    return this.#slots.every((slot) => slot.done || slot.unfollowed);
  }

  /** A new response begins. */
  restart(): void {
    this.#slots = [];
    this.#output = [];
    this.#latest = -1;
  }

  added({ index, item }: ServerEvent & { readonly kind: "item.added" }): void {
    this.#latest = index ?? this.#slots.length;
    this.#announce(this.#slot(this.#latest), item);
  }

  delta({ index, channel, delta }: ServerEvent & { readonly kind: "delta" }): void {
    if (delta === "") return;
    if (channel === "reasoning") return this.#deliver({ kind: "reasoning", delta });
    const slot = this.#slot(index ?? Math.max(this.#latest, 0));
    const { callId } = slot;
    if (channel === "text") this.#deliver({ kind: "text", delta });
    else if (callId === undefined) return; // Whose input it is will be known when the item is done.
    else this.#deliver({ kind: "call.delta", callId, delta });
    slot.delivered += delta.length;
  }

  done({ index, item }: { readonly index?: number; readonly item: WireItem }): void {
    const slot = this.#slot(index ?? this.#output.length);
    if (slot.done) return;
    slot.done = true;
    this.#output.push(item);
    this.#announce(slot, item);
    const { callId } = slot;
    const rest = (readCall(item)?.input ?? readText(item)).slice(slot.delivered);
    if (rest !== "")
      this.#deliver(callId === undefined ? { kind: "text", delta: rest } : { kind: "call.delta", callId, delta: rest });
    if (isFinished(item)) this.#deliver({ kind: "item", item });
  }

  /** The terminal event may list items that were never streamed. */
  complete({ output }: ResponseHead): void {
    for (const [index, item] of output.entries()) this.done({ index, item });
  }

  #announce(slot: Slot, item: WireItem): void {
    const call = slot.callId === undefined ? readCall(item) : undefined;
    if (call === undefined) return;
    slot.callId = call.callId;
    slot.unfollowed = !call.freeform && !this.#isFollowed(call.name);
    this.#deliver({ kind: "call.started", callId: call.callId, name: call.name, freeform: call.freeform });
  }

  #slot(index: number): Slot {
    return (this.#slots[index] ??= { callId: undefined, delivered: 0, done: false, unfollowed: false });
  }

  #deliver(event: ResponseEvent): void {
    this.#answered = true;
    this.#emit(event);
  }
}
