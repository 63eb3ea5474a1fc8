/** A timer that is put off often: `touch` only notes the time, so that it costs next to nothing per event. */
export class Watchdog {
  readonly #onSilence: () => void;
  #timer: NodeJS.Timeout | undefined;
  #patienceMs = 0;
  #touchedAt = 0;

  constructor(onSilence: () => void) {
    this.#onSilence = onSilence;
  }

  /** Calls back once when nothing touched it for `patienceMs`. Starts anew each time. */
  start(patienceMs: number): void {
    this.stop();
    this.#patienceMs = patienceMs;
    this.touch();
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
    this.#timer = setTimeout(() => {
      const left = this.#touchedAt + this.#patienceMs - performance.now();
      // Timers fire up to a millisecond early.
      if (left > 1) return this.#wait(left);
      this.#timer = undefined;
      this.#onSilence();
    }, ms);
  }
}
