/** When how much of a replay's text is due. The clock is the test's. */
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { Pacer } from "../src/models/replay/pace.ts";

beforeEach(
  () => void vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "setImmediate", "clearImmediate", "performance"] }),
);
afterEach(() => void vi.useRealTimers());

/** Collects what is due, with the time of each piece, ms. */
function collect(
  pacer: Pacer,
  length: number,
  blocked = () => false,
): { readonly pieces: { readonly at: number; readonly size: number }[]; out(): number } {
  const from = performance.now();
  const pieces: { readonly at: number; readonly size: number }[] = [];
  const out = (): number => pieces.reduce((sum, { size }) => sum + size, 0);
  pacer.start({
    blocked,
    advance(due) {
      pieces.push({ at: performance.now() - from, size: Math.min(due, length - out()) });
      return out() < length;
    },
  });
  return { pieces, out };
}

describe("the pace", () => {
  it.each([65, 300, 1000, 2000])("is %i tokens of four characters a second, behind the time to first token", (rate) => {
    const { pieces, out } = collect(new Pacer(rate), 100_000);
    const first = Math.min(400, Math.max(100, 200_000 / rate));
    vi.advanceTimersByTime(first);
    expect(out()).toBe(0);
    vi.advanceTimersByTime(3000);
    expect(out()).toBeGreaterThan(3 * rate * 4 * 0.97);
    expect(out()).toBeLessThanOrEqual(3 * rate * 4);
    const gaps = pieces.slice(1).map(({ at }, index) => at - (pieces[index]?.at ?? 0));
    expect(Math.min(...gaps)).toBeGreaterThanOrEqual(5);
  });

  it("changes at any moment, and counts what was due before at the old one", () => {
    const pacer = new Pacer(100);
    const { out } = collect(pacer, 100_000);
    vi.advanceTimersByTime(400 + 1000);
    expect(out()).toBeCloseTo(400, -1);
    pacer.pace = 2000;
    vi.advanceTimersByTime(1000);
    expect(out()).toBeGreaterThan(8200);
    expect(out()).toBeLessThanOrEqual(8400);
    pacer.pace = 0;
    vi.advanceTimersByTime(100);
    expect(out()).toBe(100_000);
  });

  it("is none at 0: all at once, in pieces that let others in", () => {
    const { pieces } = collect(new Pacer(0), 100_000);
    expect(pieces).toEqual([]);
    vi.advanceTimersByTime(20);
    expect(pieces.length).toBeGreaterThan(5);
  });

  it("stops at once, and waits for whoever blocks it", () => {
    let isBlocked = true;
    const pacer = new Pacer(0);
    const { out, pieces } = collect(pacer, 100_000, () => isBlocked);
    vi.advanceTimersByTime(500);
    expect(out()).toBe(0);
    isBlocked = false;
    vi.advanceTimersToNextTimer();
    expect(pieces).toHaveLength(1);
    pacer.stop();
    vi.advanceTimersByTime(500);
    expect(pieces).toHaveLength(1);
    expect(vi.getTimerCount()).toBe(0);
  });

  it("does not catch up after a stall", () => {
    const { pieces } = collect(new Pacer(1000), 100_000);
    vi.advanceTimersByTime(300);
    const now = performance.now();
    vi.spyOn(performance, "now").mockImplementation(() => now + 2000);
    const before = pieces.length;
    vi.advanceTimersToNextTimer();
    vi.restoreAllMocks();
    expect(pieces.length).toBe(before + 1);
    expect(pieces.at(-1)?.size).toBeLessThanOrEqual(160);
  });
});
