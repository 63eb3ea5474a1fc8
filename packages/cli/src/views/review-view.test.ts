/** The review list on the screen: within its room, the hunk under the cursor always in sight, old turns folded. */
import type { HunkState, ReviewedHunk } from "@twolane/protocol";
import { defaultBindings, keyOf } from "../keys/bindings.ts";
import type { ActionName, Place } from "../state/actions.ts";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type ReviewList, emptyReviewList } from "../state/review-list.ts";
import { hunkOf, priceLines, reviewedHunk, stepHold } from "../state/session-state-samples.ts";
import { reviewView } from "./review-view.ts";
import { createStyle } from "./style.ts";
import { displayWidth } from "./text.ts";
import { leastCpuMs } from "../../../../tools/cpu-time.ts";

const runs = 60 * Number(process.env["TWOLANE_TEST_SCALE"] ?? 1);
const bare = createStyle({ NO_COLOR: "1" }, true);
const keys = "y yes · n no · j next · k back · ? all keys · Esc closes";
const page = {
  style: bare,
  mode: "flow",
  keyOf: (place: Place, name: ActionName) => keyOf(defaultBindings, place, name),
} as const;

const reviewOf = (...all: readonly ReviewedHunk[]): Map<string, ReviewedHunk> => new Map(all.map((one) => [one.hunk.id, one]));
const listOn = (cursor: string, more: Partial<ReviewList> = {}): ReviewList => ({ ...emptyReviewList, cursor, ...more });
const show = (list: ReviewList, review: Map<string, ReviewedHunk>, height: number, width = 60): string[] => [
  ...reviewView(list, review, { ...page, width, height }).lines,
];

const some = reviewOf(
  reviewedHunk("h1", { state: "accepted" }),
  reviewedHunk("h2", { seen: false }),
  reviewedHunk("h3", { state: "held", verdict: stepHold, seen: false, hunk: hunkOf("h3", { path: "src/価格.ts", line: 0 }) }),
);
const lines = new Map([["h2", priceLines]]);

