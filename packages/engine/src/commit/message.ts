/** The draft of a commit's message, from what was asked and who helped. Pure. */

/** How the message says who helped; or a whole line of one's own, such as `Tool: twolane`. */
export type CommitTrailer = "assisted-by" | "co-authored-by" | "none" | (string & {});

export interface MessageParts {
  /** Prompts of the turns whose hunks are committed, oldest first. */
  readonly prompts: readonly string[];
  readonly model: string;
  readonly trailer: CommitTrailer;
}

const subjectColumns = 72;

export function draftMessage({ prompts, model, trailer }: MessageParts): string {
  const subjects = prompts.map(subjectOf).filter((subject) => subject !== "");
  const [first = "Change", ...more] = [...new Set(subjects)];
  const body = more.length === 0 ? [] : ["", ...more.map((subject) => `- ${subject}`)];
  const line = trailerLine(trailer, model);
  return [first, ...body, ...(line === "" ? [] : ["", line])].join("\n");
}

/** One more trailer, behind those that a message has. An empty message stays empty: it is refused. */
export function withTrailer(message: string, line: string): string {
  const text = message.trimEnd();
  if (text === "") return message;
  const last = text.slice(text.lastIndexOf("\n\n") + 2);
  const hasTrailers = text.includes("\n\n") && last.split("\n").every((each) => /^[A-Za-z0-9-]+: \S/.test(each));
  return `${text}${hasTrailers ? "\n" : "\n\n"}${line}\n`;
}

/** A dot or the like that ends a sentence: something follows it only behind a blank, and it is none of `e.g.` and its kin. */
const sentenceEnd = /(?<!\b(?:e\.g|i\.e|etc|vs|cf))[.!?](?=\s|$)/i;

/** The first sentence, as a subject is written: capital first, no dot, cut at a word. */
function subjectOf(prompt: string): string {
  const [line = ""] = prompt
    .replaceAll(/[^\P{Cc}\n]/gu, " ")
    .trim()
    .split("\n", 1);
  const [sentence = ""] = line.split(sentenceEnd, 1);
  const words = sentence.replace(/[.!?:;,\s]+$/, "").split(/\s+/);
  const [first = "", ...rest] = words;
  let subject = cut(first.charAt(0).toUpperCase() + first.slice(1));
  for (const word of rest) {
    if (columnsOf(`${subject} ${word}`) > subjectColumns) break;
    subject = `${subject} ${word}`;
  }
  return subject;
}

/** One word that is longer than a line. */
function cut(word: string): string {
  let kept = "";
  for (const character of word) {
    if (columnsOf(kept + character) > subjectColumns) break;
    kept += character;
  }
  return kept;
}

const wide = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\p{Emoji_Presentation}\uff01-\uff60]/u;

function columnsOf(text: string): number {
  let columns = 0;
  for (const character of text) columns += /\p{M}/u.test(character) ? 0 : wide.test(character) ? 2 : 1;
  return columns;
}

function trailerLine(trailer: CommitTrailer, model: string): string {
  if (trailer === "none") return "";
  if (trailer === "assisted-by") return `Assisted-by: twolane:${model}`;
  if (trailer === "co-authored-by") return `Co-authored-by: twolane (${model}) <noreply@twolane.invalid>`;
  return trailer;
}
