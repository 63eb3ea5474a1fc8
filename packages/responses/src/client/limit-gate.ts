/** Keeps requests back that a limit would refuse: before its reset only one is tried, for limits may be lifted early. */
import type { Trouble } from "./trouble.ts";

export class LimitGate {
  #limit: { readonly until: number; tried: boolean; readonly trouble: Trouble } | undefined;

  /** A request is to be sent. Gives the trouble that it would meet; undefined: let it go. `now` in milliseconds since 1970. */
  enter(now: number): Trouble | undefined {
    if (this.#limit === undefined || this.#limit.until <= now) return this.open();
    if (this.#limit.tried) return this.#limit.trouble;
    this.#limit.tried = true;
    return undefined;
  }

  /** A request has met a limit that is reset at `until`. `retried`: a second time. */
  close(trouble: Trouble, { until, retried }: { readonly until: number; readonly retried: boolean }): void {
    if (this.#limit?.trouble !== trouble) this.#limit = { until, tried: retried || this.#limit !== undefined, trouble };
  }

  /** A request has got through. */
  open(): undefined {
    this.#limit = undefined;
  }
}
