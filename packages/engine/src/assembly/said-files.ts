/**
 * Files of which a conversation holds something, found in what was said: read again after a resume, as what stand-ins stand for is nowhere
 * kept, and judged again before another model sees them.
 */
import type { PolicyJudge } from "@twolane/policy";
import { type Result, fail } from "@twolane/protocol";
import type { GuardedReader } from "../guard/guarded-reader.ts";
import type { ConversationItem } from "../models/models.ts";
import { type OpenedSource, localReader } from "./sources.ts";

/** Files that are looked at. */
const fileLimit = 1000;

/** What somebody typed stays unknown: a hunk that names its stand-in is held. */
export async function rereadSecrets(items: readonly ConversationItem[], reader: GuardedReader): Promise<void> {
  if (!textsOf(items).some((text) => text.includes("TWOLANE_SECRET_"))) return;
  await Promise.all(filesIn(items, named).map((path) => reader.readFile(path)));
}

/** A source that may see what the conversation holds; another is closed again. */
export function admitted(
  opened: Result<OpenedSource>,
  { items, policy }: { readonly items: readonly ConversationItem[]; readonly policy: PolicyJudge },
): Result<OpenedSource> {
  // Only rules about data ask who reads.
  if (!opened.ok || policy.layers.every(({ data }) => data.length === 0)) return opened;
  const { reader = localReader, session } = opened.value;
  for (const path of filesIn(items, shown)) {
    const verdict = policy.read(path, reader);
    if (verdict.decision === "allow") continue;
    void session.close();
    const message = `The conversation holds what ${reader.provider} may not see: ${verdict.reason}.`;
    return fail("PATH_UNREADABLE", message, "Go on with a model that may see it, or begin a new session.");
  }
  return opened;
}

const textsOf = (items: readonly ConversationItem[]): string[] =>
  items.flatMap((item) => ("text" in item ? [item.text] : "input" in item ? [item.input] : []));

const filesIn = (items: readonly ConversationItem[], pattern: RegExp): string[] => {
  const named = textsOf(items).flatMap((text) => [...text.matchAll(pattern)]);
  const paths = named.flatMap(([, ...groups]) => groups.filter((path) => path !== undefined));
  return [...new Set(paths)].slice(0, fileLimit);
};

/** Files that travelled with a prompt, and outputs of reading and searching. */
const shown = /<file path="([^"]+)"[^>\n]*>(?!\n\[withheld)|^(\S.*?) lines \d+-\d+ of |^([^\s:]+):\d+:/gm;
/** And what was only asked for or edited. */
const named = new RegExp(`${shown.source}|"path": ?"([^"]+)"|^\\*\\*\\* \\w+ File: (.+)$`, "gm");
