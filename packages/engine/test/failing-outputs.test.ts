/** Failing output of true tools → the file and the line of the workspace (`failing-outputs/README.md` says what made each). */
import fs from "node:fs";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { findFailures } from "../src/workflows/failures/failures.ts";
import type { FoundFailure } from "../src/workflows/failures/failure.ts";
import { workspaceFiles } from "../src/workflows/failures/workspace-files.ts";
import { leastCpuMs } from "../../../tools/cpu-time.ts";

const folder = path.join(import.meta.dirname, "failing-outputs");
const read = (name: string): string => fs.readFileSync(path.join(folder, `${name}.txt`), "utf8");

const paths = [
  ...[
    "src/price.js",
    "src/rates.js",
    "src/main.js",
    "src/broken.js",
    "src/lost.js",
    "src/unhandled.js",
    "src/wrapped.js",
    "src/cart.c",
  ],
  ...[
    "lib/price.cjs",
    "lib/lost.cjs",
    "lib/price.rb",
    "lib/cart.rb",
    "bin/shop",
    "test/price.test.js",
    "package.json",
    "Makefile",
  ],
  ...["vt/price.test.ts", "vt/missing.test.ts", "jt/price.test.js", "jt/missing.test.js", "mt/price.spec.cjs"],
  ...["py/run.py", "py/bad.py", "py/shop/__init__.py", "py/shop/price.py", "py/tests/test_price.py", "py/tests/test_broken.py"],
  ...["py/tests/test_unit.py", "rs/src/lib.rs", "rs/src/main.rs", "rs/src/price.rs", "rs/src/cart.rs", "rs/tests/labels.rs"],
  ...["go/main.go", "go/cart/cart.go", "go/cart/cart_test.go", "go/cart/panic_test.go", "go/bad/bad.go", "go/other/cart_test.go"],
  ...["Price", "Main", "Wrong"].map((name) => `java/src/main/java/com/example/shop/${name}.java`),
  ...[
    "java/src/main/kotlin/com/example/shop/Cart.kt",
    "java/src/test/java/com/example/shop/PriceTest.java",
    "java/bad/Other.java",
  ],
  ...["ts/main.ts", "ts/price.ts", "lint/cart.js", "lint/broken.js", "docs/price.md"],
];
const files = workspaceFiles(paths);

const java = "java/src/main/java/com/example/shop";
const priceTest = "java/src/test/java/com/example/shop/PriceTest.java";
const lint = ["eslint lint/broken.js:1:14", "eslint no-unused-vars lint/cart.js:1:7", "eslint no-undef lint/cart.js:4:36"];
const compiledGo = ["go go/bad/bad.go:3:8", "go go/bad/bad.go:7:9", "go go/bad/bad.go:11:2"];
const rustErrors = ["rust E0308 rs/src/cart.rs:9:44", "rust E0308 rs/src/cart.rs:10:9", "rust E0609 rs/src/cart.rs:14:26"];
const pytest = ["pytest test_label py/tests/test_price.py:11", "pytest test_unknown_country py/shop/price.py:5"];
const nodeTest = ["node-test two digits test/price.test.js:11:10", "node-test unknown country src/rates.js:5:33"];
const vitest = ["vitest vt/price.test.ts > price > two digits vt/price.test.ts:11:24"];
const jest = ["jest price › two digits jt/price.test.js:5:24", "jest price › unknown country lib/price.cjs:5:72"];
const goTest = "go TestLabel/2.50_EUR go/cart/cart_test.go:18";
const typescript = [
  ...["typescript TS2307 ts/main.ts:2:25", "typescript TS2322 ts/main.ts:4:7"],
  ...["typescript TS2322 ts/main.ts:4:30", "typescript TS18048 ts/price.ts:7:57"],
];

