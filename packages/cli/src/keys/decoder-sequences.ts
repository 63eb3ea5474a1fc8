/** One escape sequence at a time: where it ends, and what it says. Holds no state; what is cut off stands in `decoder.ts`. */
import {
  characterKey,
  codeKeys,
  controlKey,
  type KeyEvent,
  keypadTexts,
  letterKeys,
  modifier,
  namedKey,
  numberKeys,
} from "./decoder-names.ts";

export type Sequence =
  | { readonly type: "unfinished" }
  /** `end` is the place behind it. Without an event it says nothing to us. */
  | { readonly type: "whole"; readonly end: number; readonly event?: KeyEvent | undefined }
  /** Bracketed paste begins behind it. */
  | { readonly type: "paste"; readonly end: number };

const esc = 0x1b;
const bell = 0x07;
/** Longer sequences are none: what has come of them goes. */
const csiLimit = 1024;
const stringLimit = 16 * 1024;

const unfinished: Sequence = { type: "unfinished" };
const report: KeyEvent = { kind: "report", report: "other" };

/** What begins with the ESC at `start`. */
export function readSequence(bytes: Buffer, start: number): Sequence {
  const next = bytes[start + 1];
  if (next === undefined) return unfinished;
  switch (next) {
    case 0x5b:
      return readCsi(bytes, start);
    case 0x4f:
      return readSs3(bytes, start);
    case 0x5d:
    case 0x50:
    case 0x58:
    case 0x5e:
    case 0x5f:
      return readString(bytes, start);
    case esc:
      return readDoubled(bytes, start);
    default:
      return readAlt(bytes, start);
  }
}

/** The key that is Alt and the byte after ESC: what an introducer means when nothing follows it. */
export function altKey(byte: number): KeyEvent | undefined {
  return byte < 0x20 || byte === 0x7f ? controlKey(byte, true) : characterKey({ code: byte, modifiers: modifier.alt });
}

/** ESC before a sequence is Alt in some terminals; else the first was the key Esc. */
function readDoubled(bytes: Buffer, start: number): Sequence {
  const third = bytes[start + 2];
  if (third === undefined) return unfinished;
  if (third !== 0x5b && third !== 0x4f) return { type: "whole", end: start + 1, event: { kind: "key", key: "esc" } };
  const inner = readSequence(bytes, start + 1);
  if (inner.type === "unfinished" || (inner.type === "whole" && inner.event === undefined)) return inner;
  // What a terminal says by itself may come right behind the key: while frames are drawn it answers each of them.
  if (inner.type === "paste" || inner.event?.kind !== "key")
    return { type: "whole", end: start + 1, event: { kind: "key", key: "esc" } };
  const { key } = inner.event;
  return { ...inner, event: { kind: "key", key: key.startsWith("ctrl-") ? `ctrl-alt-${key.slice(5)}` : `alt-${key}` } };
}

function readAlt(bytes: Buffer, start: number): Sequence {
  const first = bytes[start + 1] ?? 0;
  // Esc and Ctrl-C that a network delivers together: a stop must not become another key.
  if (first === 3) return { type: "whole", end: start + 1, event: { kind: "key", key: "esc" } };
  if (first < 0x80) return { type: "whole", end: start + 2, event: altKey(first) };
  const length = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
  const end = start + 1 + length;
  let have = start + 2;
  while (have < end && have < bytes.length && ((bytes[have] ?? 0) & 0xc0) === 0x80) have++;
  if (have === bytes.length && have < end) return unfinished;
  const code = bytes.toString("utf8", start + 1, have).codePointAt(0) ?? 0xfffd;
  return { type: "whole", end: have, event: characterKey({ code, modifiers: modifier.alt }) };
}

