/** Names for things that must be told apart on one machine. */
import { randomBytes } from "node:crypto";

/** Unique on a machine; sorts by the millisecond in which it was made (until the year 10889). */
export function sessionId(wall: number): string {
  return `${wall.toString(36).padStart(9, "0")}-${randomBytes(4).toString("hex")}`;
}

/** Twelve random hexadecimal digits: enough for names that live for milliseconds. */
export function shortId(): string {
  return randomBytes(6).toString("hex");
}
