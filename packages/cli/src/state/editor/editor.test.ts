import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Action, type ActionName, actionTexts } from "../actions.ts";
import { type History, emptyHistory, historyOf } from "../history.ts";
import {
  type EditorState,
  clearedEditor,
  editorAction,
  editorText,
  emptyEditor,
  replaceText,
  shownText,
  textEditorAt,
} from "./editor.ts";
import { leastCpuMs } from "../../../../../tools/cpu-time.ts";

const scale = Number(process.env["TWOLANE_TEST_SCALE"] ?? 1);
const graphemes = new Intl.Segmenter(undefined, { granularity: "grapheme" });
const split = (text: string): string[] => Array.from(graphemes.segment(text), ({ segment }) => segment);

const named = (name: ActionName): Action => ({ type: "do", name });
const typed = (text: string): Action => ({ type: "type", text });

/** `|` is the cursor. Words in angle brackets are actions, all else is typed. */
function after(start: string, keys: string, history: History = emptyHistory): string {
  return shown(play(at(start), keys, history));
}

const at = (marked: string): EditorState => textEditorAt(marked.replace("|", ""), marked.indexOf("|"));
const shown = ({ text, cursor }: EditorState): string => `${text.slice(0, cursor)}|${text.slice(cursor)}`;

function play(start: EditorState, keys: string, history: History = emptyHistory, vim = false): EditorState {
  const actions = keys.match(/<[a-z-]+>|[^<]/gsu) ?? [];
  return actions.reduce((state, key) => {
    const name = nameIn(key);
    return editorAction(state, name === undefined ? typed(key) : named(name), { history, vim });
  }, start);
}

const inputNames = Object.keys(actionTexts.input).filter((name): name is ActionName => name in actionTexts.input);
const nameIn = (key: string): ActionName | undefined =>
  key === "<escape>" ? "escape" : inputNames.find((name) => key === `<${name}>`);

describe("moving", () => {
  it.each([
    ["|", "ab<left>c", "ac|b"],
    ["x👩‍👩‍👧y|", "<left><left>", "x|👩‍👩‍👧y"],
    ["🇩🇪🇫🇷|", "<left>", "🇩🇪|🇫🇷"],
    ["e\u0301|x", "<left>", "|e\u0301x"],
    ["one two_3, (four)|", "<word-left><word-left>", "one |two_3, (four)"],
    ["|one-two", "<word-right>", "one|-two"],
    ["|über straße", "<word-right><word-right>", "über straße|"],
    ["one\ntw|o\nthree", "<line-start>", "one\n|two\nthree"],
    ["one\ntw|o\nthree", "<line-end>", "one\ntwo|\nthree"],
    ["longer line\nab\nthird line|", "<up>", "longer line\nab|\nthird line"],
    ["ab👩‍👩‍👧c\nabcd|", "<up>", "ab|👩‍👩‍👧c\nabcd"],
    ["one\ntw|o", "<buffer-start>", "|one\ntwo"],
    ["|one\ntwo", "<buffer-end>", "one\ntwo|"],
  ])("%j %s", (start, keys, end) => {
    expect(after(start, keys)).toBe(end);
  });
});

