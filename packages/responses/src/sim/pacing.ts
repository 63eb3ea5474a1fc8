/**
 * Plays emitted events into an outlet at a model's pace: waits for the first token, holds the average rate (several events
 * a tick where the rate asks for it), rests where the reply rests, waits where the peer reads slowly. A player can be
 * stopped between any two events.
 */
import type { Emission, JsonObject } from "../server/reply.ts";

/** Where events go: one HTTP answer or one socket. */
export interface Outlet {
  encode(event: JsonObject): string;
  encodeRaw(text: string): string;
  /** Writes one frame. False: the peer is behind; wait for `whenDrained`. */
  write(frame: string): boolean;
  /** Runs `then` once the peer has caught up. */
  whenDrained(then: () => void): void;
  /** Sends together what `run` writes. */
  batch(run: () => void): void;
  /** Writes only the first `bytes` of a frame, then ends the connection without a goodbye. */
  tear(frame: string, bytes: number): void;
}

export type ByteFault =
  | { readonly kind: "cut"; readonly atByte: number }
  /** The event that holds this byte comes `ms` later; without `ms` never. */
  | { readonly kind: "stall"; readonly atByte: number; readonly ms?: number | undefined };

export interface TokenHold {
  readonly atToken: number;
  readonly reached: () => void;
}

export interface PlayerOptions {
  readonly outlet: Outlet;
  readonly emissions: Iterator<Emission>;
  readonly ttftMs: number;
  /** 0: as fast as the outlet takes it. */
  readonly tokensPerSecond: number;
  readonly byteFault?: ByteFault | undefined;
  /** Behind so many tokens nothing is written any more; `reached` is called once then. */
  readonly hold?: TokenHold | undefined;
  /** Called once, after the last event, unless the player was stopped before. `cut`: by its fault. */
  readonly onEnd: (how: "played" | "cut") => void;
}

/** Events written in one go, before others on this machine get their turn. */
const EVENTS_PER_SLICE = 256;

export class Player {
  readonly #options: PlayerOptions;
  readonly #startedAt = performance.now();
  #firstTokenAt = 0;
  #tokens = 0;
  #bytes = 0;
  #held: Emission | undefined;
  #timer: NodeJS.Timeout | undefined;
  #stopped = false;
  #byteFault: ByteFault | undefined;

  constructor(options: PlayerOptions) {
    this.#options = options;
    this.#byteFault = options.byteFault;
  }

  /** Plays what is due now, within this call; the rest by timers. */
  play(): void {
    this.#options.outlet.batch(() => this.#slice());
  }

  /** Nothing is written after this. */
  stop(): void {
    this.#stopped = true;
    clearTimeout(this.#timer);
  }

  #slice(): void {
    for (let events = 0; !this.#stopped; events += 1) {
      if (events >= EVENTS_PER_SLICE) return void setImmediate(() => this.play());
      const emission = this.#held ?? this.#pull();
      this.#held = undefined;
      if (emission === undefined) return;
      if (emission.kind === "first" || emission.kind === "pause") {
        if (this.#rest(emission)) return;
        continue;
      }
      if (emission.kind === "event" && this.#isHeld(emission.tokens)) return this.#options.hold?.reached();
      const wait = emission.kind === "event" ? this.#waitFor(emission.tokens) : 0;
      if (wait > 0) {
        this.#held = emission;
        return this.#later(wait);
      }
      if (!this.#emit(emission)) return;
    }
  }

  #isHeld(tokens: number): boolean {
    const { hold } = this.#options;
    return hold !== undefined && tokens > 0 && this.#tokens + tokens > hold.atToken;
  }

  #pull(): Emission | undefined {
    const next = this.#options.emissions.next();
    if (!next.done) return next.value;
    this.stop();
    this.#options.onEnd("played");
    return undefined;
  }

  /** Milliseconds until an event that carries tokens is due; structure travels along at once. */
  #waitFor(tokens: number): number {
    const rate = this.#options.tokensPerSecond;
    if (rate <= 0 || tokens <= 0) return 0;
    const due = this.#firstTokenAt + (this.#tokens * 1000) / rate;
    return due - performance.now();
  }

  /** True where the slice ends here. */
  #rest(emission: { kind: "first" } | { kind: "pause"; ms: number }): boolean {
    const now = performance.now();
    const wait = emission.kind === "pause" ? emission.ms : this.#startedAt + this.#options.ttftMs - now;
    const resumeAt = now + Math.max(0, wait);
    const rate = this.#options.tokensPerSecond;
    this.#firstTokenAt = resumeAt - (rate > 0 ? (this.#tokens * 1000) / rate : 0);
    if (wait > 0) this.#later(wait);
    return wait > 0;
  }

  #later(ms: number): void {
    this.#timer = setTimeout(() => this.play(), ms);
  }

  /** Writes one event; false where the slice ends with it. */
  #emit(emission: Emission & { kind: "event" | "raw" }): boolean {
    const { outlet } = this.#options;
    const frame = emission.kind === "event" ? outlet.encode(emission.event) : outlet.encodeRaw(emission.text);
    if (emission.kind === "event") this.#tokens += emission.tokens;
    if (this.#byteFault !== undefined) {
      const length = Buffer.byteLength(frame);
      const keep = this.#byteFault.atByte - this.#bytes;
      if (keep < length) return this.#break(this.#byteFault, { frame, keep });
      this.#bytes += length;
    }
    if (outlet.write(frame)) return true;
    outlet.whenDrained(() => {
      if (!this.#stopped) this.play();
    });
    return false;
  }

  #break(fault: ByteFault, at: { frame: string; keep: number }): false {
    const { outlet, onEnd } = this.#options;
    if (fault.kind === "cut") {
      this.stop();
      outlet.tear(at.frame, at.keep);
      onEnd("cut");
      return false;
    }
    this.#byteFault = undefined;
    if (fault.ms === undefined) return false;
    this.#timer = setTimeout(() => {
      outlet.write(at.frame);
      this.play();
    }, fault.ms);
    return false;
  }
}
