/**
 * What properties draw from in an ordinary run (vitest.config.ts): the same for every run of one state of the sources, so that a
 * failure is seen again by whoever looks for it, and anew with each change. The long run draws freely, as does one with
 * `TWOLANE_PROPERTY_SEED=` left empty.
 */
import { execFileSync } from "node:child_process";
import fc from "fast-check";

/** From the tree of the last commit; without git a constant. */
export function seedOfSources(folder: string): number {
  try {
    const tree = execFileSync("git", ["rev-parse", "HEAD:packages"], { cwd: folder, stdio: ["ignore", "pipe", "ignore"] });
    return Number.parseInt(tree.toString().slice(0, 7), 16);
  } catch {
    return 1;
  }
}

const seed = process.env["TWOLANE_PROPERTY_SEED"] ?? "";
if (seed !== "") fc.configureGlobal({ seed: Number(seed) });
