/** The sessions of a workspace that can be gone on with, as a list for a person. */
import { type Review, type SessionSummary, type TwolaneEvent, reviewEvent } from "@twolane/protocol";
import { readJournal } from "../journal/journal.ts";
import { type JournalLine, isLandingRecord } from "../journal/records.ts";
import { type SessionFolder, type StateFolder, listSessions, ownership } from "../journal/state-folder.ts";

/** More than these nobody looks through. */
const listLimit = 100;

/** Newest first; sessions in which nothing was asked are left out. */
export function pastSessions(state: StateFolder): readonly SessionSummary[] {
  const summaries: SessionSummary[] = [];
  for (const folder of listSessions(state)) {
    const summary = summarise(folder);
    if (summary !== undefined) summaries.push(summary);
    if (summaries.length >= listLimit) break;
  }
  return summaries;
}

/** The newest one that no other process has open. */
export function latestSession(state: StateFolder): SessionFolder | undefined {
  return listSessions(state).find((folder) => ownership(folder) !== "running" && summarise(folder) !== undefined);
}

function summarise(folder: SessionFolder): SessionSummary | undefined {
  const events = readJournal(folder).lines.filter((line): line is TwolaneEvent => isEvent(line));
  const prompts = events.filter((event) => event.type === "turn.started");
  const [first] = prompts;
  if (first === undefined) return undefined;
  const review: Review = new Map();
  for (const event of events) reviewEvent(review, event);
  const open = [...review.values()].filter(
    ({ state, commit }) => (state === "landed" || state === "held") && commit === undefined,
  );
  const started = events.findLast((event) => event.type === "session.started" || event.type === "session.resumed");
  const branch = started !== undefined && "branch" in started ? started.branch : undefined;
  const owner = ownership(folder);
  return {
    id: folder.id,
    title: first.prompt.trim().split("\n", 1)[0] ?? "",
    at: events.at(-1)?.at ?? first.at,
    turns: prompts.length,
    openHunks: open.length,
    ...(branch !== undefined && { branch }),
    state: owner === "dead" ? "crashed" : owner,
  };
}

/** Records of landing and of the conversation have no stamp. */
export function isEvent(line: JournalLine): line is TwolaneEvent {
  return !isLandingRecord(line) && "mono" in line;
}
