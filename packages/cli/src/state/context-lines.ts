/** What fills the model's window, as a list to choose from and as one line when it was made shorter. Pure. */
import type { ContextFill, ContextPart, EventBody } from "@twolane/protocol";
import { grouped } from "./grouped.ts";
import type { PickerItem } from "./panel.ts";

const kinds: Readonly<Record<ContextPart["kind"], string>> = {
  ...{ instructions: "pinned", tools: "tools", said: "you", file: "file", answer: "answer" },
  ...{ call: "call", output: "output", summary: "note" },
};

/** The largest first: what is worth leaving out. What cannot be left out has no value. */
export function contextItems({ parts }: ContextFill): readonly PickerItem[] {
  return parts
    .toSorted((one, other) => other.tokens - one.tokens)
    .map(({ id, kind, text, tokens }) => ({
      value: id,
      text: `${grouped(tokens).padStart(7)}  ${kinds[kind].padEnd(6)}  ${text}`,
      ...(id === "" && { note: "stays" }),
    }));
}

export function contextTitle({ model, tokens, window, compactsAt, cached, parts }: ContextFill): string {
  if (window === 0) return `${model} has no window to fill`;
  const pinned = parts.reduce((sum, part) => sum + (part.pinned ? part.tokens : 0), 0);
  const share = Math.round((tokens / window) * 100);
  const known = cached > 0 ? ` · ${grouped(cached)} came from the provider's cache` : "";
  return `${grouped(tokens)} of ${grouped(window)} tokens (${share} %) · ${grouped(pinned)} pinned${known} · shorter from ${grouped(compactsAt)} · Enter leaves a part out`;
}

export function compactedText({ by, before, after }: Extract<EventBody, { type: "context.compacted" }>): string {
  const sizes = `${grouped(before)} → ${grouped(after)} tokens`;
  const how =
    by === "rules"
      ? "old outputs and files were left out"
      : `what is old is a summary now, by ${by === "model" ? "the model" : "the provider"}`;
  return `Context made shorter, ${sizes}: ${how}. Your words and the last turns are whole; /context shows it.`;
}
