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
  patchOutput,
  readCall,
  readPatchCall,
  readText,
  replayOf,
} from "@twolane/responses";
import type { ResolvedModel } from "../catalog.ts";
import { imageUrl } from "../images.ts";
import type { ConversationItem, ModelRequest, SaidImage, ToolDefinition } from "../models.ts";
import { rawParameters } from "../raw-tool.ts";

type CallItem = Extract<ConversationItem, { kind: "call" }>;

const wireItems = new WeakMap<ConversationItem, WireItem>();
const interruptions = new WeakMap<CallItem, WireItem>();

/** The tool of the request that the provider's own patch tool stands for. */
export const patchToolOf = ({ tools }: ModelRequest): string | undefined =>
  tools.find((tool) => !tool.freeform && tool.builtin === "apply_patch")?.name;

export function createRequest(request: ModelRequest, model: ResolvedModel): CreateRequest {
  const { capabilities, serviceTier, responses } = model;
  const tools = capabilities.tools ? request.tools : [];
  return {
    model: model.name,
    input: [...inputOf(request.items, patchToolOf(request)), ...(request.compact === true ? [compactionTrigger] : [])],
    include: ["reasoning.encrypted_content"],
    ...(tools.length > 0 && { tools: tools.map((tool) => wireTool(tool, capabilities.editForm === "freeform")) }),
    ...(tools.length > 0 && { parallel_tool_calls: capabilities.parallelCalls }),
    ...(request.maxOutputTokens !== undefined && { max_output_tokens: request.maxOutputTokens }),
    ...(serviceTier !== undefined && { service_tier: serviceTier }),
    // Padding of every delta, against guessing its length on the way.
    ...(responses.paddingOption && { stream_options: { include_obfuscation: false } }),
  };
}

/** Last in a request: the answer to it is a `compaction` item. */
const compactionTrigger: WireItem = { type: "compaction_trigger" };

const wireTools = { freeform: new WeakMap<ToolDefinition, JsonObject>(), plain: new WeakMap<ToolDefinition, JsonObject>() };

/** One tool is always the same object, as an item is. */
function wireTool(tool: ToolDefinition, takesFreeform: boolean): JsonObject {
  const known = takesFreeform ? wireTools.freeform : wireTools.plain;
  const described = known.get(tool) ?? describeTool(tool, takesFreeform);
  known.set(tool, described);
  return described;
}

function describeTool(tool: ToolDefinition, takesFreeform: boolean): JsonObject {
  const { name, description } = tool;
  if (!tool.freeform && tool.builtin !== undefined) return { type: tool.builtin };
  if (!tool.freeform) return { type: "function", name, description, parameters: tool.parameters, strict: false };
  if (!takesFreeform) return { type: "function", name, description, parameters: rawParameters, strict: false };
  const format = tool.grammar === undefined ? { type: "text" } : { type: "grammar", ...tool.grammar };
  return { type: "custom", name, description, format };
}

/** Every call is followed by an output before anything else is said, as the wire demands. */
function inputOf(items: readonly ConversationItem[], patchTool: string | undefined): readonly WireItem[] {
  const input: WireItem[] = [];
  const open = new Map<string, CallItem>();
  /** Calls of the provider's own patch tool; their outputs are of its kind. */
  const patches = new Set<string>();
  const closeCalls = (): void => {
    for (const call of open.values()) input.push(interruptionOf(call, patches.has(call.call)));
    open.clear();
  };
  for (const item of items) {
    if (item.kind === "user") closeCalls();
    if (item.kind === "call") open.set(item.call, item);
    if (item.kind === "output") open.delete(item.call);
    const wire = wireItem(item, { patchTool, patches });
    if (wire === undefined) continue;
    if (wire.type === "apply_patch_call" && item.kind === "call") patches.add(item.call);
    input.push(wire);
  }
  closeCalls();
  return input;
}

