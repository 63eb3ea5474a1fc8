/**
 * Items of a conversation: building the ones that a client writes, reading the ones that a server answers with, and
 * turning an answered item into the one that is sent back.
 */
import { isObject } from "./codec.ts";
import type { JsonObject, WireItem } from "./events.ts";

/** A message of the person, or with the role `developer` of the program. */
export function inputMessage(role: "user" | "developer", text: string): WireItem {
  return { type: "message", role, content: [{ type: "input_text", text }] };
}

/** The output of a call, of the kind that the call was of. */
export function callOutput(callId: string, output: string, freeform: boolean): WireItem {
  return { type: freeform ? "custom_tool_call_output" : "function_call_output", call_id: callId, output };
}

/** The output of a call of the provider's own patch tool. */
export function patchOutput(callId: string, output: string, failed: boolean): WireItem {
  return { type: "apply_patch_call_output", call_id: callId, status: failed ? "failed" : "completed", output };
}

/** A call of the provider's own patch tool: an operation on one file. */
export interface PatchCall {
  readonly callId: string;
  readonly operation: JsonObject;
}

export function readPatchCall(item: WireItem): PatchCall | undefined {
  const { call_id: callId, operation } = item;
  if (item.type !== "apply_patch_call" || typeof callId !== "string" || !isObject(operation)) return undefined;
  return { callId, operation };
}

export interface WireCall {
  readonly callId: string;
  readonly name: string;
  /** Raw text of a freeform call, else JSON; "" when the item has only been announced. */
  readonly input: string;
  readonly freeform: boolean;
}

/** The call that an item is, or undefined for all other items. */
export function readCall(item: WireItem): WireCall | undefined {
  const freeform = item.type === "custom_tool_call";
  if (!freeform && item.type !== "function_call") return undefined;
  const { call_id: callId, name } = item;
  if (typeof callId !== "string" || typeof name !== "string") return undefined;
  const input = freeform ? item.input : item.arguments;
  return { callId, name, input: typeof input === "string" ? input : "", freeform };
}

/** The text of a message, refusals included; "" for all other items. */
export function readText(item: WireItem): string {
  if (item.type !== "message" || !Array.isArray(item.content)) return "";
  return item.content.map((part: unknown) => partText(part)).join("");
}

function partText(part: unknown): string {
  if (!isObject(part)) return "";
  if (typeof part.text === "string") return part.text;
  return typeof part.refusal === "string" ? part.refusal : "";
}

/** False for an item that the end of the response cut off. */
export function isFinished(item: WireItem): boolean {
  return item.status !== "incomplete" && item.status !== "in_progress";
}

const replays = new WeakMap<WireItem, WireItem>();

/**
 * The form in which an answered item joins the input of the next request: without its status, unless its kind needs one, and without
 * empty fields, which strict servers refuse in input. The same item always gives the same object.
 */
export function replayOf(item: WireItem): WireItem {
  const known = replays.get(item);
  if (known !== undefined) return known;
  const kept: Record<string, unknown> = {};
  const unsaid = item.type === "apply_patch_call" ? "created_by" : "status";
  for (const [field, value] of Object.entries(item)) if (field !== unsaid && value !== null) kept[field] = value;
  const replay = { ...kept, type: item.type };
  replays.set(item, replay);
  return replay;
}

/** True when both are the same item: the same object, or equal JSON. */
export function sameItem(one: JsonObject, other: JsonObject): boolean {
  return one === other || JSON.stringify(one) === JSON.stringify(other);
}
