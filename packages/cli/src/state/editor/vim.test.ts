import { describe, expect, it } from "vitest";
import type { Action, ActionName } from "../actions.ts";
import { emptyHistory } from "../history.ts";
import { type EditorState, editorAction, editorPlace, textEditorAt } from "./editor.ts";

const context = { history: emptyHistory, vim: true };
const names: Readonly<Record<string, ActionName>> = {
  "<esc>": "escape",
  "<c-r>": "redo",
  "<bs>": "delete-back",
  "<cr>": "newline",
};

/** Normal mode with the cursor before `|`. `<esc>`, `<c-r>`, `<bs>`, `<cr>` are keys; all else is typed as one text. */
function after(marked: string, keys: string): EditorState {
  const start = textEditorAt(marked.replace("|", ""), marked.indexOf("|"));
  const normal = { ...start, vim: { normal: true, keys: "" } };
  return (keys.match(/<[a-z-]+>|[^<]+/g) ?? []).reduce((state, key): EditorState => {
    const name = names[key];
    const action: Action = name === undefined ? { type: "type", text: key } : { type: "do", name };
    return editorAction(state, action, context);
  }, normal);
}

const shown = ({ text, cursor, vim }: EditorState): string =>
  `${text.slice(0, cursor)}${vim.normal ? "|" : "‸"}${text.slice(cursor)}`;

describe("vim's motions", () => {
  it.each([
    ["one two|, three", "h", "one tw|o, three"],
    ["on|e two", "5l", "one tw|o"],
    ["|one.two three", "w", "one|.two three"],
    ["|one.two three", "ww", "one.|two three"],
    ["|one two\n  three", "ww", "one two\n  |three"],
    ["|one two three", "2w", "one two |three"],
    ["|one, two", "e", "on|e, two"],
    ["|one, two", "eee", "one, tw|o"],
    ["one.two|", "b", "one.|two"],
    ["one.|two", "bb", "|one.two"],
    ["  one| two", "0", "|  one two"],
    ["  one| two", "^", "  |one two"],
    ["|one two\nthree", "$", "one tw|o\nthree"],
    ["on|e\nlonger\nx", "j", "one\nlo|nger\nx"],
    ["one\nlo|nger\nx", "kj", "one\nlo|nger\nx"],
    ["one\nlonger\n|x", "gg", "|one\nlonger\nx"],
    ["|one\nlonger\nxy", "G", "one\nlonger\n|xy"],
    ["|one (two) (three)", "f(", "one |(two) (three)"],
    ["|one (two) (three)", "2f(", "one (two) |(three)"],
    ["|one (two)", "t(", "one| (two)"],
    ["one (two)|", "F(", "one |(two)"],
    ["one (two)|", "T(", "one (|two)"],
    ["|one", "fx", "|one"],
    ["|one 👩‍👩‍👧 two", "ww", "one 👩‍👩‍👧 |two"],
  ])("%j %s", (start, keys, end) => {
    expect(shown(after(start, keys))).toBe(end);
  });
});

describe("vim's changes", () => {
  it.each([
    ["|one two three", "dw", "|two three"],
    ["|one two three", "2dw", "|three"],
    ["|one two three", "d2w", "|three"],
    ["one |two\nthree", "dw", "one| \nthree"],
    ["one| two", "de", "on|e"],
    ["one two|", "db", "one| "],
    ["one |two", "d0", "|two"],
    ["one |two", "d$", "one| "],
    ["one |two", "D", "one| "],
    ["|one (two)", "dt(", "|(two)"],
    ["|one (two)", "df(", "|two)"],
    ["|one", "dfx", "|one"],
    ["one\ntw|o\nthree", "dd", "one\n|three"],
    ["one\ntw|o", "dd", "|one"],
    ["one\ntwo\nth|ree\nfour", "2dd", "one\n|two"],
    ["o|ne\ntwo\nthree", "dj", "|three"],
    ["one\ntwo\nth|ree", "dgg", "|"],
    ["one\nt|wo\nthree", "dG", "|one"],
    ["|one two", "cwx", "x‸ two"],
    ["|one two", "cwx<esc>", "|x two"],
    ["one| two", "cwx", "onex‸two"],
    ["one |two\nthree", "ccx", "x‸\nthree"],
    ["one |two three", "Cx", "one x‸"],
    ["o|ne", "x", "o|e"],
    ["o|ne", "5x", "|o"],
    ["on|e", "X", "o|e"],
    ["o|ne", "sx", "ox‸e"],
    ["one\n|two", "Sx", "one\nx‸"],
    ["o|ne", "rx", "o|xe"],
    ["o|ne", "2rx", "ox|x"],
    ["o|ne", "5rx", "o|ne"],
    ["o|ne", "~", "oN|e"],
    ["one| ", "ix", "onex‸ "],
    ["|  one", "Ix", "  x‸one"],
    ["o|ne", "ax", "onx‸e"],
    ["o|ne\ntwo", "Ax", "onex‸\ntwo"],
    ["o|ne\ntwo", "ox", "one\nx‸\ntwo"],
    ["one\ntw|o", "Ox", "one\nx‸\ntwo"],
    ["ab|c", "ix<esc>", "ab|xc"],
  ])("%j %s", (start, keys, end) => {
    expect(shown(after(start, keys))).toBe(end);
  });

  it.each([
    ["|one two", "yww", "one |two"],
    ["|one two", "ywP", "one| one two"],
    ["|one two", "dwp", "tone| wo"],
    ["o|ne\ntwo", "yyp", "one\n|one\ntwo"],
    ["o|ne\ntwo", "yyP", "|one\none\ntwo"],
    ["one\nt|wo", "ddP", "|two\none"],
    ["one\nt|wo", "ddp", "one\n|two"],
    ["o|ne\ntwo\nx", "yjGp", "one\ntwo\nx\n|one\ntwo"],
    ["o|ne", "yl3p", "onnn|ne"],
    ["a|b", "p", "a|b"],
  ])("cut, kept and put: %j %s", (start, keys, end) => {
    expect(shown(after(start, keys))).toBe(end);
  });

  it.each([
    ["|one two three", "dw.", "|three"],
    ["|one two three", "cwx<esc>w.", "x |x three"],
    ["|one two", "ix <esc>.", "xx|  one two"],
    ["o|ne", "Axy<bs>z<esc>.", "onexzx|z"],
    ["|one", "Ax<cr>y<esc>.", "onex\nyx\n|y"],
    ["|abc", "rxl.", "x|xc"],
    ["|one two three", "dwu", "|one two three"],
    ["|one two three", "dwdw2u", "|one two three"],
    ["|one two three", "dwu<c-r>", "|two three"],
  ])("again and back: %j %s", (start, keys, end) => {
    expect(shown(after(start, keys))).toBe(end);
  });

  it("drops what can never be a command, and what Esc cuts off", () => {
    expect(shown(after("|one two", "dzx"))).toBe("|ne two");
    expect(shown(after("|one two", "d<esc>w"))).toBe("one |two");
    expect(after("|one", "d").vim.keys).toBe("d");
    const idle = after("|one", "h");
    expect(editorAction(idle, { type: "do", name: "escape" }, context)).toBe(idle);
  });

  it("says where its keys are looked up", () => {
    expect(editorPlace(after("|one", "h"), true)).toBe("vim");
    expect(editorPlace(after("|one", "i"), true)).toBe("input");
    expect(editorPlace(after("|one", "h"), false)).toBe("input");
  });
});
