import fc from "fast-check";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { gitApply, makeWorkspace } from "../../../test/instant-harness.ts";
import { formatPatch, splitLines } from "./git-diff.ts";

const scale = Number(process.env["TWOLANE_TEST_SCALE"] ?? 1);

const line = fc
  .tuple(fc.constantFrom("a", "b", "}", "", "\ttab", "ü𝒳", "-x", "+y", "\\ no"), fc.constantFrom("\n", "\r\n"))
  .map((parts) => parts.join(""));
const text = fc
  .tuple(fc.constantFrom("", "\ufeff"), fc.array(line, { maxLength: 40 }), fc.constantFrom("", "end", "end\r"))
  .map(([bom, lines, last]) => bom + lines.join("") + last);

test("git applies every patch exactly, and gets the bytes that were meant", () => {
  fc.assert(
    fc.property(text, text, (before, after) => {
      fc.pre(before !== "" && after !== "");
      const path = "f.txt";
      const other = makeWorkspace({ [path]: before });
      if (before !== after) gitApply(other, formatPatch({ path, before, after }));
      expect(readFileSync(join(other, path), "utf8")).toBe(after);
    }),
    { numRuns: 60 * scale },
  );
});

test("each contiguous change is a hunk of its own, and no line stands in two", () => {
  const before = Array.from({ length: 30 }, (_, index) => `line ${index + 1}\n`);
  const changed = new Set([4, 6, 9, 20]);
  const after = before.map((old, index) => (changed.has(index) ? `new ${index + 1}\n` : old));
  const patch = formatPatch({ path: "a.ts", before: before.join(""), after: after.join("") });
  expect(patch.match(/^@@.*$/gm)).toEqual(["@@ -2,7 +2,7 @@", "@@ -9,5 +9,5 @@", "@@ -18,7 +18,7 @@"]);
  const kept = patch
    .split("\n")
    .filter((row) => /^[ -]line/.test(row))
    .map((row) => row.slice(1));
  expect(new Set(kept).size).toBe(kept.length);
  const root = makeWorkspace({ "a.ts": before.join("") });
  gitApply(root, patch);
  expect(readFileSync(join(root, "a.ts"), "utf8")).toBe(after.join(""));
});

test("a move is a rename, with its changes behind it", () => {
  const root = makeWorkspace({ 'odd "name" with space.ts': "a\nb\n", "plain.ts": "x\n" });
  gitApply(
    root,
    formatPatch({ path: 'odd "name" with space.ts', movedTo: "new folder/ü.ts", before: "a\nb\n", after: "a\nc\n" }),
  );
  gitApply(root, formatPatch({ path: "plain.ts", movedTo: "other.ts", before: "x\n", after: "x\n" }));
  expect(readFileSync(join(root, "new folder/ü.ts"), "utf8")).toBe("a\nc\n");
  expect(readFileSync(join(root, "other.ts"), "utf8")).toBe("x\n");
  expect(existsSync(join(root, "plain.ts"))).toBe(false);
});

test("lines end at the line feed only", () => {
  expect(splitLines("a\r\nb\rc\u2028d\n\ne")).toEqual(["a\r\n", "b\rc\u2028d\n", "\n", "e"]);
});
