/** Patterns of test files, compiled once. */
import picomatch from "picomatch";

type Matches = (path: string) => boolean;

/** The packages of a workspace have mostly the same. */
const compiled = new Map<string, Matches>();
const compiledLimit = 100;

export function globs(patterns: readonly string[]): Matches {
  const key = patterns.join("\n");
  const known = compiled.get(key);
  if (known !== undefined) return known;
  if (compiled.size >= compiledLimit) compiled.clear();
  const matches = compile(patterns);
  compiled.set(key, matches);
  return matches;
}

function compile(patterns: readonly string[]): Matches {
  const positive = patterns
    .filter((one) => !one.startsWith("!"))
    .map((one) => picomatch(one.replace(/^\.\//, ""), { dot: true }));
  const negative = patterns.filter((one) => one.startsWith("!")).map((one) => picomatch(one.slice(1), { dot: true }));
  return (path) => positive.some((matches) => matches(path)) && !negative.some((matches) => matches(path));
}
