import { dialectNames } from "@twolane/protocol";
import { describe, expect, test } from "vitest";
import { detectDialect } from "./detect.ts";
import { createParser, editTool, teachInMessage, type EditForm } from "./dialects.ts";
import { brief, briefs, checkCase, checkGarbage, reasons, named, type Case } from "./stream-checks.ts";

const forms: readonly EditForm[] = ["freeform", "json", "message"];
const patch = '*** Begin Patch\n*** Update File: a\n@@\n-a\n+b\n@@\n-"c\\\n+d\n*** End Patch\n';
const json = (value: unknown): string => JSON.stringify(value);

/** An example of each dialect in each form, and the hunks in it. */
const examples = {
  v4a: patch,
  "search-replace":
    'a\n<<<<<<< SEARCH\na\n=======\nb\n>>>>>>> REPLACE\n<<<<<<< SEARCH\n"c\\\n=======\nd\n>>>>>>> REPLACE\n'.replace(/^a/, "./a"),
  "unified-diff": '--- a/a\n+++ b/a\n@@ -1 +1 @@\n-a\n+b\n@@ -3 +3 @@\n-"c\\\n+d\n',
  "str-replace": json({
    path: "a",
    edits: [
      { old: "a", new: "b" },
      { old: '"c\\', new: "d" },
    ],
  }),
  "whole-file": json({ path: "a", content: "b\n" }),
  "apply-patch-call": json({ type: "update_file", path: "a", diff: '@@\n-a\n+b\n@@\n-"c\\\n+d' }),
} as const;

describe("the table", () => {
  test.each(dialectNames)("%s as tool: short, stable, called edit", (dialect) => {
    for (const form of ["freeform", "json"] as const) {
      const tool = editTool(dialect, form);
      expect(editTool(dialect, form)).toEqual(tool);
      expect(tool.name).toBe("edit");
      expect(Buffer.byteLength(tool.description)).toBeLessThanOrEqual(500);
      expect(Buffer.byteLength(json(tool))).toBeLessThanOrEqual(1100);
      if (form === "json") expect(tool.freeform).toBe(false);
    }
    expect(Buffer.byteLength(teachInMessage(dialect))).toBeLessThanOrEqual(500);
  });

  test("what a tool asks for is what its parser reads", () => {
    for (const dialect of ["v4a", "search-replace", "unified-diff"] as const) {
      const text = examples[dialect];
      const expected = briefs(() => createParser(dialect, "freeform"), text);
      expect(expected).toHaveLength(2);
      expect(briefs(() => createParser(dialect, "message"), text)).toEqual(expected);
      expect(briefs(() => createParser(dialect, "json"), json({ patch: text }))).toEqual(expected);
      expect(briefs(() => createParser(dialect, "json"), json({ input: text }))).toEqual(expected);
    }
    for (const dialect of ["str-replace", "whole-file", "apply-patch-call"] as const)
      expect(briefs(() => createParser(dialect, "freeform"), examples[dialect])).toEqual(
        briefs(() => createParser(dialect, "json"), examples[dialect]),
      );
    expect(briefs(() => createParser("str-replace", "message"), examples["search-replace"])).toHaveLength(2);
  });

  test("the taught examples are read without complaint", () => {
    for (const dialect of dialectNames) {
      const parser = () => createParser(dialect, "message");
      expect(
        reasons(parser, teachInMessage(dialect)).filter((reason) => !/has no hunk/.test(reason)),
        dialect,
      ).toEqual([]);
      expect(briefs(parser, teachInMessage(dialect)).length, dialect).toBeGreaterThan(0);
    }
  });
});

const unwrap = () => createParser("v4a", "json");
const jsonCases: readonly Case[] = [
  ["a patch", json({ patch }), ["a|-a|+b", 'a|-"c\\|+d']],
  ["other fields around it", json({ why: "x", input: patch, n: 1 }), ["a|-a|+b", 'a|-"c\\|+d']],
  ["two calls", json({ patch }) + json({ patch: "*** Delete File: x" }), ["a|-a|+b", 'a|-"c\\|+d', "delete x"]],
  ["an escape without meaning", json({ patch }).replace('\\"c', "\\c"), ["a|-a|+b"], [/\\c/]],
  ["no patch", json({ text: patch }), [], [/"patch" is missing/]],
  ["no JSON", patch, [], [/no JSON/]],
  ["broken off", json({ patch }).slice(0, 80), ["a|-a|+b"], [/break off/]],
];

