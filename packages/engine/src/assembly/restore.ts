/** What an earlier session knew, from its journal and its conversation. */
import { type Hunk, type HunkId, type ReviewMode, type TwolaneEvent, reviewModes } from "@twolane/protocol";
import type { Withdrawn } from "../edits/review/reviewer.ts";
import type { ConversationLog } from "../journal/conversation-log.ts";
import { type ConversationItem, imageTypes } from "../models/models.ts";
import { describeWithdrawn } from "../loop/conversation.ts";
import type { RestoredLoop } from "../loop/loop-forms.ts";

export interface RestoredSession {
  readonly loop: RestoredLoop;
  readonly mode: ReviewMode;
  readonly scope: readonly string[];
  readonly model?: string;
}

export function restoreSession(
  events: readonly TwolaneEvent[],
  log: Pick<ConversationLog<ConversationItem>, "current">,
): RestoredSession {
  const last = <T extends TwolaneEvent["type"]>(type: T) =>
    events.findLast((event): event is Extract<TwolaneEvent, { type: T }> => event.type === type);
  const queue = last("queue.changed")?.queue ?? [];
  const started = last("turn.started");
  const ended = last("turn.ended");
  const limits = last("constraints.set");
  const died = started !== undefined && ended?.turn !== started.turn;
  const model = last("model.changed")?.model ?? last("session.resumed")?.model ?? last("session.started")?.model;
  const mode = last("mode.changed")?.mode;
  return {
    loop: {
      items: log.current.items,
      ...(log.current.compaction && { compaction: log.current.compaction }),
      turn: numberOf(started?.turn),
      step: Math.max(0, ...events.map((event) => (event.type === "step.requested" ? event.step : 0))),
      hunks: highest(events, (event) => ("hunk" in event ? [typeof event.hunk === "string" ? event.hunk : event.hunk.id] : [])),
      queue,
      queued: highest(
        events,
        // What a stop parks stands in front, with a higher number than what is behind it.
        (event) => (event.type === "queue.changed" ? event.queue.map(({ id }) => id) : []),
      ),
      constraints: limits !== undefined && limits.turn === started?.turn ? limits.constraints : [],
      cutOff: died || (ended !== undefined && ended.ending !== "completed"),
      notes: [...(died ? [cutOffNote(events, started.turn)] : []), ...untoldNotes(events, log.current.items)],
    },
    mode: mode !== undefined && reviewModes.includes(mode) ? mode : "flow",
    scope: last("scope.changed")?.scope ?? [],
    ...(model !== undefined && { model }),
  };
}

const numberOf = (name: string | undefined): number => Number(/\d+/.exec(name ?? "")?.[0] ?? 0);

function highest(events: readonly TwolaneEvent[], namesOf: (event: TwolaneEvent) => readonly string[]): number {
  return events.reduce((most, event) => Math.max(most, ...namesOf(event).map(numberOf)), 0);
}

/** What left the disk since the model was last asked, and is not in what was said to it. */
function untoldNotes(events: readonly TwolaneEvent[], items: readonly ConversationItem[]): readonly string[] {
  const asked = events.findLastIndex(({ type }) => type === "step.requested");
  const hunks = new Map<HunkId, Hunk>();
  const gone = new Map<HunkId, Omit<Withdrawn, "lines">>();
  for (const [index, event] of events.entries()) {
    if ("hunk" in event && typeof event.hunk !== "string") hunks.set(event.hunk.id, event.hunk);
    if (index > asked) followGone(gone, event, hunks);
  }
  const notes = [...gone.values()].map(describeWithdrawn);
  return notes.filter((note) => !items.some((item) => "text" in item && item.text.includes(note)));
}

function followGone(gone: Map<HunkId, Omit<Withdrawn, "lines">>, event: TwolaneEvent, hunks: ReadonlyMap<HunkId, Hunk>): void {
  const withdraw = (hunk: HunkId, path: string, how: Pick<Withdrawn, "state" | "reason">): void => {
    const { line = 0, linesRemoved = 0, linesAdded = 0, movedTo = path } = hunks.get(hunk) ?? {};
    gone.set(hunk, { hunk, path: movedTo, line, linesRemoved, linesAdded, ...how });
  };
  switch (event.type) {
    case "hunk.landed":
      return void gone.delete(event.hunk.id);
    case "hunk.rejected":
      return withdraw(event.hunk, event.path, { state: "rejected", reason: event.reason ?? "" });
    case "hunk.undone":
      return withdraw(event.hunk, event.path, { state: "undone", reason: "" });
    case "hunk.held":
      if (event.verdict.rule !== "depends") return;
      return withdraw(event.hunk.id, event.hunk.path, { state: "held", reason: event.verdict.reason });
    case "turn.rewound":
      if (event.conversation) gone.clear();
      return;
    default:
      return;
  }
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
      return "text" in value && typeof value.text === "string" && (!("images" in value) || areImages(value.images));
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

function areImages(value: unknown): boolean {
  if (!Array.isArray(value)) return false;
  return value.every(
    (one: unknown) =>
      typeof one === "object" && one !== null && "mime" in one && imageTypes.some((type) => type === one.mime) && "data" in one,
  );
}
