/** What runners say of a new test that fails, and whether that is the reason it was written for. */
import { describe, expect, it } from "vitest";
import { judgeFailure } from "./right-failure.ts";

interface Row {
  readonly runner: string;
  /** Of the test; absent: the new one. */
  readonly name?: string;
  readonly path?: string;
  readonly message: string;
  readonly about?: string;
  readonly said: "right" | "broken" | "other" | "unclear";
}

const node = (message: string, said: Row["said"], more: Partial<Row> = {}): Row => ({
  runner: "node:test",
  message,
  said,
  ...more,
});
const nodeFile = { name: "/home/me/shop/test/slug.test.js" };
const vitest = (message: string, said: Row["said"], more: Partial<Row> = {}): Row => ({
  ...{ runner: "vitest", name: "slugs makes small letters", message, said },
  ...more,
});
const python = (message: string, said: Row["said"], more: Partial<Row> = {}): Row => ({
  ...{ runner: "pytest", name: "test_slug", path: "tests/test_slug.py", message, said },
  ...more,
});
const module = { name: "tests.test_slug" };
const go = (message: string, said: Row["said"], more: Partial<Row> = {}): Row => ({
  ...{ runner: "go", name: "TestSlug", path: "slug_test.go", message, said },
  ...more,
});
const package_ = { name: "the package", path: "a_test.go" };
const cargo = (message: string, said: Row["said"], more: Partial<Row> = {}): Row => ({
  ...{ runner: "cargo", name: "slug_is_small", path: "tests/slug.rs", message, said },
  ...more,
});
const crate = { name: "it does not compile" };

