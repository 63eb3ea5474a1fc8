/** A git repository of 50,000 files, for what must not depend on the size of one. */
import { execFileSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

export function writeHugeRepository(path: string): void {
  for (let index = 0; index < 50_000; index++) {
    const parent = join(path, `d${index % 250}`);
    if (index < 250) mkdirSync(parent, { recursive: true });
    writeFileSync(join(parent, `f${index}.ts`), `export const n${index} = ${index};\n`);
  }
  execFileSync("git", ["init", "-q", path]);
  execFileSync("git", ["-C", path, "add", "-A"]);
}
