import type { EventBody, TwolaneEvent } from "@twolane/protocol";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { reduceTour, startTour, tourCaption } from "./tour.ts";

const stamp = { at: 0, mono: 0, lane: "fast", session: "s" } as const;
const told = (body: EventBody): TwolaneEvent => ({ ...body, ...stamp });
const hunk = { id: "h1", turn: "t1", operation: "update", path: "a.ts", line: 1, linesRemoved: 1, linesAdded: 1 } as const;
const landed = told({ type: "hunk.landed", hunk, rung: "exact", merged: false, dryRun: false });
const started = told({ type: "turn.started", turn: "t1", prompt: "start" });
const stopped = told({ type: "stop.finished", turn: "t1", kept: [] });
const steered = told({ type: "turn.steered", turn: "t1", text: "skip b.ts" });
const ended = told({ type: "turn.ended", turn: "t1", ending: "completed" });
const rejected = told({ type: "hunk.rejected", hunk: "h1", path: "a.ts" });
const undone = told({ type: "hunk.undone", hunk: "h2", path: "a.ts" });

const first = startTour({ commit: "abc1234", lastPath: "b.ts", typing: { path: "c.ts", after: 3 } });
const after = (...events: readonly TwolaneEvent[]) => events.reduce(reduceTour, first);

describe("the guide", () => {
  it("leads through the loop, one thing at a time", () => {
    const steps = [started, landed, landed, stopped, started, landed, steered, ended, rejected, undone];
    const seen = steps.map((_, index) => after(...steps.slice(0, index + 1)).step);
    expect([...new Set(seen)]).toEqual(["watch", "stop", "continue", "steer", "review", "undo", "done"]);
  });

  it("goes on where the person does something else, and stays at its end", () => {
    expect(after(started, landed, ended).step).toBe("review");
    expect(after(started, stopped).step).toBe("continue");
    expect(after(started, landed, rejected).step).toBe("undo");
    expect(after(started, landed, rejected, undone, ended).step).toBe("done");
  });

  it("says that a line was typed once it is, and what the steer can name", () => {
    const steering = after(started, landed, landed, stopped, started);
    expect(tourCaption(steering).join("\n")).toContain("skip b.ts");
    expect(tourCaption(steering).join("\n")).not.toContain("c.ts");
    expect(tourCaption(reduceTour(steering, landed)).join("\n")).toContain("typed into c.ts");
  });

  it("has one to three lines for every course of events", () => {
    const any = fc.array(fc.constantFrom(landed, started, stopped, steered, ended, rejected, undone), { maxLength: 30 });
    fc.assert(
      fc.property(any, (events) => {
        const lines = tourCaption(after(...events));
        expect(lines.length).toBeGreaterThan(0);
        expect(lines.length).toBeLessThanOrEqual(3);
        expect(lines.every((line) => !line.includes("\n"))).toBe(true);
      }),
    );
  });
});
