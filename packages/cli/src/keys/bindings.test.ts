import { describe, expect, it } from "vitest";
import { type ActionName, type Place, actionTexts, places } from "../state/actions.ts";
import { type Bindings, type Resolving, defaultBindings, keyHelp, readBindings, resolveKey } from "./bindings.ts";
import { type KeyEvent, createDecoder } from "./decoder.ts";

interface Given {
  readonly empty?: boolean;
  readonly bindings?: Bindings;
}

/** What bytes from a terminal lead to: names of actions, and typed text in quotes. */
function press(place: Place, bytes: string, { empty = false, bindings = defaultBindings }: Given = {}): string[] {
  const decoder = createDecoder({ escMs: 10 });
  const events = [...decoder.push(Buffer.from(bytes), 0), ...decoder.timeout(1000)];
  const found: string[] = [];
  let chord: Resolving["chord"];
  while (events.length > 0) {
    const event = events.shift();
    if (event === undefined) break;
    const resolved = resolveKey(event, { place, bindings, chord, empty });
    chord = resolved.chord;
    if (resolved.rest !== undefined) events.unshift(resolved.rest);
    if (resolved.action !== undefined)
      found.push(resolved.action.type === "do" ? resolved.action.name : `"${resolved.action.text}"`);
  }
  return chord === undefined ? found : [...found, `${chord} …`];
}

const own = (keys: Readonly<Record<string, unknown>>): Bindings => {
  const read = readBindings(keys);
  if (!read.ok) throw new Error(read.failure.message);
  return read.value;
};

const refusal = (keys: unknown): string => {
  const read = readBindings(keys);
  if (read.ok) return "";
  expect(read.failure.code).toBe("CONFIG_INVALID");
  return read.failure.message;
};

describe("keys", () => {
  it.each<[Place, string, string[]]>([
    ["input", "\r", ["submit"]],
    ["input", "\t", ["queue-or-review"]],
    ["input", "\n", ["newline"]],
    ["input", "\u001b\r", ["newline"]],
    ["input", "\u001b[13;2u", ["newline"]],
    ["input", "\u001b[Z", ["mode-next"]],
    ["input", "\u0003", ["stop"]],
    ["input", "\u001b", ["escape"]],
    ["input", "\u001a", ["suspend"]],
    ["input", "\u001f", ["undo"]],
    ["input", "\u0012", ["history-search"]],
    ["input", "\u0007", ["edit-outside"]],
    ["input", "\u0018\u0005", ["edit-outside"]],
    ["input", "\u0018", ["ctrl-x …"]],
    ["input", "\u0018\u0018\u0005", ["edit-outside"]],
    // The second key fits nothing: it is what it is alone.
    ["input", "\u0018\u0003", ["stop"]],
    ["input", "\u0018ab", ['"a"', '"b"']],
    ["input", "\u001bb\u001b[1;5C\u001b[H\u0005", ["word-left", "word-right", "line-start", "line-end"]],
    [
      "input",
      "\u007f\u001b[3~\u0015\u000b\u0017\u001bd",
      ["delete-back", "delete-forward", "kill-to-start", "kill-to-end", "kill-word-back", "kill-word-forward"],
    ],
    ["input", "yes?", ['"yes?"']],
    ["input", "?", ['"?"']],
    ["input", "\u0004", ["delete-or-leave"]],
    ["input", "\u001b[200~one\r\ntwo\u001b[201~", ['"one\ntwo"']],
    ["vim", "dw", ['"dw"']],
    ["vim", "\u0012", ["redo"]],
    ["vim", "\r", ["submit"]],
    ["menu", "\t", ["menu-take"]],
    ["menu", "\r", ["menu-enter"]],
    ["menu", "\u001b[A\u001b[B", ["menu-previous", "menu-next"]],
    ["menu", "x\u0003\u001b", ['"x"', "stop", "escape"]],
    ["review", "yne", ["accept", "reject", "edit"]],
    ["review", "caAu", ["comment", "accept-file", "accept-all", "undo-hunk"]],
    ["review", "jk\u001b[A\u001b[B J", ["next", "previous", "previous", "next", "next-open", "next-open"]],
    ["review", "\rq\u001b", ["open", "escape", "escape"]],
    ["review", "\t?\u0003", ["queue-or-review", "help", "stop"]],
    ["review", "zzy\u000a\u0015", ["accept"]],
    ["review", "\u001b[200~y\u001b[201~", []],
  ])("%s %j", (place, bytes, actions) => {
    expect(press(place, bytes)).toEqual(actions);
  });

  it("mean something else on an empty line", () => {
    expect(press("input", "?", { empty: true })).toEqual(["help"]);
    expect(press("input", "?x", { empty: true })).toEqual(['"?x"']);
  });

  it("are there for every action", () => {
    for (const place of places) {
      const bound = new Set<string>(defaultBindings[place].values());
      expect(Object.keys(actionTexts[place]).filter((name) => !bound.has(name))).toEqual([]);
    }
  });

  it("have by default names that can be read again, and no two meanings", () => {
    for (const place of places) {
      const keys = [...defaultBindings[place]];
      const entries = new Map<ActionName, string[]>();
      for (const [key, name] of keys) entries.set(name, [...(entries.get(name) ?? []), key]);
      const written = Object.fromEntries([...entries].map(([name, list]) => [`${place}.${name}`, list]));
      expect(own(written)[place]).toEqual(new Map(keys));
    }
  });

  it("pass by what is no key", () => {
    const focus: KeyEvent = { kind: "focus" };
    expect(resolveKey(focus, { place: "input", bindings: defaultBindings, chord: "ctrl-x", empty: true })).toEqual({
      chord: "ctrl-x",
    });
  });
});

