/** What an earlier session knew, from its journal and its conversation. */
import { type HunkId, type ReviewMode, type TwolaneEvent, reviewModes } from "@twolane/protocol";
import type { ConversationLog } from "../journal/conversation-log.ts";
import type { ConversationItem } from "../models/models.ts";
import type { RestoredLoop } from "../loop/loop.ts";

export interface RestoredSession {
  readonly loop: RestoredLoop;
  readonly mode: ReviewMode;
  readonly scope: readonly string[];
  readonly model?: string;
}

export function restoreSession(events: readonly TwolaneEvent[], log: ConversationLog<ConversationItem>): RestoredSession {
  const last = <T extends TwolaneEvent["type"]>(type: T) =>
    events.findLast((event): event is Extract<TwolaneEvent, { type: T }> => event.type === type);
  const queue = last("queue.changed")?.queue ?? [];
  const started = last("turn.started");
  const ended = last("turn.ended");
  const died = started !== undefined && ended?.turn !== started.turn;
  const model = last("model.changed")?.model ?? last("session.resumed")?.model ?? last("session.started")?.model;
  const mode = last("mode.changed")?.mode;
  return {
    loop: {
      items: log.current.items,
      turn: numberOf(started?.turn),
      step: Math.max(0, ...events.map((event) => (event.type === "step.requested" ? event.step : 0))),
      hunks: highest(events, (event) =>
        "hunk" in event ? (typeof event.hunk === "string" ? event.hunk : event.hunk.id) : undefined,
      ),
      queue,
      queued: highest(
        events.filter((event) => event.type === "queue.changed"),
        (event) => (event.type === "queue.changed" ? event.queue.at(-1)?.id : undefined),
      ),
      cutOff: died || (ended !== undefined && ended.ending !== "completed"),
      notes: died ? [cutOffNote(events, started.turn)] : [],
    },
    mode: mode !== undefined && reviewModes.includes(mode) ? mode : "flow",
    scope: last("scope.changed")?.scope ?? [],
    ...(model !== undefined && { model }),
  };
}

const numberOf = (name: string | undefined): number => Number(/\d+/.exec(name ?? "")?.[0] ?? 0);

function highest(events: readonly TwolaneEvent[], nameOf: (event: TwolaneEvent) => string | undefined): number {
  return events.reduce((most, event) => Math.max(most, numberOf(nameOf(event))), 0);
}

/** What stayed of a turn whose process died. */
function cutOffNote(events: readonly TwolaneEvent[], turn: string): string {
  const gone = new Set<HunkId>(
    events.flatMap((event) => (event.type === "hunk.undone" || event.type === "hunk.rejected" ? [event.hunk] : [])),
  );
  const landed = events.flatMap((event) =>
    event.type === "hunk.landed" && event.hunk.turn === turn && !gone.has(event.hunk.id) ? [event.hunk] : [],
  );
  if (landed.length === 0) return "[Your last turn was cut off. Nothing of it is on disk.]";
  const lines = landed.map(
    ({ path, movedTo, line, linesAdded, linesRemoved }) => `${movedTo ?? path}:${line} +${linesAdded} -${linesRemoved}`,
  );
  return `[Your last turn was cut off. On disk from it, and nothing else:]\n${lines.join("\n")}`;
}

/** As much of an item as is relied on. */
export function isConversationItem(value: unknown): value is ConversationItem {
  if (typeof value !== "object" || value === null || !("kind" in value)) return false;
  switch (value.kind) {
    case "user":
    case "assistant":
      return "text" in value && typeof value.text === "string";
    case "reasoning":
      return true;
    case "call":
      return "call" in value && "tool" in value && "input" in value && typeof value.input === "string";
    case "output":
      return "call" in value && "text" in value && typeof value.text === "string";
    default:
      return false;
  }
}
