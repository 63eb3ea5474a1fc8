/** Items of the conversation with stand-ins for the secrets in them: the last gate before what is said goes out and is kept. Pure. */
import type { ConversationItem } from "../models/models.ts";
import { cleanJson, textsIn, unsaidReasoning, withoutReplay } from "./withdrawal.ts";

/** Gives the same text where there is nothing to hide. `place`: where it stands, for a person. */
export type HideText = (text: string, place: string) => string;

/** The same object where nothing changes. */
export function hideItem(item: ConversationItem, hide: HideText): ConversationItem {
  const holds = (value: unknown, place: string): boolean => textsIn(value).some((text) => hide(text, place) !== text);
  switch (item.kind) {
    case "pinned": {
      const text = hide(item.text, "the instructions");
      return text === item.text ? item : { ...item, text };
    }
    case "user":
      return hideUser(item, hide);
    case "output": {
      const text = hide(item.text, "the output of a call");
      return text === item.text ? item : { ...item, text };
    }
    case "reasoning":
      return holds(item.replay, "an answer") ? unsaidReasoning : item;
    case "assistant": {
      const text = hide(item.text, "an answer");
      return text === item.text && !holds(item.replay, "an answer") ? item : { kind: "assistant", text };
    }
    case "call": {
      const clean = (text: string): string => hide(text, "a call");
      const input = item.freeform ? clean(item.input) : cleanJson(item.input, clean);
      return input === item.input && !holds(item.replay, "a call") ? item : withoutReplay({ ...item, input });
    }
  }
}

/** What the person said stays apart from what stands around it. */
function hideUser(item: Extract<ConversationItem, { kind: "user" }>, hide: HideText): ConversationItem {
  const { text, images, own = { start: 0, end: text.length } } = item;
  const before = hide(text.slice(0, own.start), "what was said");
  const words = hide(text.slice(own.start, own.end), "what you typed");
  const behind = hide(text.slice(own.end), "what was said");
  const hidden = before + words + behind;
  if (hidden === text) return item;
  const start = before.length;
  return {
    kind: "user",
    text: hidden,
    ...(images && { images }),
    ...(item.own && { own: { start, end: start + words.length } }),
  };
}
