import { describe, expect, test } from "vitest";
import { briefs, checkCase, checkGarbage, prose, reasons, named, type Case } from "./stream-checks.ts";
import { strReplaceParser } from "./str-replace.ts";

const json = (value: unknown): string => JSON.stringify(value);
const ab = { old: "a", new: "b" };

const cases: readonly Case[] = [
  ["one edit", json({ path: "x", edits: [ab] }), ['x: "a" → "b"']],
  ["several edits", json({ path: "x", edits: [ab, { old: "c", new: "" }] }), ['x: "a" → "b"', 'x: "c" → ""']],
  ["old and new at the top", json({ path: "x", ...ab }), ['x: "a" → "b"']],
  ["other spellings", json({ file_path: "x", old_string: "a", new_string: "b", replace_all: true }), ['x: "a" → "b" all']],
  ["pi's spelling", json({ filePath: "x", edits: [{ oldText: "a", newText: "b" }] }), ['x: "a" → "b"']],
  [
    "everywhere",
    json({
      path: "x",
      edits: [
        { ...ab, all: true },
        { ...ab, all: false },
      ],
    }),
    ['x: "a" → "b" all', 'x: "a" → "b"'],
  ],
  ["the path at the end", json({ edits: [ab, { old: "c", new: "d" }], path: "x" }), ['x: "a" → "b"', 'x: "c" → "d"']],
  ["one edit that is no list", json({ path: "x", edits: ab }), ['x: "a" → "b"']],
  [
    "edits with paths of their own",
    json({
      edits: [
        { path: "x", ...ab },
        { path: "y", ...ab },
      ],
    }),
    ['x: "a" → "b"', 'y: "a" → "b"'],
  ],
  ["a new file", json({ path: "x", edits: [{ old: "", new: "a\n" }] }), ['new x "a\\n"']],
  ["delete", json({ path: "x", delete: true }), ["delete x"]],
  ["move", json({ path: "x", move: "y" }), ["move x → y"]],
  ["move and edit", json({ path: "x", move: "y", edits: [ab] }), ["move x → y", 'y: "a" → "b"']],
  ["edit and move", json({ path: "x", edits: [ab], move: "y" }), ['x: "a" → "b"', "move x → y"]],
  ["move and edit before the path", json({ move: "y", edits: [ab], path: "x" }), ["move x → y", 'y: "a" → "b"']],
  [
    "escapes",
    '{"path":"x","old":"\\u00e9\\ud83d\\ude00\\"\\\\\\/\\b\\f\\n\\r\\t","new":"é😀"}',
    [`x: ${json('é😀"\\/\b\f\n\r\t')} → "é😀"`],
  ],
  ["raw line endings in a text", '{"path":"x","old":"a\nb","new":"\tc\r\n"}', ['x: "a\\nb" → "\\tc\\r\\n"']],
  ["commas too many", '{"path":"x","edits":[{"old":"a","new":"b",},],}', ['x: "a" → "b"']],
  ["blanks", '\n{ "path" : "x" ,\r\n\t"edits" : [ { "old" : "a" , "new" : "b" } ] }\n', ['x: "a" → "b"']],
  [
    "unknown fields",
    json({ why: { deep: ["a", { old: "no" }] }, n: -1.5e3, path: "x", none: null, edits: [{ ...ab, line: 3 }] }),
    ['x: "a" → "b"'],
  ],
  [
    "a list of calls",
    json([
      { path: "x", ...ab },
      { path: "y", edits: [ab] },
    ]),
    ['x: "a" → "b"', 'y: "a" → "b"'],
  ],
  ["one call after another", `${json({ path: "x", ...ab })}\n${json({ path: "y", ...ab })}`, ['x: "a" → "b"', 'y: "a" → "b"']],
  ["text around it", `Here:\n\`\`\`json\n${json({ path: "x", ...ab })}\n\`\`\`\nDone {well}.`, ['x: "a" → "b"']],
  ["the same twice", '{"path":"x","path":"x","old":"a","old":"a","new":"b"}', ['x: "a" → "b"']],
  // What cannot be read costs only itself.
  ["no path", json({ edits: [ab] }), [], [/no path/]],
  ["no edit", json({ path: "x" }), [], [/no edit/]],
  ["no arguments", "nothing", [], [/no JSON/]],
  ["no new text", json({ path: "x", edits: [{ old: "a" }, ab] }), ['x: "a" → "b"'], [/"new" is missing/]],
  ["no old text", json({ path: "x", edits: [{ new: "a" }, ab] }), ['x: "a" → "b"'], [/"old" is missing/]],
  [
    "a number as text",
    json({ path: "x", edits: [{ old: 1, new: "a" }, { old: { a: 1 }, new: "b" }, ab] }),
    ['x: "a" → "b"'],
    [/"old" is no text/, /"old" is no text/],
  ],
  ["edits as text", json({ path: "x", edits: json([ab]) }), [], [/"edits" is no list/]],
  [
    "an escape without meaning",
    '{"path":"x","edits":[{"old":"\\d","new":"b"},{"old":"a","new":"\\u12"},{"old":"a","new":"b"}]}',
    ['x: "a" → "b"'],
    [/\\d/, /\\u12/],
  ],
  [
    "half a surrogate pair",
    '{"path":"x","edits":[{"old":"\\ud83d","new":"b"},{"old":"\\ude00","new":"b"},{"old":"a","new":"b"}]}',
    ['x: "a" → "b"'],
    [/surrogate/, /surrogate/],
  ],
  [
    "a field that stands twice",
    '{"path":"x","edits":[{"old":"a","old":"c","new":"b"},{"old":"a","new":"b"}]}',
    ['x: "a" → "b"'],
    [/twice/],
  ],
  [
    "a path that stands twice",
    '{"path":"x","edits":[{"old":"a","new":"b"}],"path":"y","edits":[{"old":"c","new":"d"}]}',
    ['x: "a" → "b"'],
    [/twice/],
  ],
  ["delete with edits", json({ path: "x", delete: true, edits: [ab] }), ['x: "a" → "b"'], [/does not go with/]],
  ["an empty path", json({ path: "", ...ab }), [], [/path is empty/, /cannot be used/]],
  ["broken off", json({ path: "x", edits: [ab, ab] }).slice(0, -5), ['x: "a" → "b"'], [/break off/]],
  ["no JSON", '{"path":"x","edits":[{"old":"a","new":"b"},{old:"c"}]}', ['x: "a" → "b"'], [/unexpected `o`/]],
  ["a word that is no value", '{"path":"x","edits":[{"old":"a","new":"b"}],"z":True}', ['x: "a" → "b"'], [/`True` is no value/]],
];

