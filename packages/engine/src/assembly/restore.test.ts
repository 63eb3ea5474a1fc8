import type { EventBody, Hunk, TwolaneEvent } from "@twolane/protocol";
import { expect, it } from "vitest";
import type { ConversationLog } from "../journal/conversation-log.ts";
import type { ConversationItem } from "../models/models.ts";
import { restoreSession } from "./restore.ts";

const hunk = (id: string): Hunk => ({
  ...{ id, turn: "t1", operation: "update", path: `${id}.ts`, line: 3 },
  ...{ linesRemoved: 1, linesAdded: 1 },
});
const landed = (id: string): EventBody => ({
  ...{ type: "hunk.landed", hunk: hunk(id), rung: "exact" },
  ...{ merged: false, dryRun: false },
});
const asked: EventBody = { type: "step.requested", step: 1, bytesSent: 1, transport: "sse", continued: false };

function restore(events: readonly EventBody[], items: readonly ConversationItem[] = []) {
  const stamped = events.map((event): TwolaneEvent => ({ ...event, at: 0, mono: 0, lane: "fast", session: "s" }));
  const log: Pick<ConversationLog<ConversationItem>, "current"> = { current: { path: 0, items, turns: [] } };
  return restoreSession(stamped, log).loop;
}

it("names no queued message twice, also where a stop has parked one in front", () => {
  const message = (id: string) => ({ id, text: id });
  const { queued } = restore([
    { type: "queue.changed", queue: [message("q3"), message("q1"), message("q2")], halted: "stop" },
    { type: "queue.changed", queue: [message("q1")], halted: "stop" },
  ]);
  expect(queued).toBe(3);
});

it("tells the model what left the disk since it was last asked, once", () => {
  const events: EventBody[] = [
    { type: "turn.started", turn: "t1", prompt: "go" },
    ...[asked, landed("h1"), landed("h2"), landed("h3"), landed("h4")],
    { type: "hunk.rejected", hunk: "h4", path: "h4.ts" },
    asked,
    { type: "turn.ended", turn: "t1", ending: "completed" },
    { type: "hunk.rejected", hunk: "h1", path: "h1.ts", reason: "too long" },
    { type: "hunk.undone", hunk: "h2", path: "h2.ts" },
    { type: "hunk.undone", hunk: "h3", path: "h3.ts" },
    landed("h3"),
  ];
  const notes = [
    "[The user rejected your change of h1.ts, line 3: too long. It is not on disk. Do not propose it again.]",
    "[The user undid your change of h2.ts, line 3. It is not on disk.]",
  ];
  expect(restore(events).notes).toEqual(notes);
  expect(restore(events, [{ kind: "user", text: `${notes[0]}\n\nnext` }]).notes).toEqual(notes.slice(1));
  const rewound: EventBody = { type: "turn.rewound", turn: "t1", conversation: true, files: true };
  expect(restore([...events, rewound]).notes).toEqual([]);
});