const rows: readonly Row[] = [
  node("AssertionError [ERR_ASSERTION]: 'A b' == 'a-b'", "right"),
  node("AssertionError [ERR_ASSERTION]: Missing expected exception.", "right"),
  node("TypeError: x.slug is not a function", "right"),
  node("TypeError: Slugger is not a constructor", "right"),
  node("Error: not implemented", "right"),
  node(
    "node:internal/modules/esm/resolve:283\nError [ERR_MODULE_NOT_FOUND]: Cannot find module '/home/me/shop/src/slug.js' imported from /home/me/shop/test/slug.test.js\n  code: 'ERR_MODULE_NOT_FOUND',",
    "right",
    nodeFile,
  ),
  node(
    "file:///home/me/shop/test/slug.test.js:3\nimport { slug } from '../src/x.js';\n         ^^^^\nSyntaxError: The requested module '../src/x.js' does not provide an export named 'slug'",
    "right",
    nodeFile,
  ),
  node("Error: Cannot find module '../src/slug.js'\nRequire stack:", "right", nodeFile),
  node("file:///home/me/shop/test/slug.test.js:3\nSyntaxError: missing ) after argument list", "broken", nodeFile),
  node(
    "Error [ERR_MODULE_NOT_FOUND]: Cannot find package 'left-pad' imported from /home/me/test/slug.test.js",
    "broken",
    nodeFile,
  ),
  node("Error: Cannot find module 'left-pad'\nRequire stack:", "broken", nodeFile),
  node("Error [ERR_MODULE_NOT_FOUND]: Cannot find package 'slugs' imported from /home/me/test/slug.test.js", "right", nodeFile),
  node("ReferenceError: asert is not defined", "broken"),
  node("ReferenceError: describe is not defined", "broken", nodeFile),
  node("TypeError: assert.equals is not a function", "broken"),
  node("test timed out after 50ms", "broken"),
  node("TypeError: Cannot read properties of undefined (reading 'x')", "unclear"),
  node("TypeError: Cannot read properties of undefined (reading 'x')", "right", { about: "slug crashes on an empty text" }),
  node("SyntaxError: Unexpected token 'a', \"a\" is not valid JSON", "unclear"),
  node("test failed", "unclear", nodeFile),
  node("AssertionError [ERR_ASSERTION]: 1 == 2", "other", { name: "an older one" }),
  node("AssertionError [ERR_ASSERTION]: 1 == 2", "other", { path: "test/other.test.js" }),
  vitest("AssertionError: expected 'A b' to be 'a-b' // Object.is equality", "right"),
  vitest("TypeError: slug is not a function", "right"),
  vitest("TypeError: (0 , slug) is not a function", "right"),
  vitest('Error: expect(received).toBe(expected) // Object.is equality\n\nExpected: "a-b"\nReceived: "A b"', "right"),
  vitest("Error: Failed to load url ../src/slug.js (resolved id: ../src/slug.js). Does the file exist?", "right", {
    name: "the file itself",
  }),
  vitest('Error: Failed to resolve import "../src/slug" from "test/slug.test.js". Does the file exist?', "right", {
    name: "the file itself",
  }),
  vitest('Error: Failed to resolve import "@testing-library/react" from "test/slug.test.js".', "broken", {
    name: "the file itself",
  }),
  vitest("Error: Cannot find package '@/slug' imported from test/slug.test.js", "right", { name: "the file itself" }),
  vitest("Error: No test suite found in file /home/me/shop/test/slug.test.js", "broken", { name: "the file itself" }),
  vitest('Error: Transform failed with 1 error:\ntest/slug.test.js:3:20: ERROR: Expected ")" but found ";"', "broken", {
    name: "the file itself",
  }),
  vitest("Error: Parse failure: Expected ',', got ';'", "broken", { name: "the file itself" }),
  vitest("Error: Test timed out in 5000ms.", "broken"),
  vitest("Error: Invalid Chai property: toBee", "broken"),
  vitest("AssertionError: expected 1 to be 2", "other", { name: "slugs an older one" }),
  vitest("AssertionError: expected 3 to be 4", "right", { name: "slugs makes 3 of 4" }),
  python("def test_slug():\n>       assert y('A') == 'a'\nE       AssertionError: assert 'A' == 'a'", "right"),
  python("E       assert 3 == 4\nE        +  where 3 = y(4)", "right"),
  python("E   Failed: DID NOT RAISE <class 'ValueError'>", "right"),
  python("E   AttributeError: module 'shop' has no attribute 'slug'", "right"),
  python("E   TypeError: slug() got an unexpected keyword argument 'sep'", "right"),
  python("E   TypeError: slug() takes 1 positional argument but 2 were given", "right"),
  python("E   NotImplementedError", "right"),
  python(
    "ImportError while importing test module\nE   ImportError: cannot import name 'slug' from 'shop' (/home/me/shop.py)",
    "right",
    module,
  ),
  python("E   ModuleNotFoundError: No module named 'shop.slug'", "right", module),
  python("E   ModuleNotFoundError: No module named 'freezegun'", "broken", module),
  python(
    'E     File "tests/test_slug.py", line 1\nE       def f(:\nE             ^\nE   SyntaxError: invalid syntax',
    "broken",
    module,
  ),
  python("E   IndentationError: expected an indented block", "broken", module),
  python("E   NameError: name 'slug' is not defined", "broken"),
  python("E       fixture 'nofix' not found", "broken"),
  python("E   KeyError: 'a'", "unclear"),
  python("E   KeyError: 'a'", "right", { about: "slug raises KeyError for unknown signs" }),
  python("E   AssertionError: assert 1 == 2", "right", { name: "test_slug[a-b]" }),
  python("E   AssertionError: assert 1 == 2", "other", { name: "test_older" }),
  go('=== RUN   TestSlug\n    slug_test.go:7: got "A", want "a"\n--- FAIL: TestSlug (0.00s)', "right"),
  go("--- FAIL: TestSlug (0.00s)\n    --- FAIL: TestSlug/empty (0.00s)\n        slug_test.go:9: bad", "right", {
    name: "TestSlug/empty",
  }),
  go("# shop [shop.test]\n./slug_test.go:6:5: undefined: Slug", "right", package_),
  go("# shop [shop.test]\n./slug_test.go:6:7: s.Slug undefined (type Shop has no field or method Slug)", "right", package_),
  go("./slug_test.go:6:12: too many arguments in call to Slug\n\thave (string, string)", "right", package_),
  go("# shop\nslug_test.go:6:2: expected declaration, found 'if'", "broken", package_),
  go('# shop [shop.test]\n./slug_test.go:4:2: "fmt" imported and not used', "broken", package_),
  go("slug_test.go:4:2: no required module provides package github.com/x/assert; to add it:", "broken", package_),
  go("slug_test.go:4:2: package shop/slug is not in std", "right", package_),
  go("--- FAIL: TestSlug (0.00s)\npanic: runtime error: index out of range [0] with length 0", "unclear"),
  go("--- FAIL: TestSlug (0.00s)\npanic: runtime error: index out of range [0]", "right", {
    about: "Slug panics on an empty text",
  }),
  go("--- FAIL: TestOld (0.00s)\n    slug_test.go:20: bad", "other", { name: "TestOld" }),
  go("./other_test.go:6:5: undefined: Other", "other", { name: "the package", path: "other_test.go" }),
  cargo(
    'thread \'slug_is_small\' panicked at tests/slug.rs:3:10:\nassertion `left == right` failed\n  left: "A"\n right: "a"',
    "right",
  ),
  cargo(
    "error[E0432]: unresolved import `shop::slug`\n --> tests/slug.rs:1:5\n  |     ^^^^^^^^^^ no `slug` in the root",
    "right",
    crate,
  ),
  cargo("error[E0425]: cannot find function `slug` in crate `shop`\n --> tests/slug.rs:3:16", "right", crate),
  cargo(
    "error[E0599]: no method named `slug` found for struct `Shop` in the current scope\n --> tests/slug.rs:3:16",
    "right",
    crate,
  ),
  cargo("error[E0061]: this function takes 1 argument but 2 arguments were supplied\n --> tests/slug.rs:3:16", "right", crate),
  cargo("error[E0432]: unresolved import `proptest`\n --> tests/slug.rs:1:5", "broken", crate),
  cargo("error: expected type, found `=`\n --> tests/slug.rs:3:31", "broken", crate),
  cargo("thread 'slug_is_small' panicked at src/lib.rs:9:5:\nnot yet implemented", "right"),
  cargo("thread 'slug_is_small' panicked at src/lib.rs:2:9:\ncalled `Option::unwrap()` on a `None` value", "unclear"),
  cargo("thread 'older' panicked at tests/slug.rs:30:5:\nassertion failed: a == b", "other", { name: "older" }),
];

