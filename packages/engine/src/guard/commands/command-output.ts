/** What a command says, for a model: without the terminal's control sequences, and of much only the beginning and the end. Pure. */

/** Characters that are kept of the beginning and of the end. */
const headLimit = 6_000;
const tailLimit = 10_000;

const [escape, bell] = ["\u001b", "\u0007"];
/** Sequences with parameters, operating system commands with their end, other strings, the short ones. */
const sequences = new RegExp(
  `${escape}(?:\\[[0-?]*[ -/]*[@-~]|\\][^${bell}${escape}]*(?:${bell}|${escape}\\\\)?|[PX^_][^${escape}]*(?:${escape}\\\\)?|[ -/]*[0-~])`,
  "g",
);
const controls = /(?![\n\r\t])\p{Cc}/gu;

/** Without colours, cursor movements and titles; of a line that was written over, what was on it last. */
function plainText(text: string): string {
  return text
    .replaceAll("\r\n", "\n")
    .replace(sequences, "")
    .replace(controls, "")
    .replace(/[^\n]*\r(?=[^\n])/g, "")
    .replaceAll("\r", "");
}

export interface OutputKeeper {
  add(text: string): void;
  /** Head and tail, and between them how much was left out. */
  text(): string;
}

/** Never keeps more than it gives, however much comes. */
export function keepEnds(): OutputKeeper {
  let head = "";
  let tail = "";
  let size = 0;
  let lines = 0;
  return {
    add(text) {
      size += text.length;
      lines += count(text);
      const room = headLimit - head.length;
      head += text.slice(0, Math.max(room, 0));
      if (text.length <= room) return;
      tail += text.slice(Math.max(room, 0));
      if (tail.length > 4 * tailLimit) tail = tail.slice(-2 * tailLimit);
    },
    text() {
      const end = tail.slice(-tailLimit);
      const left = size - head.length - end.length;
      if (left <= 0) return plainText(head + tail);
      // Whole lines, unless one is longer than all that is kept.
      const begin = head.slice(0, head.lastIndexOf("\n") + 1 || head.length);
      const rest = end.slice(end.indexOf("\n") + 1);
      const [said, gone] = [begin.length + rest.length, lines - count(begin) - count(rest)];
      return plainText(`${begin}\n[${size - said} characters in ${gone} lines left out here]\n${rest}`);
    },
  };
}

function count(text: string): number {
  let lines = 0;
  for (let at = text.indexOf("\n"); at >= 0; at = text.indexOf("\n", at + 1)) lines++;
  return lines;
}
