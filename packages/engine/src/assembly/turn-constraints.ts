/** What the requests of a session's turns demand, as judges of their hunks. Which demands there are, the loop says at a turn's start. */
import type { EventBody, TurnId } from "@twolane/protocol";
import { type ConstraintJudge, compileConstraints } from "@twolane/policy";

export class TurnConstraints {
  private readonly judges = new Map<TurnId, ConstraintJudge>();
  /** Turns in which the implementation may change, as a test has failed for the right reason. */
  private readonly open = new Set<TurnId>();

  /** Of this process, and of earlier ones of the session. */
  observe(event: EventBody): void {
    if (event.type !== "constraints.set") return;
    const { turn, constraints } = event;
    this.judges.set(turn, compileConstraints(constraints, { testFailed: () => this.open.has(turn) }));
  }

  /** Also of a turn that is over: a hunk of it may land later. */
  of(turn: TurnId): ConstraintJudge | undefined {
    return this.judges.get(turn);
  }

  /** What `test-first` holds in this turn is held no more. */
  sawTestFail(turn: TurnId): void {
    this.open.add(turn);
  }
}
