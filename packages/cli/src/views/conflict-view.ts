/** Lines that a job and the person have both changed, as either has them. Pure; says as much without colour. */
import type { HunkConflict } from "@twolane/protocol";
import type { Style } from "./style.ts";
import { sanitizeLine } from "./text.ts";

/** Base, yours and theirs, each line with whose it is. */
export function conflictLines({ line, base, yours, theirs }: HunkConflict, style: Style): readonly string[] {
  return [
    style.dim(line > 0 ? `    line ${line}, before the job began:` : "    before the job began:"),
    ...texts(base, "base  ", style.dim),
    style.dim("    yours, in the file now:"),
    ...texts(yours, "yours ", style.warn),
    style.dim("    theirs, from the job:"),
    ...texts(theirs, "theirs", style.good),
  ];
}

const texts = (lines: readonly string[], name: string, paint: (text: string) => string): readonly string[] =>
  lines.length === 0 ? [paint(`    ${name} │ (nothing)`)] : lines.map((line) => paint(`    ${name} │ ${sanitizeLine(line)}`));
