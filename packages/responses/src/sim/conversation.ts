/**
 * What a scenario needs to know of a conversation, and nothing else of it: the last prompt, how far its tool rounds are,
 * which calls still wait for an output. Grows item by item, so that continuing costs only the new items.
 */
import type { JsonObject } from "../server/reply.ts";
import { estimateTokens } from "./chunks.ts";

export interface Conversation {
  readonly prompt: string;
  /** User messages so far. */
  readonly turn: number;
  /** Tool outputs since the prompt. */
  readonly outputs: number;
  /** Tool rounds since the prompt: runs of outputs. */
  readonly rounds: number;
  readonly lastOutput: string | undefined;
  readonly openCalls: ReadonlyMap<string, OpenCall>;
  readonly tokens: number;
}

export interface OpenCall {
  readonly name: string;
  readonly freeform: boolean;
}

/** One entry, whatever wire it came over. */
export type Entry =
  | { readonly kind: "user"; readonly text: string }
  | { readonly kind: "call"; readonly call: string; readonly name: string; readonly freeform: boolean }
  | { readonly kind: "output"; readonly call: string; readonly text: string }
  | { readonly kind: "other"; readonly characters: number };

export const EMPTY: Conversation = {
  prompt: "",
  turn: 0,
  outputs: 0,
  rounds: 0,
  lastOutput: undefined,
  openCalls: new Map(),
  tokens: 0,
};

/** Appends entries; a string says which output belongs to no call. */
export function extend(before: Conversation, entries: readonly Entry[]): Conversation | string {
  let { prompt, turn, outputs, rounds, lastOutput, tokens } = before;
  const openCalls = new Map(before.openCalls);
  let inOutputs = false;
  for (const entry of entries) {
    if (entry.kind === "output") {
      if (!openCalls.delete(entry.call)) return `No tool call found for function call output with call_id ${entry.call}.`;
      outputs += 1;
      if (!inOutputs) rounds += 1;
      lastOutput = entry.text;
      tokens += estimateTokens(entry.text.length);
    } else if (entry.kind === "user") {
      prompt = entry.text;
      turn += 1;
      outputs = 0;
      rounds = 0;
      lastOutput = undefined;
      tokens += estimateTokens(entry.text.length);
    } else if (entry.kind === "call") {
      openCalls.set(entry.call, { name: entry.name, freeform: entry.freeform });
    } else {
      tokens += estimateTokens(entry.characters);
    }
    inOutputs = entry.kind === "output";
  }
  return { prompt, turn, outputs, rounds, lastOutput, openCalls, tokens };
}

function textField(value: unknown): string {
  return typeof value === "string" ? value : "";
}

export function isObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Input of the Responses wire: a prompt or a list of items. */
export function responseEntries(input: unknown): Entry[] {
  if (typeof input === "string") return [{ kind: "user", text: input }];
  return Array.isArray(input) ? input.filter(isObject).map(responseEntry) : [];
}

function responseEntry(item: JsonObject): Entry {
  const call = textField(item.call_id);
  const type = item.type ?? "message";
  if (type === "message" && item.role === "user") return { kind: "user", text: contentText(item.content) };
  if (type === "function_call" || type === "custom_tool_call") {
    return { kind: "call", call, name: String(item.name), freeform: type === "custom_tool_call" };
  }
  if (type === "apply_patch_call") return { kind: "call", call, name: "apply_patch", freeform: false };
  if (type === "apply_patch_call_output") return { kind: "output", call, text: contentText(item.output) };
  if (type === "function_call_output" || type === "custom_tool_call_output") {
    return { kind: "output", call, text: contentText(item.output) };
  }
  return { kind: "other", characters: contentText(item.content).length };
}

/** Messages of the Chat Completions wire. */
export function chatEntries(messages: unknown): Entry[] {
  return Array.isArray(messages) ? messages.filter(isObject).flatMap(chatEntry) : [];
}

function chatEntry(message: JsonObject): Entry[] {
  const text = contentText(message.content);
  if (message.role === "user") return [{ kind: "user", text }];
  if (message.role === "tool") return [{ kind: "output", call: textField(message.tool_call_id), text }];
  const calls = Array.isArray(message.tool_calls) ? message.tool_calls.filter(isObject) : [];
  const entries: Entry[] = [{ kind: "other", characters: text.length }];
  for (const call of calls) {
    const named = isObject(call.function) ? call.function : isObject(call.custom) ? call.custom : {};
    entries.push({ kind: "call", call: String(call.id), name: String(named.name), freeform: call.type === "custom" });
  }
  return entries;
}

export function contentText(content: unknown): string {
  if (typeof content === "string") return content;
  if (!Array.isArray(content)) return "";
  return content.map((part) => (isObject(part) && typeof part.text === "string" ? part.text : "")).join("");
}
