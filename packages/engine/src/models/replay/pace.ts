/** When how much of a text is due, at a pace that may change at any moment. Owns the one timer of an answer; knows no text. */

/** Tokens a second; 0: as fast as it goes. */
export type TokensPerSecond = number;

/** The usual rule of thumb for code and English. */
const charactersPerToken = 4;

/** Nobody sees more often than this; ms. */
const shortestTick = 5;
/** After a stall so much is caught up, in ms of text: a burst that nobody could watch is no pace. */
const mostCaughtUp = 40;
/** At no pace at all, so much goes out at once, and what else happens gets its turn. */
const burst = 16 * 1024;

export interface PacedRun {
  /** So many more characters are due. False: nothing is left, and nothing is asked again. */
  readonly advance: (characters: number) => boolean;
  /** It has to wait for others. */
  readonly blocked: () => boolean;
}

export class Pacer {
  private run: PacedRun | undefined;
  private rate: TokensPerSecond;
  private timer: NodeJS.Timeout | undefined;
  private immediate: NodeJS.Immediate | undefined;
  /** Characters that are due and not out; a part of one counts. */
  private credit = 0;
  /** Until when the clock has been counted, ms. Ahead of the clock until the first token. */
  private counted = 0;

  constructor(rate: TokensPerSecond) {
    this.rate = rate;
  }

  get pace(): TokensPerSecond {
    return this.rate;
  }

  set pace(rate: TokensPerSecond) {
    this.count();
    this.rate = rate;
    if (this.run !== undefined) this.schedule();
  }

  start(run: PacedRun): void {
    this.run = run;
    this.credit = 0;
    this.counted = performance.now() + firstTokenMs(this.rate);
    this.schedule();
  }

  stop(): void {
    this.run = undefined;
    this.unschedule();
  }

  private count(): void {
    const now = performance.now();
    if (now <= this.counted) return;
    const perMs = (this.rate * charactersPerToken) / 1000;
    this.credit = Math.min(this.credit + (now - this.counted) * perMs, Math.max(charactersPerToken, mostCaughtUp * perMs));
    this.counted = now;
  }

  private schedule(): void {
    this.unschedule();
    const next = (): void => this.tick();
    const waits = this.run?.blocked() === true;
    if (this.rate === 0 && !waits) this.immediate = setImmediate(next);
    else {
      const oneToken = this.rate === 0 ? 0 : 1000 / this.rate;
      this.timer = setTimeout(next, Math.max(shortestTick, oneToken, this.rate === 0 ? 0 : this.counted - performance.now()));
    }
  }

  private unschedule(): void {
    clearTimeout(this.timer);
    if (this.immediate !== undefined) clearImmediate(this.immediate);
  }

  private tick(): void {
    const { run } = this;
    if (run === undefined) return;
    this.count();
    const due = this.rate === 0 ? burst : Math.floor(this.credit);
    this.credit = this.rate === 0 ? 0 : this.credit - due;
    // Whoever is told may stop or start anew; then this run is over.
    const more = run.blocked() || due === 0 || run.advance(due);
    if (this.run !== run) return;
    if (more) this.schedule();
    else this.run = undefined;
  }
}

/** The time to first token is simulated as well: 200 ms at 1,000 tokens a second, longer where all is slower. */
function firstTokenMs(rate: TokensPerSecond): number {
  return rate === 0 ? 0 : Math.min(400, Math.max(100, 200_000 / rate));
}
