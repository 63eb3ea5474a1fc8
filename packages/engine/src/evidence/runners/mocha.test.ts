/** mocha: how its script and configuration are read, and its own recorded report (11.x, `{folder}` for the package's folder). */
import { readFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, it } from "vitest";
import type { FoundRunner, RunnerOutput } from "../evidence.ts";
import { mocha } from "./mocha.ts";

const folder = "/home/me/shop";
const report = readFileSync(path.join(import.meta.dirname, "recorded/mocha-11.txt"), "utf8").replaceAll("{folder}", folder);
const output = (stdout: string): RunnerOutput => ({
  ...{ stdout, stderr: "", status: 2, folder },
  tests: ["test/price.js", "test/order.js"],
});

function found(files: Readonly<Record<string, string>>): FoundRunner {
  const runner = mocha.find({
    folder: "",
    text: (file) => files[file],
    paths: Object.keys(files),
    installed: (program) => `/bin/${program}`,
    program: () => undefined,
  });
  if (runner === undefined) throw new Error("It is not found.");
  return runner;
}

const script = (test: string): string => JSON.stringify({ scripts: { test } });

describe("the report of mocha", () => {
  const { parse } = found({ "package.json": script("mocha") });

  it("says of each file what passed, failed and was skipped, though titles are shared and tests print", () => {
    expect(report.startsWith("noise { }\n")).toBe(true);
    const ran = new Map(parse(output(report)).map((one) => [one.path, one]));
    expect([...ran.keys()].toSorted()).toEqual(["test/order.js", "test/price.js"]);
    expect(ran.get("test/price.js")).toMatchObject({
      ...{ passed: 1, failed: 1, skipped: 2 },
      failure: { name: "price is rounded", line: 7, message: expect.stringContaining("1.5 == 2") as unknown },
    });
  });

  it("counts a failing hook, and a test that passes here and fails under the same title elsewhere", () => {
    const order = parse(output(report)).find(({ path: file }) => file === "test/order.js");
    expect(order).toMatchObject({
      ...{ passed: 1, failed: 1, skipped: 0 },
      failure: { name: 'order "before all" hook for "is sent"', line: 6 },
    });
  });

  it("says nothing of a run that ended before its report was whole", () => {
    expect(parse(output(""))).toEqual([]);
    expect(parse(output(report.slice(0, report.length / 2)))).toEqual([]);
  });
});

describe("mocha in a package", () => {
  it("takes options and patterns of the script; what it requires is a setting", () => {
    const files = {
      "package.json": script("nyc mocha --require test/support/env --reporter spec --check-leaks test/ test/acceptance/"),
    };
    const runner = found(files);
    expect(["test/a.js", "test/acceptance/b.js"].every((file) => runner.isTest(file))).toBe(true);
    expect(["test/support/env.js", "lib/a.js", "test/fixtures/c.js"].some((file) => runner.isTest(file))).toBe(false);
    expect(runner.settings).toContain("test/support/env");
    const { command, args = [] } = runner.start(["test/a.js"]) ?? {};
    expect(command).toBe("/bin/mocha");
    expect(args.slice(-1)).toEqual(["test/a.js"]);
    expect(args.join(" ")).toContain("--require test/support/env --check-leaks --reporter json");
    expect(args).not.toContain("spec");
  });

  it("takes its list of files from .mocharc.yml, and hands over the rest", () => {
    const runner = found({
      "package.json": script("mocha"),
      ".mocharc.yml": "spec:\n  - src/**/*-test.ts\nrequire:\n  - resources/register.js\nfail-zero: true\n",
    });
    expect(runner.isTest("src/a/b-test.ts")).toBe(true);
    expect(runner.isTest("test/a.js")).toBe(false);
    expect(runner.settings).toContain("resources/register.js");
    const { args = [] } = runner.start(["src/a/b-test.ts"]) ?? {};
    expect(args.join(" ")).toContain("--no-config --no-package --require resources/register.js --fail-zero");
    expect(args).not.toContain("src/**/*-test.ts");
  });
});
