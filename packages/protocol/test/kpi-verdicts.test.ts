/** Verdicts of the guardrails, in made-up sessions whose truth is known. */
import type { AllowFor, CommandAnswer } from "@twolane/protocol";
import { sumVerdicts } from "@twolane/protocol/kpis";
import { expect, it } from "vitest";
import { SessionScript } from "./session-script.ts";

const started = (): SessionScript => new SessionScript().prompt().request().answer();
const told = (script: SessionScript): string[] =>
  script
    .kpis()
    .verdicts()
    .map(({ rule, lane, told: count, allowed, rejected }) => `${rule} ${lane} ${count} ${allowed} ${rejected}`);

const allow = (script: SessionScript, hunk: string, what: AllowFor, ...rules: readonly string[]): SessionScript =>
  script.say({ type: "hunk.allowed", hunk, for: what, rules: rules.map((rule) => ({ rule })) });

it("a hunk that is held is allowed, rejected, or waits", () => {
  const script = started();
  const [a, b, c] = [script.hold(), script.hold(), script.hold({}, "size")];
  allow(script, a, "once", "task").landAgain(a).accept(a).undo(a).reject(b);
  expect(told(script)).toEqual(["task fast 2 1 1", "size fast 1 0 0"]);
  expect(told(allow(script, c, "never", "size").reject(c))).toEqual(["task fast 2 1 1", "size fast 1 0 1"]);
});

it("held again it is one, and several rules are several", () => {
  const script = started();
  const id = script.hold();
  script.say(...script.events.flatMap((event) => (event.type === "hunk.held" ? [event] : [])));
  expect(told(allow(script, id, "session", "task", "size").landAgain(id))).toEqual(["size fast 1 1 0", "task fast 1 1 0"]);
});

it("what only waits for the person by the way of working is no verdict", () => {
  const script = started();
  for (const rule of ["plan", "step", "deep", "depends", "conflict", "concurrent-edit"]) script.reject(script.hold({}, rule));
  expect(told(script)).toEqual([]);
});

it("a job's hunk is the deep lane's", () => {
  const script = started();
  script.hold({ job: "d1" }, "size");
  expect(told(script)).toEqual(["size deep 1 0 0"]);
});

it("a command is answered, or was blocked and nobody could", () => {
  const script = started();
  const hold = (call: string, decision: "hold" | "block", answer?: CommandAnswer): void => {
    const verdict = { decision, rule: "commands", reason: "r", wayOut: "w" };
    script.say({ type: "command.held", call, command: "x", verdict, network: false, write: [] });
    if (answer !== undefined) script.say({ type: "command.answered", call, answer });
  };
  hold("c1", "hold", "always");
  hold("c2", "hold", "no");
  hold("c3", "block");
  expect(told(script)).toEqual(["commands fast 3 1 1"]);
});

it("sessions add up, in any order", () => {
  const count = { rule: "size", lane: "fast", told: 2, allowed: 1, rejected: 0 };
  const other = { ...count, lane: "deep", told: 5 };
  expect(sumVerdicts([count], [other, count])).toEqual([other, { ...count, told: 4, allowed: 2 }]);
  expect(sumVerdicts([count, other], [count])).toEqual(sumVerdicts([other], [count, count]));
});