/** OSC, DCS, SOS, PM, APC: up to ST, or BEL. Any other control character breaks it off. */
function readString(bytes: Buffer, start: number): Sequence {
  for (let at = start + 2; at < bytes.length; at++) {
    const byte = bytes[at] ?? 0;
    if (at - start > stringLimit) return { type: "whole", end: at };
    if (byte >= 0x20) continue;
    const text = bytes.toString("utf8", start + 2, at);
    if (byte === bell) return { type: "whole", end: at + 1, event: stringReport(bytes[start + 1], text) };
    if (byte !== esc) return { type: "whole", end: at };
    if (at + 1 === bytes.length) return unfinished;
    if (bytes[at + 1] !== 0x5c) return { type: "whole", end: at };
    return { type: "whole", end: at + 2, event: stringReport(bytes[start + 1], text) };
  }
  return unfinished;
}

function stringReport(introducer: number | undefined, text: string): KeyEvent {
  return introducer === 0x50 && text.startsWith(">|") ? { kind: "report", report: "version", text: text.slice(2) } : report;
}

function readSs3(bytes: Buffer, start: number): Sequence {
  const digit = bytes[start + 2];
  if (digit === undefined) return unfinished;
  const counted = digit >= 0x31 && digit <= 0x39;
  const at = counted ? start + 3 : start + 2;
  const byte = bytes[at];
  if (byte === undefined) return unfinished;
  const final = String.fromCharCode(byte);
  const modifiers = counted ? digit - 0x31 : 0;
  const whole = (event: KeyEvent): Sequence => ({ type: "whole", end: at + 1, event });
  const letter = letterKeys[final];
  if (letter !== undefined) return whole(namedKey(letter, modifiers));
  if (final === "M") return whole(namedKey("enter", modifiers));
  // rxvt sends them for Ctrl with arrows.
  const arrow = "abcd".includes(final) ? letterKeys[final.toUpperCase()] : undefined;
  if (arrow !== undefined) return whole(namedKey(arrow, modifier.ctrl));
  const text = keypadTexts[final];
  if (text !== undefined && !counted) return whole({ kind: "text", text });
  // Nothing that a terminal sends: then it was Alt and a capital O.
  return { type: "whole", end: start + 2, event: altKey(0x4f) };
}

function readCsi(bytes: Buffer, start: number): Sequence {
  for (let at = start + 2; at < bytes.length; at++) {
    const byte = bytes[at] ?? 0;
    if (at - start > csiLimit || byte < 0x20 || byte > 0x7e) return { type: "whole", end: at };
    // rxvt ends Shift with such a key by a `$`, where the standard has something between.
    const shifted = byte === 0x24 && /^\d+$/.test(bytes.toString("latin1", start + 2, at));
    if (byte < 0x40 && !shifted) continue;
    // Function keys of the Linux console, and mouse reports of old: a fixed number of bytes behind the final one.
    const extra = at > start + 2 ? 0 : byte === 0x5b ? 1 : byte === 0x4d ? 3 : 0;
    if (at + extra >= bytes.length) return unfinished;
    const end = at + 1 + extra;
    if (extra === 1) return { type: "whole", end, event: consoleKey(bytes[at + 1] ?? 0) };
    if (extra === 3) return { type: "whole", end };
    const csi = parseCsi(bytes.toString("latin1", start + 2, at), String.fromCharCode(byte));
    if (csi.final === "~" && csi.numbers[0] === 200) return { type: "paste", end };
    return { type: "whole", end, event: csiEvent(csi) };
  }
  return unfinished;
}

function consoleKey(byte: number): KeyEvent | undefined {
  return byte >= 0x41 && byte <= 0x45 ? namedKey(`f${byte - 0x40}`, 0) : undefined;
}

interface Csi {
  /** `<`, `=`, `>`, `?` or nothing. */
  readonly prefix: string;
  readonly final: string;
  /** The first number of each parameter; 0 for an empty one. */
  readonly numbers: readonly number[];
  /** All numbers of each parameter; undefined for an empty one. */
  readonly parts: readonly (readonly (number | undefined)[])[];
  readonly modifiers: number;
  readonly released: boolean;
}