describe("changing", () => {
  it.each([
    ["a👩‍👩‍👧|b", "<delete-back>", "a|b"],
    ["a|e\u0301b", "<delete-forward>", "a|b"],
    ["one\n|two", "<delete-back>", "one|two"],
    ["one two|", "<kill-word-back>", "one |"],
    ["|one two", "<kill-word-forward>", "| two"],
    ["one two| three", "<kill-to-start>", "| three"],
    ["one| two\nthree", "<kill-to-end>", "one|\nthree"],
    ["one| two\nthree", "<kill-to-end><kill-to-end>", "one|three"],
    ["ab|c", "<transpose>", "acb|"],
    ["abc|", "<transpose>", "acb|"],
    ["abc|\nd", "<transpose>", "acb|\nd"],
    ["|abc", "<transpose>", "|abc"],
    ["ab|", "<newline>c", "ab\nc|"],
  ])("%j %s", (start, keys, end) => {
    expect(after(start, keys)).toBe(end);
  });

  it.each([
    // Cuts in a row are one, whatever their direction.
    ["one two three|", "<kill-word-back><kill-word-back><yank>", "one two three|"],
    ["one two| three", "<kill-word-back><kill-word-forward><yank>", "one two three|"],
    // A move between them makes two.
    ["one two|", "<kill-word-back><left><kill-word-back><yank>", "one| "],
    ["aa bb|", "<kill-word-back><buffer-start><kill-word-forward><yank><yank-pop>", "bb| "],
    ["aa bb|", "<kill-word-back><buffer-start><kill-word-forward><yank><yank-pop><yank-pop>", "aa| "],
    ["aa|", "<kill-word-back><yank><left><yank-pop>", "a|a"],
  ])("cut and paste: %j %s", (start, keys, end) => {
    expect(after(start, keys)).toBe(end);
  });

  it("puts the cursor behind a mark that joins what was inserted", () => {
    expect(after("|\u0301x", "e")).toBe("e\u0301|x");
    expect(after("🇩|x🇪", "<delete-forward>")).toBe("🇩🇪|");
  });
});

describe("undo", () => {
  it("takes typing back word by word and gives it again", () => {
    const state = play(emptyEditor, "make it  so");
    expect(shown(play(state, "<undo>"))).toBe("make it |");
    expect(shown(play(state, "<undo><undo><undo>"))).toBe("make|");
    expect(shown(play(state, "<undo><undo><undo><redo>"))).toBe("make it|");
    expect(shown(play(state, "<undo>x<redo>"))).toBe("make it x|");
  });

  it("takes a paste back in one step, and a cut", () => {
    const pasted = editorAction(
      play(emptyEditor, "a"),
      { type: "paste", text: "one two" },
      { history: emptyHistory, vim: false },
    );
    expect(shown(play(pasted, "<undo>"))).toBe("a|");
    expect(after("one two|", "<kill-word-back><undo>")).toBe("one two|");
  });

  it("keeps the 500 newest steps", () => {
    const state = play(emptyEditor, "a ".repeat(600));
    const back = play(state, "<undo>".repeat(1200));
    expect(state.undo.length).toBe(500);
    expect(back.text).not.toBe("");
    expect(play(back, "<redo>".repeat(1200)).text).toBe(state.text);
  });
});

describe("history", () => {
  const history = historyOf(["first", "second\nline", "third"]);

  it.each([
    ["dra|ft", "<up>", "third|"],
    ["dra|ft", "<up><up>", "second\nline|"],
    ["draft|", "<up><up><up>", "seco|nd\nline"],
    ["draft|", "<up><up><up><up>", "first|"],
    // At the top of the history one more Up goes to the line's start.
    ["draft|", "<up><up><up><up><up>", "|first"],
    ["dra|ft", "<up><up><up><down>", "second\nline|"],
    ["draft|", "<up><down>", "draft|"],
    ["two\nli|nes", "<up>", "tw|o\nlines"],
    ["two\nlines|", "<up><up>", "third|"],
    ["draft|", "<up>x<up><up><down><down>", "thirdx|"],
    ["draft|", "<up>x<up><down><down>", "draft|"],
    ["draft|", "<down>", "draft|"],
    ["dra|ft", "<up><undo>", "dra|ft"],
    ["draft|", "<up><undo><up>", "third|"],
  ])("%j %s", (start, keys, end) => {
    expect(after(start, keys, history)).toBe(end);
  });
});

describe("history search", () => {
  const history = historyOf(["Fix price", "rename total", "fix tests"]);
  const search = (keys: string): string => after("dr|aft", `<history-search>${keys}`, history);

  it.each([
    ["fix", "fix tests|"],
    ["fix<history-search>", "Fix price|"],
    // There is no third one: the second stays.
    ["fix<history-search><history-search>", "Fix price|"],
    ["re<history-search>", "rename total|"],
    ["zzz", "dr|aft"],
    ["rename totalx<delete-back>", "rename total|"],
    ["fix<escape>", "dr|aft"],
    ["fix<line-start>", "|fix tests"],
    ["fix<line-start><undo>", "dr|aft"],
    ["fix<left>x", "fix testx|s"],
    ["<escape>", "dr|aft"],
  ])("%s", (keys, end) => {
    expect(search(keys)).toBe(end);
  });

  it("says whether it found anything", () => {
    const state = play(at("dr|aft"), "<history-search>fixx", history);
    expect(state.search).toMatchObject({ query: "fixx", found: false });
    expect(state.text).toBe("fix tests");
  });
});

