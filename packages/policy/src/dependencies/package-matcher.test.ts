/** Names that are told without a glob's regular expression are told as picomatch would; texts that are kept are those that were asked for. */
import fc from "fast-check";
import picomatch from "picomatch";
import { describe, expect, it } from "vitest";
import { keepLast } from "./keep-last.ts";
import { matchName } from "./package-matcher.ts";

const pieces = ["a", "ab", "b", "@", "/", ".", "-", "_", "1"];
const signs = ["*", "**", "?", "+", "!", "(", ")", "|", "{", "}", ",", "[", "]", "\\", '"', "^", "$", "@(", "+(", "./", "/**"];
const text = (parts: readonly string[]): fc.Arbitrary<string> =>
  fc.array(fc.constantFrom(...parts), { minLength: 1, maxLength: 6 }).map((chosen) => chosen.join(""));

describe("names of packages", () => {
  it("match as picomatch says", () => {
    fc.assert(
      fc.property(text([...pieces, ...pieces, ...signs]), text([...pieces, "\\", '"']), (pattern, name) => {
        expect(matchName(pattern)(name), `${pattern} of ${name}`).toBe(picomatch(pattern, { dot: true })(name));
      }),
      { numRuns: 20_000 },
    );
  });

  it.each([
    ["@types/*", "@types/node", true],
    ["@types/**", "@types", true],
    ["a?", "ab", true],
    ["ab?(c)", "ab", true],
    ["@(a|b)", "b", true],
    ["left-pad", "left-pad2", false],
  ])("%s of %s: %s", (pattern, name, expected) => {
    expect(matchName(pattern)(name)).toBe(expected);
    expect(picomatch(pattern, { dot: true })(name)).toBe(expected);
  });
});

describe("texts that were read", () => {
  it("are read once while they are among the last, and never taken for another", () => {
    const read: string[] = [];
    const keep = keepLast(2, (content, path) => {
      read.push(`${path}:${content}`);
      return `${path}:${content}`;
    });
    const asked = [
      ["1", "a"],
      ["2", "a"],
      ["1", "a"],
      ["1", "b"],
      ["1", "c"],
      ["1", "a"],
    ] as const;
    for (const [content, path] of asked) expect(keep(content, path)).toBe(`${path}:${content}`);
    expect(read).toEqual(["a:1", "a:2", "b:1", "c:1", "a:1"]);
  });

  it("that cannot be understood are not read again either", () => {
    let reads = 0;
    const keep = keepLast(1, () => {
      reads++;
      return undefined;
    });
    keep("x", "a");
    keep("x", "a");
    expect(reads).toBe(1);
  });
});