function interruptionOf(call: CallItem, patch: boolean): WireItem {
  const known = interruptions.get(call);
  if (known !== undefined && (known.type === "apply_patch_call_output") === patch) return known;
  const item = patch ? patchOutput(call.call, "interrupted", true) : callOutput(call.call, "interrupted", call.freeform);
  interruptions.set(call, item);
  return item;
}

interface Patches {
  readonly patchTool: string | undefined;
  readonly patches: ReadonlySet<string>;
}

function wireItem(item: ConversationItem, how: Patches): WireItem | undefined {
  // What the wire gave is its own item, and needs to be found nowhere.
  if ("replay" in item && isWireItem(item.replay)) return item.replay;
  const known = knownItem(item, how);
  if (known !== undefined) return known;
  const built = buildItem(item, how);
  if (built !== undefined) wireItems.set(item, built);
  return built;
}

/** Another model may stand behind the conversation now, which knows a call and its output as another kind. */
function knownItem(item: ConversationItem, { patchTool, patches }: Patches): WireItem | undefined {
  const known = wireItems.get(item);
  if (known === undefined) return undefined;
  if (item.kind === "output") return (known.type === "apply_patch_call_output") === patches.has(item.call) ? known : undefined;
  return item.kind === "call" && (known.type === "apply_patch_call") !== (item.tool === patchTool) ? undefined : known;
}

/** Of what the wire did not give; undefined for the reasoning of another one, which nobody here can read. */
function buildItem(item: ConversationItem, { patchTool, patches }: Patches): WireItem | undefined {
  switch (item.kind) {
    case "pinned":
      return inputMessage("developer", item.text);
    case "user":
      return item.images === undefined ? inputMessage("user", item.text) : messageWithImages(item.text, item.images);
    case "output":
      if (patches.has(item.call)) return patchOutput(item.call, item.text, item.failed === true);
      return callOutput(item.call, item.text, item.freeform);
    case "reasoning":
      return undefined;
    case "assistant":
      return { type: "message", role: "assistant", content: [{ type: "output_text", text: item.text }] };
    case "call":
      if (item.tool === patchTool) return patchCall(item);
      return item.freeform
        ? { type: "custom_tool_call", call_id: item.call, name: item.tool, input: item.input }
        : { type: "function_call", call_id: item.call, name: item.tool, arguments: item.input };
  }
}

/** What has no operation in it any more cannot be said as one: it is said as the function call that it would have been. */
function patchCall({ call, tool, input }: CallItem): WireItem {
  const operation = objectIn(input);
  if (operation === undefined) return { type: "function_call", call_id: call, name: tool, arguments: input };
  return { type: "apply_patch_call", call_id: call, status: "completed", operation };
}

function objectIn(text: string): JsonObject | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null && !Array.isArray(value) ? { ...value } : undefined;
  } catch {
    return undefined;
  }
}

function isWireItem(value: unknown): value is WireItem {
  return typeof value === "object" && value !== null && "type" in value && typeof value.type === "string";
}

/**
 * An item of an answer as it joins the conversation. What is neither text nor call is kept to be sent back, unread. `patchTool`: whose
 * call it is when the provider's own patch tool was called.
 */
export function readItem(item: WireItem, patchTool = "edit"): ConversationItem {
  const replay = replayOf(item);
  const patch = readPatchCall(item);
  if (patch !== undefined) {
    const input = JSON.stringify(patch.operation);
    return { kind: "call", call: patch.callId, tool: patchTool, input, freeform: false, replay };
  }
  const call = readCall(item);
  if (call !== undefined) {
    const { callId, name, input, freeform } = call;
    return { kind: "call", call: callId, tool: name, input, freeform, replay };
  }
  return item.type === "message" ? { kind: "assistant", text: readText(item), replay } : { kind: "reasoning", replay };
}

function messageWithImages(text: string, images: readonly SaidImage[]): WireItem {
  const seen = images.map((image) => ({ type: "input_image", detail: "auto", image_url: imageUrl(image) }));
  return { type: "message", role: "user", content: [{ type: "input_text", text }, ...seen] };
}
