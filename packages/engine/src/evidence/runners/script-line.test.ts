/** What test scripts of published projects start, as words. */
import { expect, it } from "vitest";
import { testCommands } from "./script-line.ts";

const words = (scripts: Readonly<Record<string, string>>): readonly string[] =>
  testCommands(JSON.stringify({ scripts })).map((command) => command.words.join(" "));

it("follows scripts, and gives the called one what stands behind its name", () => {
  expect(
    words({
      "test:mocha": "_mocha --timeout 4000",
      "test:tests": 'npm run test:mocha "tests/lib/**/*.js"',
      test: "run-p lint:* test:tests",
    }),
  ).toEqual(["run-p lint:* test:tests", "_mocha --timeout 4000 tests/lib/**/*.js"]);
  expect(words({ test: "npm run lint && npm run unit -- --coverage", lint: "eslint .", unit: "jest src" })).toEqual([
    "eslint .",
    "jest src --coverage",
  ]);
});

it("keeps variables, looks behind wrappers, and ends where scripts call each other in a ring", () => {
  expect(testCommands(JSON.stringify({ scripts: { test: "cross-env TZ=UTC nyc --all mocha test" } }))).toEqual([
    { env: { TZ: "UTC" }, words: ["mocha", "test"] },
  ]);
  expect(words({ test: "npm run unit", unit: "npm run test" })).toEqual([]);
  expect(words({ test: "npm test" })).toEqual([]);
  expect(testCommands(undefined)).toEqual([]);
});
