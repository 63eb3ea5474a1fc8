/** What goes along with a running session: each hears every event, may take commands that concern it alone, and is closed with the session. */
import type { Command, EventBody } from "@twolane/protocol";
import type { OpenedLimits } from "./limits.ts";

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
  /** Of the source that answers now, where it has limits. */
  readonly limits: () => OpenedLimits | undefined;
}
