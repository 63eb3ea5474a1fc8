/** Frames under a clock of the test: the first at once, then spaced, the last state never missing. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { createFrames, type Frames } from "./frames.ts";

interface Bench {
  readonly frames: Frames;
  /** When each frame was drawn. */
  readonly drawn: number[];
  busy: boolean;
  /** To a point in time, with what falls due until then. */
  go(to: number): void;
}

function bench(): Bench {
  let now = 0;
  const timers = new Map<number, { at: number; call: () => void }>();
  let count = 0;
  const drawn: number[] = [];
  const bench: Bench = {
    frames: createFrames({
      timing: {
        now: () => now,
        after(ms, call) {
          const id = count++;
          timers.set(id, { at: now + ms, call });
          return () => void timers.delete(id);
        },
        soon: (call) => call(),
      },
      draw: () => void drawn.push(now),
      blocked: () => bench.busy,
    }),
    drawn,
    busy: false,
    go(to) {
      for (;;) {
        const [due] = [...timers].filter(([, { at }]) => at <= to).toSorted(([, a], [, b]) => a.at - b.at);
        if (due === undefined) break;
        timers.delete(due[0]);
        now = Math.max(now, due[1].at);
        due[1].call();
      }
      now = to;
    },
  };
  return bench;
}

describe("frames", () => {
  test("the first at once, then every 8 ms while things change, then none", () => {
    const { frames, drawn, go } = bench();
    for (let ms = 0; ms <= 20; ms++) {
      go(ms);
      frames.request();
    }
    go(1000);
    expect(drawn).toEqual([0, 8, 16, 24]);
    frames.request();
    expect(drawn.at(-1)).toBe(1000);
  });

  test("what somebody waits for is seen at once, unless the terminal is behind or its size changes", () => {
    const table = bench();
    table.frames.request();
    table.go(3);
    table.frames.request();
    table.frames.atOnce();
    table.go(5);
    table.frames.request();
    table.go(20);
    table.busy = true;
    table.frames.atOnce();
    table.go(30);
    table.busy = false;
    table.frames.drained();
    table.frames.settle();
    table.frames.atOnce();
    table.go(100);
    expect(table.drawn).toEqual([0, 3, 11, 30, 54]);
  });

  test("what would wait for much else is drawn within the call, unless the terminal is behind or its size changes", () => {
    let isBehind = false;
    let drawn = 0;
    // What is under way never ends.
    const timing = { now: () => 0, after: () => () => {}, soon: () => {} };
    const frames = createFrames({ timing, draw: () => void drawn++, blocked: () => isBehind });
    frames.atOnce();
    expect(drawn).toBe(0);
    frames.immediately();
    expect(drawn).toBe(1);
    isBehind = true;
    frames.immediately();
    isBehind = false;
    frames.settle();
    frames.immediately();
    frames.close();
    frames.immediately();
    expect(drawn).toBe(1);
  });

  test("what could not be drawn within the call is drawn as soon as it may", () => {
    const table = bench();
    table.busy = true;
    table.frames.immediately();
    table.go(9);
    table.busy = false;
    table.frames.drained();
    table.frames.settle();
    table.frames.immediately();
    table.go(100);
    expect(table.drawn).toEqual([9, 33]);
  });

  test("none while the terminal has not taken the last, one when it has", () => {
    const table = bench();
    table.frames.request();
    table.busy = true;
    for (let ms = 1; ms < 100; ms++) {
      table.go(ms);
      table.frames.request();
    }
    expect(table.drawn).toEqual([0]);
    table.busy = false;
    table.frames.drained();
    table.frames.drained();
    expect(table.drawn).toEqual([0, 99]);
  });

  test("none while the size changes, one soon after", () => {
    const { frames, drawn, go } = bench();
    for (let ms = 0; ms <= 100; ms += 10) {
      go(ms);
      frames.settle();
      frames.request();
    }
    expect(drawn).toEqual([]);
    go(1000);
    expect(drawn).toEqual([124]);
  });

  test("the last frame before leaving is drawn at once, and only if something has changed", () => {
    const { frames, drawn, go } = bench();
    frames.request();
    frames.request();
    frames.flush();
    frames.flush();
    go(100);
    frames.request();
    frames.close();
    frames.request();
    go(1000);
    expect(drawn).toEqual([0, 0, 100]);
  });

  test("whatever happens, frames are 8 ms apart and the newest state is drawn in the end", () => {
    const events = fc.array(fc.tuple(fc.nat(12), fc.constantFrom("request", "busy", "free", "settle")), { maxLength: 60 });
    fc.assert(
      fc.property(events, (steps) => {
        const table = bench();
        let now = 0;
        let lastRequest = -1;
        for (const [pause, step] of steps) {
          table.go((now += pause));
          if (step === "request" || step === "settle") lastRequest = now;
          if (step === "request") table.frames.request();
          if (step === "settle") table.frames.settle();
          if (step === "busy") table.busy = true;
          if (step === "free") {
            table.busy = false;
            table.frames.drained();
          }
        }
        table.busy = false;
        table.frames.drained();
        table.go(now + 1000);
        for (const [index, at] of table.drawn.entries())
          if (index > 0) expect(at - (table.drawn[index - 1] ?? 0)).toBeGreaterThanOrEqual(8);
        expect(table.drawn.at(-1) ?? -1).toBeGreaterThanOrEqual(lastRequest);
      }),
      { numRuns: 300 * Number(process.env["TWOLANE_TEST_SCALE"] ?? 1) },
    );
  });
});
