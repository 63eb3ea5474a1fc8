/** Tests: a hunk after which they check less. */
import type { ChangeCase } from "./cases.ts";

const path = "test/price.test.ts";
const text = [
  'import { expect, it } from "vitest";',
  'it("adds", () => {',
  "  expect(1 + 1).toBe(2);",
  "});",
  'it("takes away", () => {',
  "  expect(2 - 1).toBe(1);",
  "});",
  "",
].join("\n");
const tests = { [path]: text };
/** The second of its two tests. */
const second = `${text.split("\n").slice(4, 7).join("\n")}\n`;
const without = text.replace(second, "");
const other = "test/other.test.ts";
const otherText = 'import { expect, it } from "vitest";\nit("other", () => {\n  expect(3).toBe(3);\n});\n';
const held = { decision: "hold", rule: "tests" } as const;

export const testCases: readonly ChangeCase[] = [
  { name: "tests: deleted", before: tests, after: { [path]: undefined }, ...held },
  { name: "tests: one skipped", before: tests, after: { [path]: text.replace('it("adds"', 'it.skip("adds"') }, ...held },
  { name: "tests: only one runs", before: tests, after: { [path]: text.replace('it("adds"', 'it.only("adds"') }, ...held },
  {
    name: "tests: nothing expected any more",
    before: tests,
    after: { [path]: text.replace("  expect(1 + 1).toBe(2);\n", "") },
    ...held,
  },
  {
    name: "tests: another expectation",
    before: tests,
    after: { [path]: text.replace("toBe(2)", "toEqual(2)") },
    decision: "allow",
  },
  {
    name: "tests: one more",
    before: tests,
    after: { [path]: `${text}it("more", () => {\n  expect(3).toBe(3);\n});\n` },
    decision: "allow",
  },
  {
    name: "tests: one that goes to another file",
    before: { ...tests, [other]: otherText },
    after: { [other]: otherText + second, [path]: without },
    decision: "allow",
  },
  {
    name: "tests: all that go to a new file",
    before: tests,
    after: { "test/moved.test.ts": text, [path]: undefined },
    decision: "allow",
  },
  {
    name: "tests: one that goes before it has come elsewhere",
    before: { ...tests, [other]: otherText },
    after: { [path]: without, [other]: otherText + second },
    ...held,
    atGates: "allow",
  },
  {
    name: "tests: one that comes elsewhere with less in it",
    before: { ...tests, [other]: otherText },
    after: { [other]: otherText + second.replace("  expect(2 - 1).toBe(1);\n", "  take(2);\n"), [path]: without },
    ...held,
  },
  {
    name: "tests: one that goes into a group that does not run",
    before: { ...tests, [other]: otherText },
    after: { [other]: `${otherText}describe.skip("later", () => {\n${second}});\n`, [path]: without },
    ...held,
  },
  {
    name: "tests: one that goes to where no runner looks",
    before: tests,
    after: { "src/kept.ts": second, [path]: without },
    ...held,
  },
  {
    name: "tests: two of one name, and one of them comes elsewhere",
    before: { ...tests, "test/twin.test.ts": text },
    after: { [other]: otherText + second, [path]: without, "test/twin.test.ts": without },
    ...held,
  },
  {
    name: "tests: skipped where the policy lets it",
    policy: "tests: { weakened: allow }\n",
    before: tests,
    after: { [path]: text.replace('it("adds"', 'it.skip("adds"') },
    decision: "allow",
  },
  {
    name: "tests: skipped where the policy blocks it",
    policy: "tests: { weakened: block }\n",
    before: tests,
    after: { [path]: text.replace('it("adds"', 'it.skip("adds"') },
    ...{ decision: "block", rule: "tests" },
  },
  {
    name: "layers: a user holds what a project lets be weakened",
    above: [{ kind: "user", text: "tests: { weakened: hold }\n" }],
    policy: "tests: { weakened: allow }\n",
    before: tests,
    after: { [path]: undefined },
    ...held,
  },
];
