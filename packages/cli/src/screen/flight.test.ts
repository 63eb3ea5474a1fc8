/** Frames that are on their way while the terminal changes its size: whatever it has carried out by then, nothing final is lost. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { openEmulator } from "../../test/emulator.ts";
import { createFlight } from "./flight.ts";
import type { DrawnRegion } from "./reflow.ts";
import { createRenderer } from "./renderer.ts";

const runs = 15 * Number(process.env["TWOLANE_TEST_SCALE"] ?? 1);

const region = (row: number): DrawnRegion => ({ lines: ["a", "b"], cursor: { row, column: 0 }, size: { columns: 80, rows: 24 } });

describe("a slow terminal", () => {
  test("is given so many frames, and more as it answers", () => {
    const flight = createFlight(() => 0, region(0));
    for (let sent = 0; sent < 24; sent++) {
      expect(flight.behind()).toBe(false);
      flight.sent(region(1), true);
    }
    expect(flight.behind()).toBe(true);
    flight.done();
    expect(flight.behind()).toBe(false);
  });

  test("that answers no longer is not waited for", () => {
    let now = 0;
    const flight = createFlight(() => now, region(0));
    for (let sent = 0; sent < 24; sent++) flight.sent(region(1), true);
    now = 1000;
    expect(flight.behind()).toBe(false);
    for (let sent = 0; sent < 48; sent++) flight.sent(region(1), true);
    expect(flight.behind()).toBe(false);
  });
});

const lines = (letters: string): fc.Arbitrary<string> =>
  fc
    .tuple(fc.constantFrom(...letters.split("")), fc.integer({ min: 0, max: 90 }))
    .map(([letter, length]) => letter.repeat(length));
const frames = fc.array(
  fc.record({
    final: fc.array(lines("x0"), { maxLength: 2 }),
    live: fc.array(lines("l."), { minLength: 1, maxLength: 5 }),
    cursor: fc.tuple(fc.nat(4), fc.nat(90)),
  }),
  { minLength: 1, maxLength: 6 },
);
const scenes = fc.array(
  fc.record({
    frames,
    /** How much of the output the terminal has taken before it changes its size, and how many answers have come by then. */
    taken: fc.double({ min: 0, max: 1, noNaN: true }),
    heard: fc.nat(6),
    cols: fc.integer({ min: 20, max: 100 }),
  }),
  { minLength: 1, maxLength: 4 },
);

test.each([
  ["all", "all"],
  ["not-cursor", "xterm.js"],
  ["none", "none"],
] as const)("wrapping %s", async (emulated, reflow) => {
  await fc.assert(
    fc.asyncProperty(scenes, async (steps) => {
      const rows = 40;
      const emulator = openEmulator({ cols: 90, rows, reflow: emulated });
      let pending = "";
      const renderer = createRenderer({
        write: (text) => void (pending += text),
        size: { columns: 90, rows },
        ...{ reflow: () => reflow, synchronized: () => true, answersFrames: () => true, now: () => 0 },
      });
      let final = 0;
      for (const { frames: drawn, taken, heard, cols } of steps) {
        const ends: number[] = [];
        for (const frame of drawn) {
          const { length } = pending;
          renderer.frame({
            final: frame.final.map((line) => `F${final++}|${line}`),
            live: frame.live,
            cursor: { row: frame.cursor[0], column: frame.cursor[1] },
          });
          if (pending.length > length) ends.push(pending.length);
        }
        const before = Math.floor(pending.length * taken);
        const carriedOut = ends.filter((end) => end <= before).length;
        const answered = Math.min(heard, carriedOut);
        await emulator.feed(pending.slice(0, before));
        for (let answer = 0; answer < answered; answer++) renderer.frameDone();
        await emulator.resize(cols, rows);
        renderer.resize({ columns: cols, rows });
        await emulator.feed(pending.slice(before));
        pending = "";
        for (let answer = answered; answer < ends.length; answer++) renderer.frameDone();
      }
      renderer.finish(["the end"]);
      await emulator.feed(pending);
      const text = emulator.scrollback().join("\n");
      expect(text.match(/F\d+\|/g) ?? []).toEqual(Array.from({ length: final }, (_, index) => `F${index}|`));
      expect(text.match(/the end/g)).toHaveLength(1);
    }),
    { numRuns: runs, endOnFailure: true },
  );
});
