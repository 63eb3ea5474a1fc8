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

export function createFrames({ timing, draw, blocked }: FrameOptions): Frames {
  let wanted = false;
  let nextAt = Number.NEGATIVE_INFINITY;
  let quietUntil = Number.NEGATIVE_INFINITY;
  let callOff: (() => void) | undefined;
  let isSoon = false;
  let closed = false;

  const drawNow = (): void => {
    wanted = false;
    nextAt = timing.now() + frameMs;
    draw();
  };
  const drawSoon = (): void => {
    if (isSoon) return;
    isSoon = true;
    timing.soon(() => {
      isSoon = false;
      if (!wanted || closed || blocked()) return;
      // The size may change by now.
      if (quietUntil > timing.now()) proceed();
      else drawNow();
    });
  };
  const proceed = (): void => {
    // Blocked: `drained` comes back to it.
    if (!wanted || closed || callOff !== undefined || blocked()) return;
    const wait = Math.max(nextAt, quietUntil) - timing.now();
    if (wait <= 0) return drawSoon();
    callOff = timing.after(wait, () => {
      callOff = undefined;
      proceed();
    });
  };
  const cancel = (): void => {
    callOff?.();
    callOff = undefined;
  };

  const atOnce = (): void => {
    wanted = true;
    nextAt = timing.now();
    cancel();
    proceed();
  };

  return {
    request() {
      wanted = true;
      proceed();
    },
    atOnce,
    immediately() {
      if (closed || blocked() || quietUntil > timing.now()) return atOnce();
      cancel();
      drawNow();
    },
    drained: proceed,
    settle() {
      cancel();
      quietUntil = timing.now() + settleMs;
      wanted = true;
      proceed();
    },
    flush() {
      cancel();
      if (wanted && !closed) drawNow();
    },
    close() {
      closed = true;
      cancel();
    },
  };
}
