/** Output as it was pasted or piped → lines that can be read: without colours, of limited length, and of much output its beginning and end. */

/** Characters; the end says more than the beginning. */
const headKept = 96 * 1024;
const tailKept = 384 * 1024;
const longestLine = 1000;

// A colour, or a link and a title of the terminal.
const escapes = /\u001b(?:\[[\d;:?]*[ -/]*[@-~]|\][^\u0007\u001b]{0,1000}(?:\u0007|\u001b\\))/g;
/** How services that run builds begin each line. */
const timeStamp = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z /;

export function outputLines(text: string): readonly string[] {
  const size = headKept + tailKept;
  const kept = text.length <= size ? text : `${text.slice(0, headKept)}\n${text.slice(-tailKept)}`;
  return kept
    .replace(escapes, "")
    .split(/\r*\n/)
    .map((line) => {
      // What was written over itself counts as it was at last.
      const shown = line.slice(line.lastIndexOf("\r", line.length - 2) + 1);
      return (shown.length > longestLine ? shown.slice(0, longestLine) : shown).replace(timeStamp, "");
    });
}
