/** Patterns of test files, compiled once. */
import picomatch from "picomatch";

export function globs(patterns: readonly string[]): (path: string) => boolean {
  const positive = patterns
    .filter((one) => !one.startsWith("!"))
    .map((one) => picomatch(one.replace(/^\.\//, ""), { dot: true }));
  const negative = patterns.filter((one) => one.startsWith("!")).map((one) => picomatch(one.slice(1), { dot: true }));
  return (path) => positive.some((matches) => matches(path)) && !negative.some((matches) => matches(path));
}
