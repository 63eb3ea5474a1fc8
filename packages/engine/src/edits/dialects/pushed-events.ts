/**
 * What inner parsers say during one push of an outer one. The outer text's escapes cut a push into pieces, each with its own word on
 * the open hunk: the last one holds, if the hunk is still open.
 */
import type { ParserEvent } from "../edits.ts";

export class PushedEvents {
  private events: ParserEvent[] = [];
  private open: ParserEvent | undefined;

  add(events: readonly ParserEvent[]): void {
    for (const event of events) {
      if (event.type === "open") this.open = event;
      else {
        if (event.type !== "lines") this.open = undefined;
        this.events.push(event);
      }
    }
  }

  take(): readonly ParserEvent[] {
    const taken = this.events;
    if (this.open !== undefined) taken.push(this.open);
    this.events = [];
    this.open = undefined;
    return taken;
  }
}
