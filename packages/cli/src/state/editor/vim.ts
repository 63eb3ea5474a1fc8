/**
 * Vim's keys in normal mode, as far as a prompt needs them: counts, motions, d c y with motions, single-key changes, repeat. Pure.
 * Keys of a command that is not complete wait in `vim.keys`; what can never become one is dropped.
 */
import type { EditorState } from "./editor-state.ts";
import {
  lineAbove,
  lineBelow,
  lineEnd,
  lineStart,
  nextCharacter,
  previousCharacter,
  wordLeft,
  wordRight,
} from "./text-motion.ts";

export interface VimEdits {
  readonly move: (state: EditorState, cursor: number) => EditorState;
  readonly remove: (state: EditorState, from: number, to: number) => EditorState;
  readonly kill: (state: EditorState, from: number, to: number) => EditorState;
  readonly insert: (state: EditorState, text: string) => EditorState;
  readonly undo: (state: EditorState) => EditorState;
  readonly redo: (state: EditorState) => EditorState;
  readonly yank: (state: EditorState) => EditorState;
}

type Motion = (text: string, at: number) => number;

const firstSign: Motion = (text, at) =>
  lineStart(text, at) + (/^[ \t]*/.exec(text.slice(lineStart(text, at), lineEnd(text, at)))?.[0].length ?? 0);
const nextWord: Motion = (text, at) => {
  const [skipped = ""] = /^(?:[\p{L}\p{N}_]+|[^\p{L}\p{N}_\s]+)?\s*/u.exec(text.slice(at)) ?? [];
  return at + Math.max(skipped.length, at < text.length ? 1 : 0);
};

const motions: Readonly<Record<string, Motion>> = {
  h: (text, at) => Math.max(lineStart(text, at), previousCharacter(text, at)),
  l: (text, at) => Math.min(lineEnd(text, at), nextCharacter(text, at)),
  j: (text, at) => lineBelow(text, at) ?? at,
  k: (text, at) => lineAbove(text, at) ?? at,
  w: nextWord,
  b: wordLeft,
  e: (text, at) => wordRight(text, nextCharacter(text, at)),
  "0": lineStart,
  "^": firstSign,
  $: lineEnd,
  G: (text) => text.length,
  gg: () => 0,
};

interface Command {
  readonly count: number;
  readonly operator: string;
  readonly key: string;
  /** Of `f`, `t`, `F`, `T` and `r`. */
  readonly argument: string;
}

/** The command that the keys are; "more" while it is not complete, "none" when it can never be. */
function read(keys: string): Command | "more" | "none" {
  const [, count = "", operator = "", second = "", rest = ""] = /^([1-9]\d*)?([dcy])?([1-9]\d*)?(.*)$/su.exec(keys) ?? [];
  const times = Number(count || 1) * Number(second || 1);
  const command = (key: string, argument = ""): Command => ({ count: Math.min(times, 10_000), operator, key, argument });
  if (rest === "" || rest === "g") return "more";
  const [key = "", ...more] = rest;
  if ("fFtTr".includes(key)) return more.length === 0 ? "more" : command(key, more.join(""));
  if (rest === "gg" || (operator !== "" && rest === operator)) return command(rest);
  if (rest.length === key.length && (Object.hasOwn(motions, key) || (operator === "" && "iIaAoOxXDCspPu.~".includes(key))))
    return command(key);
  return "none";
}

export function vimAction(state: EditorState, typed: string, edits: VimEdits): EditorState {
  const keys = state.vim.keys + typed;
  const command = read(keys);
  if (command === "more") return { ...state, vim: { ...state.vim, keys } };
  const ready = { ...state, vim: { ...state.vim, keys: "" } };
  if (command === "none") return ready;
  if (command.key === ".") return state.vim.repeat === undefined ? ready : vimAction(ready, state.vim.repeat, edits);
  const done = run(ready, command, edits);
  const changes = command.operator === "d" || command.operator === "c" || "xXDCsrpP~".includes(command.key);
  const settled = changes && !done.vim.normal ? done : rest(done);
  return changes ? { ...settled, vim: { ...settled.vim, repeat: keys } } : settled;
}

/** In normal mode the cursor stands on a character, not behind the last one. */
function rest(state: EditorState): EditorState {
  if (!state.vim.normal) return state;
  const { text, cursor } = state;
  const atEnd = cursor > lineStart(text, cursor) && cursor === lineEnd(text, cursor);
  return atEnd ? { ...state, cursor: previousCharacter(text, cursor) } : state;
}

function run(state: EditorState, command: Command, edits: VimEdits): EditorState {
  const { operator, key } = command;
  if (operator !== "") return operate(state, command, edits);
  const target = motionEnd(state, command);
  if (target !== undefined) return edits.move(state, target);
  return single(state, key, { command, edits });
}

