import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, expect, it } from "vitest";
import { missingNeeds, needs } from "./needs.ts";

const folder = mkdtempSync(path.join(tmpdir(), "needs-"));
const before = process.env["TWOLANE_NEEDS"];
afterEach(() => {
  process.env["TWOLANE_NEEDS"] = before;
  rmSync(folder, { recursive: true, force: true });
});

it("notes a missing program once, with the command that gets it, and says nothing of one that is there", () => {
  process.env["TWOLANE_NEEDS"] = path.join(folder, "missing");
  const need = { for: "sandboxed commands", get: "apt-get install no-such-program" };
  expect([needs("node", need), needs("no-such-program", need), needs("no-such-program", need)]).toEqual([true, false, false]);
  expect(missingNeeds()).toEqual([
    "not run: sandboxed commands (no no-such-program); to get it: apt-get install no-such-program",
  ]);
});
