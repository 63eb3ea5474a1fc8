/**
 * One edit over several files in every dialect and form: files with CRLF, with a BOM, without a final newline, new, deleted
 * and moved ones. What must stand on disk at the end is written out by hand.
 */
import type { DialectName, ModelCapabilities } from "@twolane/protocol";

export type Tree = Readonly<Record<string, string>>;

export interface StreamingCase {
  readonly name: string;
  readonly dialect: DialectName;
  readonly form: ModelCapabilities["editForm"];
  readonly text: string;
  /** The whole tree when all of the text has landed. */
  readonly after: Tree;
}

export const baseline: Tree = {
  "crlf.txt": "one\r\ntwo\r\nthree\r\nfour\r\n",
  "bom.txt": "\uFEFFalpha\nbeta\ngamma",
  "gone.txt": "g\n",
  "old.txt": "o\np\n",
};

const edited = { "crlf.txt": "1\r\ntwo\r\n3 😀\r\nfour\r\n", "bom.txt": "\uFEFFALPHA\nbeta\nGAMMA" };
const created = { "n/a.txt": "né\n" };
const { "gone.txt": gone, "old.txt": old } = baseline;
const moved = { "d/new.txt": "O\np\n" };

const lines = (...all: readonly string[]): string => all.map((line) => `${line}\n`).join("");
const json = (value: unknown): string => JSON.stringify(value);

const v4a = lines(
  ...["*** Begin Patch", "*** Update File: crlf.txt", "@@", "-one", "+1", "@@", "-three", "+3 😀"],
  ...["*** Update File: bom.txt", "@@", "-alpha", "+ALPHA", "@@", "-gamma", "+GAMMA"],
  ...["*** Add File: n/a.txt", "+né", "*** Delete File: gone.txt"],
  ...["*** Update File: old.txt", "*** Move to: d/new.txt", "@@", "-o", "+O", "*** End Patch"],
);

const block = (path: string, before: string, after: string): string =>
  lines(path, "<<<<<<< SEARCH", ...(before === "" ? [] : [before]), "=======", after, ">>>>>>> REPLACE");
const searchReplace = [
  block("crlf.txt", "one", "1"),
  block("crlf.txt", "three", "3 😀"),
  block("bom.txt", "alpha", "ALPHA"),
  block("bom.txt", "gamma", "GAMMA"),
  block("n/a.txt", "", "né"),
].join("");

const unifiedDiff = lines(
  ...["--- a/crlf.txt", "+++ b/crlf.txt", "@@ -1 +1 @@", "-one", "+1", "@@ -3 +3 @@", "-three", "+3 😀"],
  ...[
    "--- a/bom.txt",
    "+++ b/bom.txt",
    "@@ -1 +1 @@",
    "-alpha",
    "+ALPHA",
    "@@ -3 +3 @@",
    "-gamma",
    "\\ No newline at end of file",
    "+GAMMA",
  ],
  "\\ No newline at end of file",
  ...["--- /dev/null", "+++ b/n/a.txt", "@@ -0,0 +1 @@", "+né", "--- a/gone.txt", "+++ /dev/null", "@@ -1 +0,0 @@", "-g"],
  ...[
    "diff --git a/old.txt b/d/new.txt",
    "rename from old.txt",
    "rename to d/new.txt",
    "--- a/old.txt",
    "+++ b/d/new.txt",
    "@@ -1 +1 @@",
    "-o",
    "+O",
  ],
);

const strReplace = [
  {
    path: "crlf.txt",
    edits: [
      { old: "one", new: "1" },
      { old: "three\n", new: "3 😀\n" },
    ],
  },
  {
    path: "bom.txt",
    edits: [
      { old: "alpha", new: "ALPHA" },
      { old: "gamma", new: "GAMMA" },
    ],
  },
  { path: "n/a.txt", edits: [{ old: "", new: "né\n" }] },
  { path: "gone.txt", delete: true },
  { path: "old.txt", move: "d/new.txt", edits: [{ old: "o", new: "O" }] },
]
  .map(json)
  .join("\n");

const wholeTexts: Tree = { "crlf.txt": "1\ntwo\n3 😀\nfour\n", "bom.txt": "ALPHA\nbeta\nGAMMA\n", "n/a.txt": "né\n" };
const wholeJson = json(Object.entries(wholeTexts).map(([path, content]) => ({ path, content })));
const wholeMessage = Object.entries(wholeTexts)
  .map(([path, content]) => `${path}\n\`\`\`\n${content}\`\`\`\n`)
  .join("");

const all = { ...edited, ...created, ...moved };
const withoutRemoval = { ...edited, ...created, "gone.txt": gone ?? "", "old.txt": old ?? "" };

/** Freeform and message of the text dialects are one parser, and so are freeform and JSON of the others. */
export const distinctCases: readonly StreamingCase[] = [
  { name: "v4a", dialect: "v4a", form: "freeform", text: v4a, after: all },
  { name: "v4a in JSON", dialect: "v4a", form: "json", text: json({ patch: v4a }), after: all },
  { name: "search-replace", dialect: "search-replace", form: "freeform", text: searchReplace, after: withoutRemoval },
  {
    name: "search-replace in JSON",
    dialect: "search-replace",
    form: "json",
    text: json({ patch: searchReplace }),
    after: withoutRemoval,
  },
  { name: "unified-diff", dialect: "unified-diff", form: "freeform", text: unifiedDiff, after: all },
  { name: "unified-diff in JSON", dialect: "unified-diff", form: "json", text: json({ patch: unifiedDiff }), after: all },
  { name: "str-replace", dialect: "str-replace", form: "json", text: strReplace, after: all },
  { name: "whole-file", dialect: "whole-file", form: "json", text: wholeJson, after: withoutRemoval },
  { name: "whole-file in a message", dialect: "whole-file", form: "message", text: wholeMessage, after: withoutRemoval },
];

const inMessage = (patch: string): string => `Here it is:\n\n\`\`\`\n${patch}\`\`\`\nThat was all.\n`;

/** The rest of dialect and form. */
export const allCases: readonly StreamingCase[] = [
  ...distinctCases,
  { name: "v4a in a message", dialect: "v4a", form: "message", text: inMessage(v4a), after: all },
  { name: "search-replace in a message", dialect: "search-replace", form: "message", text: searchReplace, after: withoutRemoval },
  { name: "unified-diff in a message", dialect: "unified-diff", form: "message", text: inMessage(unifiedDiff), after: all },
  { name: "str-replace, freeform", dialect: "str-replace", form: "freeform", text: strReplace, after: all },
  { name: "str-replace in a message", dialect: "str-replace", form: "message", text: searchReplace, after: withoutRemoval },
  { name: "whole-file, freeform", dialect: "whole-file", form: "freeform", text: wholeJson, after: withoutRemoval },
];
