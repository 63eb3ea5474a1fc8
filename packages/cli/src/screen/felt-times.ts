/** Tells the session what only the screen knows of time: when a key was read, and when an answer's first output had been written. */
import { type Command, type Session, type TwolaneEvent, pressedFor } from "@twolane/protocol";

export class FeltTimes {
  private readonly session: Pick<Session, "send">;
  private readonly now: () => number;
  private keyAt: number | undefined;
  /** The turn's first output is not on the screen yet. */
  private isAwaited = false;
  private isOut = false;

  constructor(session: Pick<Session, "send">, now: () => number) {
    this.session = session;
    this.now = now;
  }

  /** Keys were read; all that comes of them at once is theirs. */
  readKeys(handle: () => void): void {
    this.keyAt = this.now();
    handle();
    this.keyAt = undefined;
  }

  /** A command went out. */
  sent({ type }: Command): void {
    const what = pressedFor.find((one) => one === type);
    if (what === undefined || this.keyAt === undefined) return;
    this.session.send({ type: "key.tell", for: what, msAgo: this.now() - this.keyAt });
  }

  heard({ type }: TwolaneEvent): void {
    if (type === "turn.started") [this.isAwaited, this.isOut] = [true, false];
    if (type === "step.answered") this.isOut = this.isAwaited;
  }

  /** A frame was written. */
  drawn(): void {
    if (!this.isOut) return;
    [this.isAwaited, this.isOut] = [false, false];
    this.session.send({ type: "output.tell", msAgo: 0 });
  }
}