/** Where the motion leads; undefined where the key is none. */
function motionEnd({ text, cursor }: EditorState, { key, count, argument }: Command): number | undefined {
  if ("fFtT".includes(key)) return findSign({ text, cursor }, key, { argument, count });
  const motion = Object.hasOwn(motions, key) ? motions[key] : undefined;
  if (motion === undefined) return undefined;
  let at = cursor;
  for (let time = 0; time < count; time++) at = motion(text, at);
  return at;
}

interface Find {
  readonly argument: string;
  readonly count: number;
}

/** In this line; the cursor stays where it is when the sign is not there. */
function findSign({ text, cursor }: { text: string; cursor: number }, key: string, { argument, count }: Find): number {
  const forward = key === "f" || key === "t";
  let at = cursor;
  for (let time = 0; time < count; time++) {
    const from = forward ? at + 1 : at - 1;
    const found = forward ? text.indexOf(argument, from) : from < 0 ? -1 : text.lastIndexOf(argument, from);
    if (found < lineStart(text, cursor) || found >= lineEnd(text, cursor)) return cursor;
    at = found;
  }
  if (key === "t") return previousCharacter(text, at);
  return key === "T" ? nextCharacter(text, at) : at;
}

function operate(state: EditorState, command: Command, edits: VimEdits): EditorState {
  const { text, cursor } = state;
  const { operator, key, count } = command;
  if (key === operator) {
    let end = lineEnd(text, cursor);
    for (let line = 1; line < count; line++) end = lineEnd(text, Math.min(text.length, end + 1));
    const start = lineStart(text, cursor);
    return finish(state, { operator, from: start, to: operator === "c" ? end : Math.min(text.length, end + 1) }, edits);
  }
  // `cw` leaves the blanks behind the word.
  const end = operator === "c" && key === "w" ? wordRight(text, cursor) : motionEnd(state, command);
  if (end === undefined) return state;
  const inclusive = "eft".includes(key) && end > cursor ? nextCharacter(text, end) : end;
  const behind = key === "e" ? end : inclusive;
  return finish(state, { operator, from: Math.min(cursor, behind), to: Math.max(cursor, behind) }, edits);
}

interface Span {
  readonly operator: string;
  readonly from: number;
  readonly to: number;
}

function finish(state: EditorState, { operator, from, to }: Span, edits: VimEdits): EditorState {
  if (operator === "y") return { ...edits.move(state, from), killed: [...state.killed, state.text.slice(from, to)] };
  const cut = { ...edits.kill(state, from, to), last: "other" as const };
  return operator === "c" ? typing(cut) : cut;
}

const typing = (state: EditorState): EditorState => ({ ...state, vim: { ...state.vim, normal: false, keys: "" } });

interface Single {
  readonly command: Command;
  readonly edits: VimEdits;
}

function single(state: EditorState, key: string, { command, edits }: Single): EditorState {
  const { text, cursor } = state;
  const end = lineEnd(text, cursor);
  let ahead = cursor;
  for (let time = 0; time < command.count && ahead < end; time++) ahead = nextCharacter(text, ahead);
  switch (key) {
    case "i":
      return typing(state);
    case "I":
      return typing(edits.move(state, firstSign(text, cursor)));
    case "a":
      return typing(edits.move(state, Math.min(end, nextCharacter(text, cursor))));
    case "A":
      return typing(edits.move(state, end));
    case "o":
      return typing(edits.insert(edits.move(state, end), "\n"));
    case "O":
      return typing(edits.move(edits.insert(edits.move(state, lineStart(text, cursor)), "\n"), lineStart(text, cursor)));
    case "x":
      return { ...edits.kill(state, cursor, ahead), last: "other" };
    case "X":
      return { ...edits.kill(state, Math.max(lineStart(text, cursor), previousCharacter(text, cursor)), cursor), last: "other" };
    case "D":
      return { ...edits.kill(state, cursor, end), last: "other" };
    case "C":
      return typing({ ...edits.kill(state, cursor, end), last: "other" });
    case "s":
      return typing({ ...edits.kill(state, cursor, ahead), last: "other" });
    case "r":
    case "~": {
      const old = text.slice(cursor, ahead);
      const flipped = [...old].map((sign) => (sign === sign.toLowerCase() ? sign.toUpperCase() : sign.toLowerCase())).join("");
      const fresh = key === "r" ? command.argument : flipped;
      return old === "" ? state : edits.insert(edits.remove(state, cursor, ahead), fresh);
    }
    case "p":
      return edits.yank(edits.move(state, Math.min(end, nextCharacter(text, cursor))));
    case "P":
      return edits.yank(state);
    case "u":
      return edits.undo(state);
    default:
      return state;
  }
}
