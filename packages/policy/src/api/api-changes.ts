/** How exported declarations of a file differ before and after a change. How a language is read is its own file's business. */
import { keepLast } from "../dependencies/keep-last.ts";
import { isTestFile } from "../tests/test-files.ts";
import type { Declarations } from "./declarations.ts";
import { goDeclarations } from "./go.ts";
import { pythonDeclarations } from "./python.ts";
import { rustDeclarations } from "./rust.ts";
import { scriptDeclarations } from "./script.ts";

/** Characters; a larger file is generated, and says nothing here. */
const readAtMost = 2_000_000;

const readers: readonly (readonly [RegExp, (text: string, path: string) => Declarations])[] = [
  [/\.[cm]?[jt]sx?$/i, scriptDeclarations],
  [/\.pyi?$/i, pythonDeclarations],
  [/\.go$/i, goDeclarations],
  [/\.rs$/i, rustDeclarations],
];

const declarations = keepLast(64, (text: string, path: string): Declarations => {
  const read = readers.find(([names]) => names.test(path))?.[1];
  return read === undefined || text.length > readAtMost ? new Map() : read(text, path);
});

/** What a text exports, by name; nothing of tests, and of languages that are not known. */
export const exportedDeclarations = (text: string, path: string): Declarations =>
  isTestFile(path) ? new Map() : declarations(text, path);

/**
 * Lines `- …` of what is not exported any more and `+ …` of what is instead, name by name; none: it is the same. `undefined`: there is no
 * such file; one that comes into being changes nothing that was there.
 */
export function apiChanges(before: string | undefined, after: string | undefined, path: string): readonly string[] {
  if (before === undefined || before === after) return [];
  const old = exportedDeclarations(before, path);
  const now: Declarations = after === undefined ? new Map() : exportedDeclarations(after, path);
  const changed = [...old].flatMap(([name, { shown, form }]) => {
    const next = now.get(name);
    if (next?.form === form) return [];
    return next === undefined ? [`- ${shown}`] : [`- ${shown}`, `+ ${next.shown}`];
  });
  const added = [...now].flatMap(([name, { shown }]) => (old.has(name) ? [] : [`+ ${shown}`]));
  return [...changed, ...added];
}