describe("the person's own keys", () => {
  it("come in place of the action's default ones", () => {
    const bindings = own({
      "review.accept": ["f1", "Y"],
      "review.next-open": ["Space"],
      "input.undo": ["Ctrl-K", "shift-alt-UP"],
      "input.kill-to-end": [],
    });
    expect(press("review", "y\u001bOPY ", { bindings })).toEqual(["accept", "accept", "next-open"]);
    expect(press("input", "\u000b\u001b[1;4A\u001f", { bindings })).toEqual(["undo", "undo"]);
  });

  it("may be two, and swapped", () => {
    const bindings = own({
      "review.accept": ["n"],
      "review.reject": ["y"],
      "input.submit": ["ctrl-x ctrl-s"],
      "input.newline": ["enter"],
    });
    expect(press("review", "yn", { bindings })).toEqual(["reject", "accept"]);
    expect(press("input", "\r\u0018\u0013", { bindings })).toEqual(["newline", "submit"]);
  });

  it("are named as terminals send them", () => {
    const bindings = own({ "input.help": ["ctrl-["], "anywhere.escape": ["f12"], "input.yank": ["ctrl-/"], "input.undo": [] });
    expect(press("input", "\u001b", { bindings, empty: true })).toEqual(["help"]);
    expect(press("input", "\u001f", { bindings })).toEqual(["yank"]);
  });

  it("never take Ctrl-C from stop", () => {
    const bindings = own({ "anywhere.stop": ["f10"] });
    expect(press("input", "\u0003\u001b[21~", { bindings })).toEqual(["stop", "stop"]);
    expect(press("review", "\u0003", { bindings: own({ "anywhere.stop": [] }) })).toEqual(["stop"]);
    expect(refusal({ "review.accept": ["ctrl-c"] })).toBe('"terminal.keys.review.accept" has Ctrl-C, which always stops.');
    expect(refusal({ "input.undo": ["ctrl-x ctrl-c"] })).toContain("always stops");
  });

  it.each([
    [[], '"terminal.keys" must be an object'],
    [null, '"terminal.keys" must be an object'],
    [{ "review.agree": ["y"] }, '"terminal.keys.review.agree" is no action'],
    [{ accept: ["y"] }, '"terminal.keys.accept" is no action'],
    [{ "review.toString": ["y"] }, "is no action"],
    [{ "review.accept": "y" }, '"terminal.keys.review.accept" must be a list of keys'],
    [{ "review.accept": ["ctrl-foo"] }, 'has "ctrl-foo", which is no key'],
    [{ "review.accept": ["hyper y"] }, 'has "hyper y", which is no key'],
    [{ "review.accept": [""] }, 'has "", which is no key'],
    [{ "review.accept": ["a b c"] }, "which is no key"],
    [{ "review.accept": [7] }, "has 7, which is no key"],
    [{ "review.accept": ["yes"] }, "which is no key"],
    [{ "review.accept": ["n"] }, '"terminal.keys.review.accept" has "n", which is review.reject as well'],
    [{ "review.accept": ["x"], "review.reject": ["x"] }, '"terminal.keys.review.reject" has "x", which is review.accept as well'],
    [{ "input.undo": ["ctrl-z"] }, '"terminal.keys.input.undo" has "ctrl-z", which is anywhere.suspend as well'],
    [{ "anywhere.redraw": ["ctrl-a"] }, "which is input.line-start as well"],
    [{ "input.redo": ["ctrl-x"] }, 'has "ctrl-x", with which "ctrl-x ctrl-u" (input.undo) begins'],
    [{ "input.redo": ["ctrl-a ctrl-b"] }, 'has "ctrl-a ctrl-b", whose first key is input.line-start'],
    [{ "review.open": ["ctrl-x"] }, 'with which "ctrl-x ctrl-u" (input.undo) begins'],
  ])("%j is refused", (keys, message) => {
    expect(refusal(keys)).toContain(message);
  });
});

describe("the help of keys", () => {
  it("names keys as they stand on a keyboard", () => {
    const rows = keyHelp(defaultBindings, "input");
    expect(rows[0]).toEqual({ name: "input.submit", form: "Enter", text: "send; while it writes: steer now" });
    expect(rows.find(({ text }) => text.includes("$EDITOR"))?.form).toBe("Ctrl-G, Ctrl-X Ctrl-E");
    expect(rows.find(({ text }) => text === "start of the text")?.form).toBe("Ctrl-Home, Alt-<");
    expect(keyHelp(defaultBindings, "review").map(({ form }) => form)).toContain("A");
    expect(keyHelp(defaultBindings, "review").map(({ form }) => form)).toContain("J, Space");
  });

  it("leaves out what has no key, and shows the person's own", () => {
    const bindings = own({ "input.help": [], "input.undo": ["ctrl--"] });
    expect(keyHelp(bindings, "input").map(({ text }) => text)).not.toContain(actionTexts.input.help);
    expect(keyHelp(bindings, "input").map(({ form }) => form)).toContain("Ctrl--");
  });
});
