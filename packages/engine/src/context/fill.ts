/** What fills a model's window, part by part, as a person sees it: kind, one line, tokens, and whether it can be left out. Pure. */
import type { ContextKind, ContextPart } from "@twolane/protocol";
import type { ConversationItem } from "../models/models.ts";
import { told } from "./compaction.ts";
import { pathRead } from "./ledger.ts";
import { itemTokens } from "./tokens.ts";

/** Parts that are small are told as one. */
const lineWidth = 80;

export interface FillOptions {
  readonly pinned: number;
  /** True tokens for each guessed one. */
  readonly ratio: number;
  /** Guessed, of what the tools take. */
  readonly tools: number;
}

/** In the order in which they go. The id of a part that can be left out is its place. */
export function fillOf(items: readonly ConversationItem[], { pinned, ratio, tools }: FillOptions): readonly ContextPart[] {
  const calls = new Map<string, string>();
  const parts: ContextPart[] = [];
  const size = (tokens: number): number => Math.round(tokens * ratio);
  for (const [at, item] of items.entries()) {
    if (item.kind === "call") calls.set(item.call, item.tool);
    const { kind, text } = described(item, calls);
    const id = at < pinned || withoutPart(item) === item ? "" : `p${at}`;
    parts.push({ id, kind, text: oneLine(text), tokens: size(itemTokens(item)), pinned: at < pinned });
  }
  if (tools > 0)
    parts.unshift({ id: "", kind: "tools", text: "what the tools take and give", tokens: size(tools), pinned: true });
  return parts;
}

function described(
  item: ConversationItem,
  calls: ReadonlyMap<string, string>,
): { readonly kind: ContextKind; readonly text: string } {
  switch (item.kind) {
    case "pinned":
      return { kind: "instructions", text: item.text };
    case "user": {
      const { start, end } = item.own ?? { start: 0, end: item.text.length };
      if (end === start) return { kind: "summary", text: item.text };
      const files = [...item.text.slice(end).matchAll(/^<file path="([^"\n]+)"/gm)].map(([, path]) => path);
      const words = item.text.slice(start, end);
      return files.length > 0 ? { kind: "file", text: `${files.join(", ")} with: ${words}` } : { kind: "said", text: words };
    }
    case "assistant":
      return { kind: "answer", text: item.text };
    case "reasoning":
      return {
        kind: "answer",
        text: item.replay === null ? "thoughts that were taken out" : "thoughts, as the provider keeps them",
      };
    case "call":
      return { kind: "call", text: `${item.tool} ${item.input}` };
    case "output": {
      const path = pathRead(item.text);
      return path === undefined
        ? { kind: "output", text: `${calls.get(item.call) ?? "output"}: ${item.text}` }
        : { kind: "file", text: item.text };
    }
  }
}

function oneLine(text: string): string {
  const [line = ""] = text.trim().split("\n", 1);
  const plain = line.replaceAll(/\s+/g, " ");
  return plain.length > lineWidth ? `${plain.slice(0, lineWidth - 1)}…` : plain;
}

/** What goes instead when a person leaves the part out; the same object where it has to stay. */
export function withoutPart(item: ConversationItem): ConversationItem {
  const note = "[left out by the user]";
  switch (item.kind) {
    case "output":
      return itemTokens(item) > 20 ? { ...item, text: `${note} Read it again if you need it.` } : item;
    case "user": {
      const { start, end } = item.own ?? { start: 0, end: item.text.length };
      if (end === start) return item.text.startsWith(note) ? item : told(note);
      const behind = item.text.slice(end);
      return behind.length > 60 ? { ...item, text: `${item.text.slice(0, end)}\n\n${note}` } : item;
    }
    case "pinned":
    case "assistant":
    case "reasoning":
    case "call":
      return item;
  }
}
