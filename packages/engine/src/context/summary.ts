/**
 * What a summary is asked of, and what goes to the model instead of what was summarised: the person's own words, what they decided about
 * hunks, the summary, and the files that are worked on. Pure.
 */
import type { ConversationItem } from "../models/models.ts";
import { decisionsIn, leanOnWhatIsThere, told } from "./compaction.ts";
import instruction from "./compaction.md";
import { SeenFiles } from "./ledger.ts";
import { itemTokens, textTokens } from "./tokens.ts";

/** Behind what is to be summarised. */
export const summaryRequest: ConversationItem = told(instruction.trim());

/** Tokens that a summary may have. */
export const summaryTokens = 4000;

export interface HeadParts {
  /** What was summarised, without pinned items. */
  readonly prefix: readonly ConversationItem[];
  /** In words, or as the provider's own item, which nobody here can read. */
  readonly summary: string | ConversationItem;
  /** Files as they are now, in the form in which they travel with a prompt. */
  readonly files: readonly string[];
  /** Tokens for what the person said. */
  readonly words: number;
}

export function summaryHead({ prefix, summary, files, words }: HeadParts): readonly ConversationItem[] {
  const users = prefix.filter((item) => item.kind === "user");
  const decisions = [...new Set(users.flatMap(({ text }) => decisionsIn(text)))];
  const said = ownWords(users, words);
  return [
    told("[What was said before was shortened to make room. First what the user said, in their own words.]"),
    ...said,
    ...(decisions.length > 0 ? [told(decisions.join("\n"))] : []),
    typeof summary === "string" ? told(`[What you did until then, as you have put it yourself:]\n${summary.trim()}`) : summary,
    ...(files.length > 0
      ? [told(`[Files in work, as they are now; what you changed since is in them:]\n\n${files.join("\n\n")}`)]
      : []),
  ];
}

/** Newest first while there is room, and the first message in any case: it says what all of it is about. */
function ownWords(users: readonly Extract<ConversationItem, { kind: "user" }>[], budget: number): readonly ConversationItem[] {
  const own = users.flatMap((item): ConversationItem[] => {
    const { start, end } = item.own ?? { start: 0, end: item.text.length };
    return end > start ? [{ kind: "user", text: item.text.slice(start, end) }] : [];
  });
  const [first, ...rest] = own;
  if (first === undefined) return [];
  let left = budget - itemTokens(first);
  const kept: ConversationItem[] = [];
  for (const item of rest.toReversed()) {
    left -= itemTokens(item);
    if (left < 0) break;
    kept.unshift(item);
  }
  const gone = rest.length - kept.length;
  return [first, ...(gone > 0 ? [told(`[${gone} more of their messages were left out here.]`)] : []), ...kept];
}

/** Paths that were used last in the prefix and that nothing behind it shows, the latest first. */
export function filesToShow(prefix: readonly ConversationItem[], tail: readonly ConversationItem[]): readonly string[] {
  const seen = (list: readonly ConversationItem[]) => new SeenFiles(() => ({ list, version: 0 })).parts();
  const later = seen(tail);
  return [...seen(prefix)]
    .filter(([path]) => !later.has(path))
    .map(([path, parts]) => ({ path, used: Math.max(...parts.map(({ used }) => used)) }))
    .toSorted((one, other) => other.used - one.used)
    .map(({ path }) => path);
}

/** As many of the texts as fit, in their order. */
export function fitting(texts: readonly string[], budget: number): readonly string[] {
  let left = budget;
  return texts.filter((text) => {
    const tokens = textTokens(text);
    if (tokens > left) return false;
    left -= tokens;
    return true;
  });
}

export const joined = (head: readonly ConversationItem[], tail: readonly ConversationItem[]): readonly ConversationItem[] =>
  leanOnWhatIsThere([...head, ...tail]);