describe("long pastes", () => {
  const context = { history: emptyHistory, vim: false };
  const lines = Array.from({ length: 5000 }, (_, index) => `line ${index}`).join("\r\n");
  const paste = (state: EditorState, text: string): EditorState => editorAction(state, { type: "paste", text }, context);
  const words = (state: EditorState): string => shownText(state).show(shownText(state).text);

  it("are shown as a few words and sent whole", () => {
    const state = play(paste(play(emptyEditor, "see "), lines), " and fix");
    expect(words(state)).toBe("see [pasted 5,000 lines] and fix");
    expect(editorText(state)).toBe(`see ${lines.replaceAll("\r\n", "\n")} and fix`);
    expect(words(paste(emptyEditor, "x".repeat(3000)))).toBe("[pasted 3,000 characters]");
    expect(words(paste(emptyEditor, "one\n".repeat(20)))).toBe("[pasted 20 lines]");
  });

  it("stay as they are when they are short", () => {
    expect(words(paste(emptyEditor, "one\ntwo\r\nthree"))).toBe("one\ntwo\nthree");
  });

  it("are deleted, cut and pasted as one", () => {
    const state = paste(play(emptyEditor, "a"), lines);
    expect(shown(play(state, "<delete-back>"))).toBe("a|");
    expect(editorText(play(state, "<delete-back><undo>"))).toBe(editorText(state));
    expect(editorText(play(state, "<kill-to-start><yank><yank>"))).toBe(editorText(state).repeat(2));
    expect(editorText(play(clearedEditor(play(state, "<kill-to-start>")), "<yank>"))).toBe(editorText(state));
  });

  it("are not mistaken for what somebody types or sets", () => {
    const state = paste(emptyEditor, lines);
    const sign = state.text;
    expect(editorText(play(state, `x${sign}`))).toBe(`${editorText(state)}x\ufffd`);
    expect(editorText(textEditorAt(sign, 1))).toBe("\ufffd");
    expect(editorText(replaceText(state, `${sign} again`))).toBe(`${editorText(state)} again`);
  });

  it("stand in the text as they are when there are too many", () => {
    const texts = Array.from({ length: 40 }, (_, index) => `${index} `.repeat(2000));
    const state = texts.reduce(paste, emptyEditor);
    expect(state.pastes.size).toBe(32);
    expect(editorText(state)).toBe(texts.join(""));
    // The same text again needs no other sign.
    expect(paste(paste(emptyEditor, lines), lines).pastes.size).toBe(1);
  });
});

describe("a text of a megabyte", () => {
  it("takes a key in a time that no one sees", () => {
    const line = "const price = quantity * unit; // ä\n";
    let state = textEditorAt(line.repeat(30_000), 500_000);
    const keys = Array.from("typing <left>", (text): Action => typed(text));
    const moves = (["left", "word-left", "up", "down", "delete-back", "line-end", "undo"] as const).map(named);
    const actions = Array.from({ length: 20 }, () => [...keys, ...moves]).flat();
    const each =
      leastCpuMs(1, () => {
        for (const action of actions) state = editorAction(state, action, { history: emptyHistory, vim: false });
      }) / actions.length;
    console.log(`a key in a text of ${(state.text.length / 1e6).toFixed(1)} MB: ${each.toFixed(2)} ms`);
    expect(each).toBeLessThan(10);
    expect(state.undo.reduce((sum, { removed, inserted }) => sum + removed.length + inserted.length, 0)).toBeLessThan(10_000);
  });
});

