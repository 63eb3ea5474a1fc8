import { setTimeout as pause } from "node:timers/promises";
import { expect, it } from "vitest";
import { watchOwnDelays } from "./own-delays.ts";

it("knows when its own thread was late, and when it was not", async () => {
  const own = watchOwnDelays();
  await pause(20);
  const from = performance.now();
  while (performance.now() - from < 15);
  const to = performance.now();
  await pause(20);
  const later = performance.now();
  own.end();
  expect(own.overlap(from, to)).toBe(true);
  expect(own.overlap(from - 1, from + 1)).toBe(true);
  expect(own.overlap(later, later + 5)).toBe(false);
});