describe("the review list", () => {
  test("with the open hunk below", () => {
    expect(show(listOn("h2", { lines }), some, 12)).toEqual([
      "Review 2/3 · 2 undecided, 2 not seen",
      "   ✓ h1 src/price.ts:12  +1 −1  accepted",
      "›• ● h2 src/price.ts:12  +1 −1  landed",
      " • ◌ h3 src/価格.ts  +1 −1  held: it waits for your yes",
      "  11   export function total(",
      "  12 -   quantity: number,",
      "  12 +   quantity?: number,",
      "  13   ): number {",
      keys,
    ]);
  });

  test("says where no key hits what is under the cursor, what is on its way, and what was said to it", () => {
    const review = reviewOf(reviewedHunk("h1", { state: "accepted" }), reviewedHunk("h2", { state: "streaming" }));
    expect(show(listOn("h1", { open: false, answered: new Map([["h2", "yes"]]) }), review, 12).slice(0, 3)).toEqual([
      "Review 1/2 · nothing waits",
      "·  ✓ h1 src/price.ts:12  +1 −1  accepted",
      "   … h2 src/price.ts:12  +1 −1  on its way; you said yes",
    ]);
    expect(show(listOn("h1", { open: false, chosen: true }), review, 12).slice(0, 2)).toEqual([
      "Review 1/2 · 1 on the way",
      "›  ✓ h1 src/price.ts:12  +1 −1  accepted",
    ]);
  });

  test("names the keys that there is room for, the person's own, and always those that lead to all others and out", () => {
    const at = (width: number): string => show(listOn("h1", { open: false }), some, 8, width).at(-1) ?? "";
    expect(at(40)).toBe("y yes · n no · ? all keys · Esc closes");
    expect(at(100)).toBe("y yes · n no · e edit · c comment · A all · u undo · j next · k back · ? all keys · Esc closes");
    expect(at(200)).toContain("J next undecided · Enter lines · C commit · ?");
    const own = reviewView(listOn("h1"), some, {
      ...{ ...page, mode: "plan", width: 60, height: 8 },
      keyOf: (_place, name) => (name === "take-plan" ? "F2" : name === "reject" ? undefined : name.charAt(0)),
    });
    expect(own.lines.at(-1)).toBe("F2 carry the plan out · a yes · h all keys · e closes");
  });

  test("offers a yes to what a rule holds, and none to what it blocks", () => {
    const keysFor = (decision: "hold" | "block"): string => {
      const verdict = { ...stepHold, decision, rule: "vendor" };
      return show(listOn("h1"), reviewOf(reviewedHunk("h1", { state: "held", verdict })), 12, 160).at(-1) ?? "";
    };
    expect(keysFor("hold")).toMatch(/^y yes · s yes, all session · n no · N never · /);
    expect(keysFor("block")).toMatch(/^n no · N never · e edit · /);
  });

  test("closed, empty, and where the text is not kept", () => {
    expect(show(listOn("h1", { open: false }), some, 12)).toHaveLength(5);
    expect(show(emptyReviewList, new Map(), 12)).toEqual(["Review 0/0 · nothing waits", keys]);
    expect(show(listOn("h1"), some, 12)[4]).toBe("  the text is not at hand; /diff h1 prints it");
  });

  test("a long hunk is paged, and says where one is", () => {
    const long = Array.from({ length: 30 }, (_, n) => ({ op: "add" as const, text: `line ${n + 1}` }));
    const review = reviewOf(reviewedHunk("h1", { hunk: hunkOf("h1", { line: 1, linesAdded: 30, linesRemoved: 0 }) }));
    const page = (firstLine: number): string[] =>
      show(listOn("h1", { lines: new Map([["h1", long]]), firstLine }), review, 8).slice(2, -1);
    expect(page(0)).toEqual([
      ...["   1 + line 1", "   2 + line 2", "   3 + line 3", "   4 + line 4", "  … from line 1 of 30 · PgDn, PgUp"],
    ]);
    expect(page(26)).toEqual(["  27 + line 27", "  28 + line 28", "  29 + line 29", "  30 + line 30"]);
    expect(page(900)).toEqual(["  30 + line 30"]);
  });

  test("decided turns before the newest are one line, unless the cursor is in them", () => {
    const inTurn = (id: string, turn: string, state: HunkState): ReviewedHunk =>
      reviewedHunk(id, { state, hunk: hunkOf(id, { turn }) });
    const review = reviewOf(
      ...[
        inTurn("h1", "t1", "accepted"),
        inTurn("h2", "t1", "rejected"),
        inTurn("h3", "t2", "landed"),
        inTurn("h4", "t3", "accepted"),
      ],
    );
    const rows = (cursor: string): string[] => show(listOn(cursor, { open: false }), review, 20).slice(1, -1);
    expect(rows("h3")).toEqual([
      "  t1  2 hunks, all decided",
      "  t2  1 hunk, 1 undecided",
      "›  ● h3 src/price.ts:12  +1 −1  landed",
      "  t3  1 hunk, all decided",
      "   ✓ h4 src/price.ts:12  +1 −1  accepted",
    ]);
    expect(rows("h1").slice(0, 3)).toEqual([
      "  t1  2 hunks, all decided",
      "·  ✓ h1 src/price.ts:12  +1 −1  accepted",
      "   ✗ h2 src/price.ts:12  +1 −1  rejected",
    ]);
  });

  test("is never higher or wider than its room, and shows the hunk under the cursor", () => {
    const hunk = fc.record({
      state: fc.constantFrom<HunkState>("landed", "held", "failed", "accepted", "rejected", "undone"),
      turn: fc.integer({ min: 1, max: 4 }),
      path: fc.constantFrom("a.ts", "src/漢字🎉.ts", "p/".repeat(300), "x\u001b[2Jy\n"),
      seen: fc.boolean(),
    });
    const text = fc
      .array(fc.constantFrom("word", " ", "漢", "\t", "🎉", "x".repeat(50)), { maxLength: 50 })
      .map((all) => all.join(""));
    const shown = fc.array(fc.record({ op: fc.constantFrom("add" as const, "keep" as const), text }), { maxLength: 30 });
    fc.assert(
      fc.property(
        fc.array(hunk, { minLength: 1, maxLength: 40 }),
        fc.record({ at: fc.nat(39), open: fc.boolean(), firstLine: fc.nat(40), lines: shown }),
        fc.record({ width: fc.integer({ min: 40, max: 400 }), height: fc.integer({ min: 1, max: 40 }) }),
        (hunks, { at, open, firstLine, lines: open1 }, { width, height }) => {
          const all = hunks
            .toSorted((one, other) => one.turn - other.turn)
            .map(({ turn, path, ...rest }, n) =>
              reviewedHunk(`h${n}`, { ...rest, hunk: hunkOf(`h${n}`, { path, turn: `t${turn}` }) }),
            );
          const cursor = `h${at % all.length}`;
          const list = listOn(cursor, { open, firstLine, lines: new Map([[cursor, open1]]) });
          const view = show(list, reviewOf(...all), height, width);
          expect(view.length).toBeLessThanOrEqual(height);
          const marked = view.filter((line) => /^[›·]/.test(line));
          expect(marked).toEqual([expect.stringContaining(` ${cursor} `)]);
          for (const line of view) expect(displayWidth(line)).toBeLessThanOrEqual(width);
          expect(view.join("")).not.toMatch(/[\u0000-\u001f]/);
        },
      ),
      { numRuns: runs * 2 },
    );
  });
});

test("ten thousand hunks are drawn in a frame", () => {
  const review = reviewOf(
    ...Array.from({ length: 10_000 }, (_, n) => reviewedHunk(`h${n}`, { hunk: hunkOf(`h${n}`, { turn: `t${n % 50}` }) })),
  );
  const draw = (): string[] => show(listOn("h5000", { lines }), review, 30, 200);
  draw();
  expect(leastCpuMs(5, draw)).toBeLessThan(16);
});
