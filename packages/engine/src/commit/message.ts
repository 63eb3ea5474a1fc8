/** The draft of a commit's message, from what was asked and who helped. Pure. */

export interface MessageParts {
  /** Prompts of the turns whose hunks are committed, oldest first. */
  readonly prompts: readonly string[];
  readonly model: string;
  /** `assisted-by`, `co-authored-by`, `none`, or a whole line. */
  readonly trailer: string;
}

const subjectWidth = 72;

export function draftMessage({ prompts, model, trailer }: MessageParts): string {
  const subjects = prompts.map(subjectOf).filter((subject) => subject !== "");
  const [first = "Change", ...more] = [...new Set(subjects)];
  const body = more.length === 0 ? [] : ["", ...more.map((subject) => `- ${subject}`)];
  const line = trailerLine(trailer, model);
  return [first, ...body, ...(line === "" ? [] : ["", line])].join("\n");
}

/** The first sentence, as a subject is written: capital first, no dot, cut at a word. */
function subjectOf(prompt: string): string {
  const line = prompt.trim().split("\n", 1)[0] ?? "";
  const sentence = (/^.*?[.!?](?=\s|$)/.exec(line)?.[0] ?? line).replace(/[.!?:;,\s]+$/, "").replaceAll(/\s+/g, " ");
  const capital = sentence.charAt(0).toUpperCase() + sentence.slice(1);
  if (capital.length <= subjectWidth) return capital;
  const cut = capital.slice(0, subjectWidth - 1);
  return `${cut.slice(0, Math.max(cut.lastIndexOf(" "), subjectWidth / 2))}…`;
}

function trailerLine(trailer: string, model: string): string {
  if (trailer === "none") return "";
  if (trailer === "assisted-by") return `Assisted-by: twolane:${model}`;
  if (trailer === "co-authored-by") return `Co-authored-by: twolane (${model}) <noreply@twolane.invalid>`;
  return trailer;
}
