/** The events of a session in tests, kept as they come and waited for. */
import type { EventOf, EventType, Session, TwolaneEvent } from "@twolane/protocol";

export interface HeardEvents {
  readonly events: readonly TwolaneEvent[];
  /** What `choose` takes from the events of that type, of which each comes with its place among all; waits until it takes one. */
  wait<T extends EventType>(type: T, choose: (heard: readonly Heard<T>[]) => Heard<T> | undefined): Promise<EventOf<T>>;
}

export interface Heard<T extends EventType> {
  readonly at: number;
  readonly event: EventOf<T>;
}

export function hearEvents(session: Session, waitMs: number): HeardEvents {
  const events: TwolaneEvent[] = [];
  const listeners = new Set<() => void>();
  session.subscribe((event) => {
    events.push(event);
    for (const listener of listeners) listener();
  });
  return {
    events,
    wait<T extends EventType>(type: T, choose: (heard: readonly Heard<T>[]) => Heard<T> | undefined) {
      const isWanted = (event: TwolaneEvent): event is EventOf<T> => event.type === type;
      return new Promise<EventOf<T>>((resolve, reject) => {
        const look = (): void => {
          const found = choose(events.flatMap((event, at) => (isWanted(event) ? [{ at, event }] : [])));
          if (found === undefined) return;
          clearTimeout(timer);
          listeners.delete(look);
          resolve(found.event);
        };
        const timer = setTimeout(() => {
          listeners.delete(look);
          reject(new Error(`no ${type}; there were ${events.map((event) => event.type).join(" ")}`));
        }, waitMs);
        listeners.add(look);
        look();
      });
    },
  };
}
