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
const second = told({ type: "hunk.landed", hunk: { ...hunk, id: "h2" }, rung: "exact", merged: false, dryRun: false });
const undone = told({ type: "hunk.undone", hunk: "h2", path: "a.ts" });

const first = startTour({
  subject: "Your commit abc1234",
  hunks: 9,
  lastPath: "b.ts",
  typing: { path: "c.ts", after: 3 },
  pace: 65,
});
const after = (...events: readonly TwolaneEvent[]) => events.reduce(reduceTour, first);

describe("the guide", () => {
  it("leads through the loop, one thing at a time", () => {
    const steps = [started, landed, second, stopped, started, landed, steered, ended, rejected, undone];
    const seen = steps.map((_, index) => after(...steps.slice(0, index + 1)).step);
    expect([...new Set(seen)]).toEqual(["watch", "stop", "continue", "steer", "review", "undo", "done"]);
  });

  it("goes on where the person does something else, and stays at its end", () => {
    expect(after(started, landed, ended).step).toBe("review");
    expect(after(started, stopped).step).toBe("continue");
    expect(after(started, landed, second, rejected).step).toBe("undo");
    expect(after(started, landed, second, rejected, undone, ended).step).toBe("done");
  });

  it("leads through a commit of one hunk, which is stopped half-written, and of which nothing is left to take back", () => {
    const streaming = told({ type: "hunk.streaming", hunk: "h1", path: "a.ts", line: 1, lines: 1 });
    const steps = [started, streaming, stopped, started, landed, ended, rejected];
    const short = { ...first, hunks: 1 };
    const seen = steps.map((_, index) => steps.slice(0, index + 1).reduce(reduceTour, short).step);
    expect([...new Set(seen)]).toEqual(["watch", "stop", "continue", "review", "done"]);
    const captions = steps.map((_, index) => tourCaption(steps.slice(0, index + 1).reduce(reduceTour, short)).join("\n"));
    expect(captions.map((caption) => caption.includes("Press Tab"))).toEqual([false, false, false, false, true, true, false]);
  });

  it("says that a line was typed once it is, and what the steer can name", () => {
    const steering = after(started, landed, landed, stopped, started);
    expect(tourCaption(steering).join("\n")).toContain("skip b.ts");
    expect(tourCaption(steering).join("\n")).not.toContain("c.ts");
    expect(tourCaption(reduceTour(steering, landed)).join("\n")).toContain("typed into c.ts");
  });

  it("offers the paces while it writes, the one that counts in brackets", () => {
    expect(tourCaption(first).join("\n")).not.toContain("Pace");
    expect(tourCaption(after(started)).join("\n")).toContain("1 [65]  2 300  3 1,000  4 2,000  tokens a second");
    expect(tourCaption({ ...after(started), pace: 500 }).join("\n")).toContain(
      "1 65  2 300  3 1,000  4 2,000  tokens a second; now 500",
    );
  });

  it("ends with the figures of this very run and the way to a model", () => {
    const stopping = told({ type: "stop.requested", turn: "t1" });
    const requested = told({ type: "step.requested", step: 2, bytesSent: 0, transport: "in-process", continued: false });
    const events = [started, { ...landed, mono: 640 }, { ...stopping, mono: 700 }, { ...stopped, mono: 701.5 }];
    const later = [started, second, { ...steered, mono: 800 }, { ...requested, mono: 803 }, ended, rejected, undone];
    const end = after(...events, ...later);
    expect(tourCaption(end).slice(0, 2)).toEqual([
      "Your run: 2 hunks landed, the first after 640 ms · h1 rejected · 1 undone",
      "          your stop was done after 1.5 ms · your steer was heard after 3.0 ms",
    ]);
    expect(tourCaption(end)[2]).toContain("CEREBRAS_API_KEY=… twolane");
  });

  it("has one to five lines for every course of events", () => {
    const any = fc.array(fc.constantFrom(landed, started, stopped, steered, ended, rejected, undone), { maxLength: 30 });
    fc.assert(
      fc.property(any, (events) => {
        const lines = tourCaption(after(...events));
        expect(lines.length).toBeGreaterThan(0);
        expect(lines.length).toBeLessThanOrEqual(5);
        expect(lines.every((line) => !line.includes("\n"))).toBe(true);
      }),
    );
  });
});
