/**
 * What a test needs beyond npm. Where it is missing, the test is skipped and the run ends with a line that says what was not
 * run and how to get it: `describe.skipIf(!needs("bwrap", { for: "sandboxed commands", get: "apt-get install bubblewrap" }))`.
 */
import { accessSync, appendFileSync, constants, existsSync, readFileSync } from "node:fs";
import path from "node:path";

export interface Need {
  /** What is not tested without it. */
  readonly for: string;
  /** The command that gets it. */
  readonly get: string;
}

/** Whether a program is on the PATH; notes it for the end of the run when it is not. */
export function needs(program: string, need: Need): boolean {
  const found = (process.env["PATH"] ?? "").split(path.delimiter).some((folder) => isExecutable(path.join(folder, program)));
  return found || lacks(program, need);
}

/** Notes for the end of the run that the machine does not have something; always false. */
export function lacks(what: string, need: Need): false {
  const notes = process.env["TWOLANE_NEEDS"];
  if (notes !== undefined) appendFileSync(notes, `not run: ${need.for} (no ${what}); to get it: ${need.get}\n`);
  return false;
}

/** The lines noted so far, each once. */
export function missingNeeds(): string[] {
  const notes = process.env["TWOLANE_NEEDS"];
  if (notes === undefined || !existsSync(notes)) return [];
  return [...new Set(readFileSync(notes, "utf8").split("\n"))].filter((line) => line !== "").sort();
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
