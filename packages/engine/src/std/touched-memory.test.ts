import fc from "fast-check";
import { expect, test } from "vitest";
import { takeMemory, touchMemoryFor } from "./touched-memory.ts";

const size = fc.oneof(fc.nat({ max: 200 }), fc.nat({ max: 2 * 1024 * 1024 }), fc.integer({ min: 60_000, max: 100_000 }));
const step = fc.record({ touch: fc.boolean(), size });

test("whatever is prepared, each taker gets as many bytes as it asks for, and nobody else has them", () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 12 }), (steps) => {
      const taken: Uint8Array[] = [];
      for (const { touch, size: wanted } of steps) {
        if (touch) touchMemoryFor(wanted);
        else taken.push(takeMemory(wanted).fill(taken.length + 1));
      }
      for (const [at, bytes] of taken.entries()) expect(bytes.every((byte) => byte === at + 1)).toBe(true);
      const wanted = steps.filter(({ touch }) => !touch).map((one) => one.size);
      expect(taken.map(({ length }) => length)).toEqual(wanted);
    }),
  );
});

test("what was prepared is taken once", () => {
  touchMemoryFor(100_000);
  const [first, second] = [takeMemory(100_010), takeMemory(100_010)];
  expect(first.buffer.byteLength).toBeGreaterThan(100_010);
  expect(second.buffer.byteLength).toBe(100_010);
});
