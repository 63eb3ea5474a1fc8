/** Other sessions that are open on the same workspace: both go on, and each says that the other is there. */
import type { EventBody, SessionId } from "@twolane/protocol";
import { watchFolder } from "../host/watch.ts";
import { type StateFolder, ownership, sessionsPath, unclosedSessions } from "../journal/state-folder.ts";

export interface NeighbourParts {
  readonly state: StateFolder;
  readonly own: SessionId;
  readonly emit: (event: EventBody) => void;
}

/** Older sessions than these are not open any more, or have long been told of. */
const lookedAt = 20;
/** The first request goes before the watch; ms. */
const watchAfterMs = 100;

export class Neighbours {
  private readonly parts: NeighbourParts;
  private endWatch: () => void;
  private known: ReadonlySet<SessionId> = new Set();
  private closed = false;

  constructor(parts: NeighbourParts) {
    this.parts = parts;
    this.look();
    const opening = setTimeout(() => {
      this.endWatch = watchFolder(sessionsPath(parts.state), () => this.look());
      this.look();
    }, watchAfterMs).unref();
    this.endWatch = () => clearTimeout(opening);
  }

  observe({ type }: EventBody): void {
    // One that was killed is not told by the watch. Behind the request, which does not wait for it.
    if (type === "turn.started") setImmediate(() => this.look());
  }

  close(): void {
    this.closed = true;
    this.endWatch();
  }

  /** Tells of those that have come since the last look, and how many there are. */
  look(): void {
    if (this.closed) return;
    const { state, own, emit } = this.parts;
    const open = unclosedSessions(state)
      .slice(0, lookedAt)
      .filter((folder) => folder.id !== own && ownership(folder) === "running");
    const fresh = open.filter(({ id }) => !this.known.has(id));
    if (fresh.length > 0 || open.length !== this.known.size) emit({ type: "neighbours.changed", open: open.length });
    this.known = new Set(open.map(({ id }) => id));
    if (fresh.length === 0) return;
    const who = fresh.length === 1 ? "Another twolane is" : `${fresh.length} others are`;
    emit({
      type: "notice.given",
      code: "OTHER_TERMINAL",
      message: `${who} open in this folder; what it changes counts as typed by you.`,
    });
  }
}
