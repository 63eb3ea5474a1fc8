/** Likely causes as models write them, in the form that was asked for and in others; which check is cheap. */
import { describe, expect, it } from "vitest";
import { causesIn, costOf } from "./causes.ts";

const two = [
  { text: "label in src/price.js:2 drops a digit", check: "npm test" },
  { text: "the rate is wrong", check: "" },
];

describe("causes", () => {
  it.each([
    ["as asked", "1. label in src/price.js:2 drops a digit — check: `npm test`\n2. the rate is wrong — check: none"],
    [
      "with words around",
      "Here they are:\n\n1) label in src/price.js:2 drops a digit - check: `npm test`\n2) the rate is wrong\n",
    ],
    [
      "in bold, the check below",
      "1. **label in src/price.js:2 drops a digit**\n   - **Check:** `npm test`\n\n2. **the rate is wrong**\n   - Check: none.\n",
    ],
    [
      "with a block of code",
      "1. label in src/price.js:2 drops a digit\n   Check:\n   ```sh\n   npm test\n   ```\n2. the rate is wrong",
    ],
    [
      "as headings",
      "### Cause 1: label in src/price.js:2 drops a digit\nFastest check: `npm test`\n\n### Cause 2: the rate is wrong\nFastest check: n/a",
    ],
    ["with bullets", "- label in src/price.js:2 drops a digit (check: `npm test`)\n- the rate is wrong\n"],
    [
      "with a prompt before the command",
      "1. label in src/price.js:2 drops a digit; check: $ npm test\n2. the rate is wrong; check: look at the file",
    ],
  ])("%s", (_, text) => expect(causesIn(text)).toEqual(two));

  it("takes three at most, and a paragraph as one", () => {
    expect(causesIn("1. a\n2. b\n3. c\n4. d").map(({ text }) => text)).toEqual(["a", "b", "c"]);
    expect(causesIn("It is the rate,\nI think.")).toEqual([{ text: "It is the rate, I think.", check: "" }]);
    expect(causesIn(" \n")).toEqual([]);
  });

  it("understands the word for what failed", () =>
    expect(causesIn("1. a — check: `tests`\n2. b — check: run the tests").map(({ check }) => check)).toEqual(["tests", "tests"]));

  it("never throws, cut anywhere", () => {
    const text = "### Cause 1: a\n**Check:**\n```sh\nnpm test\n```\n2. b — check: `x";
    for (let at = 0; at <= text.length; at++) {
      for (const { check } of causesIn(text.slice(0, at))) expect(check).not.toContain("```");
      expect(causesIn(text.slice(at)).length).toBeLessThan(4);
    }
  });

  it.each([
    ["npx tsc --noEmit", 0],
    ["node --test test/price.test.js", 0],
    ["pytest tests/test_price.py::test_label", 0],
    ["go test ./cart -run TestLabel", 0],
    ["grep -n toFixed src/price.js", 0],
    ['node -e "console.log(1)"', 0],
    ["tests", 1],
    ["npm test", 1],
    ["cargo test", 1],
    ["./simulate.sh", 2],
  ])("%s costs %i", (line, cost) => expect(costOf(line)).toBe(cost));
});
