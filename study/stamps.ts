/**
 * Gives the events of a run the time of its course. What a person does happens when the course says so; what streams, at the model's pace.
 * Of what lies between (the product's own work, the tests) the times are measured elsewhere.
 */
import type { TwolaneEvent } from "@twolane/protocol";
import { type Course, type Stream, endsAt, landsAt, turnEndsAt } from "./course.ts";
import type { HeardEvent } from "./product.ts";

/** Any day: only differences mean something. */
const epoch = Date.UTC(2026, 0, 1);

/** Events of a run whose acts are those of the course, in the order of its time. */
export function stamped({ acts }: Course, heard: readonly HeardEvent[]): readonly TwolaneEvent[] {
  const stamps = new Stamps();
  let last = -1;
  const events = heard.map(({ act, event }) => {
    for (; last < act; last++) {
      const next = acts[last + 1];
      stamps.now = next?.at ?? stamps.now;
      if (next !== undefined && "stream" in next) stamps.begin(next.stream);
    }
    return stamps.stamp(event);
  });
  return events.toSorted((one, other) => one.mono - other.mono);
}

class Stamps {
  /** What happens by itself happens now; seconds from the first prompt. */
  now = 0;
  /** Begins with the next request. */
  private next: Stream | undefined;
  private stream: Stream | undefined;
  private closed = 0;
  private readonly landing = new Map<string, number>();
  /** The second request of an answer brings its closing words. */
  private isClosing = false;

  begin(stream: Stream): void {
    this.next = stream;
  }

  stamp(event: TwolaneEvent): TwolaneEvent {
    const seconds = this.timeOf(event);
    return { ...event, at: epoch + seconds * 1000, mono: seconds * 1000 };
  }

  private timeOf(event: TwolaneEvent): number {
    if (event.type === "step.requested") this.request();
    const { stream } = this;
    if (stream === undefined) return this.now;
    const ends = stream.cutAt === undefined ? endsAt(stream) : this.now;
    switch (event.type) {
      case "step.requested":
      case "step.started":
        return this.isClosing ? ends : stream.from;
      case "step.answered":
        return this.isClosing ? ends + stream.firstToken : landsAt(stream, 0);
      case "hunk.closed": {
        const at = landsAt(stream, stream.answer.hunks[this.closed++]?.closesAt ?? stream.answer.tokens);
        this.landing.set(event.hunk.id, at);
        return at;
      }
      case "hunk.landed":
      case "hunk.failed": {
        const at = this.landing.get(event.hunk.id) ?? this.now;
        this.landing.delete(event.hunk.id);
        return at;
      }
      case "step.ended":
        return this.isClosing ? turnEndsAt(stream) : ends;
      case "turn.ended":
        return stream.cutAt === undefined ? turnEndsAt(stream) : this.now;
      default:
        return this.now;
    }
  }

  private request(): void {
    this.isClosing = this.next === undefined;
    if (this.next === undefined) return;
    this.stream = this.next;
    this.next = undefined;
    this.closed = 0;
  }
}
