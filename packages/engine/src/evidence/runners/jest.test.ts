/** jest: how its script and configuration are read, and its own recorded report (30.x, `{folder}` for the package's folder). */
import { readFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, it } from "vitest";
import type { FoundRunner, RunnerOutput } from "../evidence.ts";
import { jest } from "./jest.ts";

const folder = "/home/me/shop";
const report = readFileSync(path.join(import.meta.dirname, "recorded/jest-30.txt"), "utf8").replaceAll("{folder}", folder);
const output = (stdout: string): RunnerOutput => ({
  ...{ stdout, stderr: "", status: 1, folder },
  tests: ["test/price.test.js", "test/order.test.js", "test/broken.test.js"],
});

function found(files: Readonly<Record<string, string>>): FoundRunner {
  const runner = jest.find({
    folder: "",
    text: (file) => files[file],
    paths: Object.keys(files),
    installed: (program) => `/bin/${program}`,
    program: () => undefined,
  });
  if (runner === undefined) throw new Error("It is not found.");
  return runner;
}

describe("the report of jest", () => {
  const { parse } = found({ "package.json": JSON.stringify({ scripts: { test: "jest" } }) });

  it("says of each file what passed, failed and was skipped", () => {
    const ran = new Map(parse(output(report)).map((one) => [one.path, one]));
    expect(ran.get("test/price.test.js")).toMatchObject({
      ...{ passed: 1, failed: 1, skipped: 2 },
      failure: { name: "price is rounded", line: 6, message: expect.stringContaining("Expected: 2") as unknown },
    });
    expect(ran.get("test/order.test.js")).toEqual({ path: "test/order.test.js", passed: 1, failed: 0, skipped: 0 });
  });

  it("counts a file that does not load as failed, with the reason", () => {
    const broken = parse(output(report)).find(({ path: file }) => file === "test/broken.test.js");
    expect(broken).toMatchObject({
      ...{ passed: 0, failed: 1, skipped: 0 },
      failure: { name: "the file itself", message: expect.stringContaining("Cannot find module '../src/missing.js'") as unknown },
    });
  });

  it("finds the report behind what tests print, and nothing in half of one", () => {
    expect(parse(output(`noise {"a": 1}\n${report}`))).toEqual(parse(output(report)));
    expect(parse(output(report.slice(0, report.length / 2)))).toEqual([]);
    expect(parse(output(""))).toEqual([]);
  });
});

describe("jest in a package", () => {
  it("takes patterns of its configuration and options of the script, and neither coverage nor an early end", () => {
    const runner = found({
      "package.json": JSON.stringify({
        scripts: { test: "cross-env TZ=UTC jest --coverage --bail --env node" },
        jest: { testRegex: "test/(.*?/)?.*test.js$" },
      }),
    });
    expect(runner.isTest("test/plugin/utc.test.js")).toBe(true);
    expect(runner.isTest("src/utc.js")).toBe(false);
    const { command, args = [], env } = runner.start(["test/utc.test.js"]) ?? {};
    expect(command).toBe("/bin/jest");
    expect(args.slice(0, 2)).toEqual(["--env", "node"]);
    expect(args.slice(-2)).toEqual(["--runTestsByPath", "test/utc.test.js"]);
    expect(args).not.toContain("--coverage");
    expect(args).toContain("--bail=0");
    expect(env).toMatchObject({ TZ: "UTC" });
  });
});
