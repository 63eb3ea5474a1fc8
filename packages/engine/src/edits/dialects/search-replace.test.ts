import { describe, expect, test } from "vitest";
import { checkCase, checkGarbage, prose, named, type Case } from "./stream-checks.ts";
import { searchReplaceParser } from "./search-replace.ts";

const block = (old: string, added: string): string => `<<<<<<< SEARCH\n${old}=======\n${added}>>>>>>> REPLACE\n`;
const simple = block("a\n", "b\n");

const cases: readonly Case[] = [
  ["a path and a block", `src/a.ts\n${simple}`, ["src/a.ts|-a|+b"]],
  ["equal lines at both ends are context", `a.ts\n${block("k\na\nm\n", "k\nb\nm\n")}`, ["a.ts| k|-a|+b| m"]],
  ["only added lines", `a.ts\n${block("k\n", "k\nb\n")}`, ["a.ts| k|+b"]],
  ["the path before the fence", `a.ts\n\`\`\`ts\n${simple}\`\`\`\n`, ["a.ts|-a|+b"]],
  ["the path inside the fence", `\`\`\`ts\na.ts\n${simple}\`\`\`\n`, ["a.ts|-a|+b"]],
  ["the path in the fence's line", `\`\`\`ts src/a.ts\n${simple}\`\`\`\n`, ["src/a.ts|-a|+b"]],
  ["blank lines between path and block", `a.ts\n\n\`\`\`\n\n${simple}\`\`\`\n`, ["a.ts|-a|+b"]],
  ...["**a.ts**", "`a.ts`", "### a.ts", "a.ts:", "**`a.ts`**:", "**`a.ts`:**", "File: a.ts", "# `a.ts`"].map(
    (line) => [`the path as ${line}`, `${line}\n${simple}`, ["a.ts|-a|+b"]] as const,
  ),
  ["a path with blanks in backticks", `\`my dir/a b.ts\`\n${simple}`, ["my dir/a b.ts|-a|+b"]],
  ["files without an ending", `Makefile\n${simple}.gitignore\n${simple}`, ["Makefile|-a|+b", ".gitignore|-a|+b"]],
  ["the path of the block before", `a.ts\n${simple}And then:\n${simple}`, ["a.ts|-a|+b", "a.ts|-a|+b"]],
  ["another path", `a.ts\n${simple}\nb.ts\n${simple}`, ["a.ts|-a|+b", "b.ts|-a|+b"]],
  ["an empty SEARCH", `n.ts\n${block("", "a\n\nb\n")}`, ['new n.ts "a\\n\\nb\\n"']],
  ["an empty REPLACE", `a.ts\n${block("a\n", "")}`, ["a.ts|-a"]],
  [
    "five to nine marks",
    `a.ts\n<<<<< SEARCH\na\n=====\nb\n>>>>> REPLACE\n<<<<<<<<< SEARCH\na\n=========\nb\n>>>>>>>>> REPLACE\n`,
    ["a.ts|-a|+b", "a.ts|-a|+b"],
  ],
  ["a divider of another length", `a.ts\n<<<<<<< SEARCH\na\n======\nb\n>>>>>>> REPLACE\n`, ["a.ts|-a|+b"]],
  ["an underline that is no divider", `a.md\n${block("Title\n=====\nx\n", "Title\n=====\ny\n")}`, ["a.md| Title| =====|-x|+y"]],
  ["no newline at the end", `a.ts\n${simple.trimEnd()}`, ["a.ts|-a|+b"]],
  ["CRLF", `a.ts\n${simple}`.replaceAll("\n", "\r\n"), ["a.ts|-a|+b"]],
  [
    "fences and conflict markers as text",
    `a.md\n${block("```\n<<<<<<< HEAD\n", "```\n>>>>>>> main\n")}`,
    ["a.md| ```|-<<<<<<< HEAD|+>>>>>>> main"],
  ],
  ["dots are plain text", `a.ts\n${block("a\n...\nb\n", "a\n")}`, ["a.ts| a|-...|-b"]],
  ["no path", `Some words.\n${simple}a.ts\n${simple}`, ["a.ts|-a|+b"], [/names its file/]],
  ["no divider", `a.ts\n<<<<<<< SEARCH\na\n>>>>>>> REPLACE\n${simple}`, ["a.ts|-a|+b"], [/no =+ line/]],
  ["two dividers", `a.ts\n${block("a\n=======\n", "b\n")}${simple}`, ["a.ts|-a|+b"], [/two =+ lines/]],
  ["no end", `a.ts\n<<<<<<< SEARCH\na\n=======\nb\n${simple}`, ["a.ts|-a|+b"], [/no >+ REPLACE/]],
  ["broken off", `a.ts\n${simple}<<<<<<< SEARCH\na\n=======\nb\n`, ["a.ts|-a|+b"], [/no >+ REPLACE/]],
  ["an overlong line", `a.ts\n${block(`${"x".repeat(1024 * 1024 + 1)}\n`, "b\n")}${simple}`, ["a.ts|-a|+b"], [/1 MiB/]],
];

describe("search/replace blocks", () => {
  test.each(named(cases))("%s", (_name, one) => checkCase(searchReplaceParser, one));

  test("a block is closed by its last marker, before the line ends", () => {
    const parser = searchReplaceParser();
    expect(parser.push("a.ts\n<<<<<<< SEARCH\n")).toEqual([{ type: "file", path: "a.ts" }]);
    expect(parser.push("a\n").map((event) => event.type)).toEqual(["open"]);
    expect(parser.push("=======\nb\n>>>>>>> REPLAC")).toEqual([
      { type: "lines", path: "a.ts", added: ["b"], removed: [], repeats: true },
    ]);
    expect(parser.push("E").map((event) => event.type)).toEqual(["hunk"]);
    expect(parser.push(" and more\n")).toEqual([]);
  });

  test("what is neither path nor fence of a block is prose", () => {
    const text = `One.\n\nTwo.\na.ts\n\`\`\`\n${simple}\`\`\`\nThree.\n`;
    expect(prose(searchReplaceParser, text)).toBe("One.\n\nTwo.\nThree.\n");
  });

  test("garbage", () => checkGarbage(searchReplaceParser, cases));
});
