import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { findSecrets } from "../src/secrets/scanner.ts";
import { type Fake, fakeKinds, fakesOf } from "./secret-fakes.ts";

const scale = Number(process.env["TWOLANE_TEST_SCALE"] ?? 1);
const perKind = 30 * scale;

/** Every line of it lies in what was found. */
function isFound({ text, secret }: Fake): boolean {
  const found = findSecrets(text);
  return secret.every((line) => {
    const start = text.indexOf(line);
    return found.some((one) => one.start <= start && one.end >= start + line.length);
  });
}

describe("recall, on made-up secrets by the published formats", () => {
  const recall = new Map<string, number>();

  it.each(Object.keys(fakeKinds))("%s", (kind) => {
    const fakes = fakesOf(kind, perKind, "measured");
    const share = fakes.filter(isFound).length / fakes.length;
    recall.set(kind, share);
    expect(share).toBeGreaterThanOrEqual(kind === "no name, no mark" ? 0.5 : 0.9);
  });

  it("over all of them", () => {
    const shares = [...recall.values()];
    const mean = shares.reduce((sum, share) => sum + share, 0) / shares.length;
    const lacking = [...recall].filter(([, share]) => share < 1).map(([kind, share]) => `${kind} ${Math.round(share * 100)} %`);
    console.log(
      `recall ${(mean * 100).toFixed(1)} % of ${shares.length} kinds, ${perKind} each; below 100 %: ${lacking.join(", ")}`,
    );
    expect(mean).toBeGreaterThan(0.97);
  });
});

it("costs little for each 2 KB", () => {
  const source = readFileSync(new URL("../src/compile.ts", import.meta.url), "latin1").repeat(20);
  const pieces = Array.from({ length: 40 }, (_, n) => source.slice(n * 2048, (n + 1) * 2048));
  let best = Number.POSITIVE_INFINITY;
  // The quietest of some runs: other tests share the processor.
  for (let run = 0; run < 60; run++) {
    const began = performance.now();
    for (const piece of pieces) findSecrets(piece);
    best = Math.min(best, (performance.now() - began) / pieces.length);
  }
  console.log(`${(best * 1000).toFixed(1)} µs for 2 KB`);
  // Ten times the budget.
  expect(best).toBeLessThan(0.3);
});
