/**
 * What goes along with a running session without the session knowing what it is: each hears every event after it has been told, may
 * take commands that concern it alone, and is waited for and closed with the session. A new concern is one line here.
 */
import type { Command, EventBody } from "@twolane/protocol";
import type { LiveParts } from "./live-parts.ts";
import { Neighbours } from "./neighbours.ts";

export interface SessionCompanion {
  /** After the event has been told and kept. */
  observe?(event: EventBody): void;
  /** True: the command was for this one, and nobody else gets it. */
  takes?(command: Command): boolean;
  /** Resolves when nothing of its work is under way that the person would miss. */
  idle?(): Promise<unknown>;
  close?(): unknown;
}

/** What companions may ask of the session beside its parts. */
export interface SessionDoor {
  readonly send: (command: Command) => void;
  /** `provider/name` or `instant`: who answers now. */
  readonly model: () => string;
}

export function openCompanions(live: LiveParts, _door: SessionDoor): readonly SessionCompanion[] {
  const { parts, journal, emit } = live;
  return [new Neighbours({ state: parts.state, own: journal.id, emit })];
}
