import fs from "node:fs";
import path from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { systemClock } from "../../std/clock.ts";
import { type Workshop, applyText, must, openWorkshop } from "../../../test/landing/workshop.ts";
import { type UndoReport, type UndoSelector, applyUndo, planUndo } from "./undo.ts";

let open: Workshop[] = [];

async function workshop(files: Record<string, string>): Promise<Workshop> {
  const made = await openWorkshop({ files });
  open.push(made);
  return made;
}

afterEach(async () => {
  for (const made of open.toReversed()) await made.dispose();
  open = [];
});

const patch = (...lines: string[]): string => ["*** Begin Patch", ...lines, "*** End Patch", ""].join("\n");
const undoDeps = (shop: Workshop) => ({
  root: shop.root,
  files: shop.deps.files,
  state: shop.state,
  lock: shop.deps.lock,
  clock: systemClock,
});

/** As another process would: the session is read from its files. */
async function undo(shop: Workshop, selector: UndoSelector = { kind: "last-turn" }): Promise<UndoReport> {
  await shop.journal.flush();
  const deps = undoDeps(shop);
  return must(await applyUndo(deps, must(await planUndo(deps, selector))));
}

const all = patch(
  "*** Add File: new/deep/x.ts",
  "+hello",
  "*** Delete File: gone.ts",
  "*** Update File: old.ts",
  "*** Move to: moved/new.ts",
  "@@",
  " 1",
  "-2",
  "+zwei",
  "*** Update File: a.ts",
  "@@",
  "-one",
  "+eins",
  "@@",
  "-three",
  "+drei",
);
const baseline = { "a.ts": "one\r\ntwo\nthree", "gone.ts": "x\n", "old.ts": "1\n2\n" };

describe("undo", () => {
  it("names the files, restores every byte, mode and folder, and has nothing left to undo", async () => {
    const shop = await workshop(baseline);
    fs.chmodSync(path.join(shop.root, "gone.ts"), 0o751);
    await applyText(all, { lander: shop.lander() });
    expect(Object.keys(shop.tree())).toEqual(["a.ts", "moved/new.ts", "new/deep/x.ts"]);
    const plan = must(await planUndo({ ...undoDeps(shop), current: shop.journal }, { kind: "last-turn" }));
    expect(plan.files.map((file) => [file.path, file.action])).toEqual([
      ["new/deep/x.ts", "remove"],
      ["gone.ts", "recreate"],
      ["moved/new.ts", "remove"],
      ["old.ts", "move-back"],
      ["a.ts", "restore"],
    ]);
    const report = await undo(shop);
    expect(report.held).toEqual([]);
    expect(shop.tree()).toEqual(baseline);
    expect(fs.existsSync(path.join(shop.root, "new"))).toBe(false);
    expect(fs.existsSync(path.join(shop.root, "moved"))).toBe(false);
    expect(fs.statSync(path.join(shop.root, "gone.ts")).mode & 0o777).toBe(0o751);
    const again = await planUndo(undoDeps(shop), { kind: "last-turn" });
    expect(!again.ok && again.failure.code).toBe("NOTHING_TO_UNDO");
  });

  it("goes on with the turn before, across sessions", async () => {
    const shop = await workshop({ "a.ts": "1\n2\n3\n" });
    const step = (from: string, to: string): string => patch("*** Update File: a.ts", "@@", `-${from}`, `+${to}`);
    await applyText(step("1", "one"), { lander: shop.lander(), turn: "t1" });
    await applyText(step("2", "two"), { lander: shop.lander(), turn: "t2", from: 2 });
    const later = await openWorkshop({ at: shop });
    open.push(later);
    await applyText(step("3", "three"), { lander: later.lander(), turn: "t1" });
    await later.journal.flush();
    expect(shop.read("a.ts")).toBe("one\ntwo\nthree\n");
    await undo(shop);
    expect(shop.read("a.ts")).toBe("one\ntwo\n3\n");
    await undo(shop);
    expect(shop.read("a.ts")).toBe("one\n2\n3\n");
    await undo(shop);
    expect(shop.read("a.ts")).toBe("1\n2\n3\n");
  });

  it("takes one hunk out of the middle and leaves what was typed since", async () => {
    const shop = await workshop({ "a.ts": "1\n2\n3\n4\n5\n6\n7\n" });
    await applyText(patch("*** Update File: a.ts", "@@", "-2", "+two", "@@", "-6", "+six"), { lander: shop.lander() });
    shop.write("a.ts", shop.read("a.ts").replace("4\n", "4 typed\n"));
    const report = await undo(shop, { kind: "hunk", id: "h1" });
    expect(report).toEqual({ undone: ["h1"], held: [], merged: ["a.ts"] });
    expect(shop.read("a.ts")).toBe("1\n2\n3\n4 typed\n5\nsix\n7\n");
    await undo(shop, { kind: "session" });
    expect(shop.read("a.ts")).toBe("1\n2\n3\n4 typed\n5\n6\n7\n");
  });

  it("holds what was typed over, and loses nothing", async () => {
    const shop = await workshop({ "a.ts": "1\n2\n3\n" });
    await applyText(patch("*** Update File: a.ts", "@@", "-2", "+two", "*** Add File: b.ts", "+new"), { lander: shop.lander() });
    shop.write("a.ts", "1\ntwo typed\n3\n");
    shop.write("b.ts", "new\ntyped\n");
    const report = await undo(shop);
    expect(report.undone).toEqual([]);
    expect(report.held.map((held) => [held.path, held.reason])).toEqual([
      ["a.ts", "the same lines were changed since"],
      ["b.ts", "the file was changed since it was created"],
    ]);
    expect(shop.tree()).toEqual({ "a.ts": "1\ntwo typed\n3\n", "b.ts": "new\ntyped\n" });
  });

  it("knows the file before our first hunk even where somebody typed between the hunks", async () => {
    const shop = await workshop({ "a.ts": "1\n2\n3\n4\n5\n" });
    await applyText(patch("*** Update File: a.ts", "@@", "-1", "+one"), { lander: shop.lander(), turn: "t1" });
    shop.write("a.ts", "one\n2\n3 typed\n4\n5\n");
    await applyText(patch("*** Update File: a.ts", "@@", "-5", "+five"), { lander: shop.lander(), turn: "t2", from: 2 });
    await undo(shop, { kind: "session" });
    expect(shop.read("a.ts")).toBe("1\n2\n3 typed\n4\n5\n");
  });

  it("restores 500 files with one plan", async () => {
    const names = Array.from({ length: 500 }, (_, index) => `f${index}.txt`);
    const files = Object.fromEntries(names.map((name) => [name, `${name}\nold\n`]));
    const shop = await workshop(files);
    await applyText(patch(...names.flatMap((name) => [`*** Update File: ${name}`, "@@", "-old", "+new"])), {
      lander: shop.lander({ mode: "turn" }),
    });
    expect(shop.read("f499.txt")).toBe("f499.txt\nnew\n");
    const report = await undo(shop);
    expect(report.undone).toHaveLength(500);
    expect(shop.tree()).toEqual(files);
  });
});
