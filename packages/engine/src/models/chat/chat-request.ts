/** The body of a Chat Completions request: the whole conversation, since this wire keeps none. Same input, same bytes. */
import type { ResolvedModel } from "../catalog.ts";
import { imageUrl } from "../images.ts";
import type { ConversationItem, ModelRequest, ToolDefinition } from "../models.ts";
import { rawArguments, rawParameters } from "../raw-tool.ts";
import { type SaidPiece, createSaidJson, joinJson } from "../said-json.ts";

interface ToolCall {
  readonly id: string;
  readonly type: "function";
  readonly function: { readonly name: string; readonly arguments: string };
}

type Message =
  | { readonly role: "system" | "user"; readonly content: string }
  | { readonly role: "user"; readonly content: readonly Readonly<Record<string, unknown>>[] }
  | { readonly role: "tool"; readonly tool_call_id: string; readonly content: string }
  | { readonly role: "assistant"; readonly content: string | null; readonly [reasoning: string]: unknown };

/** Writes the bodies of one session's requests. The fields that stay the same through a conversation stand in front. */
export function createChatWriter(model: ResolvedModel): (request: ModelRequest) => Uint8Array {
  const answers = createSaidJson<Message>();
  const others = createSaidJson<Message>();
  return (request) => {
    const pieces = piecesOf(request.items, model.chat.reasoningField);
    return joinJson(
      `${headOf(request, model).slice(0, -1)},"messages":[`,
      pieces.map((piece) => (piece.answer ? answers : others)(piece)),
      "]}",
    );
  };
}

function headOf(request: ModelRequest, { name, chat, capabilities, serviceTier }: ResolvedModel): string {
  const tools = capabilities.tools ? request.tools : [];
  return JSON.stringify({
    model: name,
    stream: true,
    ...(chat.usageOption && { stream_options: { include_usage: true } }),
    ...(serviceTier !== undefined && { service_tier: serviceTier }),
    ...(request.maxOutputTokens !== undefined && { [chat.maxTokensField]: request.maxOutputTokens }),
    ...(tools.length > 0 && { tools: tools.map(describeTool) }),
    ...(tools.length > 0 && chat.parallelOption && capabilities.parallelCalls && { parallel_tool_calls: true }),
  });
}

function describeTool(tool: ToolDefinition): unknown {
  const parameters = tool.freeform ? rawParameters : tool.parameters;
  return { type: "function", function: { name: tool.name, description: tool.description, parameters } };
}

/** Exported for its test. */
export function messagesOf(items: readonly ConversationItem[], reasoningField: string | undefined): readonly Message[] {
  return piecesOf(items, reasoningField).flatMap(({ messages }) => messages());
}

interface Piece extends SaidPiece<Message> {
  /** What the model said; else what it was told. */
  readonly answer: boolean;
}

function piecesOf(items: readonly ConversationItem[], reasoningField: string | undefined): readonly Piece[] {
  const pieces: Piece[] = [];
  const pinned = items.filter((item) => item.kind === "pinned");
  const tell = (of: readonly ConversationItem[], message: () => Message): void =>
    void pieces.push({ answer: false, of, messages: () => [message()] });
  // One system message: several are refused by the templates of some models.
  if (pinned.length > 0) tell(pinned, () => ({ role: "system", content: pinned.map(({ text }) => text).join("\n\n") }));
  let answer: AnswerItem[] = [];
  const open = new Set<string>();
  const endAnswer = (): void => {
    const of = answer;
    if (of.length > 0) pieces.push({ answer: true, of, messages: () => [assistantMessage(of, reasoningField)] });
    answer = [];
  };
  const closeCalls = (): void => {
    // Every call must have its output before anything else is said.
    for (const call of open) tell([], () => ({ role: "tool", tool_call_id: call, content: "interrupted" }));
    open.clear();
  };
  for (const item of items) {
    if (item.kind === "pinned") continue;
    if (item.kind === "output" || item.kind === "user") endAnswer();
    if (item.kind === "output") {
      open.delete(item.call);
      tell([item], () => ({ role: "tool", tool_call_id: item.call, content: item.text }));
      continue;
    }
    if (answer.length === 0) closeCalls();
    if (item.kind === "user") tell([item], () => userMessage(item));
    else {
      answer.push(item);
      if (item.kind === "call") open.add(item.call);
    }
  }
  endAnswer();
  closeCalls();
  return pieces;
}

type AnswerItem = Extract<ConversationItem, { kind: "assistant" | "reasoning" | "call" }>;

function userMessage({ text, images }: Extract<ConversationItem, { kind: "user" }>): Message {
  if (images === undefined) return { role: "user", content: text };
  const seen = images.map((image) => ({ type: "image_url", image_url: { url: imageUrl(image) } }));
  return { role: "user", content: [{ type: "text", text }, ...seen] };
}

function assistantMessage(items: readonly AnswerItem[], reasoningField: string | undefined): Message {
  const texts = items.flatMap((item) => (item.kind === "assistant" ? [item.text] : []));
  const reasoning = items.flatMap((item) => (item.kind === "reasoning" && typeof item.replay === "string" ? [item.replay] : []));
  const calls = items.flatMap((item) => (item.kind === "call" ? [toolCall(item)] : []));
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
