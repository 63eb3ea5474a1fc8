/** What a window needs of a session: a second connection for a summary, files as they are now, what was learned of models before, and where it is kept. */
import { isBinary } from "../edits/placing/file-text.ts";
import type { GuardedReader } from "../guard/guarded-reader.ts";
import type { ConversationLog } from "../journal/conversation-log.ts";
import type { SummaryDeps } from "../loop/background-summary.ts";
import type { LoopDeps } from "../loop/loop.ts";
import type { ConversationItem } from "../models/models.ts";
import { textOf } from "../std/text.ts";
import type { ShownPart } from "../tools/shown-part.ts";
import { isEvent } from "./past-sessions.ts";
import type { SessionParts } from "./session-parts.ts";
import type { OpenedSource } from "./sources.ts";

/** A longer file is not shown again as a whole. */
const linesShown = 2000;

export interface WindowParts {
  readonly reader: GuardedReader;
  readonly log: Pick<ConversationLog<ConversationItem>, "put" | "compact">;
  /** Who answers now. */
  readonly answering: () => OpenedSource;
}

export function windowOf(
  { openSource, resume }: SessionParts,
  { reader, log, answering }: WindowParts,
): Pick<LoopDeps, "window" | "onItem" | "onCompaction"> {
  const events = resume?.journal.lines.filter(isEvent) ?? [];
  const ratios = new Map(
    events.flatMap((event) => (event.type === "context.filled" ? [[event.model, event.ratio] as const] : [])),
  );
  const summary: SummaryDeps = {
    openAgain() {
      const { session, reads } = answering();
      const opened = reads ? openSource?.(session.model) : undefined;
      return opened?.ok === true ? opened.value.session : undefined;
    },
    showFile: (path) => showFile(reader, path),
  };
  return {
    window: { ratios, summary },
    onItem: (index, item) => log.put(index, item),
    onCompaction: (compaction) => log.compact(compaction),
  };
}

async function showFile(reader: GuardedReader, path: string): Promise<ShownPart | undefined> {
  const file = await reader.readFile(path);
  if (!file.ok || isBinary(file.value.bytes)) return undefined;
  const lines = textOf(file.value.bytes).split("\n");
  if (lines.at(-1) === "") lines.pop();
  return lines.length > linesShown ? undefined : { path, hash: file.value.hash, from: 1, total: lines.length, lines };
}