describe("whatever is typed", () => {
  const piece = fc.oneof(
    fc.string({ unit: "grapheme", maxLength: 4 }),
    fc.constantFrom(" ", "\u0301", "🇩", "\u200d", "👩", "\ufe0f", "한", "ᄀ", "ᅡ", "x\n y", "\r\n", "\ufdd0"),
  );
  const name = fc.constantFrom(...inputNames, "escape" as const);
  const action: fc.Arbitrary<Action> = fc.oneof(
    { weight: 3, arbitrary: name.map(named) },
    { weight: 3, arbitrary: piece.map(typed) },
    { weight: 1, arbitrary: piece.map((text): Action => ({ type: "paste", text: text.repeat(3) })) },
    { weight: 1, arbitrary: piece.map((text): Action => ({ type: "paste", text: `${text}\n`.repeat(12) })) },
    { weight: 3, arbitrary: fc.constantFrom(...split("hjklwbe0^$GgftdcyxXDCYrpPu.iaIAoO~3")).map(typed) },
  );
  const history = historyOf(["one", "two\nlines", "drei 🇩🇪", "e\u0301"]);

  it("the cursor stands on the border of a character, and undo leads to the beginning", () => {
    fc.assert(
      fc.property(fc.array(action, { maxLength: 80 }), fc.boolean(), (actions, vim) => {
        let state = emptyEditor;
        for (const each of actions) {
          state = editorAction(state, each, { history, vim });
          const borders = new Set([0, state.text.length]);
          let border = 0;
          for (const cluster of split(state.text)) borders.add((border += cluster.length));
          expect(borders.has(state.cursor), `${JSON.stringify(shown(state))} after ${JSON.stringify(each)}`).toBe(true);
        }
        const left = editorAction(state, named("line-start"), { history, vim: false });
        const steps = left.undo.length;
        const start = play(left, "<undo>".repeat(steps));
        expect(start.text).toBe("");
        expect(play(start, "<redo>".repeat(steps)).text).toBe(left.text);
      }),
      { numRuns: 300 * scale },
    );
  });

  it("is what plain operations on a list of characters give", () => {
    const step = fc.oneof(
      fc.constantFrom("left", "right", "delete-back", "delete-forward", "buffer-start", "buffer-end").map((name) => ({ name })),
      fc.constantFrom("a", "b ", "👩‍👩‍👧", "e\u0301", "\n", "漢字").map((text) => ({ text })),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        let state = emptyEditor;
        const [before, behind]: [string[], string[]] = [[], []];
        for (const each of steps) {
          if ("text" in each) before.push(...split(each.text));
          else plainly(each.name, before, behind);
          state = editorAction(state, "text" in each ? typed(each.text) : named(each.name), {
            history: emptyHistory,
            vim: false,
          });
          expect(shown(state)).toBe(`${before.join("")}|${behind.join("")}`);
        }
      }),
      { numRuns: 300 * scale },
    );
  });

  it("cutting and pasting is identity", () => {
    const kills = fc.constantFrom("kill-to-start", "kill-to-end", "kill-word-back", "kill-word-forward");
    fc.assert(
      fc.property(
        fc.string({ unit: "grapheme", maxLength: 30 }),
        fc.nat(),
        fc.array(kills, { minLength: 1, maxLength: 6 }),
        (text, place, names) => {
          const start = textEditorAt(text, place % (text.length + 1));
          const cut = names.reduce(
            (state, each) => editorAction(state, named(each), { history: emptyHistory, vim: false }),
            start,
          );
          expect(play(cut, "<yank>").text).toBe(start.text);
        },
      ),
      { numRuns: 300 * scale },
    );
  });
});

function plainly(name: string, before: string[], behind: string[]): void {
  switch (name) {
    case "left":
      behind.unshift(...before.splice(-1));
      return;
    case "right":
      before.push(...behind.splice(0, 1));
      return;
    case "delete-back":
      before.pop();
      return;
    case "delete-forward":
      behind.shift();
      return;
    case "buffer-start":
      behind.unshift(...before.splice(0));
      return;
    default:
      before.push(...behind.splice(0));
  }
}
