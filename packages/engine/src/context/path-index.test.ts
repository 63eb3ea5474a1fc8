import { describe, expect, it } from "vitest";
import { createPathIndex } from "./path-index.ts";

const paths = [
  "README.md",
  "src/price.ts",
  "src/price.test.ts",
  "src/cart/list-price.ts",
  "src/app/main.ts",
  "docs/Pricing guide.md",
];

describe("finding paths", () => {
  it.each([
    ["price", ["src/price.ts", "src/price.test.ts", "src/cart/list-price.ts"]],
    ["PRICE.T", ["src/price.ts", "src/price.test.ts", "src/cart/list-price.ts"]],
    ["src/a", ["src/app/main.ts"]],
    ["lp", ["src/cart/list-price.ts"]],
    ["zzz", []],
  ])("%s", (query, expected) => {
    expect(createPathIndex(paths).match(query, 3).slice(0, expected.length)).toEqual(expected);
  });

  it("answers from 50,000 files within the time of a key", () => {
    const many = Array.from({ length: 50_000 }, (_, n) => `packages/d${n % 250}/src/module-${n}/file${n}.ts`);
    const index = createPathIndex(many);
    index.match("x", 50);
    const startedAt = performance.now();
    for (const query of ["f", "file4", "module-499", "pd2f3", "zzzz"]) index.match(query, 50);
    // Thirty are the budget of one; far from it even where two tests share a processor.
    expect((performance.now() - startedAt) / 5).toBeLessThan(150);
  });
});
