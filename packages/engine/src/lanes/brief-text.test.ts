import fc from "fast-check";
import { expect, it } from "vitest";
import { readBrief, writeBrief } from "./brief-text.ts";

const line = fc
  .string({ unit: fc.constantFrom(...["a", "b", " ", "c", "/", ".", "-", "#", "`", "*", "1", ")", "é"]) })
  .map((text) => text.replace(/^[\s\-*•\d.)]+/, "").trim())
  .filter((text) => text !== "");
const path = fc.array(fc.stringMatching(/^[a-z][a-z.]{0,5}$/), { minLength: 1, maxLength: 3 }).map((parts) => parts.join("/"));
const hash = fc.constantFrom("", "a".repeat(64), "0123456789abcdef".repeat(4));
const block = fc
  .array(fc.constantFrom("+ one", "- two", "@@", "```", "````js", "# Goal", "# Done when", "text", ""), { maxLength: 6 })
  .map((lines) => lines.join("\n").replace(/^\n+|\n+$/g, ""));
const goal = fc.array(fc.constantFrom("move the store", "# Goal", "\\# x", "```js", "<!-- no -->", "a `b`"), {
  minLength: 1,
  maxLength: 4,
});

const brief = fc.record({
  goal: goal.map((lines) => lines.join("\n")),
  criteria: fc.array(line, { maxLength: 3 }),
  constraints: fc.array(line, { maxLength: 3 }),
  decisions: fc.array(line, { maxLength: 3 }),
  files: fc.array(fc.record({ path, hash }), { maxLength: 3 }),
  openHunks: block,
  evidence: block,
});

it("reads back what it wrote", () => {
  fc.assert(
    fc.property(brief, (given) => {
      expect(readBrief(writeBrief(given))).toEqual(given);
    }),
  );
});

it("has an empty item below its hint, and what is typed there is a criterion", () => {
  const words = fc.stringMatching(/^[a-z][a-z ]{0,12}[a-z]$/);
  const open = brief.map((given) => ({ ...given, criteria: [] }));
  fc.assert(
    fc.property(open, words, (given, typed) => {
      const text = writeBrief(given);
      const filled = text.replace(/^(# Done when\n\n<!--[^\n]*-->\n\n- )$/m, `$1${typed}`);
      expect(filled).not.toBe(text);
      expect(readBrief(filled)).toEqual({ ...given, criteria: [typed] });
    }),
  );
});

it("takes plain words as the goal, and lists however they are marked", () => {
  const read = readBrief(
    "Move the store.\n\n## done when\n1. all tests pass\n* no file is larger\n  than before\n\n# Held to\nkeep the API\n",
  );
  expect(read).toMatchObject({
    goal: "Move the store.",
    criteria: ["all tests pass", "no file is larger\nthan before"],
    constraints: ["keep the API"],
    files: [],
  });
});

it("has no brief without a goal", () => {
  expect(readBrief("# Goal\n\n<!-- nothing -->\n# Done when\n- a")).toBeUndefined();
  expect(readBrief("")).toBeUndefined();
});
