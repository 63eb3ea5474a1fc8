import { describe, expect, test } from "vitest";
import { briefs, checkCase, checkGarbage, prose, named, type Case } from "./stream-checks.ts";
import { unifiedDiffParser } from "./unified-diff.ts";

const diff = (...lines: string[]): string => `${lines.join("\n")}\n`;
const ab = ["--- a/x.c", "+++ b/x.c"];
const git = "diff --git a/x.c b/x.c";

const cases: readonly Case[] = [
  ["one hunk", diff(...ab, "@@ -3,2 +3,2 @@ int f()", " a", "-b", "+c"), ["x.c:3| a|-b|+c"]],
  ["two hunks", diff(...ab, "@@ -1 +1 @@", "-a", "+b", "@@ -9 +9 @@", "-c", "+d"), ["x.c:1|-a|+b", "x.c:9|-c|+d"]],
  [
    "two files",
    diff(...ab, "@@ -1 +1 @@", "-a", "+b", "--- a/y", "+++ b/y", "@@ -2 +2 @@", "-c", "+d"),
    ["x.c:1|-a|+b", "y:2|-c|+d"],
  ],
  [
    "git's header",
    diff(
      git,
      "index 1234567..89abcde 100644",
      ...ab,
      "@@ -1 +1 @@",
      "-a",
      "+b",
      git.replaceAll("x.c", "y"),
      "--- a/y",
      "+++ b/y",
      "@@ -2 +0,0 @@",
      "-c",
    ),
    ["x.c:1|-a|+b", "y:2|-c"],
  ],
  [
    "a new file",
    diff(git, "new file mode 100644", "index 0..1", "--- /dev/null", "+++ b/x.c", "@@ -0,0 +1,2 @@", "+a", "+", git),
    ['new x.c "a\\n\\n"'],
    [/no hunk/],
  ],
  [
    "a new file without final newline",
    diff("--- /dev/null", "+++ b/x.c", "@@ -0,0 +1 @@", "+a", "\\ No newline at end of file"),
    ['new x.c "a"'],
  ],
  ["a new empty file", diff(git, "new file mode 100644", "index 0..e69de29"), ['new x.c ""']],
  [
    "a deleted file",
    diff(git, "deleted file mode 100644", "--- a/x.c", "+++ /dev/null", "@@ -1,2 +0,0 @@", "-a", "-b"),
    ["delete x.c"],
  ],
  [
    "a deleted empty file",
    diff(git, "deleted file mode 100644", git.replaceAll("x.c", "y"), "new file mode 100644"),
    ["delete x.c", 'new y ""'],
  ],
  ["a rename", diff("diff --git a/x.c b/y.c", "similarity index 100%", "rename from x.c", "rename to y.c"), ["move x.c → y.c"]],
  [
    "a rename with edits",
    diff(
      "diff --git a/x.c b/d/y.c",
      "similarity index 90%",
      "rename from x.c",
      "rename to d/y.c",
      "--- a/x.c",
      "+++ b/d/y.c",
      "@@ -1 +1 @@",
      "-a",
      "+b",
    ),
    ["move x.c → d/y.c", "d/y.c:1|-a|+b"],
  ],
  ["no prefixes", diff("--- x.c", "+++ x.c", "@@ -1 +1 @@", "-a", "+b"), ["x.c:1|-a|+b"]],
  ["folders that look like prefixes", diff("--- b/x.c", "+++ b/x.c", "@@ -1 +1 @@", "-a", "+b"), ["b/x.c:1|-a|+b"]],
  ["only one prefix", diff("--- x.c", "+++ b/x.c", "@@ -1 +1 @@", "-a", "+b"), ["x.c:1|-a|+b"]],
  ["mnemonic prefixes", diff("--- i/x.c", "+++ w/x.c", "@@ -1 +1 @@", "-a", "+b"), ["x.c:1|-a|+b"]],
  [
    "time stamps",
    diff("--- x.c.orig\t2026-01-02 03:04:05.000 +0000", "+++ x.c\t2026-01-02 03:04:05.000 +0000", "@@ -1 +1 @@", "-a"),
    ["x.c:1|-a"],
  ],
  ["a quoted name", diff('--- "a/\\303\\251 \\"q\\".c"', '+++ "b/\\303\\251 \\"q\\".c"', "@@ -1 +1 @@", "-a"), ['é "q".c:1|-a']],
  ["a name with blanks", diff("--- a/my file.c\t", "+++ b/my file.c\t", "@@ -1 +1 @@", "-a"), ["my file.c:1|-a"]],
  ["no final newline on the new side", diff(...ab, "@@ -1 +1 @@", "-a", "+b", "\\ No newline at end of file"), ["x.c:1$!|-a|+b"]],
  ["no final newline on the old side", diff(...ab, "@@ -1 +1 @@", "-a", "\\ No newline at end of file", "+b"), ["x.c:1$|-a|+b"]],
  ["an insertion", diff(...ab, "@@ -5,0 +6 @@", "+a"), ["x.c:6|+a"]],
  [
    "a removed line like a header",
    diff(...ab, "@@ -1,3 +1,2 @@", "--- x", " b", "-c", "+++ y", "--- a/y", "+++ b/y", "@@ -1 +1 @@", "-z"),
    ["x.c:1|--- x| b|-c|+++ y", "y:1|-z"],
  ],
  [
    "content like the names of a file, while lines are promised",
    diff(...ab, "@@ -1,2 +1,2 @@", "--- x", "+++ y", "-b", "+c"),
    ["x.c:1|--- x|+++ y|-b|+c"],
  ],
  [
    "counts that promise too much",
    diff(...ab, "@@ -1,9 +1,9 @@", "-a", "+b", "--- a/y", "+++ b/y", "@@ -1 +1 @@", "-z"),
    ["x.c:1|-a|+b", "y:1|-z"],
  ],
  [
    "counts that promise too little",
    diff(...ab, "@@ -1,1 +1,1 @@", " k", "-a", "+b", "", " m", "--- a/y", "+++ b/y", "@@ -1 +1 @@", "-z"),
    ["x.c:1| k|-a|+b| | m", "y:1|-z"],
  ],
  [
    "no numbers",
    diff(...ab, "@@ ... @@", " k", "-a", "@@ int f() @@", "-b", "@@", "-c"),
    ["x.c| k|-a", "x.c|@int f()|-b", "x.c|-c"],
  ],
  ["a blank context line without its space", diff(...ab, "@@ -1,3 +1,2 @@", " k", "", "-a"), ["x.c:1| k| |-a"]],
  ["CRLF", diff(...ab, "@@ -1,3 +1,2 @@", " k", "", "-a", "+b").replaceAll("\n", "\r\n"), ["x.c:1| k| |-a|+b"]],
  [
    "a mailed patch",
    diff(
      "From 1234 Mon Sep 17 00:00:00 2001",
      "Subject: x",
      "",
      "---",
      " x.c | 2 +-",
      "",
      git,
      ...ab,
      "@@ -1 +1 @@",
      "-a",
      "+b",
      "-- ",
      "2.40.1",
      "",
    ),
    ["x.c:1|-a|+b"],
  ],
  [
    "svn",
    diff(
      "Index: x.c",
      "=".repeat(67),
      "--- x.c\t(revision 1)",
      "+++ x.c\t(working copy)",
      "@@ -1 +1 @@",
      "-a",
      "+b",
      "Index: y",
      "===",
      "--- y\t(revision 1)",
      "+++ y\t(working copy)",
      "@@ -1 +1 @@",
      "-c",
    ),
    ["x.c:1|-a|+b", "y:1|-c"],
  ],
  ["diff -r", diff("diff -ru old/x.c new/x.c", "--- old/x.c", "+++ new/x.c", "@@ -1 +1 @@", "-a"), ["new/x.c:1|-a"]],
  ["in a fence with miscounts", diff("Fix:", "```diff", ...ab, "@@ -1,9 +1,9 @@", "-a", "+b", "```", "Done."), ["x.c:1|-a|+b"]],
  ["prose behind it", diff(...ab, "@@ -1 +1 @@", "-a", "+b", "That was it."), ["x.c:1|-a|+b"]],
  ["no newline at the end", diff(...ab, "@@ -1 +1 @@", "-a", "+b").trimEnd(), ["x.c:1|-a|+b"]],
  // What cannot be applied costs only itself.
  [
    "a binary patch",
    diff(
      git,
      "index 1..2 100644",
      "GIT binary patch",
      "literal 3",
      "KcmZQzU|?",
      "",
      git.replaceAll("x.c", "y"),
      "--- a/y",
      "+++ b/y",
      "@@ -1 +1 @@",
      "-a",
    ),
    ["y:1|-a"],
    [/binary/],
  ],
  ["differing binaries", diff(git, "index 1..2 100644", "Binary files a/x.c and b/x.c differ"), [], [/binary/]],
  ["a mode change", diff(git, "old mode 100644", "new mode 100755"), [], [/mode changes/]],
  [
    "a mode change with edits",
    diff(git, "old mode 100644", "new mode 100755", "index 1..2", ...ab, "@@ -1 +1 @@", "-a"),
    ["x.c:1|-a"],
    [/mode changes/],
  ],
  [
    "an executable new file",
    diff(git, "new file mode 100755", "--- /dev/null", "+++ b/x.c", "@@ -0,0 +1 @@", "+a"),
    ['new x.c "a\\n"'],
    [/mode changes/],
  ],
  [
    "a symbolic link",
    diff(git, "new file mode 120000", "--- /dev/null", "+++ b/x.c", "@@ -0,0 +1 @@", "+y", "\\ No newline at end of file"),
    [],
    [/symbolic/],
  ],
  ["a copy", diff("diff --git a/x.c b/y.c", "similarity index 100%", "copy from x.c", "copy to y.c"), [], [/copies/]],
  ["a combined diff", diff("diff --cc x.c", "index 1,2..3", ...ab, "@@@ -1,1 -1,1 +1,2 @@@", "++a"), [], [/combined/]],
  ["a hunk without a file", diff("@@ -1 +1 @@", "-a", "+b", ...ab, "@@ -2 +2 @@", "-c"), ["x.c:2|-c"], [/before any file/]],
  [
    "a line without its mark",
    diff(...ab, "@@ -1,3 +1,3 @@", "-a", "b", "+c", "@@ -9 +9 @@", "-d"),
    ["x.c:9|-d"],
    [/begins with none/],
  ],
  ["a hunk without lines", diff(...ab, "@@ -1 +1 @@", "@@ -9 +9 @@", "-d"), ["x.c:9|-d"], [/no lines/]],
  ["names without hunks", diff(...ab), [], [/no hunk/]],
  ["context in a new file", diff("--- /dev/null", "+++ b/x", "@@ -0,0 +1,2 @@", " a", "+b"), [], [/only added/]],
  [
    "a new file that breaks in the middle",
    diff("--- /dev/null", "+++ b/x", "@@ -0,0 +1,3 @@", "+a", "b", "@@ -0,0 +1 @@", "+c"),
    [],
    [/begins with none/, /only one hunk/],
  ],
  [
    "no names",
    diff("--- /dev/null", "+++ /dev/null", "@@ -1 +1 @@", "-a", ...ab, "@@ -1 +1 @@", "-a"),
    ["x.c:1|-a"],
    [/dev\/null/],
  ],
  [
    "an overlong line",
    diff(...ab, "@@ -1 +1 @@", `-${"x".repeat(1024 * 1024 + 1)}`, "+b", "@@ -9 +9 @@", "-d"),
    ["x.c:9|-d"],
    [/1 MiB/],
  ],
];

