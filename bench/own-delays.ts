/**
 * When the thread that measures was late itself: it collects garbage too, and plays the model as well. A moment that it took then says
 * nothing of the program that it looks at.
 */
import { setTimeout as pause } from "node:timers/promises";

const tickMs = 1;
/** Shorter delays are part of the noise of each sample. */
const lateMs = 2;
const kept = 1000;
/** After this a delay is known; ms. */
const knownAfterMs = 4;

/** Two moments (`performance.now()`). `to` not behind `from`: nothing came any more. */
export interface Sample {
  readonly from: number;
  readonly to: number;
}

/** Takes samples until `count` of them, in ms, were taken in time; 0 where nothing came. Throws where most are late. */
export async function takeInTime(count: number, take: (nth: number) => Promise<Sample>): Promise<number[]> {
  const own = watchOwnDelays();
  const times: number[] = [];
  try {
    for (let nth = 0; times.length < count; nth++) {
      if (nth > 3 * count) throw new Error("the machine is too busy: more was measured late than in time");
      const { from, to } = await take(nth);
      await pause(knownAfterMs);
      if (to <= from || !own.overlap(from, to)) times.push(Math.max(0, to - from));
    }
  } finally {
    own.end();
  }
  return times;
}

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
  return {
    overlap: (from, to) => delays.some((delay) => delay.from < to && delay.to > from),
    end: () => clearInterval(timer),
  };
}
