/** The status line fits at any width and says the most important first; what is not known is not shown. Queue and `/status` too. */
import { type TwolaneEvent, failure } from "@twolane/protocol";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { SessionState } from "../state/session-state.ts";
import { at, closed, held, hunkOf, landed, prompted, sessionAfter } from "../state/session-state-samples.ts";
import { queueView } from "./queue-view.ts";
import { statusLine, statusLines, summaryText } from "./status-view.ts";
import { createStyle } from "./style.ts";
import { displayWidth } from "./text.ts";

const runs = 100 * Number(process.env["TWOLANE_TEST_SCALE"] ?? 1);
const bare = createStyle({ NO_COLOR: "1" }, true);
const style = createStyle({ FORCE_COLOR: "1" }, true);

const model = at(0, {
  ...{ type: "model.changed", model: "sim/scripted", contextWindow: 128_000 },
  price: { input: 2, cachedInput: 1, output: 10 },
});
const usage = { input: 15_000, cachedInput: 5000, output: 2000, reasoning: 0 };
const busy: readonly TwolaneEvent[] = [
  model,
  prompted(1000),
  at(1010, { type: "step.started", step: 1, model: "scripted-mini", serviceTier: "priority" }),
  at(1080, { type: "step.answered", step: 1 }),
  at(3080, { type: "step.ended", step: 1, ending: "completed", usage }),
  at(3090, { type: "step.answered", step: 2 }),
  ...[1, 2, 3].flatMap((n) => [closed(3100, hunkOf(`h${n}`)), landed(3101, hunkOf(`h${n}`))]),
  held(3110, hunkOf("h4"), { decision: "hold", rule: "depends", reason: "it stands on h3", wayOut: "Wait." }),
  at(3120, { type: "hunk.failed", hunk: hunkOf("h5"), failure: failure("HUNK_MISSING", "No."), candidates: [] }),
  at(3500, { type: "text.delta", text: "x".repeat(1000) }),
  at(3510, { type: "hunk.streaming", hunk: "h6", path: "src/deep/price.ts", line: 3, lines: 4 }),
  at(3511, { type: "queue.changed", queue: [{ id: "q1", text: "then" }] }),
  at(3512, { type: "scope.changed", scope: ["src/**"] }),
];
const line = (session: SessionState, width: number, now = 4000): string =>
  statusLine(session, { width, style: bare, now, reviewKey: "Tab" });