describe("unified diffs", () => {
  test.each(named(cases))("%s", (_name, one) => checkCase(unifiedDiffParser, one));

  test("a hunk whose counts are met is closed by the first byte of what follows", () => {
    for (const next of ["@@", "d", "I", "T"]) {
      const parser = unifiedDiffParser();
      expect(parser.push("--- a/x\n+++ b/x\n")).toEqual([{ type: "file", path: "x" }]);
      expect(parser.push("@@ -1 +1 @@\n-a\n").map((event) => event.type)).toEqual(["lines", "open"]);
      expect(parser.push("+b\n")).toEqual([{ type: "lines", path: "x", added: ["b"], removed: [] }]);
      expect(
        parser.push(next).map((event) => event.type),
        next,
      ).toEqual(["hunk"]);
    }
  });

  test("what is no diff is prose", () => {
    expect(
      prose(unifiedDiffParser, diff("One.", "--- ", "---", "--- a", "```diff", ...ab, "@@ -1 +1 @@", "-a", "+b", "```", "Two.")),
    ).toBe("One.\n--- \n---\n--- a\nTwo.\n");
    expect(briefs(unifiedDiffParser, "Nothing to do.\n")).toEqual([]);
  });

  test("garbage", () => checkGarbage(unifiedDiffParser, cases));
});