/** Tool, name, the best place of each failure. */
const table: Readonly<Record<string, readonly string[]>> = {
  "node-uncaught": ["node TypeError src/price.js:7:61"],
  "node-unhandled": ["node TypeError src/price.js:6:27"],
  "node-syntax": ["node SyntaxError src/broken.js:3"],
  "node-module": ["node Error src/lost.js:0"],
  "node-require": ["node Error lib/lost.cjs:1:19"],
  "node-cause": ["node Error src/price.js:6:27"],
  "node-test-spec": nodeTest,
  "node-test-spec-colour": nodeTest,
  "node-test-tap": nodeTest,
  vitest: [...vitest, "vitest vt/price.test.ts > price > unknown country src/rates.js:5:33"],
  "vitest-colour": [...vitest, "vitest vt/price.test.ts > price > unknown country src/rates.js:5:33"],
  "vitest-import": ["vitest vt/missing.test.ts [ vt/missing.test.ts ] vt/missing.test.ts:2:1"],
  jest,
  "jest-colour": jest,
  "jest-import": ["jest Test suite failed to run jt/missing.test.js:1:21"],
  mocha: [
    ...["mocha price › two digits mt/price.spec.cjs:6:12", "mocha price › unknown country lib/price.cjs:5:72"],
    "mocha price › in time mt/price.spec.cjs:0",
  ],
  pytest,
  "pytest-short": pytest,
  "pytest-native": pytest,
  "pytest-colour": pytest,
  "pytest-line": ["pytest AssertionError py/tests/test_price.py:11", "pytest KeyError py/shop/price.py:5"],
  "pytest-collect": ["pytest tests/test_broken.py py/tests/test_broken.py:1"],
  "python-traceback": ["python KeyError py/shop/price.py:5"],
  "python-syntax": ["python SyntaxError py/bad.py:2"],
  unittest: ["python test_label py/tests/test_unit.py:8"],
  "cargo-compile": rustErrors,
  "cargo-compile-colour": rustErrors,
  "cargo-compile-short": rustErrors,
  "cargo-test": ["rust price::tests::beyond rs/src/price.rs:2:17", "rust price::tests::two_digits rs/src/price.rs:21:9"],
  "cargo-test-backtrace": ["rust price::tests::beyond rs/src/price.rs:2:17"],
  "cargo-test-integration": ["rust labels_have_two_digits rs/tests/labels.rs:4:10"],
  "rust-panic": ["rust main rs/src/price.rs:2:17"],
  "go-test": [goTest],
  "go-test-verbose": [goTest],
  "go-test-panic": [goTest, "go TestNoCountry go/cart/cart.go:19"],
  "go-test-build-failed": [...compiledGo, goTest, "go TestNoCountry go/cart/cart.go:19"],
  "go-build": compiledGo,
  "go-vet": ["go go/bad/bad.go:7:9"],
  "go-panic": ["go panic go/cart/cart.go:19"],
  javac: ["java bad/Wrong.java:5", "java bad/Wrong.java:9"],
  "java-exception": [`java IllegalStateException ${java}/Price.java:15`],
  junit: [
    `java twoDigits(com.example.shop.PriceTest) ${priceTest}:16`,
    `java unknownCountry(com.example.shop.PriceTest) ${java}/Price.java:15`,
  ],
  maven: [
    `java twoDigits(com.example.shop.PriceTest) ${priceTest}:16`,
    `java unknownCountry(com.example.shop.PriceTest) ${priceTest}:21`,
  ],
  "maven-compile": [`java ${java}/Wrong.java:5:16`, `java ${java}/Wrong.java:9:9`],
  "tsc-plain": typescript,
  "tsc-pretty": typescript,
  "eslint-stylish": lint,
  "eslint-colour": lint,
  "eslint-unix": lint,
  "eslint-compact": lint,
  oxlint: [
    ...["eslint eslint(no-unused-vars) lint/cart.js:1:7", "eslint eslint(eqeqeq) lint/cart.js:4:28"],
    "eslint lint/broken.js:1:14",
  ],
  // By format, not run here.
  gradle: [`java PriceTest > twoDigits() ${priceTest}:16`, `java PriceTest > unknownCountry() ${java}/Price.java:15`],
  kotlin: ["java java/src/main/kotlin/com/example/shop/Cart.kt:7:16"],
  testify: ["go TestLabel go/cart/cart_test.go:18"],
  "windows-node": ["node TypeError src/price.js:7:61"],
  "windows-pytest": ["pytest test_label py/tests/test_price.py:11"],
  "unknown-make": ["unknown src/cart.c:12:9"],
  "unknown-ruby": ["unknown lib/price.rb:14"],
};

function line({ tool, name, places: [first] }: FoundFailure): string {
  const place =
    first === undefined ? "nowhere" : `${first.path}:${first.line}${first.column === undefined ? "" : `:${first.column}`}`;
  return [tool, name, place].filter((part) => part !== "").join(" ");
}

const names = fs.readdirSync(folder).flatMap((name) => (name.endsWith(".txt") ? [name.slice(0, -4)] : []));

