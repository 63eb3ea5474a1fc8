import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, expect, it } from "vitest";

const folder = mkdtempSync(path.join(tmpdir(), "reporter-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

it("ends a run with the plain count, then with what could not be run", () => {
  const missing = path.join(folder, "missing");
  writeFileSync(missing, "not run: b; to get it: y\nnot run: a; to get it: x\nnot run: a; to get it: x\n");
  writeFileSync(
    path.join(folder, "some.test.js"),
    'it("a", () => {});\nit("b", () => { throw new Error("b"); });\nit.skipIf(true)("c", () => {});\n',
  );
  writeFileSync(path.join(folder, "broken.test.js"), 'throw new Error("broken");\n');
  const program = path.join(import.meta.dirname, "../node_modules/vitest/vitest.mjs");
  const reporter = path.join(import.meta.dirname, "closing-reporter.ts");
  const { status, stdout } = spawnSync(process.execPath, [program, "run", "--globals", "--reporter", reporter], {
    cwd: folder,
    env: { ...process.env, TWOLANE_NEEDS: missing },
    encoding: "utf8",
  });
  expect(stdout).toBe("1 passed, 2 failed, 1 skipped\nnot run: a; to get it: x\nnot run: b; to get it: y\n");
  expect(status).toBe(1);
});