describe("the status line", () => {
  test("in full", () => {
    expect(line(sessionAfter(...busy), 200)).toBe(
      "fast · sim/scripted → scripted-mini (priority) · 3.0 s writing price.ts · ttft 80 ms · ~595 tok/s · ●3 ◌1 ✗1 · queue 1 · only src/** · 87 % left · $0.0450",
    );
  });

  test("says that a change is large while it is near a limit, and of which in /status", () => {
    const near = { per: "turn", unit: "lines", now: 1320, limit: 1600 } as const;
    const large = sessionAfter(...busy, at(3600, { type: "size.changed", near }));
    expect(line(large, 200)).toContain("●3 ◌1 ✗1 · large · queue 1");
    expect(line(large, 40)).toContain("large");
    expect(statusLines(large, bare)).toContain("  size       1,320 of 1,600 lines that a turn may change");
    const small = sessionAfter(...busy, at(3600, { type: "size.changed", near }), at(3601, { type: "size.changed" }));
    expect(line(small, 200)).toBe(line(sessionAfter(...busy), 200));
  });

  test("drops the least important first", () => {
    const session = sessionAfter(...busy);
    expect(line(session, 120)).toBe(
      "fast · scripted-mini (priority) · 3.0 s writing · ttft 80 ms · ~595 tok/s · ●3 ◌1 ✗1 · queue 1 · scope set · 87 % left",
    );
    expect(line(session, 80)).toBe("fast · scripted-mini (priority) · 3.0 s writing · ●3 ◌1 ✗1 · queue 1 · 87 % left");
    expect(line(session, 40)).toBe("3.0 s writing · ●3 ◌1 ✗1 · queue 1");
  });

  test("says what it was told and nothing else", () => {
    expect(line(sessionAfter(at(0, { type: "model.changed", model: "instant", contextWindow: 0 })), 80)).toBe("fast · instant");
    expect(line(sessionAfter(prompted(1000)), 80, 1250)).toBe("fast · 0.3 s waiting");
    const step = at(1, { type: "mode.changed", mode: "step" });
    expect(line(sessionAfter(model, step, at(2, { type: "step.started", step: 1, model: "scripted" })), 80)).toBe(
      "fast step · sim/scripted",
    );
  });

  test("says where a request is that has not begun: kept for a limit, in the provider's queue, or with the model", () => {
    const epoch = 1_700_000_000_000;
    const delayed = at(0, { type: "step.delayed", step: 1, why: "limit", until: epoch + 45_000, place: 2, of: 3 });
    const waits = sessionAfter(model, prompted(0), delayed);
    expect(line(waits, 120, 5000)).toBe("fast · sim/scripted · limit reached, goes in 40 s, place 2 of 3 · /limits");
    expect(line(waits, 40, 5000)).toBe("scripted · limit reached, goes in 40 s");
    const busy = at(0, { type: "step.delayed", step: 1, why: "overload", place: 1, of: 1 });
    expect(line(sessionAfter(model, prompted(0), busy), 80)).toBe("fast · sim/scripted · provider busy · /limits");
    const asked = at(100, { type: "step.requested", step: 1, bytesSent: 1, transport: "sse", continued: false });
    const queued = at(200, { type: "step.queued", step: 1 });
    expect(line(sessionAfter(model, prompted(0), delayed, asked, queued), 80, 4200)).toBe(
      "fast · sim/scripted · 4.0 s queued at the provider",
    );
    const started = at(4300, { type: "step.started", step: 1, model: "scripted" });
    expect(line(sessionAfter(model, prompted(0), delayed, asked, queued, started), 80, 5000)).toBe(
      "fast · sim/scripted · 5.0 s waiting",
    );
  });

  test("says what is left of a limit only when it is little, and until it is reset", () => {
    const epoch = 1_700_000_000_000;
    const left = (leftPercent: number): TwolaneEvent =>
      at(0, {
        ...{ type: "limits.changed", model: "sim/scripted" },
        windows: [
          { name: "requests", what: "requests", leftPercent: 99, resetsAt: epoch + 1000 },
          { name: "tokens", what: "tokens", leftPercent, resetsAt: epoch + 90_000 },
        ],
      });
    expect(line(sessionAfter(model, left(20)), 80)).toBe("fast · sim/scripted");
    expect(line(sessionAfter(model, left(19.9)), 80, 30_000)).toBe("fast · sim/scripted · 19 % of tokens left, reset in 60 s");
    expect(line(sessionAfter(model, left(3)), 40, 30_000)).toBe("fast · scripted · 3 % of tokens left");
    expect(line(sessionAfter(model, left(3)), 80, 90_001)).toBe("fast · sim/scripted");
  });

  test("what is undecided or uncommitted stays, also over the next turn and when nothing runs; so does a stop", () => {
    const waits = [model, prompted(0), held(1, hunkOf("h12"))];
    expect(line(sessionAfter(...waits), 60)).toBe("fast · sim/scripted · h12 waits for you (Tab) · ◌1");
    const ended = at(9, { type: "turn.ended", turn: "t1", ending: "completed" });
    expect(line(sessionAfter(...waits, ended), 40)).toBe("fast · scripted · 1 undecided (Tab) · ◌1");
    const one = hunkOf("h1");
    const decided = [landed(2, one), at(3, { type: "hunk.accepted", hunk: "h1", by: "person" }), ended, prompted(10, "t2")];
    expect(line(sessionAfter(...waits, ...decided), 80, 10)).toBe("fast · sim/scripted · 0.0 s waiting · ✓1 ◌1");
    const committed = at(11, { type: "commit.made", commit: "abc", subject: "s", hunks: ["h1"] });
    expect(line(sessionAfter(...waits, ...decided, committed), 80, 10)).toBe("fast · sim/scripted · 0.0 s waiting · ◌1");
    const gone = at(12, { type: "hunk.undone", hunk: "h12", path: "a.ts" });
    const rewound = at(12, { type: "turn.rewound", turn: "t1", conversation: true, files: true });
    expect(line(sessionAfter(...waits, ended, gone, rewound), 80)).toBe("fast · sim/scripted");
    expect(line(sessionAfter(...busy, at(3600, { type: "stop.requested", turn: "t1" })), 40)).toBe(
      "fast · stopping · ●3 ◌1 ✗1 · queue 1",
    );
  });

  test("never exceeds the width, whatever names there are", () => {
    const name = fc
      .array(fc.constantFrom("a", "漢", "🎉", "/", "\u001b[1m", "\n", " ", "model-"), { maxLength: 30 })
      .map((all) => all.join(""));
    fc.assert(
      fc.property(
        fc.record({
          name,
          served: name,
          path: name,
          scope: fc.array(name, { maxLength: 3 }),
          width: fc.integer({ min: 40, max: 400 }),
        }),
        fc.constantFrom(style, bare),
        (given, used) => {
          const session = sessionAfter(
            ...busy,
            at(3600, { type: "scope.changed", scope: given.scope }),
            at(3601, { type: "hunk.streaming", hunk: "h7", path: given.path, line: 1, lines: 1 }),
            at(3602, { type: "step.started", step: 2, model: given.served }),
          );
          const shown = statusLine({ ...session, model: given.name }, { width: given.width, style: used, now: 5000 });
          expect(displayWidth(shown)).toBeLessThanOrEqual(given.width);
          expect(shown.replace(/\u001b\[\d+m/g, "")).not.toMatch(/[\u0000-\u001f]/);
        },
      ),
      { numRuns: runs },
    );
  });
});

describe("the summary of a turn", () => {
  test("has what is known", () => {
    const end = at(5000, { type: "turn.ended", turn: "t1", ending: "completed" });
    const last = at(4090, { type: "step.ended", step: 2, ending: "completed", usage: { ...usage, output: 1000 } });
    expect(summaryText(sessionAfter(...busy, last, end).figures)).toBe(
      "3 hunks landed · 1 held · 1 failed · first token 80 ms · first hunk 2.1 s · 3,000 tokens · 1,000 tok/s · $0.0800 · 4.0 s in all",
    );
    expect(summaryText(sessionAfter(prompted(0), at(700, { type: "turn.ended", turn: "t1", ending: "failed" })).figures)).toBe(
      "700 ms in all",
    );
  });

  test("an answer that nobody counted makes the price a lower bound", () => {
    const cut = at(4090, { type: "step.ended", step: 2, ending: "interrupted" });
    expect(summaryText(sessionAfter(...busy, cut).figures)).toContain(" · ≥ $0.0450");
  });
});

test("/status", () => {
  expect(statusLines(sessionAfter(...busy), bare)).toEqual([
    "  workspace  ",
    "  model      sim/scripted → scripted-mini (priority)",
    "  mode       flow",
    "  scope      src/**",
    "  hunks      3 landed, 1 held, 1 failed",
    "  queue      1",
    "  context    17,000 of 128,000 tokens",
  ]);
  const later: readonly TwolaneEvent[] = [
    ...["h1", "h2"].map((hunk) => at(4000, { type: "hunk.accepted", hunk, by: "person" })),
    at(4001, { type: "commit.made", commit: "c", subject: "s", hunks: ["h1"] }),
    at(4002, { type: "queue.changed", queue: [{ id: "q1", text: "then" }], halted: "stop" }),
  ];
  const lines = statusLines(sessionAfter(...busy, ...later), bare);
  expect(lines).toContain("  hunks      1 committed, 1 accepted, 1 landed, 1 held, 1 failed");
  expect(lines).toContain("  queue      1, parked by the stop");
});

test("the queue shows what comes next, counts the rest, and says why it stands still", () => {
  const queue = ["first thing\nmore of it", "二番目 🎉", "third", "fourth", "fifth"].map((text, n) => ({ id: `q${n}`, text }));
  expect(queueView({ queue: [] }, 80, bare)).toEqual([]);
  expect(queueView({ queue: queue.slice(0, 1) }, 80, bare)).toEqual(["next:  first thing …"]);
  expect(queueView({ queue, halted: "limit" }, 60, bare)).toEqual([
    "next:  first thing …",
    "then:  二番目 🎉",
    "then:  third",
    "… and 2 more (/queue)",
    "parked by the limit · to send: /queue send",
  ]);
  for (const shown of queueView({ queue: [{ id: "q1", text: "漢".repeat(99) }], halted: "failure" }, 40, style))
    expect(displayWidth(shown)).toBeLessThanOrEqual(40);
});
