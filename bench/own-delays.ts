/**
 * When the thread that measures was late itself: it collects garbage too, and plays the model as well. A moment that it took then says
 * nothing of the program that it looks at.
 */
const tickMs = 1;
/** Shorter delays are part of the noise of each sample. */
const lateMs = 2;
const kept = 1000;

export interface OwnDelays {
  /** True if it was late at some time between two moments (`performance.now()`). Known a few milliseconds afterwards. */
  overlap(from: number, to: number): boolean;
  end(): void;
}

export function watchOwnDelays(): OwnDelays {
  const delays: { readonly from: number; readonly to: number }[] = [];
  let before = performance.now();
  const timer = setInterval(() => {
    const now = performance.now();
    if (now - before > tickMs + lateMs) delays.push({ from: before, to: now });
    if (delays.length > kept) delays.shift();
    before = now;
  }, tickMs);
  // Where a measurement fails nobody ends it.
  timer.unref();
  return {
    overlap: (from, to) => delays.some((delay) => delay.from < to && delay.to > from),
    end: () => clearInterval(timer),
  };
}
