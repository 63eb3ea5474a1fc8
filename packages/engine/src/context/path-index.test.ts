import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createPathIndex } from "./path-index.ts";
import { leastCpuMs } from "../../../../tools/cpu-time.ts";
import { watchPauses } from "../../test/pauses.ts";

const scale = Number(process.env["TWOLANE_TEST_SCALE"] ?? 1);

const paths = [
  "README.md",
  "src/price.ts",
  "src/price.test.ts",
  "src/cart/list-price.ts",
  "src/cart/pathIndex.ts",
  "src/app/main.ts",
  "docs/Pricing guide.md",
  "price/other.ts",
  "docs/straße-ÄÖ.md",
];

describe("finding paths", () => {
  it.each<[string, string[]]>([
    // What begins the name, shorter first; then a folder; then a word within the name; then any place; then letters in order.
    ["price", ["src/price.ts", "src/price.test.ts", "price/other.ts", "src/cart/list-price.ts"]],
    ["PRICE.T", ["src/price.ts", "src/price.test.ts", "src/cart/list-price.ts"]],
    ["src/a", ["src/app/main.ts"]],
    ["./src/a", ["src/app/main.ts"]],
    ["cart/l", ["src/cart/list-price.ts"]],
    ["lp", ["src/cart/list-price.ts"]],
    ["pi", ["src/cart/pathIndex.ts"]],
    ["index", ["src/cart/pathIndex.ts"]],
    ["guide", ["docs/Pricing guide.md"]],
    ["ther", ["price/other.ts"]],
    ["cng", ["docs/Pricing guide.md"]],
    ["sapm", ["src/app/main.ts"]],
    ["straße-ä", ["docs/straße-ÄÖ.md"]],
  ])("%s", async (query, expected) => {
    expect((await createPathIndex(paths)).match(query, 10).slice(0, expected.length)).toEqual(expected);
  });

  it("gives no more than asked for, and for no query the shortest", async () => {
    const index = await createPathIndex(paths);
    expect(index.size).toBe(9);
    expect(index.match("", 3)).toEqual(["README.md", "src/price.ts", "price/other.ts"]);
    expect(index.match("e", 2)).toHaveLength(2);
    expect(index.match("e", 0)).toEqual([]);
    expect(index.match("zzz", 10)).toEqual([]);
  });

  it("puts what somebody works with before its equals", async () => {
    const index = await createPathIndex(["src/a1.ts", "src/a2.ts", "src/longer/a3.ts", "b/a/x.ts"]);
    index.add("src/longer/a3.ts");
    expect(index.match("a", 10)).toEqual(["src/longer/a3.ts", "src/a1.ts", "src/a2.ts", "b/a/x.ts"]);
    index.add("src/a2.ts");
    index.add("new/a9.ts");
    expect(index.match("a", 3)).toEqual(["new/a9.ts", "src/a2.ts", "src/longer/a3.ts"]);
    expect(index.match("", 1)).toEqual(["new/a9.ts"]);
    expect(index.size).toBe(5);
    index.remove("new/a9.ts");
    index.remove("never/there");
    expect(index.match("a", 2)).toEqual(["src/a2.ts", "src/longer/a3.ts"]);
  });

  it("finds all that has the characters in order, the best first, whatever came and went", async () => {
    const segment = fc.string({ unit: fc.constantFrom("a", "b", "A", "B", "-", "_", ".", "1", "é"), minLength: 1, maxLength: 5 });
    const path = fc.array(segment, { minLength: 1, maxLength: 3 }).map((names) => names.join("/"));
    // A dot and a slash in front mean the workspace itself.
    const query = fc
      .string({ unit: fc.constantFrom("a", "b", "B", ".", "-", "/", "1", "é"), maxLength: 4 })
      .filter((text) => !text.startsWith("./"));
    await fc.assert(
      fc.asyncProperty(
        fc.array(path, { maxLength: 30 }),
        fc.array(path, { maxLength: 5 }),
        query,
        async (first, added, wanted) => {
          const index = await createPathIndex(first);
          added.forEach((each) => index.add(each));
          const gone = new Set(first.slice(0, 5));
          gone.forEach((each) => index.remove(each));
          const there = [...new Set([...first, ...added])].filter((each) => !gone.has(each));
          expect(index.size).toBe(there.length);
          const all = index.match(wanted, 1000);
          expect(new Set(all)).toEqual(new Set(there.filter((each) => contains(each, wanted))));
          expect(index.match(wanted, 3)).toEqual(all.slice(0, 3));
          const begins = (each: string): boolean =>
            each
              .slice(each.lastIndexOf("/") + 1)
              .toLowerCase()
              .startsWith(wanted.toLowerCase());
          const firstOther = all.findIndex((each) => !begins(each));
          if (wanted !== "" && firstOther >= 0) expect(all.slice(firstOther).some(begins)).toBe(false);
        },
      ),
      { numRuns: 200 * scale },
    );
  });
});

function contains(path: string, query: string): boolean {
  let at = 0;
  for (const sign of query.toLowerCase()) {
    at = path.toLowerCase().indexOf(sign, at) + 1;
    if (at === 0) return false;
  }
  return true;
}

describe("50,000 files", () => {
  const pauseLimit = 50;
  const words = ["price", "cart", "Order", "index", "user-list", "api", "test", "main", "view", "model"];
  const word = (n: number): string => words[n % words.length] ?? "";
  const many = Array.from(
    { length: 50_000 },
    (_, n) => `packages/${word(n)}-${n % 250}/src/${word(n >> 3)}/${word(n >> 6)}${word(n >> 2)}${n}.ts`,
  );

  it("are found within the time of a key, and a key waits for nothing while they are taken in", async () => {
    let index = await createPathIndex(many);
    let longest = Number.POSITIVE_INFINITY;
    // The quietest of some runs: other tests share the processor.
    for (let run = 0; run < 5 && longest > pauseLimit; run++) {
      const stop = watchPauses();
      index = await createPathIndex(many);
      longest = Math.min(longest, stop());
    }
    const times = ["", "p", "e", "ts", "price", "pk4", "cartprice499", "ordermod", "packages/api-7/src", "zzzz", "mdl.ts"].map(
      (query) => leastCpuMs(2, () => void index.match(query, 50)),
    );
    const sorted = times.toSorted((a, b) => a - b);
    const median = sorted[Math.floor(sorted.length / 2)] ?? 0;
    const worst = sorted.at(-1) ?? 0;
    console.log(
      `50,000 paths: query median ${median.toFixed(1)} ms, worst ${worst.toFixed(1)} ms; longest pause while taken in ${longest.toFixed(1)} ms`,
    );
    // Five times the budgets, and ten times for the pause.
    expect(median).toBeLessThan(50);
    expect(worst).toBeLessThan(150);
    expect(longest).toBeLessThan(pauseLimit);
  });
});
