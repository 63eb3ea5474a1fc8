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
  const positive = patterns.filter((one) => !one.startsWith("!")).map((one) => one.replace(/^\.\//, ""));
  const negative = patterns.filter((one) => one.startsWith("!")).map((one) => one.slice(1));
  const [is, isNot] = [anyOf(positive), anyOf(negative)];
  return (path) => is(path) && !isNot(path);
}

/** By the bare expressions: thousands of paths are asked. */
function anyOf(patterns: readonly string[]): Matches {
  const plain = new Set(patterns);
  const expressions = patterns.map((one) => picomatch.makeRe(one, { dot: true }));
  return (path) => plain.has(path) || expressions.some((one) => one.test(path));
}
