/** Vim's motions: offsets in a text. Words as vim sees them: letters and digits, or other signs, with blanks between. Pure. */
import {
  borderBefore,
  borderBehind,
  lineAbove,
  lineBelow,
  lineEnd,
  lineStart,
  nextCharacter,
  previousCharacter,
  signAt,
  signBefore,
  wordSign,
} from "./text-motion.ts";

export type Motion = (text: string, at: number) => number;

/** What an operator takes: up to the target, the character at it as well, or whole lines. */
export type Reach = "exclusive" | "inclusive" | "lines";

type Kind = "word" | "sign" | "blank";

function kindOf(sign: string): Kind {
  if (/^\s/.test(sign)) return "blank";
  return wordSign.test(sign) ? "word" : "sign";
}

/** From a place on as long as the kind is the same. */
function behindKind(text: string, at: number, kind: Kind): number {
  let to = at;
  while (to < text.length && kindOf(signAt(text, to)) === kind) to += signAt(text, to).length;
  return borderBehind(text, to);
}

/** Behind the word at this place; on a blank, the place itself. */
const behindWord: Motion = (text, at) => {
  const kind = kindOf(signAt(text, at));
  return kind === "blank" ? at : behindKind(text, at, kind);
};

const nextWord: Motion = (text, at) => behindKind(text, behindWord(text, at), "blank");

const wordEnd: Motion = (text, at) => {
  const from = behindKind(text, nextCharacter(text, at), "blank");
  return from >= text.length ? text.length : previousCharacter(text, behindWord(text, from));
};

const wordBack: Motion = (text, at) => {
  let to = at;
  while (to > 0 && kindOf(signBefore(text, to)) === "blank") to -= signBefore(text, to).length;
  const kind = kindOf(signBefore(text, to));
  while (to > 0 && kindOf(signBefore(text, to)) === kind) to -= signBefore(text, to).length;
  return borderBefore(text, to);
};

export const firstSign: Motion = (text, at) => {
  let to = lineStart(text, at);
  while (text[to] === " " || text[to] === "\t") to++;
  return to;
};

interface MotionKey {
  readonly go: Motion;
  readonly reach: Reach;
}

export const motionKeys: ReadonlyMap<string, MotionKey> = new Map<string, MotionKey>([
  ["h", { go: (text, at) => Math.max(lineStart(text, at), previousCharacter(text, at)), reach: "exclusive" }],
  ["l", { go: (text, at) => Math.min(lineEnd(text, at), nextCharacter(text, at)), reach: "exclusive" }],
  ["j", { go: (text, at) => lineBelow(text, at) ?? at, reach: "lines" }],
  ["k", { go: (text, at) => lineAbove(text, at) ?? at, reach: "lines" }],
  ["w", { go: nextWord, reach: "exclusive" }],
  ["b", { go: wordBack, reach: "exclusive" }],
  ["e", { go: wordEnd, reach: "inclusive" }],
  ["0", { go: lineStart, reach: "exclusive" }],
  ["^", { go: firstSign, reach: "exclusive" }],
  ["$", { go: lineEnd, reach: "exclusive" }],
  ["G", { go: (text) => lineStart(text, text.length), reach: "lines" }],
  ["gg", { go: () => 0, reach: "lines" }],
]);

export interface Find {
  readonly key: string;
  readonly sign: string;
  readonly count: number;
}

/** `f`, `t`, `F`, `T`: in this line; undefined where the sign is not there. */
export function findSign(text: string, cursor: number, { key, sign, count }: Find): number | undefined {
  const forward = key === "f" || key === "t";
  const [first, end] = [lineStart(text, cursor), lineEnd(text, cursor)];
  let at = cursor;
  for (let time = 0; time < count; time++) {
    const found = forward ? text.indexOf(sign, nextCharacter(text, at)) : at === 0 ? -1 : text.lastIndexOf(sign, at - 1);
    if (found < first || found >= end) return undefined;
    at = found;
  }
  if (key === "t") return previousCharacter(text, at);
  return key === "T" ? nextCharacter(text, at) : at;
}
