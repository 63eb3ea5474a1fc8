/** Globs that are told without a glob's regular expression say what it would say; spellings of one path are one. */
import fc from "fast-check";
import picomatch from "picomatch";
import { describe, expect, it } from "vitest";
import { coversAll, fold, matchExactly, matchFolded, patternFault } from "../src/globs.ts";

const names = fc.constantFrom("a", "b", "ab", ".env", ".env.local", "a.pem", "a+b", "x.y.z", "c d");
const paths = fc.array(names, { minLength: 1, maxLength: 4 }).map((parts) => parts.join("/"));
const parts = fc.oneof(names, fc.constantFrom("*", "**", "*.pem", "a*", "*b", ".env.*", "a*b", "{a,b}", "?"));
const patterns = fc.array(parts, { minLength: 1, maxLength: 4 }).map((segments) => segments.join("/"));

describe("globs", () => {
  it("match as picomatch does, folders with all below them", () => {
    fc.assert(
      fc.property(patterns, paths, (pattern, path) => {
        fc.pre(patternFault(pattern) === undefined);
        const plain = pattern.replace(/(?:\/\*\*)+$/, "");
        const whole = picomatch([plain, `${plain}/**`], { dot: true, noextglob: true });
        expect(matchExactly([pattern])(path)).toBe(plain === "**" || whole(path));
      }),
      { numRuns: 1000 },
    );
  });

  it("that cover others match whatever those match", () => {
    const within = fc.tuple(fc.oneof(paths, patterns), patterns).map(([outer, rest]) => [outer, `${outer}/${rest}`] as const);
    fc.assert(
      fc.property(fc.oneof(within, fc.tuple(patterns, patterns)), paths, ([outer, inner], path) => {
        if (patternFault(outer) ?? patternFault(inner)) return;
        if (coversAll([outer], [inner]) && matchFolded([inner])(path)) expect(matchFolded([outer])(path)).toBe(true);
      }),
      { numRuns: 1000 },
    );
  });

  it.each([
    [".ENV", ".env"],
    ["cafe\u0301/x", "caf\u00e9/x"],
    ["\u017fecret", "secret"],
    ["\u212aeys/a", "keys/a"],
    [".twolane./policy.yaml. ", ".twolane/policy.yaml"],
    [".tw\u200colane/policy.yaml", ".twolane/policy.yaml"],
    ["\u03a3\u03c2", "\u03c3\u03c3"],
  ])("take %j and %j for one path", (one, other) => {
    expect(fold(one)).toBe(fold(other));
  });

  it.each(["a/..b/c", "..a", "a.b/c.d", ".", "a/.b"])("leave %j as it is", (path) => {
    expect(fold(path)).toBe(path);
  });

  it("that would cost time are refused", () => {
    expect(patternFault("*a*a*")).toBeDefined();
    expect(patternFault("*/*/*/*/*/*")).toBeDefined();
    expect(patternFault("**/**/**/**/a")).toBeDefined();
    expect(patternFault("**/*a*/*b*/c")).toBeUndefined();
    // Extended globs could take for ever; they are letters here.
    expect(patternFault("+(a|a)b")).toBeUndefined();
  });
});
