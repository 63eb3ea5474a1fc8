/**
 * The conversation as messages of the Anthropic Messages wire: person and model in turn, all outputs of an answer's calls at the
 * head of the next message, reasoning exactly as it came. Knows nothing of the request around them.
 */
import type { ConversationItem, SaidImage } from "../models.ts";
import { rawArguments } from "../raw-tool.ts";
import type { SaidPiece } from "../said-json.ts";

export type Block =
  | { readonly type: "text"; readonly text: string }
  | { readonly type: "tool_use"; readonly id: string; readonly name: string; readonly input: unknown }
  | { readonly type: "tool_result"; readonly tool_use_id: string; readonly content?: string; readonly is_error?: true }
  | {
      readonly type: "image";
      readonly source: { readonly type: "base64"; readonly media_type: SaidImage["mime"]; readonly data: string };
    }
  | ThinkingBlock;

/** Kept as the provider gave it; the signature is over the text. */
export type ThinkingBlock =
  | { readonly type: "thinking"; readonly thinking: string; readonly signature: string }
  | { readonly type: "redacted_thinking"; readonly data: string };

export interface Message {
  readonly role: "user" | "assistant";
  readonly content: readonly Block[];
}

/** One message, and what it is made of. */
export interface Turn extends SaidPiece<Message> {
  readonly role: Message["role"];
}

/** How reasoning of this wire stands in a conversation. */
export interface KeptThinking {
  readonly messagesBlock: ThinkingBlock;
}

type AnswerItem = Extract<ConversationItem, { kind: "assistant" | "reasoning" | "call" }>;
type ToldItem = Extract<ConversationItem, { kind: "user" | "output" }>;

/** Every call is answered in the message behind it, and the list begins and ends with the person. */
export function turnsOf(items: readonly ConversationItem[]): readonly Turn[] {
  const turns: Turn[] = [];
  let answer: AnswerItem[] = [];
  let told: ToldItem[] = [];
  const endAnswer = (): void => {
    const of = answer;
    if (of.length === 0 || !of.some(hasContent)) return;
    // The wire wants a person's message in front of every answer.
    if (turns.length === 0) turns.push(fixedTurn("[What was said before is not here.]"));
    turns.push({ role: "assistant", of, messages: () => [{ role: "assistant", content: of.flatMap(answerBlocks) }] });
  };
  const endTold = (calls: readonly AnswerItem[]): void => {
    const of = told;
    if (!calls.some(({ kind }) => kind === "call") && !of.some(({ kind, text }) => kind === "user" || !isBlank(text))) return;
    turns.push({ role: "user", of: [...of, ...calls], messages: () => [{ role: "user", content: toldBlocks(of, calls) }] });
  };
  /** The answer whose outputs are collected. */
  let answered: AnswerItem[] = [];
  for (const item of items) {
    if (item.kind === "pinned") continue;
    if (item.kind === "user" || item.kind === "output") {
      if (answer.length > 0) {
        endAnswer();
        answered = answer;
        answer = [];
      }
      told.push(item);
    } else {
      if (answer.length === 0) {
        endTold(answered);
        answered = [];
        told = [];
      }
      answer.push(item);
    }
  }
  endAnswer();
  endTold(answer.length > 0 ? answer : answered);
  // An answer that the model should go on from in the middle of a sentence is refused by newer models.
  if (turns.at(-1)?.role !== "user") turns.push(fixedTurn("Go on."));
  return merged(turns);
}

const fixedTurn = (text: string): Turn => ({
  role: "user",
  of: [],
  messages: () => [{ role: "user", content: [{ type: "text", text }] }],
});

/** An answer that left nothing to send stands between two messages of the person: they become one. */
function merged(turns: readonly Turn[]): readonly Turn[] {
  const out: Turn[] = [];
  for (const turn of turns) {
    const last = out.at(-1);
    if (last?.role !== turn.role) out.push(turn);
    else {
      const content = (): readonly Block[] => [...last.messages(), ...turn.messages()].flatMap((message) => message.content);
      out[out.length - 1] = {
        role: turn.role,
        of: [...last.of, ...turn.of],
        messages: () => [{ role: turn.role, content: content() }],
      };
    }
  }
  return out;
}

const isBlank = (text: string): boolean => text.trim() === "";

function hasContent(item: AnswerItem): boolean {
  if (item.kind === "reasoning") return keptThinking(item.replay) !== undefined;
  return item.kind === "call" || !isBlank(item.text);
}

function answerBlocks(item: AnswerItem): readonly Block[] {
  switch (item.kind) {
    case "reasoning": {
      const block = keptThinking(item.replay);
      return block === undefined ? [] : [block];
    }
    case "assistant":
      return isBlank(item.text) ? [] : [{ type: "text", text: item.text }];
    case "call":
      return [{ type: "tool_use", id: wireId(item.call), name: item.tool, input: inputOf(item) }];
  }
}

function toldBlocks(told: readonly ToldItem[], answer: readonly AnswerItem[]): readonly Block[] {
  const results: Block[] = [];
  const rest: Block[] = [];
  const open = new Set(answer.flatMap((item) => (item.kind === "call" ? [item.call] : [])));
  for (const item of told) {
    const text = isBlank(item.text) ? "" : item.text;
    if (item.kind === "user") rest.push(...imageBlocks(item), { type: "text", text: text === "" ? "(empty)" : text });
    else if (open.delete(item.call))
      results.push({
        ...{ type: "tool_result", tool_use_id: wireId(item.call) },
        ...(text !== "" && { content: text }),
        ...(item.failed && { is_error: true }),
      });
    // The output of a call that is not in the answer right before it would make the whole request refused.
    else if (text !== "") rest.push({ type: "text", text: `[Output of an earlier call:]\n${text}` });
  }
  for (const call of open) results.push({ type: "tool_result", tool_use_id: wireId(call), content: "interrupted" });
  return [...results, ...rest];
}

/** Ids of other wires may hold characters that this one refuses. */
const wireId = (call: string): string => call.replace(/[^\w-]/g, (sign) => `_${sign.codePointAt(0)?.toString(16) ?? ""}`);

function inputOf({ input, freeform }: Extract<AnswerItem, { kind: "call" }>): unknown {
  try {
    const value: unknown = JSON.parse(freeform ? rawArguments(input) : input);
    if (typeof value === "object" && value !== null && !Array.isArray(value)) return value;
  } catch {
    // Arguments that the model tore are shown to it as they were.
  }
  return { unreadable: input };
}

function keptThinking(replay: unknown): ThinkingBlock | undefined {
  return isKeptThinking(replay) ? replay.messagesBlock : undefined;
}

/** It may have been read from a journal, where anything may stand. */
function isKeptThinking(replay: unknown): replay is KeptThinking {
  if (typeof replay !== "object" || replay === null || !("messagesBlock" in replay)) return false;
  const block: unknown = replay.messagesBlock;
  if (typeof block !== "object" || block === null || !("type" in block)) return false;
  if (block.type === "redacted_thinking") return "data" in block && typeof block.data === "string";
  if (block.type !== "thinking" || !("thinking" in block) || !("signature" in block)) return false;
  return typeof block.thinking === "string" && typeof block.signature === "string";
}

/** In front of the words about them. */
const imageBlocks = ({ images = [] }: Extract<ConversationItem, { kind: "user" }>): readonly Block[] =>
  images.map(({ mime, data }) => ({ type: "image", source: { type: "base64", media_type: mime, data } }));