/** What was added, in each language. */
const added: Readonly<Record<string, { readonly path: string; readonly added: readonly string[] }>> = {
  "node:test": { path: "test/slug.test.js", added: ['test("slug", () => {'] },
  vitest: {
    path: "test/slug.test.js",
    added: ['describe("slugs", () => {', '  it("makes small letters", () => {', '  it.each(rows)("makes %d of %d", (a, b) => {'],
  },
  pytest: { path: "tests/test_slug.py", added: ["def test_slug():"] },
  go: { path: "slug_test.go", added: ["func TestSlug(t *testing.T) {"] },
  cargo: { path: "tests/slug.rs", added: ["#[test]", "fn slug_is_small() {"] },
};
const owned = new Set(["shop", "slug", "slugs"]);

describe("the reason for which a new test fails", () => {
  it.each(rows.map((row) => ({ ...row, title: row.message.split("\n").at(-1) })))(
    "$runner · $said · $title",
    ({ runner, name = "slug", path = "test/slug.test.js", message, about = "slugs in small letters", said }) => {
      const test = added[runner];
      const judged = judgeFailure({
        ...{ failure: { path, name, message }, tests: test === undefined ? [] : [test], about },
        owns: (one) => one.split(/[/.:]/).some((part) => owned.has(part)),
      });
      expect({ ...judged, said: judged.right ? "right" : judged.kind }).toMatchObject({ said });
      expect(judged.reason).not.toContain("\n");
    },
  );
});
