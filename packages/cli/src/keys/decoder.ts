/**
 * Bytes from a terminal → key events, however they are cut. Pure: time is given, timers belong to the caller. Names of keys stand in
 * `decoder-names.ts`, escape sequences in `decoder-sequences.ts`; what a key does, in `bindings.ts`.
 */
import { controlKey, type KeyEvent } from "./decoder-names.ts";
import { altKey, readSequence, type Sequence } from "./decoder-sequences.ts";

export type { KeyEvent, TerminalReport } from "./decoder-names.ts";

export interface Decoder {
  /** What the bytes say, together with what was cut off before. `now` in ms, never going back. */
  push(bytes: Buffer, now: number): KeyEvent[];
  /** When `timeout` is due unless more bytes come; undefined when nothing is undecided. */
  deadline(): number | undefined;
  /** Decides what has waited for its time: a lone ESC was the key. Before the deadline it does nothing. */
  timeout(now: number): KeyEvent[];
}

/** How long a lone ESC may be the beginning of a sequence, in ms: a network may deliver the rest later. */
export function escapeMs(env: Readonly<Record<string, string | undefined>>): number {
  return (env["SSH_CONNECTION"] ?? env["SSH_TTY"] ?? "") === "" ? 10 : 100;
}

const esc = 0x1b;
const pasteEnd = Buffer.from("\u001b[201~");
/** No key press looks like the middle of a sequence; what stays there this long will never end. */
const brokenMs = 1000;
/** A terminal that reports keys unambiguously sends Esc as a sequence: a lone ESC there is one that was cut. */
const cutMs = 100;
const pasteLimit = 32 * 1024 * 1024;
/** Ctrl-C alone after such a silence ends a paste whose end never came. */
const pasteStallMs = 500;

interface Paste {
  readonly pieces: Buffer[];
  size: number;
}

export function createDecoder(options: { readonly escMs: number }): Decoder {
  let held: Buffer = Buffer.alloc(0);
  let lastAt = Number.NEGATIVE_INFINITY;
  let paste: Paste | undefined;
  let unambiguous = false;

  const read = (bytes: Buffer): KeyEvent[] => {
    const events: KeyEvent[] = [];
    let rest = bytes;
    while (rest.length > 0) {
      if (paste !== undefined) {
        const end = readPaste(paste, rest);
        rest = end.rest;
        if (!end.found) break;
        events.push({ kind: "paste", text: pasteText(paste) });
        paste = undefined;
        continue;
      }
      const sequence = rest[0] === esc ? readSequence(rest, 0) : readTyped(rest);
      if (sequence.type === "unfinished") break;
      if (sequence.type === "paste") paste = { pieces: [], size: 0 };
      else if (sequence.event !== undefined) events.push(sequence.event);
      rest = rest.subarray(sequence.end);
    }
    held = rest;
    for (const event of events) if (event.kind === "report" && event.report === "keyboard") unambiguous = (event.flags & 1) === 1;
    return events;
  };

  const deadline = (): number | undefined => {
    if (paste !== undefined || held[0] !== esc) return undefined;
    if (held.length > introducerLength(held)) return lastAt + brokenMs;
    return lastAt + (unambiguous ? Math.max(cutMs, options.escMs) : options.escMs);
  };

  return {
    push(bytes, now) {
      if (bytes.length === 0) return [];
      const stalled = paste !== undefined && now - lastAt >= pasteStallMs && bytes.length === 1 && bytes[0] === 3;
      lastAt = now;
      if (stalled && paste !== undefined) {
        const text = pasteText({ ...paste, pieces: [...paste.pieces, held] });
        paste = undefined;
        held = Buffer.alloc(0);
        return [{ kind: "paste", text }, controlKey(3, false)];
      }
      return read(held.length === 0 ? bytes : Buffer.concat([held, bytes]));
    },
    deadline,
    timeout(now) {
      const due = deadline();
      if (due === undefined || now < due) return [];
      const waiting = held;
      held = Buffer.alloc(0);
      return giveUp(waiting).flatMap((decided) => (Buffer.isBuffer(decided) ? read(decided) : [decided]));
    },
  };
}

/** ESC, and one byte after it that may be typed with Alt: so far it can be a person's doing. Alt may double the ESC. */
function introducerLength(held: Buffer): number {
  return held[1] === esc ? 3 : 2;
}

/** What the bytes are if nothing follows them: keys, and bytes that are no part of them. */
function giveUp(held: Buffer): (KeyEvent | Buffer)[] {
  const escape: KeyEvent = { kind: "key", key: "esc" };
  if (held.length > introducerLength(held)) return [];
  const [, second, third] = held;
  if (second === undefined) return [escape];
  if (second === esc) return third === undefined ? [escape, escape] : [escape, ...giveUp(held.subarray(1))];
  // A character that was cut behind Alt.
  if (second >= 0x80) return [escape, held.subarray(1)];
  const key = altKey(second);
  return key === undefined ? [] : [key];
}

/** A control character, or text up to one, without the end of a character that has not come yet. */
function readTyped(bytes: Buffer): Sequence {
  let end = 0;
  while (end < bytes.length && (bytes[end] ?? 0) >= 0x20 && bytes[end] !== 0x7f) end++;
  if (end === 0) return { type: "whole", end: 1, event: controlKey(bytes[0] ?? 0, false) };
  const whole = end === bytes.length ? wholeCharacters(bytes) : end;
  if (whole === 0) return { type: "unfinished" };
  // C1 controls are characters in UTF-8, and no terminal sends them for a key.
  const text = bytes.toString("utf8", 0, whole).replace(/[\u0080-\u009f]/g, "");
  return { type: "whole", end: whole, event: text === "" ? undefined : { kind: "text", text } };
}

/** Where the bytes end when an unfinished character at their end is left out. */
function wholeCharacters(bytes: Buffer): number {
  for (let start = bytes.length - 1; start >= Math.max(0, bytes.length - 3); start--) {
    const byte = bytes[start] ?? 0;
    if (byte < 0x80) break;
    if (byte < 0xc0) continue;
    const length = byte >= 0xf8 ? 1 : byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : 2;
    return bytes.length - start < length ? start : bytes.length;
  }
  return bytes.length;
}

/** Adds to the paste up to its end. The rest is behind the end, or what may be the end's beginning. */
function readPaste(paste: Paste, bytes: Buffer): { readonly found: boolean; readonly rest: Buffer } {
  const at = bytes.indexOf(pasteEnd);
  const end = at >= 0 ? at : bytes.length - endBegun(bytes);
  // Beyond the limit it is cut off: a person has not looked at that much.
  if (paste.size < pasteLimit) paste.pieces.push(Buffer.from(bytes.subarray(0, Math.min(end, pasteLimit - paste.size))));
  paste.size += end;
  return at >= 0 ? { found: true, rest: bytes.subarray(at + pasteEnd.length) } : { found: false, rest: bytes.subarray(end) };
}

/** How many bytes at the end are a beginning of the paste's end. */
function endBegun(bytes: Buffer): number {
  for (let length = Math.min(pasteEnd.length - 1, bytes.length); length > 0; length--) {
    if (bytes.subarray(bytes.length - length).equals(pasteEnd.subarray(0, length))) return length;
  }
  return 0;
}

function pasteText(paste: Paste): string {
  return Buffer.concat(paste.pieces).toString("utf8").replace(/\r\n?/g, "\n");
}
