/**
 * Files that a prompt names travel with it: that saves the model a round of reading. A name counts only if it is a file of
 * the workspace exactly as written; `@src/a.ts:10-40` names some of its lines.
 */
import { byteLength } from "../std/text.ts";
import type { ShownBefore } from "../tools/shown-part.ts";
import { attachedPart } from "./ledger.ts";

export interface MentionedFile {
  /** In the workspace. */
  readonly path: string;
  readonly text: string;
  /** Of its content; absent where something stands for it. */
  readonly hash?: string;
}

/** A text file of the workspace by a name in a prompt; undefined where there is none that may be read. */
export type ReadMention = (name: string) => Promise<MentionedFile | undefined>;

export interface MentionOptions {
  /** What the model has in front of it already. */
  readonly before?: ShownBefore;
  /** One line for the person about a file that does not travel. */
  readonly onLeft?: (message: string) => void;
}

/** Bytes of all attached files together; one that does not fit is left for the model to read in parts. */
const attachmentLimit = 96 * 1024;
const mentionLimit = 8;

interface Mention {
  readonly name: string;
  /** Named with an @. */
  readonly asked: boolean;
  readonly lines?: { readonly from: number; readonly to: number };
}

/** Words of the prompt that may be paths, in order, each once. Behind an @ any word may be one, and one with blanks in quotes. */
export function mentionedPaths(prompt: string): string[] {
  return [...new Set(mentions(prompt).map(({ name }) => name))].slice(0, mentionLimit);
}

function mentions(prompt: string): readonly Mention[] {
  const words = prompt.matchAll(/@"([^"\n]+)"(:\d+-\d+)?|[^\s"'`<>|*?,;()[\]{}]+/g);
  return [...words]
    .flatMap(([word, quoted, range = ""]) =>
      plainMention(quoted === undefined ? word : `@${quoted}${range}`, quoted !== undefined),
    )
    .map((one) => ({ ...one, name: one.name.replace(/^\.\//, "") }))
    .filter(({ name }) => !/^[a-z]+:\/\//i.test(name) && !name.startsWith("/") && !name.split("/").includes(".."));
}

function plainMention(word: string, quoted: boolean): readonly Mention[] {
  const asked = word.startsWith("@");
  const bare = word.replace(/^@/, "").replace(/[.:!?]+$/, "");
  const [range, from, to] = /:(\d+)-(\d+)$/.exec(bare) ?? [];
  const name = bare.slice(0, bare.length - (range?.length ?? 0)).replace(/:\d+(:\d+)?$/, "");
  if (name === "" || !(asked || quoted || /[./]/.test(name))) return [];
  return [{ name, asked, ...(range !== undefined && { lines: { from: Number(from), to: Number(to) } }) }];
}

/** The prompt with the files it names behind it. */
export async function attachMentions(prompt: string, read: ReadMention, options: MentionOptions = {}): Promise<string> {
  const { before, onLeft } = options;
  const all = mentions(prompt);
  const named = all.filter((one, at) => all.findIndex((other) => keyOf(other) === keyOf(one)) === at);
  const wanted = named.slice(0, mentionLimit);
  const found = await Promise.all(wanted.map(({ name }) => read(name)));
  let left = attachmentLimit;
  const attached: string[] = [];
  for (const [at, file] of found.entries()) {
    if (file === undefined) continue;
    const { lines, asked } = wanted[at]!;
    const text = attachment(file, lines, before);
    if (byteLength(text) > left) {
      if (asked) onLeft?.(`${file.path} is too long to travel with the prompt; name a part of it: @${file.path}:1-200`);
      continue;
    }
    left -= byteLength(text);
    attached.push(text);
  }
  const more = named.slice(mentionLimit).filter(({ asked }) => asked);
  if (more.length > 0)
    onLeft?.(`Only the first ${mentionLimit} files travel with a prompt; ${more.map(({ name }) => name).join(", ")} did not.`);
  return [prompt, ...attached].join("\n\n");
}

const keyOf = ({ name, lines }: Mention): string => `${name}:${lines?.from ?? ""}-${lines?.to ?? ""}`;

function attachment({ path, text, hash }: MentionedFile, range: Mention["lines"], before?: ShownBefore): string {
  if (hash === undefined) return `<file path="${path}">\n${text}\n</file>`;
  const all = text.split("\n");
  if (all.at(-1) === "") all.pop();
  const from = Math.min(Math.max(1, range?.from ?? 1), Math.max(1, all.length));
  const part = { path, hash, from, total: all.length, lines: all.slice(from - 1, range?.to) };
  const instead = before?.instead(part);
  return instead === undefined ? attachedPart(part) : `[${instead}]`;
}
