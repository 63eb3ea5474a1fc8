import { expect, test } from "vitest";
import { LimitGate } from "./limit-gate.ts";
import type { Trouble } from "./trouble.ts";

const limit = (name: string): Trouble => ({ at: "event", error: { message: name } });

test("before the reset one request is let through, whatever becomes of it; behind it all are", () => {
  const gate = new LimitGate();
  expect(gate.enter(0)).toBeUndefined();
  gate.close(limit("first"), { until: 100, retried: false });
  expect(gate.enter(10)).toBeUndefined();
  expect(gate.enter(20)).toEqual(limit("first"));
  expect(gate.enter(100)).toBeUndefined();
  expect(gate.enter(50)).toBeUndefined();
});

test("none, when it had been retried already, or met the limit twice", () => {
  const gate = new LimitGate();
  gate.close(limit("first"), { until: 100, retried: true });
  expect(gate.enter(10)).toEqual(limit("first"));
  gate.open();
  gate.close(limit("first"), { until: 100, retried: false });
  gate.close(limit("second"), { until: 200, retried: false });
  expect(gate.enter(150)).toEqual(limit("second"));
});

test("a request that gets through opens it", () => {
  const gate = new LimitGate();
  gate.close(limit("first"), { until: 100, retried: true });
  gate.open();
  expect(gate.enter(10)).toBeUndefined();
  expect(gate.enter(11)).toBeUndefined();
});
