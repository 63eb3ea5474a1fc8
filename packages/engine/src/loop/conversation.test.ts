import type { HunkLine } from "@twolane/protocol";
import { describe, expect, it } from "vitest";
import type { Withdrawn } from "../edits/review/reviewer.ts";
import type { ConversationItem } from "../models/models.ts";
import { createConversation } from "./conversation.ts";

const line = (text: string, op: HunkLine["op"] = "add"): HunkLine => ({ op, text });

function rejected(hunk: string, ...lines: HunkLine[]): Withdrawn {
  return { hunk, path: "a.ts", line: 7, linesRemoved: 1, linesAdded: 3, state: "rejected", reason: "too clever", lines };
}

/** Edits are calls of `edit` whose lines stand as they are; a draft is one line. */
function open(kept: [number, ConversationItem][] = []) {
  return createConversation({
    pinned: ["rules"],
    editTool: "edit",
    editsInMessage: false,
    rewrite: (text, goes) =>
      text
        .split("\n")
        .filter((added) => !goes({ path: "a.ts", removed: [], added: [added], all: [added] }))
        .join("\n"),
    onItem: (index, item) => void kept.push([index, item]),
  });
}

const edit = (input: string, replay?: unknown): ConversationItem => ({
  ...{ kind: "call", call: "c1", tool: "edit", input, freeform: true },
  ...(replay !== undefined && { replay }),
});
const texts = (items: readonly ConversationItem[]): string[] =>
  items.map((item) =>
    item.kind === "call" ? item.input : item.kind === "reasoning" ? `${JSON.stringify(item.replay)}` : item.text,
  );

