/**
 * When a request may be sent as a continuation: every field but the input equals the last request's, and the input begins with
 * the last input followed by the last output. Then only what follows travels. Pure; which socket it holds for is the client's
 * business.
 */
import type { CreateRequest, WireItem } from "../wire/events.ts";
import { inputMessage, replayOf, sameItem } from "../wire/items.ts";

/** The last response that can be continued. */
export interface Chain {
  readonly responseId: string;
  readonly request: CreateRequest;
  /** All of the input that led to it; longer than the request's where it was steered. */
  readonly input: readonly WireItem[];
  readonly output: readonly WireItem[];
  /** Messages that the server will put before the next input by itself. */
  readonly deferred: readonly string[];
}

/** The input items to send after `chain`, or undefined when all of it must be sent. */
export function newInput(chain: Chain, request: CreateRequest): readonly WireItem[] | undefined {
  if (!sameFields(chain.request, request)) return undefined;
  const { input } = request;
  const known = chain.input.length + chain.output.length;
  if (input.length < known) return undefined;
  if (!chain.input.every((item, index) => equalAt(input, index, item))) return undefined;
  if (!chain.output.every((item, index) => equalAt(input, chain.input.length + index, replayOf(item)))) return undefined;
  return withoutDeferred(input.slice(known), chain.deferred);
}

function equalAt(input: readonly WireItem[], index: number, expected: WireItem): boolean {
  const item = input[index];
  return item !== undefined && (sameItem(item, expected) || sameItem(replayOf(item), expected));
}

/** The server has the deferred messages already; sending them would say them twice. */
function withoutDeferred(items: readonly WireItem[], deferred: readonly string[]): readonly WireItem[] {
  const rest = [...items];
  for (const text of deferred) {
    const message = inputMessage("user", text);
    const index = rest.findIndex((item) => sameItem(item, message));
    if (index >= 0) rest.splice(index, 1);
  }
  return rest;
}

function sameFields(one: CreateRequest, other: CreateRequest): boolean {
  const names = new Set([...Object.keys(one), ...Object.keys(other)]);
  names.delete("input");
  for (const name of names) if (!isSame(one[name], other[name])) return false;
  return true;
}

/** Tools are many kilobytes; who asks again names the same objects, which need not be written out to be compared. */
function isSame(left: unknown, right: unknown): boolean {
  if (left === right) return true;
  const areLists = Array.isArray(left) && Array.isArray(right) && left.length === right.length;
  if (areLists && left.every((item, at) => item === right[at])) return true;
  return JSON.stringify(left) === JSON.stringify(right);
}
