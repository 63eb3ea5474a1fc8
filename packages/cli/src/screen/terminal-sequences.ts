/** What is said to a terminal to take it, to ask it what it can, and to give it back. Text only: who says it stands in `terminal.ts`. */

export type Environment = Readonly<Record<string, string | undefined>>;

const csi = "\u001b[";

/** Bracketed paste, and whether the window has the focus. */
export const takeTerminal = `${csi}?2004h${csi}?1004h`;

/**
 * All that a frame or we may have switched on, off again; harmless where it was not. Begins with ESC, so that a sequence that was cut
 * off in the middle ends here.
 */
export const giveBackTerminal = `${csi}?2026l${csi}0m${csi}?7h${csi}?1004l${csi}?2004l${csi}?25h`;

const askKeyboard = `${csi}?u`;
/** DA1: every terminal answers it, so what was asked before and is not answered by then is not known. */
export const fence = `${csi}c`;
/** DSR: whoever answers it once will say of each frame when it has been carried out. */
export const askDone = `${csi}5n`;

/**
 * The kitty keyboard protocol, pushed only where the terminal has said that it knows it, and asked again. Flag 1 gives every key an
 * unmistakable form, flag 4 says what a key is on a US layout, so that Ctrl-C is Ctrl-C on a Cyrillic one; text stays text.
 */
export const pushKeyboard = `${csi}>5u${askKeyboard}${fence}`;
export const popKeyboard = `${csi}<1u`;

/** Keyboard flags, synchronized output, name and version, and whether frames can be answered. Nothing where a question is printed instead of answered. */
export function questions(env: Environment): string {
  if (env["TERM"] === "linux") return "";
  // Terminal.app prints the end of DECRQM.
  const synchronized = env["TERM_PROGRAM"] === "Apple_Terminal" ? "" : `${csi}?2026$p`;
  return `${askKeyboard}${synchronized}${csi}>q${askDone}${fence}`;
}

/** A notification of the desktop where the terminal knows them (OSC 9), and the bell. `text` is shown, so it must be harmless. */
export function notification(text: string, env: Environment): string {
  // `9;4;` would be a progress bar.
  const note = `\u001b]9;twolane: ${text}\u0007`;
  const inside = note.replaceAll("\u001b", "\u001b\u001b");
  if ((env["TMUX"] ?? "") !== "") return `\u001bPtmux;${inside}\u001b\\\u0007`;
  if ((env["STY"] ?? "") !== "") return `\u001bP${note}\u001b\\\u0007`;
  return `${note}\u0007`;
}

/** Whether a live region can be drawn at all. Else the caller falls back to plain lines. */
export function canDraw(env: Environment, ends: { readonly input: boolean; readonly output: boolean }): boolean {
  const term = env["TERM"] ?? "";
  return ends.input && ends.output && term !== "" && term !== "dumb";
}
