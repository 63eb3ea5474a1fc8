import { describe, expect, test } from "vitest";
import { briefs, checkCase, checkGarbage, prose, reasons, said, named, type Case } from "./stream-checks.ts";
import { v4aParser } from "./v4a.ts";

const patch = (...lines: string[]): string => ["*** Begin Patch", ...lines, "*** End Patch", ""].join("\n");
const update = (...lines: string[]): string => patch("*** Update File: a.py", ...lines);

const cases: readonly Case[] = [
  ["an update", update("@@", " a", "-b", "+c"), ["a.py| a|-b|+c"]],
  ["an anchor", update("@@ def b", "+Z"), ["a.py|@def b|+Z"]],
  ["stacked anchors", update("@@ class C", "@@   def b", "-x", "+y"), ["a.py|@class C|@  def b|-x|+y"]],
  ["anchors with @@ behind them", update("@@ class C @@", "-x", "@@ ... @@", "-y"), ["a.py|@class C|-x", "a.py|-y"]],
  ["first chunk without @@", update(" a", "-b", "@@", "-c"), ["a.py| a|-b", "a.py|-c"]],
  ["numbers behind @@ are a hint", update("@@ -3,2 +3,2 @@", " a", "-b"), ["a.py:3| a|-b"]],
  ["text behind numbers is an anchor", update("@@ -3 +3 @@ def b", "-b"), ["a.py:3|@def b|-b"]],
  ["end of file", update("@@", "-b", "+c", "*** End of File"), ["a.py$|-b|+c"]],
  ["end of file in the middle", update("@@", "-b", "*** End of File", "@@", "-c"), ["a.py$|-b", "a.py|-c"]],
  ["an end of file in another case is none", update("@@", "-b", "*** END OF FILE"), ["a.py|-b"]],
  ["no final newline", update("@@", "-b", "+c", "\\ No newline at end of file"), ["a.py$!|-b|+c"]],
  ["a blank context line without its space", update("@@", " a", "", "-b"), ["a.py| a| |-b"]],
  ["blank lines between hunks", update("@@", "-b", "", "@@", "-c", ""), ["a.py|-b", "a.py|-c"]],
  ["add", patch("*** Add File: n/x.py", "+a", "+", "+b"), ['put n/x.py "a\\n\\nb\\n"']],
  ["add with a bare blank line", patch("*** Add File: x", "+a", "", "+b", ""), ['put x "a\\n\\nb\\n"']],
  ["add of nothing", patch("*** Add File: x"), ['put x ""']],
  ["add of what looks like markers", patch("*** Add File: x", "+*** End Patch", "+@@"), ['put x "*** End Patch\\n@@\\n"']],
  ["delete", patch("*** Delete File: x", "*** Delete File: y"), ["delete x", "delete y"]],
  ["move and edit", update("*** Move to: b.py", "@@", "-a"), ["move a.py → b.py", "b.py|-a"]],
  ["move only", update("*** Move to: b.py"), ["move a.py → b.py"]],
  ["padded markers", " *** Begin Patch \n  *** Update File: a.py  \n@@\n-a\n+b\n *** End Patch \n", ["a.py|-a|+b"]],
  ["a padded marker inside a hunk is context", update("@@", " *** Update File: x", "-a"), ["a.py| *** Update File: x|-a"]],
  ["CRLF", update("@@ def b", " a", "-b", "").replaceAll("\n", "\r\n"), ["a.py|@def b| a|-b"]],
  ["no end marker", "*** Begin Patch\n*** Update File: a.py\n@@\n-a\n+b", ["a.py|-a|+b"]],
  ["no envelope", "*** Update File: a.py\n-a\n+b\n", ["a.py|-a|+b"]],
  ["an environment", patch("*** Environment ID: e1", "*** Delete File: x"), ["delete x"]],
  ["a heredoc", `apply_patch <<'EOF'\n${update("@@", "-a")}EOF\n`, ["a.py|-a"]],
  ["a heredoc without end marker", "<<'EOF'\n*** Update File: a.py\n@@\n-a\nEOF\n", ["a.py|-a"]],
  ["a fence", `\`\`\`patch\n${update("@@", "-a")}\`\`\`\n`, ["a.py|-a"]],
  ["a fence without end marker", "Here:\n```\n*** Begin Patch\n*** Update File: a.py\n@@\n-a\n```\nDone.\n", ["a.py|-a"]],
  ["the names of a unified diff below the header", update("--- a/a.py", "+++ b/a.py", "@@", "-a"), ["a.py|-a"]],
  ["two patches", update("@@", "-a") + update("@@", "-b"), ["a.py|-a", "a.py|-b"]],
  ["removed lines that look like markers", update("@@", "-@@ x", "--- y", "+*** z"), ["a.py|-@@ x|--- y|+*** z"]],
  // What cannot be read costs only itself.
  ["an empty patch", patch(), [], [/no file/]],
  ["an update without hunks", patch("*** Update File: a.py", "*** Delete File: b"), ["delete b"], [/no hunk/]],
  ["an @@ without lines", update("@@", "*** Delete File: b"), ["delete b"], [/no lines/]],
  ["an unknown marker", patch("*** Frobnicate File: foo", "+x", "*** Delete File: b"), ["delete b"], [/outside/]],
  ["a line without its mark", update("@@", "-a", "b", "+c", "@@", "-d"), ["a.py|-d"], [/begins with none/]],
  [
    "a line without + in a new file",
    patch("*** Add File: x", "+a", "b", "+c", "*** Delete File: y"),
    ["delete y"],
    [/does not begin with \+/],
  ],
  ["an empty path", patch("*** Update File:", "@@", "-a", "*** Delete File: y"), ["delete y"], [/path is empty/]],
  ["a path that is too long", patch(`*** Delete File: ${"é".repeat(2049)}`, "*** Delete File: y"), ["delete y"], [/4096/]],
  ["a move of nothing", patch("*** Add File: x", "+a", "*** Move to: y"), ['put x "a\\n"'], [/Move to/]],
];

