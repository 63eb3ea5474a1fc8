/**
 * Calls of a model that an earlier process left without an output: what is known of their end becomes the output, so that the model neither
 * asks again for what has run, nor stands before a provider that refuses a call without one.
 */
import type { TwolaneEvent } from "@twolane/protocol";
import type { ConversationLog } from "../journal/conversation-log.ts";
import { readEndedCalls } from "../journal/ended-calls.ts";
import type { SessionFolder } from "../journal/state-folder.ts";
import type { ConversationItem } from "../models/models.ts";

export interface EarlierCalls {
  readonly folder: SessionFolder;
  readonly events: readonly TwolaneEvent[];
}

/** Puts the missing outputs behind everything else. */
export function settleCalls(
  log: Pick<ConversationLog<ConversationItem>, "current" | "put" | "flush">,
  { folder, events }: EarlierCalls,
): void {
  const { items } = log.current;
  const answered = new Set(items.flatMap((item) => (item.kind === "output" ? [item.call] : [])));
  const open = items.flatMap((item) => (item.kind === "call" && !answered.has(item.call) ? [item] : []));
  if (open.length === 0) return;
  const kept = readEndedCalls(folder);
  for (const { call, freeform } of open) {
    const text = kept.get(call) ?? endedText(call, events) ?? lost;
    log.put(log.current.items.length, { kind: "output", call, text, freeform });
  }
  log.flush();
}

const lost =
  "[The process ended before this call did, or before its result was kept. It may have taken effect: look before you call it again.]";

function endedText(call: string, events: readonly TwolaneEvent[]): string | undefined {
  const ended = events.findLast((event) => event.type === "command.ended" && event.call === call);
  if (ended?.type !== "command.ended") return undefined;
  const how =
    ended.status === undefined
      ? `ended (${ended.signal ?? ended.ended ?? ended.fault ?? "unknown"})`
      : `exit status ${ended.status}`;
  return `[It ran: ${how}. What it said was lost as the process ended. Do not run it again for its effect.]`;
}
