/** Which command made an output; what a run says of a failure; what a check says of a cause. */
import { describe, expect, it } from "vitest";
import { commandOf, outcomeOf, proofOfRun, proofOfTests } from "./debug-proof.ts";
import { findFailures } from "./failures/failures.ts";
import { workspaceFiles } from "./failures/workspace-files.ts";

const files = workspaceFiles(["src/a.ts", "src/b.ts", "test/a.test.ts"]);
const types = (...lines: readonly string[]): string => lines.join("\n");
const one = "src/a.ts(3,5): error TS2322: Type 'number' is not assignable to type 'string'.";
const moved = "src/a.ts(9,5): error TS2322: Type 'number' is not assignable to type 'string'.";
const other = "src/b.ts(1,1): error TS2304: Cannot find name 'x'.";
const before = { failures: findFailures(types(one), files), files };

describe("the command of an output", () => {
  it.each([
    ["\n> shop@1.0.0 test\n> node --test\n\nnot ok 1", "npm test"],
    ["\n> test\n> node --test\n\nnot ok 1", "npm test"],
    ["\n> check:types\n> tsc\n", "npm run check:types"],
    ["> quoted\nof a mail", undefined],
    ["> shop@1.0.0 check:types\n> tsc\n", "npm run check:types"],
    ["$ cargo test 2>&1 | tee log.txt\n   Compiling", "cargo test"],
    ["dev@laptop:~/shop$ pytest -q\n", "pytest -q"],
    ["❯ npx vitest run\n", "npx vitest run"],
    ["error: no\n", undefined],
  ])("%j", (output, command) => expect(commandOf(output)).toBe(command));
});

describe("a run after a change", () => {
  it("proves it, or shows the same failure, also elsewhere in the file", () => {
    expect(proofOfRun({ status: 0, output: "" }, before)).toEqual({ kind: "passed", others: 0 });
    expect(proofOfRun({ status: 1, output: types(other, one) }, before)).toEqual({ kind: "same" });
    expect(proofOfRun({ status: 1, output: types(moved) }, before)).toEqual({ kind: "same" });
  });

  it("tells another failure from one that was there before", () => {
    expect(proofOfRun({ status: 1, output: other }, before)).toMatchObject({ kind: "another", failures: [{ name: "TS2304" }] });
    const both = { failures: findFailures(types(one, other), files), files };
    expect(proofOfRun({ status: 1, output: other }, both)).toEqual({ kind: "passed", others: 1 });
    expect(proofOfRun({ status: 3, output: "it broke" }, before)).toMatchObject({ kind: "another" });
  });

  it("says nothing where it could not run", () => {
    expect(proofOfRun({ output: "", why: "held" }, before)).toEqual({ kind: "unknown", why: "held" });
    expect(proofOfRun({ status: 1, output: "EROFS: read-only file system" }, before)).toMatchObject({ kind: "unknown" });
  });

  it("does not take other tests for the one that failed", () => {
    const failing = findFailures(" FAIL  test/a.test.ts > a > adds\nError: no\n ❯ test/a.test.ts:3:1\n\n", files);
    const ran = { path: "test/a.test.ts", passed: 1, failed: 0, skipped: 0, outcome: "passed" as const };
    const evidence = { hash: "", outcome: "passed" as const, counts: { passed: 1, failed: 0, skipped: 0 }, files: [ran], ms: 1 };
    expect(proofOfTests({ evidence }, { failures: failing })).toEqual({ kind: "passed", others: 0 });
    const elsewhere = { ...evidence, files: [{ ...ran, path: "test/b.test.ts" }] };
    expect(proofOfTests({ evidence: elsewhere }, { failures: failing })).toMatchObject({ kind: "unknown" });
    const failure = { path: "test/a.test.ts", name: "a adds", message: "Error: no" };
    expect(proofOfTests({ evidence: { ...evidence, outcome: "failed", failure } }, { failures: failing })).toEqual({
      kind: "same",
    });
    expect(proofOfTests({ why: "no sandbox" }, { failures: failing })).toEqual({ kind: "unknown", why: "no sandbox" });
  });
});

describe("a check", () => {
  it.each([
    [{ status: 0, output: "fine" }, "refuted"],
    [{ status: 0, output: "Type 'number' is not assignable to type 'string'." }, "fits"],
    [{ status: 2, output: "" }, "fits"],
    [{ status: 127, output: "sh: tscc: not found" }, "unclear"],
    [{ status: 1, output: "touch: Read-only file system" }, "unclear"],
    [{ output: "", why: "held" }, "unclear"],
  ])("%j is %s", (ran, outcome) => expect(outcomeOf(ran, before.failures)).toBe(outcome));
});
