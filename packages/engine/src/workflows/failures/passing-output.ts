/** Whether an output is a test runner's word that nothing failed. Pure. */
import { outputLines } from "./output-lines.ts";

/** The line in which a runner counts at its end. */
const passing: readonly RegExp[] = [
  /^[#ℹ] fail 0$/, // node --test
  /^\s*Tests\s+\d+ passed\b(?!.*\bfailed\b)/, // vitest
  /^Tests:\s+(?:\d+ (?:skipped|todo), )*\d+ passed, \d+ total$/, // jest
  /^\s*\d+ passing \(\d/, // mocha
  /^=+ (?:\d+ (?:passed|skipped|deselected|warnings?|xfailed)(?:, )?)+ in [\d.]+s.*=+$/, // pytest
  /^test result: ok\./, // cargo
  /^ok\s+\S+\s+(?:[\d.]+s|\(cached\))/, // go
];
const failing =
  /^[#ℹ] fail [1-9]|\b[1-9]\d* (?:failed|failing|errors?)\b|^FAIL\b|^\s*(?:npm )?(?:ERR!|error\b)|^test result: FAILED/i;

export function saysPassed(output: string): boolean {
  const lines = outputLines(output).map((line) => line.trimEnd());
  return lines.some((line) => passing.some((one) => one.test(line))) && !lines.some((line) => failing.test(line));
}
