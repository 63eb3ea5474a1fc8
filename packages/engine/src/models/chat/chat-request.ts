/** The body of a Chat Completions request: the whole conversation, since this wire keeps none. Same input, same bytes. */
import type { ResolvedModel } from "../catalog.ts";
import type { ConversationItem, ModelRequest, ToolDefinition } from "../models.ts";
import { rawArguments, rawParameters } from "../raw-tool.ts";

interface ToolCall {
  readonly id: string;
  readonly type: "function";
  readonly function: { readonly name: string; readonly arguments: string };
}

type Message =
  | { readonly role: "system" | "user"; readonly content: string }
  | { readonly role: "tool"; readonly tool_call_id: string; readonly content: string }
  | { readonly role: "assistant"; readonly content: string | null; readonly [reasoning: string]: unknown };

/** JSON text. The fields that stay the same through a conversation stand in front. */
export function chatRequestBody(request: ModelRequest, model: ResolvedModel): string {
  const { chat, capabilities, serviceTier } = model;
  const tools = capabilities.tools ? request.tools : [];
  return JSON.stringify({
    model: model.name,
    stream: true,
    ...(chat.usageOption && { stream_options: { include_usage: true } }),
    ...(serviceTier !== undefined && { service_tier: serviceTier }),
    ...(request.maxOutputTokens !== undefined && { [chat.maxTokensField]: request.maxOutputTokens }),
    ...(tools.length > 0 && { tools: tools.map(describeTool) }),
    ...(tools.length > 0 && chat.parallelOption && capabilities.parallelCalls && { parallel_tool_calls: true }),
    messages: messagesOf(request.items, chat.reasoningField),
  });
}

function describeTool(tool: ToolDefinition): unknown {
  const parameters = tool.freeform ? rawParameters : tool.parameters;
  return { type: "function", function: { name: tool.name, description: tool.description, parameters } };
}

/** Exported for its test. */
export function messagesOf(items: readonly ConversationItem[], reasoningField: string | undefined): readonly Message[] {
  const messages: Message[] = [];
  const pinned = items.filter((item) => item.kind === "pinned").map(({ text }) => text);
  // One system message: several are refused by the templates of some models.
  if (pinned.length > 0) messages.push({ role: "system", content: pinned.join("\n\n") });
  let answer: Answer | undefined;
  let open = new Set<string>();
  const endAnswer = (): void => {
    if (answer !== undefined) messages.push(assistantMessage(answer, reasoningField));
    answer = undefined;
  };
  const closeCalls = (): void => {
    // Every call must have its output before anything else is said.
    for (const call of open) messages.push({ role: "tool", tool_call_id: call, content: "interrupted" });
    open = new Set();
  };
  for (const item of items) {
    if (item.kind === "pinned") continue;
    if (item.kind === "output" || item.kind === "user") endAnswer();
    if (item.kind === "output") {
      open.delete(item.call);
      messages.push({ role: "tool", tool_call_id: item.call, content: item.text });
      continue;
    }
    if (answer === undefined) closeCalls();
    if (item.kind === "user") messages.push({ role: "user", content: item.text });
    else {
      answer ??= { texts: [], reasoning: [], calls: [] };
      if (item.kind === "assistant") answer.texts.push(item.text);
      else if (item.kind === "reasoning") answer.reasoning.push(...(typeof item.replay === "string" ? [item.replay] : []));
      else {
        open.add(item.call);
        answer.calls.push(toolCall(item));
      }
    }
  }
  endAnswer();
  closeCalls();
  return messages;
}

interface Answer {
  readonly texts: string[];
  readonly reasoning: string[];
  readonly calls: ToolCall[];
}

function assistantMessage({ texts, reasoning, calls }: Answer, reasoningField: string | undefined): Message {
  return {
    role: "assistant",
    content: texts.length > 0 ? texts.join("\n\n") : calls.length > 0 ? null : "",
    ...(calls.length > 0 && { tool_calls: calls }),
    ...(reasoningField !== undefined && reasoning.length > 0 && { [reasoningField]: reasoning.join("\n") }),
  };
}

function toolCall({ call, tool, input, freeform }: Extract<ConversationItem, { kind: "call" }>): ToolCall {
  const written = freeform ? rawArguments(input) : isObject(input) ? input : JSON.stringify({ unreadable: input });
  return { id: call, type: "function", function: { name: tool, arguments: written } };
}

/** Servers read the arguments back, and refuse the whole request where a model's own were torn. */
function isObject(text: string): boolean {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null && !Array.isArray(value);
  } catch {
    return false;
  }
}
