/**
 * How much a turn and the session's uncommitted work have changed so far, by file: what the limits on the size of a diff are compared
 * with. A fold over what becomes of hunks; one that has its place counts from then on, whether or not it is on disk yet.
 */
import type { EventBody, Hunk, HunkId, TurnId } from "@twolane/protocol";
import type { ChangeTotals } from "@twolane/policy";

interface Counted {
  readonly turn: TurnId;
  readonly paths: readonly string[];
  readonly lines: number;
  isCommitted: boolean;
}

class Sum {
  readonly lines = new Map<string, number>();
  count = 0;
  private readonly hunks = new Map<string, number>();

  add({ paths, lines }: Counted, sign: 1 | -1): void {
    this.count += sign;
    for (const [index, path] of paths.entries()) {
      const hunks = (this.hunks.get(path) ?? 0) + sign;
      // The lines of a move count once.
      const total = (this.lines.get(path) ?? 0) + (index === 0 ? sign * lines : 0);
      if (hunks > 0) {
        this.hunks.set(path, hunks);
        this.lines.set(path, total);
      } else {
        this.hunks.delete(path);
        this.lines.delete(path);
      }
    }
  }
}

const nothing: ChangeTotals = new Map();

export interface Totals {
  readonly turn: ChangeTotals;
  readonly changeSet: ChangeTotals;
  /** Hunks of the turn. */
  readonly turnHunks: number;
}

class Tally {
  private readonly hunks = new Map<HunkId, Counted>();
  private readonly turns = new Map<TurnId, Sum>();
  private readonly open = new Sum();

  get size(): number {
    return this.hunks.size;
  }

  add(hunk: Hunk): void {
    if (this.hunks.has(hunk.id)) return;
    const { turn, path, movedTo, linesAdded, linesRemoved } = hunk;
    const paths = movedTo === undefined ? [path] : [path, movedTo];
    const counted: Counted = { turn, paths, lines: linesAdded + linesRemoved, isCommitted: false };
    this.hunks.set(hunk.id, counted);
    this.ofTurn(turn).add(counted, 1);
    this.open.add(counted, 1);
  }

  remove(hunk: HunkId): void {
    const counted = this.hunks.get(hunk);
    if (counted === undefined) return;
    this.hunks.delete(hunk);
    this.ofTurn(counted.turn).add(counted, -1);
    if (!counted.isCommitted) this.open.add(counted, -1);
  }

  commit(hunk: HunkId): void {
    const counted = this.hunks.get(hunk);
    if (counted === undefined || counted.isCommitted) return;
    counted.isCommitted = true;
    this.open.add(counted, -1);
  }

  /** Without this hunk, if it counts already. */
  around(hunk: HunkId, turn: TurnId): Totals {
    const own = this.hunks.get(hunk);
    const { lines, count } = this.turns.get(turn) ?? { lines: nothing, count: 0 };
    if (own === undefined) return { turn: lines, changeSet: this.open.lines, turnHunks: count };
    const other = new Tally();
    for (const [id, counted] of this.hunks) {
      if (id === hunk) continue;
      if (counted.turn === turn) other.ofTurn(turn).add(counted, 1);
      if (!counted.isCommitted) other.open.add(counted, 1);
    }
    return other.around("", turn);
  }

  private ofTurn(turn: TurnId): Sum {
    const known = this.turns.get(turn) ?? new Sum();
    this.turns.set(turn, known);
    return known;
  }
}

export class SessionTotals {
  private readonly standing = new Tally();
  /** With what is held and may still land. */
  private readonly proposed = new Tally();

  /** The hunk has its place. */
  add(hunk: Hunk): void {
    this.standing.add(hunk);
    this.proposed.add(hunk);
  }

  observe(event: EventBody): void {
    switch (event.type) {
      case "hunk.landed":
        return this.add(event.hunk);
      case "hunk.held":
        this.standing.remove(event.hunk.id);
        // Of what a job offers, what is not taken is proposed to nobody.
        if (event.verdict.decision === "block" || event.hunk.job !== undefined) return this.proposed.remove(event.hunk.id);
        return this.proposed.add(event.hunk);
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
    return this.standing.around(hunk, turn);
  }

  /** The same with what is held; undefined where that is the same. */
  aroundProposed(hunk: HunkId, turn: TurnId): Totals | undefined {
    return this.proposed.size === this.standing.size ? undefined : this.proposed.around(hunk, turn);
  }

  private remove(hunk: HunkId): void {
    this.standing.remove(hunk);
    this.proposed.remove(hunk);
  }

  private commit(hunk: HunkId): void {
    this.standing.commit(hunk);
    this.proposed.commit(hunk);
  }
}
