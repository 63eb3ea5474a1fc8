import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { ConversationItem } from "../models/models.ts";
import { cutBefore, shortened } from "./compaction.ts";
import { fillOf, withoutPart } from "./fill.ts";
import { summaryHead } from "./summary.ts";
import { calibrated, itemTokens, sumTokens, textTokens } from "./tokens.ts";

const scale = Number(process.env["TWOLANE_TEST_SCALE"] ?? 1);
const rejected = "[The user rejected your change of a.ts, line 7: no. It is not on disk. Do not propose it again.]";

/** Turns of a conversation as they come about: words, rounds of calls with outputs, an answer; now and then a message in the middle of a round. */
const round = fc.record({
  outputs: fc.array(fc.record({ read: fc.boolean(), file: fc.nat(4), size: fc.integer({ min: 0, max: 3000 }) }), {
    minLength: 1,
    maxLength: 3,
  }),
  input: fc.integer({ min: 0, max: 2000 }),
  steered: fc.boolean(),
});
const turn = fc.record({
  words: fc.integer({ min: 1, max: 400 }),
  file: fc.nat(4000),
  decided: fc.boolean(),
  rounds: fc.array(round, { maxLength: 4 }),
});

function conversation(
  turns: readonly {
    words: number;
    file: number;
    decided: boolean;
    rounds: readonly { outputs: readonly { read: boolean; file: number; size: number }[]; input: number; steered: boolean }[];
  }[],
): ConversationItem[] {
  let calls = 0;
  return turns.flatMap(({ words, file, decided, rounds }, n): ConversationItem[] => {
    const before = decided ? `${rejected}\n\n` : "";
    const own = `turn ${n} ${"w".repeat(words)}`;
    const files =
      file > 2000 ? `\n\n<file path="t.ts" lines="1-1 of 1" sha256="abcabcabcabc">\n${"t".repeat(file)}\n</file>` : "";
    return [
      {
        kind: "user",
        text: before + own + files,
        ...(before + files !== "" && { own: { start: before.length, end: before.length + own.length } }),
      },
      ...rounds.flatMap((one): ConversationItem[] => {
        const names = one.outputs.map(() => `c${++calls}`);
        return [
          { kind: "reasoning", replay: { type: "reasoning", content: "r".repeat(100) } },
          ...names.map((call, at): ConversationItem => ({
            kind: "call",
            call,
            tool: one.outputs[at]!.read ? "read" : "search",
            input: JSON.stringify({ x: "i".repeat(one.input) }),
            freeform: false,
            replay: { type: "function_call" },
          })),
          ...(one.steered ? [{ kind: "user", text: `steered ${n}` } as const] : []),
          ...names.map((call, at): ConversationItem => {
            const { read, file: path, size } = one.outputs[at]!;
            return {
              kind: "output",
              call,
              freeform: false,
              text: read ? `f${path}.ts lines 1-1 of 1 sha256:abcdefabcdef\n${"x".repeat(size)}` : "s".repeat(size),
            };
          }),
        ];
      }),
      { kind: "assistant", text: `Done ${n}.` },
    ];
  });
}

/** As every wire wants it: an output behind its call, and no call that had one without it. */
function isWhole(before: readonly ConversationItem[], after: readonly ConversationItem[]): boolean {
  const answered = new Set(before.flatMap((item) => (item.kind === "output" ? [item.call] : [])));
  const open = new Set<string>();
  for (const item of after) {
    if (item.kind === "call" && answered.has(item.call)) open.add(item.call);
    if (item.kind === "output" && !open.delete(item.call)) return false;
  }
  return open.size === 0;
}

const room = fc.record({
  target: fc.integer({ min: 200, max: 8000 }),
  tail: fc.integer({ min: 50, max: 2000 }),
  files: fc.integer({ min: 0, max: 2000 }),
});

