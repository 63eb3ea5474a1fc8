/** One's own numbers: what counts, what is kept, and what a file that somebody wrote into can do. */
import type { EventBody } from "@twolane/protocol";
import fc from "fast-check";
import { expect, it } from "vitest";
import { type Past, type TurnCount, countTurn, readLaneNotes, withTurn } from "./past-requests.ts";

const kindOf = (): string => "fix";
const hunk = { id: "h1", turn: "t1", operation: "update", path: "a.ts", line: 1, linesRemoved: 0, linesAdded: 1 } as const;
const landed: EventBody = { type: "hunk.landed", hunk, rung: "exact", merged: false, dryRun: false };

function played(...events: readonly EventBody[]): Past {
  let count: TurnCount | undefined;
  for (const event of events) count = countTurn(count, event, kindOf);
  return count === undefined ? {} : withTurn({}, count);
}
const started: EventBody = { type: "turn.started", turn: "t1", prompt: "fix it" };
const ended = (ending: "completed" | "interrupted"): EventBody => ({ type: "turn.ended", turn: "t1", ending });
const answered: EventBody = { type: "step.ended", step: 1, ending: "completed" };

it("counts answers and files of a turn, and that it was cut short", () => {
  expect(played(started, answered, landed, landed, answered, ended("completed"))).toEqual({
    fix: { turns: 1, answers: 2, files: 1, cutShort: 0 },
  });
  expect(played(started, answered, ended("interrupted"))).toMatchObject({ fix: { cutShort: 1 } });
});

it("counts neither what no model answered nor what took a job", () => {
  expect(played(started, ended("completed"))).toEqual({});
  expect(played({ type: "turn.started", turn: "t1", prompt: "/take d1" }, landed, ended("completed"))).toEqual({});
});

it("lets what was long ago count less, and never more than it was", () => {
  let past: Past = {};
  for (let turn = 0; turn < 500; turn++)
    past = withTurn(past, { kind: "fix", answers: 2, files: new Set(["a"]), cutShort: turn % 2 === 0 });
  const { turns = 0, answers = 0, cutShort = 0 } = past["fix"] ?? {};
  expect(turns).toBeLessThanOrEqual(200);
  expect(answers / turns).toBeCloseTo(2, 1);
  expect(cutShort / turns).toBeCloseTo(0.5, 1);
});

it("reads back what it keeps, and takes anything else for nothing", () => {
  const notes = { past: { fix: { turns: 3, answers: 9, files: 2, cutShort: 1 } }, suggests: false };
  expect(readLaneNotes(JSON.stringify(notes))).toEqual(notes);
  expect(readLaneNotes(undefined)).toEqual({ past: {}, suggests: true });
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      const { past, suggests } = readLaneNotes(JSON.stringify(value));
      expect(typeof suggests).toBe("boolean");
      for (const sums of Object.values(past)) expect(Object.values(sums).every(Number.isInteger)).toBe(true);
    }),
  );
  expect(readLaneNotes('{"past":{"fix":{"turns":-1,"answers":0,"files":0,"cutShort":0}}}').past).toEqual({});
});