describe("a patch inside JSON arguments", () => {
  test.each(named(jsonCases))("%s", (_name, one) => checkCase(unwrap, one));

  test("a hunk is said while its text still streams", () => {
    const parser = unwrap();
    const types = (piece: string) => parser.push(piece).map((event) => event.type);
    expect(types('{"patch":"*** Begin Patch\\n*** Update File: a\\n')).toEqual(["file"]);
    expect(types("@@\\n-a\\n b\\n+c\\n")).toEqual(["lines", "lines", "open"]);
    expect(types("@@")).toEqual(["hunk"]);
  });

  test("garbage", () => checkGarbage(unwrap, jsonCases));
});

const operation = () => createParser("apply-patch-call", "json");
const op = (type: string, path: string, diff?: string): string => json({ type, path, diff });
const operationCases: readonly Case[] = [
  ["an update", examples["apply-patch-call"], ["a|-a|+b", 'a|-"c\\|+d']],
  ["a new file", op("create_file", "d/n", "+x\n+\n+y"), ['put d/n "x\\n\\ny\\n"']],
  ["a deleted file", op("delete_file", "x"), ["delete x"]],
  ["a deleted file with its lines", op("delete_file", "x", "-a\n"), ["delete x"]],
  ["the diff first", json({ diff: "@@\n-a\n+b", path: "a", type: "update_file" }), ["a|-a|+b"]],
  ["two operations", op("delete_file", "x") + op("delete_file", "y"), ["delete x", "delete y"]],
  ["an anchor", op("update_file", "a", "@@ class C\n-a\n+b\n"), ["a|@class C|-a|+b"]],
  ["an unknown type", op("rename_file", "x", ""), [], [/create_file, update_file or delete_file/]],
  ["no path", json({ type: "update_file", diff: "@@\n-a\n+b" }), [], [/missing/]],
  ["no diff", op("update_file", "a"), [], [/"diff" is missing/]],
  ["an empty diff", op("update_file", "a", ""), [], [/"diff" is missing/]],
  ["a path of two lines", op("delete_file", "x\n*** Delete File: y"), [], [/line ending/]],
  [
    "a diff that turns to another file",
    op("update_file", "a", "@@\n-a\n+b\n*** Delete File: y\n"),
    ["a|-a|+b"],
    [/beyond the file/],
  ],
  ["a diff that moves its file", op("update_file", "a", "*** Move to: y\n@@\n-a\n+b\n"), [], [/beyond/, /beyond/]],
  ["a line without its sign", op("update_file", "a", "@@\n-a\nb\n+c\n"), [], [/begins with/]],
  ["broken off", examples["apply-patch-call"].slice(0, -12), ["a|-a|+b"], [/breaks off/]],
  ["no JSON", "@@\n-a\n+b\n", [], [/no operation/]],
];

describe("an operation of the provider's own patch tool", () => {
  test.each(named(operationCases))("%s", (_name, one) => checkCase(operation, one));

  test("a hunk is said while its text still streams, where it does", () => {
    const parser = operation();
    const types = (piece: string) => parser.push(piece).map((event) => event.type);
    expect(types('{"type":"update_file","path":"a"')).toEqual(["file"]);
    expect(types(',"diff":"@@\\n-a\\n+b\\n')).toContain("open");
    expect(types("@@")).toEqual(["hunk"]);
  });

  test("garbage", () => checkGarbage(operation, operationCases));
});

