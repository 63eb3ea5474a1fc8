/** What a terminal sends for a key, by the key's canonical name: the legacy bytes, or the kitty protocol's. Keys only. */
import type { ScreenModes } from "./emulator.ts";

/** Keys that are a letter after `CSI 1 ;` (SS3 without modifiers for f1 to f4). */
const letters: Readonly<Record<string, string>> = { up: "A", down: "B", right: "C", left: "D", end: "F", home: "H" };
const functions: Readonly<Record<string, string>> = { f1: "P", f2: "Q", f3: "R", f4: "S" };
/** Keys that are a number before `~`. */
const numbers: Readonly<Record<string, number>> = {
  ...{ insert: 2, delete: 3, pageup: 5, pagedown: 6 },
  ...{ f5: 15, f6: 17, f7: 18, f8: 19, f9: 20, f10: 21, f11: 23, f12: 24 },
};
/** Keys that are a control character, which is their code in the kitty protocol as well. */
const controls: Readonly<Record<string, number>> = { esc: 27, enter: 13, tab: 9, backspace: 127, space: 32 };
const modifierBits: Readonly<Record<string, number>> = { shift: 1, alt: 2, ctrl: 4 };

/** Throws for a key that no terminal sends. */
export function keyBytes(key: string, modes: Pick<ScreenModes, "kittyFlags" | "applicationCursorKeys">): string {
  const { name, modifiers } = readKey(key);
  const csi = modifiers === 0 ? "" : `1;${modifiers + 1}`;
  if (letters[name] !== undefined)
    return `\u001b${modes.applicationCursorKeys && modifiers === 0 ? "O" : "["}${csi}${letters[name]}`;
  if (functions[name] !== undefined) {
    // Kitty's F3 is 13 ~: CSI R would be a cursor position.
    if (name === "f3" && modes.kittyFlags > 0) return `\u001b[13${modifiers === 0 ? "" : `;${modifiers + 1}`}~`;
    return modifiers === 0 ? `\u001bO${functions[name]}` : `\u001b[${csi}${functions[name]}`;
  }
  if (numbers[name] !== undefined) return `\u001b[${numbers[name]}${modifiers === 0 ? "" : `;${modifiers + 1}`}~`;
  const code = controls[name] ?? (/^.$/u.test(name) ? (name.codePointAt(0) ?? 0) : undefined);
  if (code === undefined) throw new Error(`no terminal has a key ${key}`);
  return (modes.kittyFlags & 1) === 1 ? kitty({ name, code, modifiers }) : legacy({ name, code, modifiers });
}

interface Key {
  readonly name: string;
  readonly code: number;
  readonly modifiers: number;
}

function kitty({ name, code, modifiers }: Key): string {
  // Enter, Tab and Backspace stay as they are, so that a shell can be used after a crash; text stays text.
  const plain = name !== "esc" && modifiers === 0;
  if (plain || (modifiers === 1 && controls[name] === undefined))
    return String.fromCodePoint(code).replace(/./u, (text) => (modifiers === 1 ? text.toUpperCase() : text));
  return modifiers === 0 ? `\u001b[${code}u` : `\u001b[${code};${modifiers + 1}u`;
}

function legacy({ name, code, modifiers }: Key): string {
  const alt = (modifiers & 2) === 2 ? "\u001b" : "";
  if (name === "tab" && (modifiers & 1) === 1) return `${alt}\u001b[Z`;
  if ((modifiers & 4) === 0 || code < 32 || code === 127)
    return alt + String.fromCodePoint(code).replace(/./u, (text) => ((modifiers & 1) === 1 ? text.toUpperCase() : text));
  return alt + String.fromCodePoint(name === "space" ? 0 : name.toUpperCase().charCodeAt(0) & 0x1f);
}

function readKey(key: string): { name: string; modifiers: number } {
  let name = key;
  let modifiers = 0;
  for (let match = /^(ctrl|alt|shift)-(.+)$/.exec(name); match !== null; match = /^(ctrl|alt|shift)-(.+)$/.exec(name)) {
    modifiers |= modifierBits[match[1] ?? ""] ?? 0;
    name = match[2] ?? "";
  }
  return { name, modifiers };
}
