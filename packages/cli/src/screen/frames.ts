/**
 * When to draw: the first change as soon as what it has led to is done, then at most every 8 ms while things change, what somebody
 * waits for at once, and nothing before the terminal has taken what was drawn last. Pure timing: knows neither what is drawn nor a timer
 * of its own.
 */

export interface FrameTiming {
  /** Milliseconds that never go back. */
  now(): number;
  /** Calls back once; the answer calls it off. */
  after(ms: number, call: () => void): () => void;
  /** Calls back once everything that is under way has been done: a request goes out before the frame that shows it is drawn. */
  soon(call: () => void): void;
}

export const systemTiming: FrameTiming = {
  now: () => performance.now(),
  after(ms, call) {
    const timer = setTimeout(call, ms);
    return () => clearTimeout(timer);
  },
  soon: (call) => void setImmediate(call),
};

export interface FrameOptions {
  readonly timing: FrameTiming;
  /** Draws the newest state; whatever happened since the last call is in it. */
  readonly draw: () => void;
  /** The terminal has not yet taken what was written: drawing more would only fall further behind. */
  readonly blocked: () => boolean;
}

export interface Frames {
  /** Something has changed. Draws at once if it may, else as soon as it may; any number of requests become one frame. */
  request(): void;
  /** What somebody waits for has come, as what a key does: as `request`, without the wait for the next frame's time. */
  atOnce(): void;
  /** As `atOnce`, and within this call: what has come behind it and is not worked through yet would take longer than a frame. */
  immediately(): void;
  /** The terminal has taken what was written (`drain`). */
  drained(): void;
  /** The terminal's size changes: nothing is drawn until it has been quiet for some milliseconds, then one frame. */
  settle(): void;
  /** Draws now what was asked for, whatever the time; for the last frame before leaving. */
  flush(): void;
  /** Nothing is drawn any more. */
  close(): void;
}

const frameMs = 8;
/** Sizes come in bursts while a window is dragged; a frame in between would be drawn for a size that is gone when it arrives. */
const settleMs = 24;

export function createFrames(options: FrameOptions): Frames {
  return new FrameClock(options);
}

class FrameClock implements Frames {
  private readonly options: FrameOptions;
  private wanted = false;
  private nextAt = Number.NEGATIVE_INFINITY;
  private quietUntil = Number.NEGATIVE_INFINITY;
  private callOff: (() => void) | undefined;
  private isSoon = false;
  private closed = false;

  constructor(options: FrameOptions) {
    this.options = options;
  }

  request(): void {
    this.wanted = true;
    this.proceed();
  }

  atOnce(): void {
    this.wanted = true;
    this.nextAt = this.now();
    this.cancel();
    this.proceed();
  }

  immediately(): void {
    if (this.closed || this.options.blocked() || this.isResizing()) return this.atOnce();
    this.cancel();
    this.draw();
  }

  drained(): void {
    this.proceed();
  }

  settle(): void {
    this.cancel();
    this.quietUntil = this.now() + settleMs;
    this.wanted = true;
    this.proceed();
  }

  flush(): void {
    this.cancel();
    if (this.wanted && !this.closed) this.draw();
  }

  close(): void {
    this.closed = true;
    this.cancel();
  }

  private now(): number {
    return this.options.timing.now();
  }

  private isResizing(): boolean {
    return this.quietUntil > this.now();
  }

  private draw(): void {
    this.wanted = false;
    this.nextAt = this.now() + frameMs;
    this.options.draw();
  }

  private drawSoon(): void {
    if (this.isSoon) return;
    this.isSoon = true;
    this.options.timing.soon(() => {
      this.isSoon = false;
      if (!this.wanted || this.closed || this.options.blocked()) return;
      // The size may change by now.
      if (this.isResizing()) this.proceed();
      else this.draw();
    });
  }

  private proceed(): void {
    // Blocked: `drained` comes back to it.
    if (!this.wanted || this.closed || this.callOff !== undefined || this.options.blocked()) return;
    const wait = Math.max(this.nextAt, this.quietUntil) - this.now();
    if (wait <= 0) return this.drawSoon();
    this.callOff = this.options.timing.after(wait, () => {
      this.callOff = undefined;
      this.proceed();
    });
  }

  private cancel(): void {
    this.callOff?.();
    this.callOff = undefined;
  }
}
