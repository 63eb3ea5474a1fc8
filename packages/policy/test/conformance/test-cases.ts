/** Tests: a hunk after which they check less. */
import type { ChangeCase } from "./cases.ts";

const checked =
  'it("adds", () => {\n  expect(add(1, 2)).toBe(3);\n  expect(add(2, 2)).toBe(4);\n});\nit("takes", () => {\n  expect(take(3, 1)).toBe(2);\n});\n';
const python = "def test_adds():\n    assert add(1, 2) == 3\n\n\ndef test_takes():\n    assert take(3, 1) == 2\n";

const held = (name: string, path: string, [before, after]: readonly [string, string | undefined]): ChangeCase => ({
  ...{ name: `tests: ${name}`, before: { [path]: before }, after: { [path]: after } },
  ...{ decision: "hold", rule: "tests" },
});
const free = (name: string, path: string, [before, after]: readonly [string, string]): ChangeCase => ({
  ...{ name: `tests: ${name}`, before: { [path]: before }, after: { [path]: after } },
  decision: "allow",
});

export const testCases: readonly ChangeCase[] = [
  held("one is removed", "src/a.test.ts", [checked, checked.slice(0, checked.indexOf('it("takes'))]),
  held("a file of them is deleted", "test/a.test.ts", [checked, undefined]),
  held("one is skipped", "src/a.test.ts", [checked, checked.replace('it("takes', 'it.skip("takes')]),
  held("one runs alone", "src/a.test.ts", [checked, checked.replace('it("takes', 'it.only("takes')]),
  held("an assertion goes", "src/a.test.ts", [checked, checked.replace("  expect(add(2, 2)).toBe(4);\n", "")]),
  held("an assertion says less", "src/a.test.ts", [checked, checked.replace("toBe(4)", "toBeTruthy()")]),
  held("pytest: one is skipped", "tests/test_a.py", [python, `@pytest.mark.skip\n${python}`]),
  held("pytest: what is always true", "tests/test_a.py", [python, python.replace("add(1, 2) == 3", "True")]),
  free("another value", "src/a.test.ts", [checked, checked.replace("toBe(4)", "toBe(5)")]),
  free("another name", "src/a.test.ts", [checked, checked.replace('it("takes"', 'it("takes away"')]),
  free("one more", "src/a.test.ts", [checked, `${checked}it("new", () => {\n  expect(one()).toBe(1);\n});\n`]),
  free("pytest: another value", "tests/test_a.py", [python, python.replace("== 3", "== 4")]),
  free("the same words in source code", "src/a.ts", [checked, "export {};\n"]),
  {
    ...{ name: "tests: a file of them moves", before: { "src/a.test.ts": checked }, after: { "test/b.test.ts": checked } },
    ...{ moved: { "test/b.test.ts": "src/a.test.ts" }, decision: "allow" },
  },
  {
    ...free("the policy may allow it", "src/a.test.ts", [checked, checked.replace('it("takes', 'it.skip("takes')]),
    policy: "tests: { weakened: allow }\n",
  },
  {
    ...held("the policy may forbid it", "src/a.test.ts", [checked, checked.replace('it("takes', 'it.skip("takes')]),
    policy: "tests: { weakened: block }\n",
    decision: "block",
  },
];
