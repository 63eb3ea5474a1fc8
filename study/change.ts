/** A known good change as hunks that a model can say, and an answer that says them, token by token. Pure. */

export interface ChangeHunk {
  readonly path: string;
  readonly kind: "update" | "create";
  /** Lines with their marks, without endings. */
  readonly lines: readonly string[];
  /** Of a wrong one: lines around what is mended that are said with it; absent: the usual three. */
  readonly mendContext?: number;
}

/** The simulated model sends four bytes at a time, and each is a token. */
export const bytesPerToken = 4;

/** Hunks of one file from the text of `git diff`. Undefined where an edit could not say it the same way: no text, no final newline. */
export function hunksOf(path: string, diff: string): readonly ChangeHunk[] | undefined {
  const [head = "", ...parts] = diff.split(/^(?=@@ )/m);
  if (/^(Binary files|GIT binary patch)/m.test(head) || /^\\ /m.test(diff) || /[^\0-\x7f]|\r/.test(parts.join("")))
    return undefined;
  const kind = /^--- \/dev\/null$/m.test(head) ? "create" : "update";
  return parts.map((part) => ({ path, kind, lines: part.replace(/\n$/, "").split("\n").slice(1) }));
}

export const addedLines = ({ lines }: ChangeHunk): readonly string[] => marked(lines, "+");
const marked = (lines: readonly string[], mark: string): string[] =>
  lines.filter((line) => line.startsWith(mark)).map((line) => line.slice(1));

/** Lines that a reviewer has to read: what comes and what goes. */
export const changedLines = ({ lines }: ChangeHunk): number => lines.filter((line) => /^[+-]/.test(line)).length;

/** The lines as they stand in the file before (`-`) or after (`+`). */
export function sideOf({ lines }: ChangeHunk, mark: "-" | "+"): string {
  return lines
    .filter((line) => line.startsWith(" ") || line.startsWith(mark))
    .map((line) => `${line.slice(1)}\n`)
    .join("");
}

/** As few as leave only one place for it. */
export const mendContexts = [3, 6, 12, 24, 200] as const;

/** The hunk that makes what was wrongly landed right: the same lines before, other lines after. Both say one line for each other. */
export function mendOf(wrong: ChangeHunk, right: ChangeHunk): ChangeHunk {
  const context = wrong.mendContext ?? mendContexts[0];
  const whole = wrong.lines.flatMap((line, at) => {
    const better = right.lines[at] ?? "";
    if (line.startsWith("-")) return [];
    return line === better ? [` ${line.slice(1)}`] : [`-${line.slice(1)}`, `+${better.slice(1)}`];
  });
  const first = whole.findIndex((line) => !line.startsWith(" "));
  const last = whole.findLastIndex((line) => !line.startsWith(" "));
  return { path: wrong.path, kind: "update", lines: whole.slice(Math.max(0, first - context), last + 1 + context) };
}

export interface AnswerHunk {
  readonly hunk: ChangeHunk;
  /** Tokens that are out when its closing byte is. */
  readonly closesAt: number;
}

/** One answer of the model: a single edit call. */
export interface Answer {
  readonly patch: string;
  readonly tokens: number;
  readonly hunks: readonly AnswerHunk[];
}

/** Says these hunks as one V4A patch; hunks of one file that follow each other stand in one section. */
export function answerOf(hunks: readonly ChangeHunk[]): Answer {
  let patch = "*** Begin Patch\n";
  let before: ChangeHunk | undefined;
  const ends: number[] = [];
  for (const hunk of hunks) {
    if (hunk.kind === "create") patch += `*** Add File: ${hunk.path}\n`;
    else if (before?.path !== hunk.path || before.kind === "create") patch += `*** Update File: ${hunk.path}\n@@\n`;
    else patch += "@@\n";
    patch += hunk.lines.map((line) => `${line}\n`).join("");
    ends.push(patch.length);
    before = hunk;
  }
  patch += "*** End Patch\n";
  return {
    patch,
    tokens: tokensOf(patch),
    // The line behind a hunk closes it as soon as it cannot be anything else; `*** E` may still be the end of the file.
    hunks: hunks.map((hunk, at) => ({
      hunk,
      closesAt: tokensOf(patch.slice(0, (ends[at] ?? 0) + closingBytes(patch, ends[at] ?? 0))),
    })),
  };
}

const endOfFile = "*** End of File";

function closingBytes(patch: string, at: number): number {
  const line = patch.slice(at, patch.indexOf("\n", at));
  if (line.startsWith("@@")) return 2;
  let same = 0;
  while (same < line.length && line[same] === endOfFile[same]) same++;
  return Math.max(4, same + 1);
}

export const tokensOf = (text: string): number => Math.ceil(Buffer.byteLength(text) / bytesPerToken);
