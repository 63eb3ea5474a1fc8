import fs from "node:fs";
import path from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { type Workshop, type WorkshopOptions, applyText, openWorkshop } from "./landing-workshop.ts";

let open: Workshop[] = [];

async function workshop(options?: WorkshopOptions): Promise<Workshop> {
  const made = await openWorkshop(options);
  open.push(made);
  return made;
}

afterEach(async () => {
  for (const made of open.toReversed()) await made.dispose();
  open = [];
});

const patch = (...lines: string[]): string => ["*** Begin Patch", ...lines, "*** End Patch", ""].join("\n");

describe("landing", () => {
  it("writes an update, keeps the mode, leaves no temporary file", async () => {
    const shop = await workshop({ files: { "a.ts": "one\ntwo\nthree\n" } });
    fs.chmodSync(path.join(shop.root, "a.ts"), 0o750);
    const report = await applyText(patch("*** Update File: a.ts", "@@", " one", "-two", "+zwei", " three"), { lander: shop.lander() });
    expect(report.forModel).toBe("landed a.ts:2 +1 -1");
    expect(shop.tree()).toEqual({ "a.ts": "one\nzwei\nthree\n" });
    expect(fs.statSync(path.join(shop.root, "a.ts")).mode & 0o777).toBe(0o750);
    expect(shop.events.map(({ type }) => type)).toEqual(["hunk.landed"]);
  });

  it("creates with folders, deletes, moves and edits what it moved", async () => {
    const shop = await workshop({ files: { "gone.ts": "x\n", "old.ts": "1\n2\n" } });
    const text = patch(
      "*** Add File: deep/er/new.ts",
      "+hello",
      "*** Delete File: gone.ts",
      "*** Update File: old.ts",
      "*** Move to: moved/new.ts",
      "@@",
      " 1",
      "-2",
      "+zwei",
    );
    const report = await applyText(text, { lander: shop.lander() });
    expect(report.forModel.split("\n")).toEqual([
      "created deep/er/new.ts +1",
      "deleted gone.ts",
      "moved old.ts to moved/new.ts",
      "landed moved/new.ts:2 +1 -1",
    ]);
    expect(shop.tree()).toEqual({ "deep/er/new.ts": "hello\n", "moved/new.ts": "1\nzwei\n" });
  });
});
