/** A private copy on a disk that is full: said, and nothing of it stays. */
import { execFileSync } from "node:child_process";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { expect, test } from "vitest";
import { systemProcesses } from "../src/host/process.ts";
import { copyTree } from "../src/host/tree-copy.ts";
import { canMakeDisks, smallDisk } from "./disks.ts";

test.skipIf(!canMakeDisks()).each([0, 60_000, 400_000])("with %i bytes left", async (free) => {
  const source = fs.realpathSync(fs.mkdtempSync(path.join(os.tmpdir(), "twolane-copy-")));
  const disk = smallDisk("4m");
  try {
    execFileSync("git", ["init", "-q", source]);
    for (let index = 0; index < 20; index++) fs.writeFileSync(path.join(source, `f${index}`), Buffer.alloc(100_000, index));
    execFileSync("git", ["-C", source, "add", "-A"]);
    disk.fill(free);
    const folder = path.join(disk.folder, "copy");
    const copied = await copyTree({ source, folder, processes: systemProcesses });
    expect(copied).toMatchObject({ ok: false, failure: { code: "DISK_FULL" } });
    expect(fs.existsSync(folder)).toBe(false);
  } finally {
    disk.remove();
    fs.rmSync(source, { recursive: true });
  }
});
