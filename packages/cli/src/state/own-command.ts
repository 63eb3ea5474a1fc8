/**
 * A command of the person's own while it runs: its output becomes lines for good, up to a limit; of more only the end is kept, which is
 * where the result stands. Pure. Memory and work stay bounded, however much a command writes.
 */

export interface OwnCommand {
  readonly line: string;
  /** Monotonic ms. */
  readonly since: number;
  /** It has been asked to end. */
  readonly stopping: boolean;
  /** The end of its output that has no line feed yet. */
  readonly pending: string;
  /** Lines and characters that have been printed. */
  readonly lines: number;
  readonly characters: number;
  /** What comes after the limit: how many lines, and the last of it. */
  readonly left: number;
  readonly tail: string;
}

/** What is printed while it comes. */
const lineLimit = 1000;
const characterLimit = 200_000;
/** A longer line is cut into several. */
const longestLine = 4000;
/** What is printed of the rest, when the command has ended. */
const tailLines = 30;
const tailCharacters = 8000;

export const startCommand = (line: string, since: number): OwnCommand => ({
  ...{ line, since, stopping: false, pending: "", lines: 0, characters: 0, left: 0, tail: "" },
});

interface Taken {
  readonly command: OwnCommand;
  /** Complete lines, to be printed. */
  readonly lines: readonly string[];
}

export function takeOutput(command: OwnCommand, text: string): Taken {
  if (isFull(command)) return { command: keepTail(command, text), lines: [] };
  const found: string[] = [];
  let { lines, characters } = command;
  let rest = command.pending + text;
  for (let end = endOfLine(rest); end > 0; end = endOfLine(rest)) {
    const line = overwritten(rest.slice(0, end));
    rest = rest.slice(end);
    found.push(line);
    lines++;
    characters += line.length;
    if (lines >= lineLimit || characters >= characterLimit)
      return { command: keepTail({ ...command, lines, characters, pending: "" }, rest), lines: found };
  }
  // What a progress bar has written over is gone.
  const pending = rest.slice(rest.lastIndexOf("\r", rest.length - 2) + 1);
  return { command: { ...command, lines, characters, pending }, lines: found };
}

/** What is left to be printed when it has ended, and how many lines are not. */
export function endOutput({ pending, left, tail }: OwnCommand): { readonly lines: readonly string[]; readonly omitted: number } {
  if (tail === "") return { lines: pending === "" ? [] : [overwritten(pending)], omitted: 0 };
  const kept = tail.replace(/\n$/, "").split("\n");
  // The first of them may have lost its beginning.
  const lines = kept.slice(tail.length < tailCharacters ? 0 : Math.min(1, kept.length - 1)).slice(-tailLines);
  const all = left + (tail.endsWith("\n") ? 0 : 1);
  return { lines: lines.map(overwritten), omitted: Math.max(0, all - lines.length) };
}

export const isFull = ({ lines, characters }: OwnCommand): boolean => lines >= lineLimit || characters >= characterLimit;

/** Behind the next line feed, or where a line is too long; 0 when there is no whole line. */
function endOfLine(text: string): number {
  const feed = text.indexOf("\n");
  if (feed >= 0 && feed < longestLine) return feed + 1;
  return text.length > longestLine ? longestLine : 0;
}

function keepTail(command: OwnCommand, text: string): OwnCommand {
  let left = command.left;
  // A search for each of them would cost more where lines are short.
  for (let at = 0; at < text.length; at++) if (text.charCodeAt(at) === 10) left++;
  return { ...command, left, tail: (command.tail + text.slice(-tailCharacters)).slice(-tailCharacters) };
}

/** A line as it looks at its end: what stands before a carriage return has been written over. */
function overwritten(line: string): string {
  const whole = line.replace(/[\r\n]+$/, "");
  return whole.slice(whole.lastIndexOf("\r") + 1);
}

const fillsScreen: ReadonlySet<string> = new Set([
  ...["vi", "vim", "nvim", "nano", "emacs", "hx", "micro", "less", "more", "most", "man", "top", "htop", "btop", "watch"],
  ...["tig", "lazygit", "gitui", "fzf", "mc", "ranger", "ssh", "tmux", "screen"],
]);

/** Of our own commands only those; the others print. */
const ourScreen = /^\s*twolane(?:\s+(?:demo|resume)\b|\s*$)/;

/** Programs that are of no use without a terminal, anywhere in the pipeline. */
export function needsTerminal(line: string): boolean {
  return line.split(/[|;&]+/).some((part) => {
    const word = part
      .trim()
      .split(/\s+/)
      .find((one) => !/^(\w+=.*|sudo|env|command|exec)$/.test(one));
    return ourScreen.test(part) || fillsScreen.has(word?.split("/").at(-1) ?? "");
  });
}
