/**
 * Files that a prompt names travel with it: that saves the model a round of reading. A name counts only if it is a file of
 * the workspace exactly as written.
 */
import { byteLength } from "../std/text.ts";

/** A text file of the workspace by a name in a prompt, with its path in the workspace; undefined where there is none that may be read. */
export type ReadMention = (name: string) => Promise<{ readonly path: string; readonly text: string } | undefined>;

/** Bytes of all attached files together; one that does not fit is left for the model to read in parts. */
const attachmentLimit = 96 * 1024;
const mentionLimit = 8;

/** Words of the prompt that may be paths, in order, each once. Behind an @ any word may be one, and one with blanks in quotes. */
export function mentionedPaths(prompt: string): string[] {
  const words = prompt.matchAll(/@"([^"\n]+)"|[^\s"'`<>|*?,;()[\]{}]+/g);
  const paths = [...words]
    .flatMap(([word, quoted]) => (quoted === undefined ? plainPath(word) : [quoted]))
    .map((name) => name.replace(/^\.\//, ""))
    .filter((name) => !/^[a-z]+:\/\//i.test(name) && !name.startsWith("/") && !name.split("/").includes(".."));
  return [...new Set(paths)].slice(0, mentionLimit);
}

function plainPath(word: string): string[] {
  const name = word
    .replace(/^@/, "")
    .replace(/[.:!?]+$/, "")
    .replace(/:\d+(:\d+)?$/, "");
  return name !== "" && (word.startsWith("@") || /[./]/.test(name)) ? [name] : [];
}

/** The prompt with the files it names behind it. */
export async function attachMentions(prompt: string, read: ReadMention): Promise<string> {
  const found = await Promise.all(mentionedPaths(prompt).map(read));
  let left = attachmentLimit;
  const attached: string[] = [];
  for (const file of found) {
    if (file === undefined || byteLength(file.text) > left) continue;
    const { path, text } = file;
    left -= byteLength(text);
    attached.push(`<file path="${path}">\n${text}${text.endsWith("\n") ? "" : "\n"}</file>`);
  }
  return [prompt, ...attached].join("\n\n");
}
