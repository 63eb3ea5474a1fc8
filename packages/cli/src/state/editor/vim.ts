/**
 * Vim's normal mode, as far as a prompt needs it: motions, d c y with motions and counts, changes of one key, repeat. Pure. What the keys
 * are is read in `vim-keys.ts`; in insert mode the line is edited as without vim.
 */
import type { Action } from "../actions.ts";
import type { EditorState, VimChange } from "./editor-state.ts";
import { insert, keepKilled, kill, move, redo, remove, replace, undo } from "./text-changes.ts";
import { lineEnd, lineStart, nextCharacter, previousCharacter } from "./text-motion.ts";
import { charactersOf } from "../graphemes.ts";
import { type VimCommand, readVimKeys } from "./vim-keys.ts";
import { type Reach, findSign, firstSign, motionKeys } from "./vim-motions.ts";

type Act = (state: EditorState, action: Action) => EditorState;

/** Actions of one insertion that are kept for `.`; a longer one cannot be repeated. */
const typedLimit = 1000;

/** Keys typed in normal mode. `act` does what was typed in insert mode, for repeating it. */
export function vimAction(state: EditorState, text: string, act: Act): EditorState {
  let at = state;
  // What came behind a key that begins to type is text.
  for (const key of charactersOf(text)) at = at.vim.normal ? vimKey(at, key, act) : act(at, { type: "type", text: key });
  return at;
}

function vimKey(state: EditorState, key: string, act: Act): EditorState {
  const keys = state.vim.keys + key;
  const command = readVimKeys(keys);
  if (command === "more") return { ...state, vim: { ...state.vim, keys } };
  const ready = { ...state, vim: { ...state.vim, keys: "" } };
  if (command === "none") return ready;
  if (command.key === ".") return repeat(ready, act);
  const done = run(ready, command);
  if (!done.vim.normal) return { ...done, vim: { ...done.vim, typing: { keys, typed: [] } } };
  const changes = command.operator === "d" || "xXDrpP~".includes(command.key);
  return onCharacter(changes ? { ...done, vim: { ...done.vim, repeat: { keys, typed: [] } } } : done);
}

function repeat(state: EditorState, act: Act): EditorState {
  const change = state.vim.repeat;
  if (change === undefined) return state;
  const begun = vimAction(state, change.keys, act);
  return begun.vim.normal ? begun : leaveInsert(change.typed.reduce(act, begun));
}

/** Esc: out of insert mode, or no more waiting for the rest of a command. The same state where there is nothing to leave. */
export function leaveInsert(state: EditorState): EditorState {
  const { normal, keys, typing, repeat: before } = state.vim;
  if (normal) return keys === "" ? state : { ...state, vim: { ...state.vim, keys: "" } };
  const back = Math.max(lineStart(state.text, state.cursor), previousCharacter(state.text, state.cursor));
  const last = typing ?? before;
  return { ...move(state, back), vim: { normal: true, keys: "", ...(last && { repeat: last }) } };
}

/** Notes what is typed in insert mode. */
export function noteTyped(state: EditorState, action: Action): EditorState {
  const { typing } = state.vim;
  if (typing === undefined) return state;
  const typed = withAction(typing, action);
  if (typed.length <= typedLimit) return { ...state, vim: { ...state.vim, typing: { keys: typing.keys, typed } } };
  const { typing: _, ...rest } = state.vim;
  return { ...state, vim: rest };
}

function withAction({ typed }: VimChange, action: Action): readonly Action[] {
  const last = typed.at(-1);
  if (action.type !== "type" || last?.type !== "type") return [...typed, action];
  return [...typed.slice(0, -1), { type: "type", text: last.text + action.text }];
}

/** In normal mode the cursor stands on a character, not behind the last one of a line. */
function onCharacter(state: EditorState): EditorState {
  const { text, cursor } = state;
  const behind = cursor > lineStart(text, cursor) && cursor === lineEnd(text, cursor);
  return behind ? { ...state, cursor: previousCharacter(text, cursor) } : state;
}

const typing = (state: EditorState): EditorState => ({ ...state, vim: { ...state.vim, normal: false, keys: "" } });

/** Keys that are short for an operator and a motion. */
const short: Readonly<Record<string, Pick<VimCommand, "operator" | "key">>> = {
  x: { operator: "d", key: "l" },
  X: { operator: "d", key: "h" },
  D: { operator: "d", key: "$" },
  C: { operator: "c", key: "$" },
  s: { operator: "c", key: "l" },
  S: { operator: "c", key: "c" },
  Y: { operator: "y", key: "y" },
};

function run(state: EditorState, typed: VimCommand): EditorState {
  const long = typed.operator === "" && Object.hasOwn(short, typed.key) ? short[typed.key] : undefined;
  const command = { ...typed, ...long };
  if (command.operator !== "") return operate(state, command);
  const target = targetOf(state, command);
  if (target === "none") return state;
  return target === undefined ? single(state, command) : move(state, target.at);
}

interface Target {
  readonly at: number;
  readonly reach: Reach;
}

/** Where a motion leads; "none" where it leads nowhere, undefined where the key is no motion. */
function targetOf({ text, cursor }: EditorState, { key, count = 1, sign }: VimCommand): Target | "none" | undefined {
  if ("fFtT".includes(key)) {
    const at = findSign(text, cursor, { key, sign, count });
    return at === undefined ? "none" : { at, reach: key === "f" || key === "t" ? "inclusive" : "exclusive" };
  }
  const motion = motionKeys.get(key);
  if (motion === undefined) return undefined;
  let at = cursor;
  for (let time = 0; time < count; time++) {
    const next = motion.go(text, at);
    if (next === at) break;
    at = next;
  }
  return { at, reach: motion.reach };
}