function parseCsi(text: string, final: string): Csi {
  const [, prefix = "", rest = ""] = /^([<=>?]?)([\d:;]*)/.exec(text) ?? [];
  const parts = rest.split(";").map((part) => part.split(":").map((digits) => (digits === "" ? undefined : Number(digits))));
  const numbers = parts.map(([first]) => first ?? 0);
  return {
    ...{ prefix, final, numbers, parts },
    modifiers: Math.max(0, (numbers[1] ?? 1) - 1),
    released: parts[1]?.[1] === 3,
  };
}

function csiEvent(csi: Csi): KeyEvent | undefined {
  const { prefix, final, numbers, released } = csi;
  if (prefix === "<") return undefined;
  if (prefix !== "") return privateReport(csi);
  if (released) return undefined;
  switch (final) {
    case "u":
      return codeKey(csi);
    case "~":
      return tildeKey(csi);
    case "Z":
      return namedKey("tab", csi.modifiers | modifier.shift);
    case "n":
      return numbers[0] === 0 ? { kind: "report", report: "done" } : report;
    case "I":
      return { kind: "focus" };
    case "O":
      return { kind: "blur" };
    case "M":
      return undefined;
    case "$":
    case "^":
    case "@":
      return rxvtKey(csi);
    case "a":
    case "b":
    case "c":
    case "d":
      return rxvtArrow(csi);
    case "R":
      // F3 with modifiers looks like a cursor in the first row; the kitty protocol has another code for it.
      if (numbers.length === 2 && (numbers[0] !== 1 || csi.modifiers === 0 || csi.modifiers > 7))
        return { kind: "report", report: "cursor", row: numbers[0] ?? 0, column: numbers[1] ?? 0 };
      return namedKey("f3", csi.modifiers);
    default: {
      const name = letterKeys[final];
      return name === undefined ? report : namedKey(name, csi.modifiers);
    }
  }
}

function privateReport({ prefix, final, numbers }: Csi): KeyEvent {
  if (prefix !== "?") return report;
  const [first = 0, second = 0] = numbers;
  if (final === "u") return { kind: "report", report: "keyboard", flags: first };
  if (final === "y") return { kind: "report", report: "mode", mode: first, state: second };
  if (final === "c") return { kind: "report", report: "attributes" };
  if (final === "R") return { kind: "report", report: "cursor", row: first, column: second };
  return report;
}

/** `CSI code : shifted : base ; modifiers : type ; text u`. */
function codeKey({ parts, modifiers }: Csi): KeyEvent | undefined {
  const [code = 0, shifted, base] = parts[0] ?? [];
  const name = codeKeys[code];
  if (name !== undefined) return namedKey(name, modifiers);
  return characterKey({ code, modifiers, shifted, base });
}

function tildeKey(csi: Csi): KeyEvent | undefined {
  const { numbers, modifiers } = csi;
  // modifyOtherKeys: CSI 27 ; modifiers ; code ~.
  if (numbers[0] === 27 && numbers[2] !== undefined) return codeKey({ ...csi, parts: [[numbers[2]]] });
  const name = numberKeys[numbers[0] ?? 0];
  return name === undefined ? undefined : namedKey(name, modifiers);
}

function rxvtKey({ numbers, final }: Csi): KeyEvent | undefined {
  const name = numberKeys[numbers[0] ?? 0];
  const modifiers = { $: modifier.shift, "^": modifier.ctrl, "@": modifier.ctrl | modifier.shift }[final];
  return name === undefined ? undefined : namedKey(name, modifiers ?? 0);
}

function rxvtArrow({ final, numbers }: Csi): KeyEvent {
  const name = letterKeys[final.toUpperCase()];
  return name === undefined || numbers.length > 1 ? report : namedKey(name, modifier.shift);
}
