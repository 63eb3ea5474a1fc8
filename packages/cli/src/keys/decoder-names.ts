/** Canonical names of keys, and the tables from what terminals send to them. What a key does stands in `bindings.ts`. */

/**
 * What came from the terminal. A key's name is its modifiers in the order ctrl, alt, shift, super, then the key: `ctrl-c`,
 * `alt-enter`, `ctrl-alt-up`, `shift-tab`, `f5`, `esc`, `space`, `pageup`, `alt-<`. Letters are lower case, so Alt with a capital
 * is `alt-shift-a`; of other characters the shifted one stands for itself. Keys without modifiers that write something are text.
 */
export type KeyEvent =
  | { readonly kind: "key"; readonly key: string }
  /** One character or more, without control characters. */
  | { readonly kind: "text"; readonly text: string }
  /** Whole, whatever its size; line endings are LF, other control characters may be in it. */
  | { readonly kind: "paste"; readonly text: string }
  | { readonly kind: "focus" }
  | { readonly kind: "blur" }
  | TerminalReport;

/** What a terminal says of itself. */
export type TerminalReport =
  /** The kitty keyboard protocol's flags that are on. */
  | { readonly kind: "report"; readonly report: "keyboard"; readonly flags: number }
  /** DECRPM: 0 unknown, 1 set, 2 reset, 3 and 4 permanently so. */
  | { readonly kind: "report"; readonly report: "mode"; readonly mode: number; readonly state: number }
  /** DA1, which every terminal answers, after all that was asked before. */
  | { readonly kind: "report"; readonly report: "attributes" }
  /** DSR: all that was written before the question has been carried out. */
  | { readonly kind: "report"; readonly report: "done" }
  /** Counted from 1. */
  | { readonly kind: "report"; readonly report: "cursor"; readonly row: number; readonly column: number }
  /** XTVERSION: name and version. */
  | { readonly kind: "report"; readonly report: "version"; readonly text: string }
  | { readonly kind: "report"; readonly report: "other" };

/** Bits of a modifier parameter, less one. */
export const modifier = { shift: 1, alt: 2, ctrl: 4, super: 8, hyper: 16, meta: 32 } as const;
/** Caps lock and num lock are among the bits and change no name. */
const naming = 63;

/** Finals of `CSI 1 ; modifiers X` and `SS3 X`. */
export const letterKeys: Readonly<Record<string, string>> = {
  ...{ A: "up", B: "down", C: "right", D: "left", F: "end", H: "home" },
  ...{ P: "f1", Q: "f2", R: "f3", S: "f4" },
};

/** `CSI n ~`. */
export const numberKeys: Readonly<Record<number, string>> = {
  ...{ 1: "home", 2: "insert", 3: "delete", 4: "end", 5: "pageup", 6: "pagedown", 7: "home", 8: "end" },
  ...{ 11: "f1", 12: "f2", 13: "f3", 14: "f4", 15: "f5", 17: "f6", 18: "f7", 19: "f8", 20: "f9", 21: "f10", 23: "f11" },
  ...{ 24: "f12", 25: "f13", 26: "f14", 28: "f15", 29: "f16", 31: "f17", 32: "f18", 33: "f19", 34: "f20" },
};

/** The keypad in application mode: `SS3 X`. */
export const keypadTexts: Readonly<Record<string, string>> = {
  ...{ j: "*", k: "+", l: ",", m: "-", n: ".", o: "/", X: "=" },
  ...{ p: "0", q: "1", r: "2", s: "3", t: "4", u: "5", v: "6", w: "7", x: "8", y: "9" },
};

/** Codes of the kitty protocol that are no characters: control characters, and a private area. */
export const codeKeys: Readonly<Record<number, string>> = {
  ...{ 8: "backspace", 9: "tab", 10: "enter", 13: "enter", 27: "esc", 127: "backspace" },
  ...{ 57414: "enter", 57417: "left", 57418: "right", 57419: "up", 57420: "down", 57421: "pageup", 57422: "pagedown" },
  ...{ 57423: "home", 57424: "end", 57425: "insert", 57426: "delete" },
  ...Object.fromEntries(Array.from({ length: 23 }, (_, index) => [57376 + index, `f${13 + index}`])),
};
const keypadCodes = "0123456789./*-+\u0000=,";
const keypadFirst = 57399;