describe("V4A", () => {
  test.each(named(cases))("%s", (_name, one) => checkCase(v4aParser, one));

  test("text around a patch is prose, its wrapper is not", () => {
    const text = `I change a.\n\`\`\`diff\n${update("@@", "-a")}\`\`\`\nDone.\n\`\`\`ts\nlet x;\n\`\`\`\n`;
    expect(prose(v4aParser, text)).toBe("I change a.\nDone.\n```ts\nlet x;\n```\n");
  });

  test("a hunk is said by the first bytes of the next marker", () => {
    for (const [next, marker] of [
      ["@@", "@@"],
      ["*** U", "*** Update File: b"],
      ["*** End P", "*** End Patch"],
    ] as const) {
      const parser = v4aParser();
      parser.push("*** Begin Patch\n*** Update File: a\n@@\n-a\n+b\n");
      const before = parser.push(next.slice(0, -1)).length;
      const closing = parser.push(next.slice(-1));
      expect([before, closing.map((event) => event.type)], marker).toEqual([0, ["hunk"]]);
    }
  });

  test("the path comes with its line, open hunks with their old lines, at most one a push", () => {
    const parser = v4aParser();
    expect(parser.push("*** Begin Patch\n*** Update File: a\n")).toEqual([{ type: "file", path: "a" }]);
    const [lines, open, ...others] = parser.push("@@ x\n a\n-b\n+c");
    expect(others).toEqual([]);
    expect(lines).toEqual({ type: "lines", path: "a", added: [], removed: ["b"] });
    expect(open?.type === "open" && open.draft.kind === "update" && open.draft.lines.map((line) => line.text)).toEqual([
      "a",
      "b",
    ]);
    expect(parser.push("\n+d\n")).toEqual([{ type: "lines", path: "a", added: ["c", "d"], removed: [] }]);
  });

  test("limits: the hunk is malformed, the next one is read", () => {
    const long = "x".repeat(1024 * 1024 + 1);
    const many = "-x\n".repeat(100_001);
    for (const lines of [`-${long}\n`, many]) {
      const text = `*** Update File: a\n@@\n-a\n${lines}@@\n-b\n*** Add File: c\n+${long}\n*** Delete File: d\n`;
      expect(briefs(v4aParser, text)).toEqual(["a|-b", "delete d"]);
      expect(reasons(v4aParser, text)).toHaveLength(2);
      const pieces = text.match(/[^]{1,4096}/g) ?? [];
      expect(said(v4aParser, pieces)).toEqual(said(v4aParser, [text]));
    }
  });

  test("garbage", () => checkGarbage(v4aParser, cases));
});
