/**
 * The conversation ↔ items and tools of the Responses wire. What the wire gave comes back unchanged, and one entry of the
 * conversation is always the same item object, so that finding what is new does not cost with the history.
 */
import {
  type CreateRequest,
  type JsonObject,
  type WireItem,
  callOutput,
  inputMessage,
  readCall,
  readText,
  replayOf,
} from "@twolane/responses";
import type { ResolvedModel } from "../catalog.ts";
import type { ConversationItem, ModelRequest, ToolDefinition } from "../models.ts";
import { rawParameters } from "../raw-tool.ts";

type CallItem = Extract<ConversationItem, { kind: "call" }>;

const wireItems = new WeakMap<ConversationItem, WireItem>();
const interruptions = new WeakMap<CallItem, WireItem>();

export function createRequest(request: ModelRequest, model: ResolvedModel): CreateRequest {
  const { capabilities, serviceTier, responses } = model;
  const tools = capabilities.tools ? request.tools : [];
  return {
    model: model.name,
    input: inputOf(request.items),
    include: ["reasoning.encrypted_content"],
    ...(tools.length > 0 && { tools: tools.map((tool) => describeTool(tool, capabilities.editForm === "freeform")) }),
    ...(tools.length > 0 && { parallel_tool_calls: capabilities.parallelCalls }),
    ...(request.maxOutputTokens !== undefined && { max_output_tokens: request.maxOutputTokens }),
    ...(serviceTier !== undefined && { service_tier: serviceTier }),
    // Padding of every delta, against guessing its length on the way.
    ...(responses.paddingOption && { stream_options: { include_obfuscation: false } }),
  };
}

function describeTool(tool: ToolDefinition, takesFreeform: boolean): JsonObject {
  const { name, description } = tool;
  if (!tool.freeform) return { type: "function", name, description, parameters: tool.parameters, strict: false };
  if (!takesFreeform) return { type: "function", name, description, parameters: rawParameters, strict: false };
  const format = tool.grammar === undefined ? { type: "text" } : { type: "grammar", ...tool.grammar };
  return { type: "custom", name, description, format };
}

/** Every call is followed by an output before anything else is said, as the wire demands. */
function inputOf(items: readonly ConversationItem[]): readonly WireItem[] {
  const input: WireItem[] = [];
  const open = new Map<string, CallItem>();
  const closeCalls = (): void => {
    for (const call of open.values()) input.push(interruptionOf(call));
    open.clear();
  };
  for (const item of items) {
    if (item.kind === "user") closeCalls();
    if (item.kind === "call") open.set(item.call, item);
    if (item.kind === "output") open.delete(item.call);
    const wire = wireItems.get(item) ?? buildItem(item);
    if (wire === undefined) continue;
    wireItems.set(item, wire);
    input.push(wire);
  }
  closeCalls();
  return input;
}

function interruptionOf(call: CallItem): WireItem {
  const item = interruptions.get(call) ?? callOutput(call.call, "interrupted", call.freeform);
  interruptions.set(call, item);
  return item;
}

/** Undefined for the reasoning of another wire, which nobody here can read. */
function buildItem(item: ConversationItem): WireItem | undefined {
  switch (item.kind) {
    case "pinned":
      return inputMessage("developer", item.text);
    case "user":
      return inputMessage("user", item.text);
    case "output":
      return callOutput(item.call, item.text, item.freeform);
    case "reasoning":
      return isWireItem(item.replay) ? item.replay : undefined;
    case "assistant":
      if (isWireItem(item.replay)) return item.replay;
      return { type: "message", role: "assistant", content: [{ type: "output_text", text: item.text }] };
    case "call":
      if (isWireItem(item.replay)) return item.replay;
      return item.freeform
        ? { type: "custom_tool_call", call_id: item.call, name: item.tool, input: item.input }
        : { type: "function_call", call_id: item.call, name: item.tool, arguments: item.input };
  }
}

function isWireItem(value: unknown): value is WireItem {
  return typeof value === "object" && value !== null && "type" in value && typeof value.type === "string";
}

/** An item of an answer as it joins the conversation. What is neither text nor call is kept to be sent back, unread. */
export function readItem(item: WireItem): ConversationItem {
  const replay = replayOf(item);
  const call = readCall(item);
  if (call !== undefined) {
    const { callId, name, input, freeform } = call;
    return { kind: "call", call: callId, tool: name, input, freeform, replay };
  }
  return item.type === "message" ? { kind: "assistant", text: readText(item), replay } : { kind: "reasoning", replay };
}