describe("detecting the dialect of a text", () => {
  const fenced = (text: string, language = ""): string => `I change it.\n\n\`\`\`${language}\n${text}\`\`\`\nDone.\n`;
  test.each([
    ["v4a freeform", patch],
    ["v4a message", fenced(patch, "patch")],
    ["v4a freeform", patch.replace("*** Begin Patch\n", "")],
    ["v4a json", json({ patch })],
    ["v4a message", `apply_patch <<'EOF'\n${patch}EOF\n`],
    ["unified-diff freeform", examples["unified-diff"]],
    ["unified-diff message", fenced(examples["unified-diff"], "diff")],
    ["unified-diff freeform", "diff --git a/x b/y\nrename from x\nrename to y\n"],
    ["unified-diff json", json({ diff: examples["unified-diff"] })],
    ["unified-diff freeform", "--- /dev/null\n+++ b/fixture.patch\n@@ -0,0 +1,2 @@\n+*** Begin Patch\n+*** Delete File: x\n"],
    ["search-replace message", examples["search-replace"]],
    ["search-replace message", fenced(examples["search-replace"])],
    ["str-replace json", examples["str-replace"]],
    ["str-replace json", json([{ file_path: "a", old_string: "a", new_string: "b" }])],
    ["str-replace json", fenced(`${examples["str-replace"]}\n`, "json")],
    ["str-replace json", json({ path: "a", delete: true })],
    ["whole-file json", examples["whole-file"]],
    ["whole-file message", "src/a.ts\n```ts\nlet x;\n```\n"],
  ])("%s", (expected, text) => {
    const found = detectDialect(text);
    expect(found && `${found.dialect} ${found.form}`).toBe(expected);
    if (found === undefined) return;
    const parser = createParser(found.dialect, found.form);
    const hunks = [...parser.push(text), ...parser.end(true)].flatMap((event) =>
      event.type === "hunk" ? [brief(event.draft)] : [],
    );
    expect(hunks.length).toBeGreaterThan(0);
  });

  test.each(["", "Hello.", '{"a": 1}', "[1, 2]", "--- a\n", "```\ncode\n```\n", "{ not json", "Use `a.ts`.\n"])(
    "%j is no edit",
    (text) => {
      expect(detectDialect(text)).toBeUndefined();
    },
  );
});

/** Characters that are looked at must grow with the text, not with its square: a square would not end within the test's time. */
describe("long streams in pieces of three characters", () => {
  const lines = 100_000;
  const body = (mark: string): string => `${mark}${"x".repeat(48)}\n`.repeat(lines / 2);
  const long = {
    v4a: `*** Update File: a\n@@\n${body("-")}${body("+").slice(0, -100)}\n@@\n-a\n`,
    "search-replace": `./a\n<<<<<<< SEARCH\n${body("")}=======\n${body(" ").slice(0, -100)}\n>>>>>>> REPLACE\n`,
    "unified-diff": `--- a/a\n+++ b/a\n@@ -1,${lines / 2} +1 @@\n${body("-")}+a\n`,
    "str-replace": json({ path: "a", edits: [{ old: body(""), new: body("\t") }] }),
    "whole-file": json({ path: "a", content: body("") + body("\t") }),
    "apply-patch-call": json({ type: "update_file", path: "a", diff: `@@\n${body("-")}${body("+")}@@\n-a` }),
  };
  test.each(dialectNames)("%s", (dialect) => {
    const text = long[dialect];
    const parser = createParser(dialect, /^[{[]/.test(text) ? "json" : "freeform");
    let hunks = 0;
    for (let at = 0; at < text.length; at += 3)
      for (const event of parser.push(text.slice(at, at + 3))) if (event.type === "hunk") hunks += 1;
    for (const event of parser.end(true)) if (event.type === "hunk") hunks += 1;
    expect(hunks).toBe(dialect === "v4a" || dialect === "apply-patch-call" ? 2 : 1);
  });

  test.each([
    ["one endless line", "x"],
    ["brackets", "a{"],
    ["backslashes", "\\"],
    ["fences", "```\n"],
    ["blank lines", "\n"],
    ["blanks behind @@", "@@ ", 1],
    ["blanks behind ---", "--- ", 1],
    ["a hundred thousand stars", "*"],
  ])("%s in every dialect", (_name, unit, times = 60_000) => {
    const text = times === 1 ? `--- a\n+++ a\n${unit}${" ".repeat(60_000)}x\n+++ x\n` : unit.repeat(times);
    for (const dialect of dialectNames) {
      for (const form of forms) {
        const parser = createParser(dialect, form);
        for (let at = 0; at < text.length; at += 3) parser.push(text.slice(at, at + 3));
        expect(parser.end(false).filter((event) => event.type === "hunk")).toEqual([]);
      }
    }
  });
});
