import type { DialectName } from "@twolane/protocol";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { HunkDraft } from "../edits.ts";
import { type EditForm, createParser } from "./dialects.ts";
import { withoutHunks } from "./withdraw-hunks.ts";
import { writeDrafts } from "./write-drafts.ts";

const scale = Number(process.env["TWOLANE_TEST_SCALE"] ?? 1);

const update = (path: string, text: string): HunkDraft => ({
  kind: "update",
  path,
  anchors: [],
  endOfFile: false,
  lines: [
    { op: "keep", text: "before();" },
    { op: "remove", text: "old();" },
    { op: "add", text },
    { op: "keep", text: "" },
  ],
});
const substitute = (path: string, newText: string): HunkDraft => ({
  kind: "substitute",
  path,
  oldText: "old();\n",
  newText,
  everywhere: false,
});
const rewrite = (path: string, content: string): HunkDraft => ({ kind: "rewrite", path, content });

const samples: readonly [DialectName, EditForm, readonly HunkDraft[]][] = [
  ["v4a", "freeform", [update("a.ts", "token-1();"), update("src/b.ts", "token-2();"), { kind: "delete", path: "c.ts" }]],
  ["v4a", "json", [update("a.ts", "token-1();"), { kind: "create", path: "n.ts", content: "token-2\n\nx\n", overwrite: false }]],
  ["v4a", "message", [update("a.ts", "token-1();"), update("a.ts", "token-2();")]],
  ["unified-diff", "freeform", [update("a.ts", "token-1();"), update("b.ts", "token-2();")]],
  ["unified-diff", "json", [update("a.ts", "token-1();"), update("b.ts", "token-2();")]],
  ["search-replace", "message", [update("a.ts", "token-1();"), update("b.ts", "token-2();")]],
  ["search-replace", "json", [update("a.ts", "token-1();"), update("b.ts", "token-2();")]],
  ["str-replace", "json", [substitute("a.ts", "token-1();\n"), substitute("a.ts", "token-2();\n")]],
  ["apply-patch-call", "json", [update("a.ts", "token-1();"), update("a.ts", "token-2();")]],
  ["apply-patch-call", "json", [update("a.ts", "token-1();")]],
  ["apply-patch-call", "message", [update("a.ts", "token-1();"), update("b.ts", "token-2();")]],
  ["whole-file", "json", [rewrite("a.ts", "token-1();\n")]],
  ["whole-file", "message", [rewrite("a.ts", "token-1();\n"), rewrite("b.md", "token-2\n```\nx\n```\n")]],
];

function read(dialect: DialectName, form: EditForm, text: string): HunkDraft[] {
  const parser = createParser(dialect, form);
  return [...parser.push(text), ...parser.end(true)].flatMap((event) => {
    expect(event.type).not.toBe("malformed");
    return event.type === "hunk" ? [event.draft] : [];
  });
}

/** What of a draft is its own, whichever way it was written. */
function essence(draft: HunkDraft): string {
  const lines =
    draft.kind === "update"
      ? draft.lines.filter(({ op }) => op !== "keep").map(({ op, text }) => `${op} ${text}`)
      : draft.kind === "substitute"
        ? [`remove ${draft.oldText.trimEnd()}`, `add ${draft.newText.trimEnd()}`]
        : "content" in draft
          ? [draft.content]
          : [draft.kind];
  return `${draft.path}: ${lines.join(" | ")}`;
}

