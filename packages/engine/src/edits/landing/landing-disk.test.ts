/** Landing on disks that refuse: a real full one and a real read-only one, where this machine lets us have them. */
import { execFileSync } from "node:child_process";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { lacks } from "../../../../../tools/needs.ts";
import { systemClock } from "../../std/clock.ts";
import { type Workshop, applyText, must, openWorkshop } from "../../../test/landing/workshop.ts";
import { applyUndo, planUndo } from "../undo/undo.ts";

const mounted: string[] = [];
const made: string[] = [];

function makeFolder(): string {
  const folder = fs.realpathSync(fs.mkdtempSync(path.join(os.tmpdir(), "twolane-test-")));
  made.push(folder);
  return folder;
}

function mountDisk(size: string): string | undefined {
  const folder = fs.realpathSync(fs.mkdtempSync(path.join(os.tmpdir(), "twolane-disk-")));
  try {
    execFileSync("mount", ["-t", "tmpfs", "-o", `size=${size}`, "twolane-test", folder], { stdio: "ignore" });
    mounted.push(folder);
    return folder;
  } catch {
    fs.rmdirSync(folder);
    return undefined;
  }
}

const probe = process.platform === "linux" ? mountDisk("64k") : undefined;
const canMount =
  probe !== undefined ||
  lacks("right to mount", { for: "landing on a full and on a read-only disk", get: "run the tests as root on Linux" });

afterAll(() => {
  for (const folder of mounted) {
    execFileSync("umount", [folder]);
    fs.rmdirSync(folder);
  }
  for (const folder of made) fs.rmSync(folder, { recursive: true });
});

const patch = (...lines: string[]): string => ["*** Begin Patch", ...lines, "*** End Patch", ""].join("\n");
const filler = "0123456789abcdef\n".repeat(2000);
const edit = (name: string, from: string, to: string): string[] => [`*** Update File: ${name}`, "@@", `-${from}`, `+${to}`];

async function onDisk(size: string): Promise<{ shop: Workshop; root: string; home: string }> {
  const root = mountDisk(size) ?? "";
  const home = makeFolder();
  return { shop: await openWorkshop({ at: { root, home } }), root, home };
}

describe.skipIf(!canMount)("a disk that refuses", () => {
  it("full: the hunk fails, the file is whole, nothing is left behind, undo works once there is room", async () => {
    const { shop, root } = await onDisk("128k");
    shop.write("a.txt", `one\n${filler}`);
    const first = await applyText(patch(...edit("a.txt", "one", "two")), { lander: shop.lander() });
    expect(first.outcomes[0]?.state).toBe("landed");
    // The space of the file that was replaced is given back a moment later.
    await new Promise((resolve) => setTimeout(resolve, 30));
    const space = fs.openSync(path.join(root, "space"), "w");
    expect(() => {
      for (;;) fs.writeSync(space, Buffer.alloc(4096));
    }).toThrow("ENOSPC");
    fs.closeSync(space);
    const report = await applyText(patch(...edit("a.txt", "two", "three")), { lander: shop.lander(), turn: "t2", from: 2 });
    expect(report.outcomes[0]).toMatchObject({ state: "failed", failure: { code: "DISK_FULL" } });
    expect(shop.read("a.txt")).toBe(`two\n${filler}`);
    expect(fs.readdirSync(root).sort()).toEqual(["a.txt", "space"]);
    fs.rmSync(path.join(root, "space"));
    await shop.journal.flush();
    const deps = { root, files: shop.deps.files, state: shop.state, lock: shop.deps.lock, clock: systemClock };
    must(await applyUndo(deps, must(await planUndo(deps, { kind: "last-turn" }))));
    expect(shop.read("a.txt")).toBe(`one\n${filler}`);
    await shop.dispose();
  });

  it("full where the journal is: the hunk fails before the file is touched, and events do not crash the session", async () => {
    const root = makeFolder();
    const home = mountDisk("128k") ?? "";
    const shop = await openWorkshop({ at: { root, home } });
    shop.write("a.txt", "one\n");
    const space = fs.openSync(path.join(home, "space"), "w");
    expect(() => {
      for (;;) fs.writeSync(space, Buffer.alloc(4096));
    }).toThrow("ENOSPC");
    fs.closeSync(space);
    const stamp = { at: 1, mono: 1, lane: "fast" as const, session: shop.journal.id };
    for (let count = 0; count < 100; count++)
      shop.journal.append({ type: "notice.given", code: "X", message: "y".repeat(100), ...stamp });
    const report = await applyText(patch(...edit("a.txt", "one", "two")), { lander: shop.lander() });
    expect(report.outcomes[0]).toMatchObject({ state: "failed", failure: { code: "DISK_FULL" } });
    expect(shop.tree()).toEqual({ "a.txt": "one\n" });
    fs.rmSync(path.join(home, "space"));
    const again = await applyText(patch(...edit("a.txt", "one", "two")), { lander: shop.lander(), from: 2 });
    expect(again.outcomes[0]?.state).toBe("landed");
    await shop.journal.close();
  });

  it("read-only: the hunk fails, nothing changes", async () => {
    const { shop, root } = await onDisk("64k");
    shop.write("a.txt", "one\n");
    execFileSync("mount", ["-o", "remount,ro", root]);
    const text = patch(...edit("a.txt", "one", "two"), "*** Add File: new/b.txt", "+b", "*** Delete File: a.txt");
    const report = await applyText(text, { lander: shop.lander() });
    expect(report.outcomes.map((outcome) => outcome.state === "failed" && outcome.failure.code)).toEqual(
      Array.from({ length: 3 }, () => "FILE_UNWRITABLE"),
    );
    expect(shop.tree()).toEqual({ "a.txt": "one\n" });
    await shop.dispose();
  });
});