function operate(state: EditorState, command: VimCommand): EditorState {
  const { text, cursor } = state;
  const { operator, key, count = 1 } = command;
  if (key === operator) {
    let to = cursor;
    for (let line = 1; line < count && lineEnd(text, to) < text.length; line++) to = lineEnd(text, to) + 1;
    return overLines(state, operator, { from: cursor, to });
  }
  // `cw` leaves the blanks behind the word, as `ce` does.
  const onBlank = /^\s?$/.test(text.charAt(cursor));
  const target = targetOf(state, operator === "c" && key === "w" && !onBlank ? { ...command, key: "e" } : command);
  if (target === "none" || target === undefined) return state;
  const [from, last] = [Math.min(cursor, target.at), Math.max(cursor, target.at)];
  if (target.reach === "lines") return overLines(state, operator, { from, to: last });
  const to = target.reach === "inclusive" ? nextCharacter(text, last) : key === "w" ? wordsEnd(text, from, last) : last;
  return over(state, operator, { from, to });
}

/** Words up to the first one of a line are taken without the line's beginning. */
function wordsEnd(text: string, from: number, to: number): number {
  const start = lineStart(text, to);
  return start > from && firstSign(text, to) >= to ? start - 1 : to;
}

interface Span {
  readonly from: number;
  readonly to: number;
}

function over(state: EditorState, operator: VimCommand["operator"], { from, to }: Span): EditorState {
  if (operator === "y") {
    const yanked = move(state, from);
    return from === to ? yanked : { ...yanked, killed: keepKilled(state, state.text.slice(from, to)) };
  }
  const cut: EditorState = { ...kill({ ...state, last: "other" }, from, to), last: "other" };
  return operator === "c" ? typing(cut) : cut;
}

/** Whole lines are kept with a line feed at their end, by which `p` knows them. */
function overLines(state: EditorState, operator: VimCommand["operator"], span: Span): EditorState {
  const { text, cursor } = state;
  const [from, to] = [lineStart(text, span.from), lineEnd(text, span.to)];
  const kept = { ...state, killed: keepKilled(state, `${text.slice(from, to)}\n`) };
  if (operator === "y") return move(kept, Math.min(cursor, span.from));
  if (operator === "c") return typing(move(remove(kept, from, to), from));
  const rest = to < text.length ? remove(kept, from, to + 1) : remove(kept, Math.max(0, from - 1), to);
  return move(rest, firstSign(rest.text, rest.cursor));
}

function single(state: EditorState, { key, count = 1, sign }: VimCommand): EditorState {
  const { text, cursor } = state;
  const end = lineEnd(text, cursor);
  switch (key) {
    case "i":
      return typing(state);
    case "I":
      return typing(move(state, firstSign(text, cursor)));
    case "a":
      return typing(move(state, Math.min(end, nextCharacter(text, cursor))));
    case "A":
      return typing(move(state, end));
    case "o":
      return typing(insert(move(state, end), "\n"));
    case "O": {
      const start = lineStart(text, cursor);
      return typing(move(insert(move(state, start), "\n"), start));
    }
    case "r":
    case "~":
      return change(state, { count, sign });
    case "p":
    case "P":
      return times(count, state, (at) => put(at, key === "p"));
    case "u":
      return times(count, state, undo);
    default:
      return state;
  }
}

function times(count: number, state: EditorState, step: (state: EditorState) => EditorState): EditorState {
  let at = state;
  for (let time = 0; time < count; time++) {
    const next = step(at);
    if (next === at) break;
    at = next;
  }
  return at;
}

/** Characters of this line become the sign, or change their case; nothing where there are not enough. */
function change(state: EditorState, { count, sign }: { readonly count: number; readonly sign: string }): EditorState {
  const { text, cursor } = state;
  const old = charactersOf(text.slice(cursor, lineEnd(text, cursor))).slice(0, count);
  if (old.length === 0 || (sign !== "" && old.length < count)) return state;
  const flip = (one: string): string => (one === one.toLowerCase() ? one.toUpperCase() : one.toLowerCase());
  const fresh = old.map((one) => (sign === "" ? flip(one) : sign)).join("");
  const next = replace(state, { from: cursor, to: cursor + old.join("").length, insert: fresh });
  return sign === "" ? next : move(next, previousCharacter(next.text, next.cursor));
}

/** What was cut, behind the cursor or before it; whole lines below or above this one. */
function put(state: EditorState, behind: boolean): EditorState {
  const { text, cursor } = state;
  const cut = state.killed.at(-1);
  if (cut === undefined) return state;
  const end = lineEnd(text, cursor);
  if (!cut.endsWith("\n")) {
    const next = insert(move(state, behind ? Math.min(end, nextCharacter(text, cursor)) : cursor), cut);
    return move(next, previousCharacter(next.text, next.cursor));
  }
  const at = behind ? end : lineStart(text, cursor);
  const lines = behind ? `\n${cut.slice(0, -1)}` : cut;
  const next = insert(move(state, at), lines);
  const first = behind ? at + 1 : at;
  return move(next, firstSign(next.text, first));
}

/** Ctrl-R. */
export const vimRedo = (state: EditorState): EditorState => onCharacter(redo(state));
