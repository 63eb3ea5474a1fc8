/** Where a session's events are stamped, kept in the journal and handed on. */
import type { EventBody, Lane, SessionId, TwolaneEvent } from "@twolane/protocol";
import type { Clock } from "../std/clock.ts";
import type { Journal } from "./journal.ts";

export interface EventHub {
  emit(body: EventBody): void;
  /** What happened before is told at once, as far as it is kept. Returns how to stop. */
  subscribe(listener: (event: TwolaneEvent) => void): () => void;
  /** ms since 1970. */
  now(): number;
  /** Events go into the journal from now on. */
  keepIn(journal: Pick<Journal, "append">): void;
}

/** Told again to whoever listens from the beginning; what comes behind them is only told as it happens. */
const keptForLate = 256;

/**
 * Not `{ ...body, at, … }`: fields that are added behind a spread get a hidden class of their own for each object, in V8 as Node 20 has it,
 * and there are a thousand events a second (docs/decisions/0015-fields-behind-a-spread.md).
 */
const stamped = (body: EventBody, { session, lane }: EventSource, clock: Clock): TwolaneEvent =>
  Object.assign({}, body, { at: clock.wall(), mono: clock.mono(), session, lane });

/** Whose events they are. */
export interface EventSource {
  readonly session: SessionId;
  readonly lane: Lane;
}

/** Stamps events and hands them on. `screen`: what of an event may be kept and told. */
export function createEventHub(
  source: EventSource,
  clock: Clock,
  screen: (event: EventBody) => readonly EventBody[] = (event) => [event],
): EventHub {
  const early: TwolaneEvent[] = [];
  const listeners = new Set<(event: TwolaneEvent) => void>();
  let count = 0;
  let kept: Pick<Journal, "append"> | undefined;
  const tell = (body: EventBody): void => {
    const event: TwolaneEvent = stamped(body, source, clock);
    kept?.append(event);
    if (++count <= keptForLate || listeners.size === 0) early.push(event);
    else early.length = 0;
    for (const listener of listeners) listener(event);
  };
  return {
    emit(body) {
      for (const event of screen(body)) tell(event);
    },
    subscribe(listener) {
      listeners.add(listener);
      for (const event of [...early]) listener(event);
      return () => void listeners.delete(listener);
    },
    now: () => clock.wall(),
    keepIn: (journal) => void (kept = journal),
  };
}
