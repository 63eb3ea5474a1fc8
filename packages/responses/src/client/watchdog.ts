/** A timer that is put off often: `touch` only notes the time, so that it costs next to nothing per event. */
export class Watchdog {
  readonly #onSilence: () => void;
  #timer: NodeJS.Timeout | undefined;
  /** Moment at which it fires, by `performance.now()`. */
  #firesAt = 0;
  #patienceMs = 0;
  #touchedAt = 0;

  constructor(onSilence: () => void) {
    this.#onSilence = onSilence;
  }

  /** Calls back once when nothing touched it for `patienceMs`. Starts anew each time. */
  start(patienceMs: number): void {
    this.#patienceMs = patienceMs;
    this.touch();
    // One that fires before that looks how much is left.
    if (this.#timer !== undefined && this.#firesAt <= this.#touchedAt + patienceMs) return;
    this.stop();
    this.#wait(patienceMs);
  }

  touch(): void {
    this.#touchedAt = performance.now();
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  #wait(ms: number): void {
    this.#firesAt = performance.now() + ms;
    this.#timer = setTimeout(() => {
      const left = this.#touchedAt + this.#patienceMs - performance.now();
      // Timers fire up to a millisecond early.
      if (left > 1) return this.#wait(left);
      this.#timer = undefined;
      this.#onSilence();
    }, ms);
  }
}