describe("a withdrawn hunk", () => {
  it("leaves calls, outputs, texts and attached files; the model is told where and why, with the next outputs or message", () => {
    const talk = open();
    talk.say("do it", '\n\n<file path="a.ts">\nold();\n</file>');
    talk.markHunk("h1");
    talk.add(edit("fresh(1234);\nother(5678);"));
    talk.returnOutputs([{ call: "c1", text: "landed a.ts:7" }]);
    talk.add({ kind: "assistant", text: "Now `fresh(1234);` is there." });
    talk.say("show me", '\n\n<file path="a.ts">\n  fresh(1234);\n</file>');
    talk.withdraw([rejected("h1", line("old();", "remove"), line("fresh(1234);"))]);
    expect(texts(talk.items)).toEqual([
      "rules",
      'do it\n\n<file path="a.ts">\nold();\n</file>',
      "other(5678);",
      "landed a.ts:7",
      "[removed by the user]",
      'show me\n\n<file path="a.ts">\n[removed by the user]\n</file>',
    ]);
    talk.add(edit("more();"));
    talk.returnOutputs([{ call: "c1", text: "12: fresh(1234);\n13: more();" }]);
    expect(texts(talk.items).slice(-2)).toEqual([
      "[removed by the user]\n13: more();",
      "[The user rejected your change of a.ts, lines 7-9: too clever. It is not on disk. Do not propose it again.]",
    ]);
  });

  it("leaves what the person said as it is, also behind a bracket or with notes in front", () => {
    const talk = open();
    talk.markHunk("h1");
    talk.add(edit("fresh(1234);"));
    talk.noteCutText("I write\n\nfresh(1234);\n");
    talk.say("[sic]\n\nno fresh(1234); please");
    talk.withdraw([rejected("h1", line("fresh(1234);"))]);
    expect(texts(talk.items).at(-1)).toBe(
      "[Your answer was cut off by the user. It ended with:]\nI write\n\n[removed by the user]\n\n\n[sic]\n\nno fresh(1234); please",
    );
  });

  it("takes no line with it that the model had read before", () => {
    const talk = open();
    talk.say("do it", '\n\n<file path="b.ts">\n  return result;\n</file>');
    talk.markHunk("h1");
    talk.add(edit("fresh(1234);\nreturn result;"));
    talk.withdraw([rejected("h1", line("fresh(1234);"), line("return result;"))]);
    talk.add({ kind: "assistant", text: "return result;\nfresh(1234);" });
    expect(texts(talk.items)[1]).toContain("return result;");
    expect(texts(talk.items).at(-1)).toBe("return result;\n[removed by the user]");
  });

  it("takes short lines only where they stand alone, and brackets never", () => {
    const talk = open();
    talk.markHunk("h1");
    talk.add(edit("else {"));
    talk.withdraw([rejected("h1", line("else {"), line("}"))]);
    talk.add({ kind: "assistant", text: "  else {\n3: else {\nif (x) y(); else { z(); }\n}" });
    expect(texts(talk.items).at(-1)).toBe("[removed by the user]\n[removed by the user]\nif (x) y(); else { z(); }\n}");
  });

  it("leaves no part of an answer signed by its provider, and all items where they are", () => {
    const kept: [number, ConversationItem][] = [];
    const talk = open(kept);
    talk.say("do it");
    talk.add({ kind: "reasoning", replay: { type: "reasoning", encrypted_content: "?" } });
    talk.add(edit("fresh(1234);", { type: "custom_tool_call" }));
    talk.withdraw([rejected("h1", line("fresh(1234);"))]);
    talk.add({ kind: "assistant", text: "Done.", replay: { type: "message", id: "m" } });
    expect(talk.items.slice(2)).toEqual([
      { kind: "reasoning", replay: null },
      { kind: "call", call: "c1", tool: "edit", input: "", freeform: true },
      { kind: "assistant", text: "Done." },
    ]);
    const now = new Map(kept);
    expect(now.size).toBe(4);
    expect(talk.items.slice(1)).toEqual([0, 1, 2, 3].map((index) => now.get(index)));
    // The next answer is another whole.
    talk.say("thanks");
    talk.add({ kind: "assistant", text: "Bye.", replay: { type: "message", id: "n" } });
    expect(talk.items.at(-1)).toMatchObject({ replay: { id: "n" } });
  });

  it("keeps arguments of other calls readable", () => {
    const talk = open();
    const search = (pattern: string): ConversationItem => ({
      ...{ kind: "call", call: "s1", tool: "search", freeform: false },
      input: JSON.stringify({ pattern, path: "a.ts" }),
    });
    talk.add(search('name("fresh\\t");'));
    talk.withdraw([rejected("h1", line('name("fresh\\t");'))]);
    expect(texts(talk.items).at(-1)).toBe('{"pattern":"[removed by the user]","path":"a.ts"}');
  });

  it("may be shown again once it is back on disk; an undone one never stopped being shown", () => {
    const talk = open();
    talk.markHunk("h1");
    talk.add(edit("fresh(1234);"));
    talk.withdraw([rejected("h1", line("fresh(1234);"))]);
    talk.allowAgain("h1");
    talk.add({ kind: "assistant", text: "fresh(1234);" });
    talk.withdraw([{ ...rejected("h1", line("fresh(1234);")), state: "undone" }]);
    expect(texts(talk.items).at(-1)).toBe("fresh(1234);");
    talk.say("next");
    expect(texts(talk.items).at(-1)?.split("\n\n")).toEqual([
      expect.stringContaining("rejected your change of a.ts"),
      "[The user took your change of a.ts, lines 7-9 after all. It is on disk.]",
      expect.stringContaining("undid your change of a.ts"),
      "next",
    ]);
  });

  it("is found in the edits of a model that was exchanged", () => {
    const talk = open();
    talk.markHunk("h1");
    talk.add(edit("old();", { type: "custom_tool_call" }));
    talk.speakTo({ editTool: "edit", editsInMessage: true, rewrite: (text) => text });
    expect(talk.items.at(-1)).toEqual(edit("old();"));
    talk.withdraw([rejected("h1", line("old();"))]);
    expect(texts(talk.items).at(-1)).toBe("");
  });
});
