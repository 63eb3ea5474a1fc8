/** Small, full and read-only disks for tests, as real file systems in memory. Making one needs the rights of root. */
import { execFileSync } from "node:child_process";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { lacks } from "../../../tools/needs.ts";

const mount = (...args: readonly string[]): void => void execFileSync("mount", [...args], { stdio: "pipe" });

export interface SmallDisk {
  readonly folder: string;
  /** Leaves so many bytes free. */
  fill(free: number): void;
  makeReadOnly(): void;
  remove(): void;
}

export function smallDisk(size: string): SmallDisk {
  const folder = fs.realpathSync(fs.mkdtempSync(path.join(os.tmpdir(), "twolane-disk-")));
  mount("-t", "tmpfs", "-o", `size=${size}`, "tmpfs", folder);
  return {
    folder,
    fill(free) {
      const { bavail, bsize } = fs.statfsSync(folder);
      fs.writeFileSync(path.join(folder, "filler"), Buffer.alloc(Math.max(0, bavail * bsize - free)));
    },
    makeReadOnly: () => mount("-o", "remount,ro", folder),
    remove() {
      execFileSync("umount", [folder], { stdio: "pipe" });
      fs.rmdirSync(folder);
    },
  };
}

/** Whether this process may make such a disk; noted for the end of the run when not. */
export function canMakeDisks(): boolean {
  try {
    smallDisk("64k").remove();
    return true;
  } catch {
    return lacks("right to mount", { for: "full and read-only disks", get: "run the tests as root" });
  }
}
