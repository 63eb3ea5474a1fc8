/** `twolane report` as a whole process: what it writes, and what it does not write over. */
import { readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { type Sandbox, openSandbox } from "./command.ts";

let sandbox: Sandbox;
beforeEach(() => void (sandbox = openSandbox()));
afterEach(() => sandbox.remove());

it("writes one page, and the next one over it", async () => {
  const first = await sandbox.run(["report"]);
  expect(first).toMatchObject({ status: 0, stdout: `${path.join(sandbox.folder, "twolane-report.html")}\n` });
  const page = readFileSync(first.stdout.trim(), "utf8");
  expect(page).toMatch(/<script type="application\/json" id="report-data">\{"version":1,/);
  expect(await sandbox.run(["report"])).toMatchObject({ status: 0 });
});

it("writes over nothing that is no report", async () => {
  writeFileSync(path.join(sandbox.folder, "notes.html"), "mine");
  const refused = await sandbox.run(["report", "--out", "notes.html"]);
  expect(refused).toMatchObject({ status: 1, stdout: "" });
  expect(refused.stderr).toMatch(/notes\.html` is there and is no report of twolane\..*--out/);
  expect(readFileSync(path.join(sandbox.folder, "notes.html"), "utf8")).toBe("mine");
});

it.each(["2026-13-01", "2026-02-30", "yesterday"])("knows no day like %s", async (day) => {
  const refused = await sandbox.run(["report", "--since", day]);
  expect(refused).toMatchObject({ status: 2 });
  expect(refused.stderr).toContain(`\`${day}\` is no date. Write it as 2026-01-31.`);
});

it("says in one line where it cannot write", async () => {
  const refused = await sandbox.run(["report", "--out", "no/such/folder/report.html"]);
  expect(refused).toMatchObject({ status: 1 });
  expect(refused.stderr.trim().split("\n")).toHaveLength(1);
});