describe("a conversation made shorter by rule", () => {
  it("keeps calls with their outputs, the person's words in their order, and what they decided", () => {
    fc.assert(
      fc.property(fc.array(turn, { minLength: 1, maxLength: 8 }), room, (turns, space) => {
        const items = conversation(turns);
        const after = shortened(items, space);
        expect(isWhole(items, after)).toBe(true);
        const said = (list: readonly ConversationItem[]): string[] =>
          list.flatMap((item) => (item.kind === "user" ? (item.text.match(/(?:turn|steered) \d+/g) ?? []) : []));
        expect(said(after)).toEqual(said(items));
        const decided = (list: readonly ConversationItem[]): number =>
          list.filter((item) => item.kind === "user" && item.text.includes(rejected.slice(0, 40))).length;
        expect(decided(after) > 0).toBe(decided(items) > 0);
        for (const item of after)
          if (item.kind === "user" && item.own) expect(item.own.end).toBeLessThanOrEqual(item.text.length);
        // Nothing is done where nothing has to be.
        if (sumTokens(items) <= space.target) expect(after).toEqual(items);
        // What the person said and the last round are all that may be more.
        const words = sumTokens(items.filter(({ kind }) => kind === "user"));
        const last = items.slice(cutBefore(items, 0));
        expect(sumTokens(after)).toBeLessThanOrEqual(Math.max(space.target, words + sumTokens(last) + 400 + 10 * items.length));
      }),
      { numRuns: 300 * scale },
    );
  });

  it("cuts between rounds only", () => {
    fc.assert(
      fc.property(fc.array(turn, { minLength: 1, maxLength: 8 }), fc.nat(5000), (turns, tail) => {
        const items = conversation(turns);
        const cut = cutBefore(items, tail);
        expect(isWhole(items.slice(0, cut), items.slice(0, cut))).toBe(true);
        expect(isWhole(items.slice(cut), items.slice(cut))).toBe(true);
      }),
      { numRuns: 300 * scale },
    );
  });
});

describe("the head of a summary", () => {
  it("has the person's first message and the newest that fit, what they decided, the summary and the files", () => {
    const prefix: ConversationItem[] = [
      { kind: "user", text: "the goal" },
      { kind: "user", text: `${rejected}\n\nsecond\n\n<file…`, own: { start: rejected.length + 2, end: rejected.length + 8 } },
      { kind: "user", text: "x".repeat(8000) },
      { kind: "user", text: "the last" },
    ];
    const head = summaryHead({ prefix, summary: "Done: it.", files: ["<file …>"], words: 100 });
    const texts = head.map((item) => ("text" in item ? item.text : ""));
    expect(texts[1]).toBe("the goal");
    expect(texts[2]).toContain("2 more of their messages");
    expect(texts[3]).toBe("the last");
    expect(texts[4]).toBe(rejected);
    expect(texts[5]).toContain("Done: it.");
    expect(texts[6]).toContain("<file …>");
  });
});

describe("what fills the window", () => {
  it("adds up, and a part that is left out is smaller and stays what it is", () => {
    fc.assert(
      fc.property(
        fc.array(turn, { minLength: 1, maxLength: 6 }),
        fc.double({ min: 0.5, max: 2, noNaN: true }),
        (turns, ratio) => {
          const items: ConversationItem[] = [{ kind: "pinned", text: "rules" }, ...conversation(turns)];
          const parts = fillOf(items, { pinned: 1, ratio, tools: 50 });
          const sum = parts.reduce((all, { tokens }) => all + tokens, 0);
          expect(Math.abs(sum - (sumTokens(items) + 50) * ratio)).toBeLessThanOrEqual(parts.length);
          expect(parts.filter(({ pinned }) => pinned).map(({ id }) => id)).toEqual(["", ""]);
          for (const { id } of parts) {
            if (id === "") continue;
            const item = items[Number(id.slice(1))]!;
            const less = withoutPart(item);
            expect(less.kind).toBe(item.kind);
            expect(itemTokens(less)).toBeLessThanOrEqual(itemTokens(item) + 20);
          }
        },
      ),
      { numRuns: 100 * scale },
    );
  });
});

describe("tokens", () => {
  it("are more for signs beyond ASCII, and come near to what the provider counts", () => {
    expect(textTokens("漢字漢字漢字漢字漢字")).toBeGreaterThan(8);
    expect(textTokens("a".repeat(370))).toBe(100);
    let ratio = 1;
    for (let n = 0; n < 12; n++) ratio = calibrated(ratio, 10_000, { input: 13_000, cachedInput: 0, output: 0, reasoning: 0 });
    expect(ratio).toBeCloseTo(1.3, 2);
    expect(calibrated(1, 100, { input: 900, cachedInput: 0, output: 0, reasoning: 0 })).toBe(1);
    // Where what came from the cache is counted apart, both were sent.
    expect(calibrated(1, 10_000, { input: 1000, cachedInput: 9000, output: 0, reasoning: 0 })).toBe(1);
  });
});
