/** What another model in the middle of a conversation costs, as one line. An estimate, and it says so. Pure. */
import type { ModelCapabilities } from "@twolane/protocol";
import type { ConversationItem } from "../models/models.ts";
import { sumTokens } from "./tokens.ts";

interface Answering {
  readonly model: string;
  readonly capabilities: Pick<ModelCapabilities, "contextWindow" | "price">;
}

/** Undefined where nothing was said yet, or the next is no model that is told the conversation. */
export function switchCost(items: readonly ConversationItem[], from: string, to: Answering): string | undefined {
  const { contextWindow, price } = to.capabilities;
  if (!items.some(({ kind }) => kind === "user") || from === to.model || contextWindow >= Number.MAX_SAFE_INTEGER)
    return undefined;
  const tokens = sumTokens(items);
  const dollars = price === undefined ? "" : `, about $${((tokens * price.input) / 1e6).toFixed(3)}`;
  const anew = `What ${from} had cached is left behind: about ${short(tokens)} tokens go anew to ${to.model}${dollars}`;
  if (tokens > contextWindow)
    return `${anew}. They do not fit its window of ${short(contextWindow)}: the conversation is made shorter first (/context shows what fills it).`;
  return `${anew}, ${Math.ceil((100 * tokens) / contextWindow)} % of its window of ${short(contextWindow)}.`;
}

const short = (tokens: number): string => (tokens < 1000 ? String(tokens) : `${Math.round(tokens / 1000)}k`);
