import { describe, expect, it } from "vitest";
import { switchCost } from "./switch-cost.ts";
import type { ConversationItem } from "../models/models.ts";

const to = (contextWindow: number, price?: object) => ({
  model: "b/small",
  capabilities: { contextWindow, ...(price && { price: { input: 2, cachedInput: 1, output: 4 } }) },
});
const items: readonly ConversationItem[] = [
  { kind: "pinned", text: "rules" },
  { kind: "user", text: "word ".repeat(9000) },
];

describe("what a switch costs", () => {
  it("is the cache, and the part of the new window", () => {
    expect(switchCost(items, "a/big", to(128_000))).toMatch(
      /^What a\/big had cached is left behind: about 12k tokens go anew to b\/small, 10 % of its window of 128k\.$/,
    );
    expect(switchCost(items, "a/big", to(128_000, {}))).toContain("b/small, about $0.024, 10 %");
  });

  it("is said where the conversation does not fit", () => {
    expect(switchCost(items, "a/big", to(8192))).toContain("do not fit its window of 8k: the conversation is made shorter first");
  });

  it("is nothing before anything was said, for the same model, and for a source that is told nothing", () => {
    expect(switchCost(items.slice(0, 1), "a/big", to(8192))).toBeUndefined();
    expect(switchCost(items, "b/small", to(8192))).toBeUndefined();
    expect(switchCost(items, "a/big", to(Number.MAX_SAFE_INTEGER))).toBeUndefined();
  });
});
