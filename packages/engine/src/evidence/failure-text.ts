/** Shortens what a runner says of a failure to what matters: the message, what was expected and came, the place in code of the workspace. */
import path from "node:path";
import type { TestFailure } from "@twolane/protocol";

export interface RawFailure {
  readonly name: string;
  readonly text: string;
  /** Absolute, of the package. */
  readonly folder: string;
  /** Relative to the package. */
  readonly test: string;
}

const lineLimit = 12;
const widthLimit = 200;
const escapes = /\u001b\[[\d;?]*[A-Za-z]/g;
const stackLine = /^\s*(?:stack backtrace:|note: |\d+: \w+[\w:<>, {}]*$|at |❯ |File "|[\w./\\-]+:\d+: in )/;

export function shortFailure({ name, text, folder, test }: RawFailure): Omit<TestFailure, "path"> {
  const lines = text.replace(escapes, "").split(/\r?\n/);
  const place = placeIn(lines, folder, test);
  const kept = lines.filter((line) => line.trim() !== "" && !stackLine.test(line) && !line.includes("node_modules"));
  const shown = kept.slice(0, lineLimit).map((line) => (line.length > widthLimit ? `${line.slice(0, widthLimit)}…` : line));
  if (kept.length > lineLimit) shown.push(`… ${kept.length - lineLimit} more lines`);
  return { name, message: shown.join("\n").trim(), ...(place !== undefined && { line: place }) };
}

/** The line of the test file in which it failed. */
function placeIn(lines: readonly string[], folder: string, test: string): number | undefined {
  const whole = path.join(folder, test);
  for (const line of lines) {
    for (const file of [whole, test]) {
      const at = line.indexOf(file);
      if (at < 0) continue;
      const [, number] = /^(?:", line |:)(\d+)/.exec(line.slice(at + file.length)) ?? [];
      if (number !== undefined) return Number(number);
    }
  }
  return undefined;
}
