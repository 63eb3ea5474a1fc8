/**
 * The input of the Anthropic Messages wire: what its provider refuses is refused here in the same way, the rest becomes entries of a
 * conversation. The rules are the documented ones.
 */
import { createHash } from "node:crypto";
import type { JsonObject } from "../server/reply.ts";
import { type Entry, contentText, isObject } from "./conversation.ts";

const MAX_MARKS = 4;
const ROLES = ["user", "assistant", "system"];
const WIRE_ID = /^[a-zA-Z0-9_-]+$/;
const TOOL_NAME = /^[a-zA-Z0-9_-]{1,128}$/;

/** A thought's signature: whoever changes the thought cannot make it. */
export function signThinking(thinking: string): string {
  return createHash("sha256").update(`scripted:${thinking}`).digest("base64");
}

/** What is wrong with the request, in the provider's manner; undefined: nothing. */
export function messagesFault(body: JsonObject): string | undefined {
  const { max_tokens: limit, messages, tools } = body;
  if (typeof limit !== "number" || !Number.isInteger(limit) || limit < 1) return "max_tokens: Field required";
  if (!Array.isArray(messages) || messages.length === 0) return "messages: at least one message is required";
  const marks = (JSON.stringify(body).match(/"cache_control":\{/g) ?? []).length;
  if (marks > MAX_MARKS) return `A maximum of ${MAX_MARKS} blocks with cache_control may be provided. Found ${marks}.`;
  for (const tool of Array.isArray(tools) ? tools : []) {
    if (!isObject(tool) || typeof tool.name !== "string" || !TOOL_NAME.test(tool.name)) return "tools: name is not allowed";
    if (!isObject(tool.input_schema) || tool.input_schema.type !== "object")
      return "tools: input_schema must be an object schema";
  }
  return systemFault(body.system) ?? turnsFault(messages);
}

function systemFault(system: unknown): string | undefined {
  for (const part of Array.isArray(system) ? system : [])
    if (isObject(part) && isBlank(part.text)) return "system: text content blocks must be non-empty";
  return undefined;
}

const isBlank = (text: unknown): boolean => typeof text !== "string" || text.trim() === "";

function turnsFault(messages: readonly unknown[]): string | undefined {
  let open: readonly string[] = [];
  const seen = new Set<string>();
  for (const [index, message] of messages.entries()) {
    if (!isObject(message) || !ROLES.includes(String(message.role)))
      return `messages.${index}.role: must be one of ${ROLES.join(", ")}`;
    if (index === 0 && message.role !== "user") return 'messages: first message must use the "user" role';
    const blocks = blocksOf(message);
    const fault = blocks.map((block) => blockFault(block)).find((found) => found !== undefined);
    // A word of the program in between; the outputs of calls still come first.
    if (message.role === "system" && fault === undefined && open.length === 0) continue;
    if (blocks.length === 0 || fault !== undefined) return `messages.${index}.content: ${fault ?? "must be non-empty"}`;
    const results = blocks.filter(({ type }) => type === "tool_result").map(({ tool_use_id: id }) => String(id));
    const unanswered = open.filter((id) => !results.includes(id));
    if (unanswered.length > 0)
      return `messages.${index}: \`tool_use\` ids were found without \`tool_result\` blocks immediately after: ${unanswered.join(", ")}`;
    const strange = results.filter((id) => !open.includes(id));
    if (strange.length > 0)
      return `messages.${index}: unexpected \`tool_use_id\` found in \`tool_result\` blocks: ${strange.join(", ")}`;
    if (blocks.findLastIndex(({ type }) => type === "tool_result") >= results.length)
      return `messages.${index}: tool_result blocks must come first`;
    open = blocks.filter(({ type }) => type === "tool_use").map(({ id }) => String(id));
    for (const id of open) {
      if (seen.has(id)) return `messages.${index}: \`tool_use\` ids must be unique`;
      seen.add(id);
    }
  }
  return open.length > 0 ? `messages: \`tool_use\` ids were found without \`tool_result\` blocks: ${open.join(", ")}` : undefined;
}

function blockFault(block: JsonObject): string | undefined {
  switch (block.type) {
    case "text":
      return isBlank(block.text) ? "text content blocks must contain non-whitespace text" : undefined;
    case "tool_use":
      return typeof block.id === "string" && WIRE_ID.test(block.id) && isObject(block.input)
        ? undefined
        : "tool_use: id or input is not allowed";
    case "thinking":
      return block.signature === signThinking(String(block.thinking)) ? undefined : "Invalid `signature` in `thinking` block";
    default:
      return undefined;
  }
}

function blocksOf({ content }: JsonObject): readonly JsonObject[] {
  if (typeof content === "string") return [{ type: "text", text: content }];
  return Array.isArray(content) ? content.filter(isObject) : [];
}

/** Outputs of calls, then what the person said: several texts of one message are one prompt. */
export function messagesEntries(messages: readonly unknown[]): Entry[] {
  return messages.filter(isObject).flatMap((message) => {
    const blocks = blocksOf(message);
    if (message.role === "system") return [{ kind: "other", characters: contentText(blocks).length }];
    if (message.role === "assistant") return blocks.map(answerEntry);
    const outputs = blocks.flatMap((block): Entry[] =>
      block.type === "tool_result" ? [{ kind: "output", call: String(block.tool_use_id), text: contentText(block.content) }] : [],
    );
    const texts = blocks.filter(({ type }) => type === "text");
    return texts.length === 0 ? outputs : [...outputs, { kind: "user", text: contentText(texts) }];
  });
}

function answerEntry(block: JsonObject): Entry {
  if (block.type === "tool_use") return { kind: "call", call: String(block.id), name: String(block.name), freeform: false };
  return { kind: "other", characters: contentText([block]).length };
}
