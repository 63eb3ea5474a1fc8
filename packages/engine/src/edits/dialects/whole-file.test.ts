import { describe, expect, test } from "vitest";
import { checkCase, checkGarbage, prose, named, type Case } from "./stream-checks.ts";
import { wholeFileJsonParser, wholeFileMessageParser } from "./whole-file.ts";

const json = (value: unknown): string => JSON.stringify(value);

const jsonCases: readonly Case[] = [
  ["path and content", json({ path: "x", content: "a\n" }), ['rewrite x "a\\n"']],
  ["content first", json({ content: "", file_path: "x" }), ['rewrite x ""']],
  [
    "a list",
    json([
      { path: "x", content: "a" },
      { path: "y", content: "b" },
    ]),
    ['rewrite x "a"', 'rewrite y "b"'],
  ],
  ["no content", json([{ path: "x" }, { path: "y", content: "b" }]), ['rewrite y "b"'], [/"content" is missing/]],
  ["no path", json({ content: "a" }), [], [/"path" is missing/]],
  ["an escape without meaning", '{"path":"x","content":"\\d"}', [], [/\\d/]],
  ["an empty path", json({ path: "", content: "a" }), [], [/path is empty/, /cannot be used/]],
];

const messageCases: readonly Case[] = [
  ["a path and a block", "x.ts\n```ts\na\n\nb\n```\n", ['rewrite x.ts "a\\n\\nb\\n"']],
  ["a decorated path", "Now:\n\n**`src/x.ts`**\n\n```\na\n```", ['rewrite src/x.ts "a\\n"']],
  ["the path in the fence's line", "```ts src/x.ts\na\n```\n", ['rewrite src/x.ts "a\\n"']],
  ["an empty file", "x.ts\n```\n```\n", ['rewrite x.ts ""']],
  ["two files", "x.ts\n```\na\n```\ny.ts\n~~~\n```\n~~~\n", ['rewrite x.ts "a\\n"', 'rewrite y.ts "```\\n"']],
  ["a longer fence", "x.md\n````\n```\na\n```\n````\n", ['rewrite x.md "```\\na\\n```\\n"']],
  ["blocks in Markdown", "x.md\n```\nA\n```sh\nls\n```\nB\n```\n", ['rewrite x.md "A\\n```sh\\nls\\n```\\nB\\n"']],
  ["a fence that is indented", "x.ts\n```\na\n  ```\nb\n```\n", ['rewrite x.ts "a\\n  ```\\nb\\n"']],
  ["a fence with a language in code", "x.ts\n```\na\n```js\nb\n```\n", ['rewrite x.ts "a\\n```js\\nb\\n"']],
  ["CRLF", "x.ts\r\n```ts\r\na\r\n```\r\n", ['rewrite x.ts "a\\n"']],
  ["a block without a name", "Run this:\n```sh\nls\n```\nx.ts\n```\na\n```\n", ['rewrite x.ts "a\\n"']],
  ["a name inside a block without a name", "Like so:\n```\nx.ts\n```\nAnd:\n```\nb\n```\n", []],
  ["broken off", "x.ts\n```\na\n", [], [/not closed/]],
  [
    "an overlong line",
    `x.ts\n\`\`\`\n${"x".repeat(1024 * 1024 + 1)}\n\`\`\`\ny.ts\n\`\`\`\na\n\`\`\`\n`,
    ['rewrite y.ts "a\\n"'],
    [/1 MiB/],
  ],
];

describe("a whole file as JSON", () => {
  test.each(named(jsonCases))("%s", (_name, one) => checkCase(wholeFileJsonParser, one));
  test("garbage", () => checkGarbage(wholeFileJsonParser, jsonCases));
});

describe("a whole file in an answer", () => {
  test.each(named(messageCases))("%s", (_name, one) => checkCase(wholeFileMessageParser, one));

  test("the path is said before the content", () => {
    const parser = wholeFileMessageParser();
    expect(parser.push("x.ts\n```\n")).toEqual([{ type: "file", path: "x.ts" }]);
    expect(parser.push("a\n")).toEqual([{ type: "lines", path: "x.ts", added: ["a"], removed: [], repeats: true }]);
  });

  test("other blocks are prose", () => {
    const text = "One.\n```sh\nls\n```\nx.ts\n```\na\n```\nTwo.\n";
    expect(prose(wholeFileMessageParser, text)).toBe("One.\n```sh\nls\n```\nTwo.\n");
  });

  test("garbage", () => checkGarbage(wholeFileMessageParser, messageCases));
});
