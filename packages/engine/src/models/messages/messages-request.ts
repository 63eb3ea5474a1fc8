/**
 * The body of an Anthropic Messages request, with the marks up to which the provider keeps what it has read. Same input, same
 * bytes, and everything in front of the newest message stays as it was, so that these marks are found again.
 */
import type { ResolvedModel } from "../catalog.ts";
import type { ModelRequest, ToolDefinition } from "../models.ts";
import { rawParameters } from "../raw-tool.ts";
import { createSaidJson, joinJson } from "../said-json.ts";
import { type Message, turnsOf } from "./messages-turns.ts";

/** What one answer may have where nothing else is known. */
const usualMaxTokens = 8192;
const cacheMark = { cache_control: { type: "ephemeral" } } as const;

/** Writes the bodies of one session's requests. */
export function createMessagesWriter(model: ResolvedModel): (request: ModelRequest) => Uint8Array {
  const answers = createSaidJson<Message>();
  const told = createSaidJson<Message>();
  return (request) => {
    const turns = turnsOf(request.items);
    const written = turns.map((turn) => (turn.role === "assistant" ? answers : told)(turn));
    if (model.messages.cacheMarks) {
      // The mark of the message before is where the provider finds what the last request left, however much came since.
      const users = turns.flatMap(({ role }, index) => (role === "user" ? [index] : [])).slice(-2);
      for (const index of users) written[index] = marked(written[index]!);
    }
    return joinJson(`${headOf(request, model).slice(0, -1)},"messages":[`, written, "]}");
  };
}

function headOf(request: ModelRequest, model: ResolvedModel): string {
  const { capabilities, messages, serviceTier } = model;
  const tools = capabilities.tools ? request.tools : [];
  const pinned = request.items.flatMap((item) => (item.kind === "pinned" && item.text.trim() !== "" ? [item.text] : []));
  const system = pinned.map((text) => ({ type: "text", text }));
  const markLast = <T extends object>(list: readonly T[]): readonly object[] =>
    messages.cacheMarks ? list.map((one, index) => (index === list.length - 1 ? { ...one, ...cacheMark } : one)) : list;
  return JSON.stringify({
    model: model.name,
    max_tokens: request.maxOutputTokens ?? capabilities.maxOutput ?? usualMaxTokens,
    stream: true,
    ...(serviceTier !== undefined && { service_tier: serviceTier }),
    ...(tools.length > 0 && { tools: markLast(tools.map((tool) => describeTool(tool, messages.eagerInput))) }),
    ...(tools.length > 0 && !capabilities.parallelCalls && { tool_choice: { type: "auto", disable_parallel_tool_use: true } }),
    ...(system.length > 0 && { system: markLast(system) }),
  });
}

function describeTool(tool: ToolDefinition, eager: boolean): object {
  return {
    name: tool.name,
    description: tool.description,
    input_schema: tool.freeform ? rawParameters : tool.parameters,
    // Else the provider holds every argument back until it is whole, and no hunk could land before the call ends.
    ...(eager && { eager_input_streaming: true }),
  };
}

const markText = Buffer.from(`,${JSON.stringify(cacheMark).slice(1, -1)}`);
const messageEnd = Buffer.from("}]}");

/** The message with a mark on its last block. What is kept of it is without one, since the mark moves on. */
const marked = (message: Uint8Array): Uint8Array =>
  Buffer.concat([message.subarray(0, message.length - messageEnd.length), markText, messageEnd]);
