/**
 * How much a turn and the session's uncommitted work have changed so far, by file: what the limits on the size of a diff are compared
 * with. A fold over what becomes of hunks; one that has its place counts from then on, whether or not it is on disk yet.
 */
import type { EventBody, Hunk, HunkId, TurnId } from "@twolane/protocol";
import type { ChangeTotals } from "@twolane/policy";

interface Counted {
  readonly turn: TurnId;
  readonly path: string;
  readonly movedTo: string | undefined;
  readonly lines: number;
  /** It has its place; else it is held, and may still land. */
  readonly stands: boolean;
  isCommitted: boolean;
}

class Sum {
  readonly lines = new Map<string, number>();
  count = 0;
  private readonly hunks = new Map<string, number>();

  add({ path, movedTo, lines }: Counted, sign: 1 | -1): void {
    this.count += sign;
    this.addPath(path, sign, sign * lines);
    // The lines of a move count once.
    if (movedTo !== undefined) this.addPath(movedTo, sign, 0);
  }

  private addPath(path: string, sign: 1 | -1, lines: number): void {
    const hunks = (this.hunks.get(path) ?? 0) + sign;
    if (hunks > 0) {
      this.hunks.set(path, hunks);
      this.lines.set(path, (this.lines.get(path) ?? 0) + lines);
    } else {
      this.hunks.delete(path);
      this.lines.delete(path);
    }
  }
}

export interface Totals {
  readonly turn: ChangeTotals;
  readonly changeSet: ChangeTotals;
  /** Hunks of the turn. */
  readonly turnHunks: number;
}

/** Of what stands, and of that with what is held. */
class Sums {
  readonly standing = new Sum();
  readonly proposed = new Sum();

  add(counted: Counted, sign: 1 | -1): void {
    if (counted.stands) this.standing.add(counted, sign);
    this.proposed.add(counted, sign);
  }
}

type Which = "standing" | "proposed";

/** What is kept for a hunk is written once, for what stands and for what is proposed: a session has thousands. */
export class SessionTotals {
  private readonly hunks = new Map<HunkId, Counted>();
  private held = 0;
  private readonly open = new Sums();
  /** Of turns that were asked for since the newest one began. */
  private readonly turns = new Map<TurnId, Sums>();

  /** The hunk has its place. */
  add(hunk: Hunk): void {
    this.put(hunk, true);
  }

  observe(event: EventBody): void {
    switch (event.type) {
      case "turn.started":
        return this.turns.clear();
      case "hunk.landed":
        return this.add(event.hunk);
      case "hunk.held":
        // Of what a job offers, what is not taken is proposed to nobody.
        if (event.verdict.decision === "block" || event.hunk.job !== undefined) return this.remove(event.hunk.id);
        return this.put(event.hunk, false);
      case "hunk.failed":
      case "hunk.present":
        return this.remove(event.hunk.id);
      case "hunk.undone":
      case "hunk.rejected":
        return this.remove(event.hunk);
      case "commit.made":
        return event.hunks.forEach((hunk) => this.commit(hunk));
      case "hunk.accepted":
        return event.by === "commit" ? this.commit(event.hunk) : undefined;
      default:
        return;
    }
  }

  /** What stands, without this hunk. */
  around(hunk: HunkId, turn: TurnId): Totals {
    return this.without(hunk, turn, "standing");
  }

  /** The same with what is held; undefined where that is the same. */
  aroundProposed(hunk: HunkId, turn: TurnId): Totals | undefined {
    return this.held === 0 ? undefined : this.without(hunk, turn, "proposed");
  }

  private without(hunk: HunkId, turn: TurnId, which: Which): Totals {
    const own = this.hunks.get(hunk);
    const isCounted = own !== undefined && (own.stands || which === "proposed");
    const ofTurn = isCounted ? this.summed((one) => one !== own && one.turn === turn) : this.ofTurn(turn);
    const open = isCounted ? this.summed((one) => one !== own && !one.isCommitted) : this.open;
    return { turn: ofTurn[which].lines, changeSet: open[which].lines, turnHunks: ofTurn[which].count };
  }

  private ofTurn(turn: TurnId): Sums {
    const known = this.turns.get(turn) ?? this.summed((one) => one.turn === turn);
    this.turns.set(turn, known);
    return known;
  }

  private summed(counts: (one: Counted) => boolean): Sums {
    const sums = new Sums();
    for (const one of this.hunks.values()) if (counts(one)) sums.add(one, 1);
    return sums;
  }

  private put({ id, turn, path, movedTo, linesAdded, linesRemoved }: Hunk, stands: boolean): void {
    if (this.hunks.get(id)?.stands === stands) return;
    this.remove(id);
    const counted: Counted = { turn, path, movedTo, lines: linesAdded + linesRemoved, stands, isCommitted: false };
    this.hunks.set(id, counted);
    this.count(counted, 1);
  }

  private remove(hunk: HunkId): void {
    const counted = this.hunks.get(hunk);
    if (counted === undefined) return;
    this.hunks.delete(hunk);
    this.count(counted, -1);
  }

  private count(counted: Counted, sign: 1 | -1): void {
    if (!counted.stands) this.held += sign;
    this.turns.get(counted.turn)?.add(counted, sign);
    if (!counted.isCommitted) this.open.add(counted, sign);
  }

  private commit(hunk: HunkId): void {
    const counted = this.hunks.get(hunk);
    if (counted === undefined || counted.isCommitted) return;
    this.open.add(counted, -1);
    counted.isCommitted = true;
  }
}
