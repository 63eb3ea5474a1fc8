/** What waits for the end of the turn, in a few lines above the input. Pure. */
import type { QueueHalt, QueuedMessage } from "@twolane/protocol";
import { parkedBy } from "../state/session-state.ts";
import type { Style } from "./style.ts";
import { clip, sanitizeLine } from "./text.ts";

/** Messages that are shown; the others are counted. */
const shownMessages = 3;

export interface QueueLines {
  readonly queue: readonly QueuedMessage[];
  readonly halted?: QueueHalt;
}

/** No line for an empty queue. */
export function queueView({ queue, halted }: QueueLines, width: number, style: Style): string[] {
  if (queue.length === 0) return [];
  const lines = queue.slice(0, shownMessages).map(({ text }, index) => {
    const mark = index === 0 ? "next:  " : "then:  ";
    return `${style.dim(mark)}${sanitizeLine(firstLine(text))}`;
  });
  if (queue.length > shownMessages) lines.push(style.dim(`… and ${queue.length - shownMessages} more (/queue)`));
  if (halted !== undefined) lines.push(`${style.warn(parkedBy[halted])} · to send: /queue send`);
  return lines.map((line) => clip(line, width));
}

function firstLine(text: string): string {
  const [first = "", ...more] = text.trim().split("\n");
  return more.length === 0 ? first : `${first} …`;
}
