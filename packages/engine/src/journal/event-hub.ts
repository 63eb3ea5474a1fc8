/** Where a session's events are stamped, kept in the journal and handed on. */
import type { EventBody, SessionId, TwolaneEvent } from "@twolane/protocol";
import type { Clock } from "../std/clock.ts";
import type { Journal } from "./journal.ts";

export interface EventHub {
  emit(body: EventBody): void;
  /** Returns how to stop. */
  subscribe(listener: (event: TwolaneEvent) => void): () => void;
  /** ms since 1970. */
  now(): number;
  /** Events go into the journal from now on. */
  keepIn(journal: Journal): void;
}

/** Stamps events and hands them on. What happens before the first listener is told to it at once. */
export function createEventHub(session: SessionId, clock: Clock): EventHub {
  const early: TwolaneEvent[] = [];
  const listeners: ((event: TwolaneEvent) => void)[] = [];
  let kept: Journal | undefined;
  return {
    emit(body) {
      const event: TwolaneEvent = { ...body, at: clock.wall(), mono: clock.mono(), lane: "fast", session };
      kept?.append(event);
      if (listeners.length === 0) early.push(event);
      for (const listener of listeners) listener(event);
    },
    subscribe(listener) {
      listeners.push(listener);
      for (const event of early.splice(0)) listener(event);
      return () => void listeners.splice(listeners.indexOf(listener), 1);
    },
    now: () => clock.wall(),
    keepIn: (journal) => void (kept = journal),
  };
}