describe("failing output", () => {
  it("has a row for each file", () => expect(Object.keys(table).toSorted()).toEqual(names.toSorted()));

  it.each(names)("%s", (name) => {
    const found = findFailures(read(name), files);
    expect(found.map(line)).toEqual(table[name]);
    for (const { excerpt, message } of found) {
      expect(excerpt).not.toBe("");
      expect(excerpt.split("\n").length).toBeLessThan(40);
      expect(message.split("\n").length).toBeLessThan(20);
    }
  });

  const placesOf = (text: string): readonly string[] =>
    findFailures(text, files).map(({ places: [first] }) => `${first?.path}:${first?.line}`);

  it.each(names)("%s, as it comes from elsewhere", (name) => {
    const text = read(name);
    const expected = placesOf(text);
    expect(placesOf(text.replace(/\n/g, "\r\n"))).toEqual(expected);
    expect(placesOf(text.replaceAll("/builds/shop", "/home/runner/work/shop/shop"))).toEqual(expected);
    expect(placesOf(text.replace(/^/gm, "2026-03-01T10:11:12.1234567Z "))).toEqual(expected);
    // A path of a file is one of the workspace as well.
    expect(placesOf(`$ make test\n\nsome words before\n${text}`)).toEqual(expected);
  });

  it("never throws and always ends, cut anywhere", () => {
    for (const name of names) {
      const text = read(name);
      const step = Math.max(1, Math.floor(text.length / 60));
      for (let at = 0; at < text.length; at += step) {
        for (const part of [text.slice(0, at), text.slice(at), text.slice(at, at + 400)]) {
          for (const { places, excerpt } of findFailures(part, files)) {
            expect(typeof excerpt).toBe("string");
            for (const place of places) expect(Number.isInteger(place.line)).toBe(true);
          }
        }
      }
    }
  });

  it("finds nothing where nothing failed", () => {
    expect(findFailures("", files)).toEqual([]);
    expect(findFailures("all 12 tests passed at 10:42:11\n", files)).toEqual([]);
  });

  it("is quick with much output, and finds what stands at its end", () => {
    const noise = "GET /cart 200 in 12 ms at 10:11:12 (request 8f2a)\n".repeat(210_000);
    const text = noise + read("pytest");
    expect(text.length).toBeGreaterThan(10 * 1024 * 1024);
    findFailures(text, files);
    const ms = leastCpuMs(3, () => expect(placesOf(text)).toEqual(["py/tests/test_price.py:11", "py/shop/price.py:5"]));
    expect(ms).toBeLessThan(200);
  });

  it("stays quick where a line is made to be slow", () => {
    const awkward = ["at ", "(", " ", "a.", "a/", "\\", "  at a (", "FAIL  ", "___ ", "E   ", ":1", "[", "x.py:1:"].map((piece) =>
      piece.repeat(100_000),
    );
    const ms = leastCpuMs(1, () => {
      for (const text of [...awkward, ...awkward.map((one) => `${one}\n    at x (/a.js:1:2)\n`)]) findFailures(text, files);
      for (const piece of [
        "    at x (/a.js:1:2)\n",
        "Caused by: a.B\n",
        "--- FAIL: T (0.0s)\n",
        "    a.go:1: x\n",
        "panic: x\n",
        "error: x\n",
        " FAIL  x\n",
      ])
        findFailures(piece.repeat(40_000), files);
    });
    expect(ms).toBeLessThan(20_000);
  });
});

describe("files of the workspace", () => {
  const find = (written: string, within?: string): string | undefined =>
    workspaceFiles(["src/a.ts", "packages/one/src/a.ts", "packages/two/src/a.ts", "lib/deep/only.ts"]).find({
      path: written,
      ...(within !== undefined && { within }),
    });

  it("takes the longest end of a path that is there", () => {
    expect(find("src/a.ts")).toBe("src/a.ts");
    expect(find("/app/packages/two/src/a.ts")).toBe("packages/two/src/a.ts");
    expect(find("/somewhere/src/a.ts")).toBe("src/a.ts");
    expect(find("C:\\code\\packages\\one\\src\\a.ts")).toBe("packages/one/src/a.ts");
    expect(find("deep/only.ts")).toBe("lib/deep/only.ts");
    expect(find("/container/deep/only.ts")).toBe("lib/deep/only.ts");
  });

  it("says nothing where it could be several, or another", () => {
    expect(find("a.ts")).toBeUndefined();
    expect(find("a.ts", "example.com/packages/two/src")).toBe("packages/two/src/a.ts");
    expect(find("/other/index.ts")).toBeUndefined();
    expect(find("/other/only.ts")).toBeUndefined();
  });
});
