import { describe, expect, it } from "vitest";
import { createParser } from "../dialects/dialects.ts";
import type { HunkDraft } from "../edits.ts";
import { restoreDraft } from "./restore-draft.ts";

const name = "TWOLANE_SECRET_github_0badcafe";
/** With what would have to be escaped in JSON. */
const secret = 'a"b\\c$&é';
const restore = (text: string): string => text.replaceAll(name, () => secret);

const old = `key = "${name}"; // a`;
const fresh = `key = "${name}"; // b`;
const v4a = `*** Begin Patch\n*** Update File: a.ts\n@@ in ${name}\n-${old}\n+${fresh}\n*** End Patch\n`;
const blocks = `a.ts\n<<<<<<< SEARCH\n${old}\n=======\n${fresh}\n>>>>>>> REPLACE\n`;
const diff = `--- a/a.ts\n+++ b/a.ts\n@@ -1 +1 @@\n-${old}\n+${fresh}\n`;
const edits = JSON.stringify({ path: "a.ts", edits: [{ old, new: fresh }] });
const whole = JSON.stringify({ path: "a.ts", content: `${fresh}\n` });

describe("a stand-in in an edit", () => {
  it.each([
    ["v4a", "freeform", v4a],
    ["v4a", "json", JSON.stringify({ patch: v4a })],
    ["v4a", "message", `Here:\n${v4a}`],
    ["search-replace", "freeform", blocks],
    ["search-replace", "json", JSON.stringify({ patch: blocks })],
    ["search-replace", "message", blocks],
    ["unified-diff", "json", JSON.stringify({ patch: diff })],
    ["unified-diff", "message", `\`\`\`diff\n${diff}\`\`\`\n`],
    ["str-replace", "json", edits],
    ["whole-file", "json", whole],
    ["whole-file", "message", `a.ts\n\`\`\`\n${fresh}\n\`\`\`\n`],
  ] as const)("means the secret: %s as %s", (dialect, form, text) => {
    const parser = createParser(dialect, form);
    const drafts = [...parser.push(text), ...parser.end(true)].flatMap((event) => (event.type === "hunk" ? [event.draft] : []));
    expect(drafts).toHaveLength(1);
    const [restored] = drafts.map((draft) => restoreDraft(draft, restore));
    expect(JSON.stringify(restored)).not.toContain(name);
    expect(newSide(restored)).toContain(fresh.replace(name, () => secret));
  });

  it("is looked for in paths and anchors too, and what has none stays the same object", () => {
    expect(restoreDraft({ kind: "move", path: name, to: `b/${name}` }, restore)).toEqual({
      kind: "move",
      path: secret,
      to: `b/${secret}`,
    });
    expect(restoreDraft({ kind: "delete", path: name }, restore)).toEqual({ kind: "delete", path: secret });
    const plain: HunkDraft[] = [
      { kind: "update", path: "a", anchors: ["b"], lines: [{ op: "add", text: "c" }], endOfFile: false },
      { kind: "substitute", path: "a", oldText: "b", newText: "c", everywhere: false },
      { kind: "create", path: "a", content: "b", overwrite: false },
      { kind: "rewrite", path: "a", content: "b" },
      { kind: "delete", path: "a" },
      { kind: "move", path: "a", to: "b" },
    ];
    for (const draft of plain) expect(restoreDraft(draft, restore)).toBe(draft);
  });
});

function newSide(draft: HunkDraft | undefined): string {
  switch (draft?.kind) {
    case "update":
      return draft.lines.flatMap(({ op, text }) => (op === "add" ? [text] : [])).join("\n");
    case "substitute":
      return draft.newText;
    case "create":
    case "rewrite":
      return draft.content;
    default:
      return "";
  }
}