describe("old and new text as JSON", () => {
  test.each(named(cases))("%s", (_name, one) => checkCase(strReplaceParser, one));

  test("an edit is said at its closing brace, its path and its old text before", () => {
    const parser = strReplaceParser();
    expect(parser.push('{"path":"x"')).toEqual([{ type: "file", path: "x" }]);
    const [open] = parser.push(',"edits":[{"old":"a"');
    expect(open).toEqual({
      type: "open",
      draft: { kind: "substitute", path: "x", oldText: "a", newText: "", everywhere: false },
    });
    expect(parser.push(',"new":"b"')).toEqual([{ type: "lines", path: "x", added: ["b"], removed: [], repeats: true }]);
    expect(parser.push("}").map((event) => event.type)).toEqual(["hunk"]);
    expect(parser.push("]}")).toEqual([]);
    expect(parser.end(true)).toEqual([]);
  });

  test("text around the JSON is prose", () => {
    expect(prose(strReplaceParser, `One.\n${json({ path: "x", ...ab })} Two.\n`)).toBe("One.\n Two.\n");
  });

  test("too deep, too long", () => {
    expect(reasons(strReplaceParser, `{"a":${"[".repeat(100_000)}`)).toEqual([expect.stringMatching(/levels/)]);
    const long = "x".repeat(33 * 1024 * 1024);
    const text = `{"path":"x","edits":[{"old":"${long}","new":""},{"old":"a","new":"b"}]}`;
    expect(briefs(strReplaceParser, text)).toEqual(['x: "a" → "b"']);
  });

  test("garbage", () => checkGarbage(strReplaceParser, cases));
});
