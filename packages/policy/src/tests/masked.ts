/** Text with what stands in strings and comments blanked out, character for character, so that words in it are code and places stay. */

export type Masking = RegExp;

const block = String.raw`\/\*[\s\S]*?(?:\*\/|$)`;
const lineComment = String.raw`\/\/[^\n]*`;
const double = String.raw`"(?:\\[\s\S]|[^"\\\n])*"?`;
const single = String.raw`'(?:\\[\s\S]|[^'\\\n])*'?`;
const back = "`(?:\\\\[\\s\\S]|[^`\\\\])*`?";
// A slash is a regular expression where a value may begin.
const regex = String.raw`(?<=[(,=:[!&|?{};+~^<>*%-][ \t]{0,4})\/(?![*/])(?:\\.|\[(?:\\.|[^\]\\\n])*\]|[^/\\\n[])+\/`;

export const scriptMasking: Masking = new RegExp([block, lineComment, double, single, back, regex].join("|"), "g");
export const pythonMasking: Masking = new RegExp(
  [String.raw`"""[\s\S]*?(?:"""|$)`, String.raw`'''[\s\S]*?(?:'''|$)`, "#[^\\n]*", double, single].join("|"),
  "g",
);
export const goMasking: Masking = new RegExp([block, lineComment, double, back].join("|"), "g");
// A single quote is a lifetime more often than a character.
export const rustMasking: Masking = new RegExp(
  [block, lineComment, String.raw`"(?:\\[\s\S]|[^"\\])*"?`, String.raw`'(?:\\.[^']{0,8}|[^'\\])'`].join("|"),
  "g",
);

/** The marks of strings stay. */
export function masked(text: string, masking: Masking): string {
  return text.replace(masking, (span) => {
    const mark = /^(?:"""|'''|["'`])/.exec(span)?.[0] ?? "";
    const closed = mark !== "" && span.length >= 2 * mark.length && span.endsWith(mark) ? mark : "";
    const inside = span.slice(mark.length, span.length - closed.length);
    return `${mark}${inside.includes("\n") ? inside.replace(/[^\n]/g, " ") : " ".repeat(inside.length)}${closed}`;
  });
}

/** Of each opening bracket the place behind the one that closes it; the end of the text where none does. */
export function brackets(code: string): (from: number) => number {
  const ends = new Map<number, number>();
  const open: number[] = [];
  for (const { 0: sign, index } of code.matchAll(/[()[\]{}]/g)) {
    if (sign === "(" || sign === "[" || sign === "{") open.push(index);
    else {
      const from = open.pop();
      if (from !== undefined) ends.set(from, index + 1);
    }
  }
  return (from) => ends.get(from) ?? code.length;
}

/** Counts matches, in so much text and no more: who nests tests in tests a thousand times waits for nobody. */
export class Counter {
  private left = 4_000_000;

  count(text: string, what: RegExp): number {
    this.left -= text.length;
    return this.left < 0 ? 0 : [...text.matchAll(what)].length;
  }
}