/** Without modifiers these control characters are keys of their own; others are Ctrl and a letter. */
const controlKeys: Readonly<Record<number, string>> = {
  ...{ 0: "ctrl-space", 9: "tab", 13: "enter", 27: "esc", 28: "ctrl-\\", 29: "ctrl-]", 30: "ctrl-^", 31: "ctrl-_" },
  127: "backspace",
};

/** Where legacy terminals send the same byte, the protocols that can tell them apart get the same name. */
const twins: Readonly<Record<string, string>> = {
  ...{ "ctrl-i": "tab", "ctrl-m": "enter", "ctrl-[": "esc", "ctrl-@": "ctrl-space", "ctrl-/": "ctrl-_" },
  "shift-backspace": "backspace",
};

/** What Shift makes of a key in most layouts, for terminals that do not say. */
const shifted = "`~1!2@3#4$5%6^7&8*9(0)-_=+[{]}\\|;:'\",<.>/?";

export function namedKey(name: string, modifiers: number): KeyEvent {
  const bits = modifiers & naming;
  const has = (bit: number, prefix: string): string => ((bits & bit) === 0 ? "" : prefix);
  const prefix =
    has(modifier.ctrl, "ctrl-") +
    has(modifier.alt | modifier.meta, "alt-") +
    has(modifier.shift, "shift-") +
    has(modifier.super, "super-") +
    has(modifier.hyper, "hyper-");
  const key = prefix + name;
  return { kind: "key", key: twins[key] ?? key };
}

export function controlKey(byte: number, alt: boolean): KeyEvent {
  const name = controlKeys[byte] ?? `ctrl-${String.fromCharCode(byte + 0x60)}`;
  if (!alt) return { kind: "key", key: name };
  return { kind: "key", key: name.startsWith("ctrl-") ? `ctrl-alt-${name.slice(5)}` : `alt-${name}` };
}

export interface Character {
  readonly code: number;
  readonly modifiers: number;
  /** With Shift, where the terminal says so. */
  readonly shifted?: number | undefined;
  /** The key of that place on a US keyboard: what Ctrl means where the layout is not Latin. */
  readonly base?: number | undefined;
}

/** A character with modifiers: text, or a key when more than Shift is held. Undefined for what no keyboard writes. */
export function characterKey({ code, modifiers, shifted: upper, base }: Character): KeyEvent | undefined {
  const text = keypadCodes[code - keypadFirst] ?? characterOf(code);
  if (text === undefined) return undefined;
  const shift = (modifiers & modifier.shift) !== 0;
  const capital = upper === undefined ? undefined : characterOf(upper);
  if ((modifiers & naming & ~modifier.shift) === 0) return { kind: "text", text: shift ? (capital ?? shiftedText(text)) : text };
  const name = code > 0x7f && base !== undefined ? (characterOf(base) ?? text) : text;
  if (name === " ") return namedKey("space", modifiers);
  if (name.toLowerCase() !== name.toUpperCase())
    return namedKey(name.toLowerCase(), name === name.toLowerCase() ? modifiers : modifiers | modifier.shift);
  return shift ? namedKey(capital ?? shiftedText(name), modifiers & ~modifier.shift) : namedKey(name, modifiers);
}

function shiftedText(text: string): string {
  const at = shifted.indexOf(text);
  return at >= 0 && at % 2 === 0 ? shifted.charAt(at + 1) : text.toUpperCase();
}

/** Neither control characters nor the private area, where keys without a character have their codes. */
function characterOf(code: number): string | undefined {
  if (!Number.isInteger(code) || code < 0x20 || code > 0x10ffff || (code >= 0x7f && code < 0xa0)) return undefined;
  if (code >= 0xd800 && code <= 0xf8ff) return undefined;
  return String.fromCodePoint(code);
}
