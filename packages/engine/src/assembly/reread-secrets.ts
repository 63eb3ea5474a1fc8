/**
 * What the stand-ins of an earlier conversation stand for is nowhere kept: the files that they came from are read again. What somebody
 * typed stays unknown, and a hunk that names it is held.
 */
import type { GuardedReader } from "../guard/guarded-reader.ts";
import type { ConversationItem } from "../models/models.ts";

/** Files that are looked at. */
const fileLimit = 200;

export async function rereadSecrets(items: readonly ConversationItem[], reader: GuardedReader): Promise<void> {
  const texts = items.flatMap((item) => ("text" in item ? [item.text] : "input" in item ? [item.input] : []));
  if (!texts.some((text) => text.includes("TWOLANE_SECRET_"))) return;
  const paths = new Set(texts.flatMap(pathsIn));
  await Promise.all([...paths].slice(0, fileLimit).map((path) => reader.readFile(path)));
}

/** Of files that travelled with a prompt, outputs of reading and searching, and edits. */
function pathsIn(text: string): string[] {
  const named = text.matchAll(
    /<file path="([^"]+)">|^(\S.*?) lines \d+-\d+ of |^([^\s:]+):\d+:|"path": ?"([^"]+)"|^\*\*\* \w+ File: (.+)$/gm,
  );
  return [...named].flatMap(([, ...paths]) => paths.filter((path) => path !== undefined));
}