describe("drafts as text again", () => {
  it.each(samples)("%s, %s", (dialect, form, drafts) => {
    const text = writeDrafts(dialect, form, drafts);
    expect(read(dialect, form, text).map(essence)).toEqual(drafts.map(essence));
  });

  it.each(samples)("%s, %s, without one of them", (dialect, form, drafts) => {
    const whole = writeDrafts(dialect, form, drafts);
    const text = form === "message" ? `I change it.\n\n${whole}\nDone.\n` : whole;
    const without = withoutHunks({ dialect, form, text }, (draft) => JSON.stringify(draft).includes("token-1"));
    expect(without).not.toContain("token-1");
    expect(without.includes("token-2")).toBe(text.includes("token-2"));
    // A call about one file has nothing left that could be read.
    if (drafts.length > 1) expect(read(dialect, form, without).map(essence)).toEqual(drafts.slice(1).map(essence));
    if (form === "message") expect(without).toMatch(/I change it\.[\s\S]*Done\./);
  });

  it("is the same text when nothing goes", () => {
    expect(withoutHunks({ dialect: "v4a", form: "freeform", text: "no edit" }, () => true)).toBe("no edit");
  });
});

describe("any drafts", () => {
  // What looks like a dialect's own marks, and what JSON has to escape.
  const odd = ["", " ", "@@", "+x", "-x", "*** y", "--- a/z", "\\", '"\t"', "```", "<<<", "é", "  in", "\u2028"];
  const text = fc.oneof(fc.constantFrom(...odd), fc.stringMatching(/^[ -~]{0,12}$/));
  const path = fc.constantFrom("a.ts", "src/b.ts", "d/é.py");
  const whole = fc.array(text, { minLength: 1, maxLength: 4 }).map((lines) => `${lines.join("\n")}\n`);
  const op = fc.constantFrom("keep" as const, "remove" as const, "add" as const);
  const changed = fc
    .array(fc.record({ op, text }), { minLength: 1, maxLength: 6 })
    .filter((lines) => lines.some((line) => line.op !== "keep"));
  const findable = changed.filter((lines) => lines.some((line) => line.op !== "add" && line.text.trim() !== ""));
  const plain = { kind: fc.constant("update" as const), path, anchors: fc.constant([]), endOfFile: fc.constant(false) };
  const anchors = fc.array(fc.constantFrom("class A {", "  go() {"), { maxLength: 2 });
  const updates = fc.record({ ...plain, lines: changed, anchors, endOfFile: fc.boolean() });
  const creates = fc.record({ kind: fc.constant("create" as const), path, content: whole, overwrite: fc.constant(true) });
  const deletes = fc.record({ kind: fc.constant("delete" as const), path });
  const substitutes = fc.record({
    ...{ kind: fc.constant("substitute" as const), path: fc.constant("a.ts") },
    ...{ oldText: whole, newText: fc.oneof(whole, text), everywhere: fc.boolean() },
  });
  const ways: readonly [DialectName, EditForm, fc.Arbitrary<HunkDraft>][] = [
    ["v4a", "freeform", fc.oneof(updates, creates, deletes)],
    ["v4a", "json", fc.oneof(updates, creates, deletes)],
    ["unified-diff", "json", fc.record({ ...plain, lines: changed, line: fc.integer({ min: 1, max: 99 }) })],
    ["search-replace", "message", fc.record({ ...plain, lines: findable })],
    ["str-replace", "json", substitutes],
    ["whole-file", "message", fc.record({ kind: fc.constant("rewrite" as const), path, content: whole })],
    ["apply-patch-call", "json", fc.record({ ...plain, path: fc.constant("d/é.py"), lines: changed, anchors })],
  ];

  it.each(ways)("%s, %s, are the same when they are read again", (dialect, form, draft) => {
    // Blocks say what stood there and what will, not which lines stay.
    const known = (one: HunkDraft): unknown => (dialect === "search-replace" ? sides(one) : one);
    fc.assert(
      fc.property(fc.array(draft, { minLength: 1, maxLength: 4 }), (drafts) => {
        expect(read(dialect, form, writeDrafts(dialect, form, drafts)).map(known)).toEqual(drafts.map(known));
      }),
      { numRuns: 200 * scale },
    );
  });
});

function sides(draft: HunkDraft): unknown {
  if (draft.kind !== "update") return draft;
  const side = (left: "remove" | "add"): string[] =>
    draft.lines.filter(({ op }) => op === "keep" || op === left).map(({ text }) => text);
  return { path: draft.path, before: side("remove"), after: side("add") };
}
