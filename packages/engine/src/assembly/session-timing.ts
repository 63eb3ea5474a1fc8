/** What only the surface knows of time: when a key was read, and when an answer stood on the screen. */
import type { Command, EventBody, TurnId } from "@twolane/protocol";
import { systemClock } from "../std/clock.ts";
import type { SessionCompanion } from "./companion.ts";
import type { LiveParts } from "./live-parts.ts";

export class SessionTiming implements SessionCompanion {
  private readonly emit: LiveParts["emit"];
  private turn: TurnId | undefined;

  constructor({ emit }: Pick<LiveParts, "emit">) {
    this.emit = emit;
  }

  observe(event: EventBody): void {
    if (event.type === "turn.started") this.turn = event.turn;
  }

  takes(command: Command): boolean {
    if (command.type !== "key.tell" && command.type !== "output.tell") return false;
    const { turn } = this;
    if (turn === undefined) return true;
    const at = systemClock.mono() - command.msAgo;
    this.emit(
      command.type === "key.tell"
        ? { type: "key.pressed", turn, for: command.for, pressedAt: at }
        : { type: "output.shown", turn, shownAt: at },
    );
    return true;
  }
}
