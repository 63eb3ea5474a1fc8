/** Whether a commit holds a hunk: by what it changes in a file, not by who says so. Pure. */
import type { ChangedLines } from "./landed-lines.ts";

/** A person may have changed some of its lines before the commit; with fewer left it is theirs. */
const leastShare = 0.5;

/** The indices in `after` of lines that the commit added and the hunk had brought; undefined: the commit does not hold the hunk. */
export function heldLines(hunk: ChangedLines, commit: CommitChange): readonly number[] | undefined {
  const telling = hunk.added.filter(isTelling);
  // Of lines that say nothing, such as a brace, all must be there.
  const wanted = telling.length > 0 ? telling : hunk.added;
  if (wanted.length === 0) {
    const removed = take(hunk.removed, commit.removed);
    return hunk.removed.length > 0 && removed.length >= hunk.removed.length ? [] : undefined;
  }
  const least = telling.length > 0 ? telling.length * leastShare : wanted.length;
  const added = commit.added.map(({ text }) => text);
  if (take(wanted, added).length < least) return undefined;
  return take(hunk.added, added).map((at) => commit.added[at]!.index);
}

export interface CommitChange {
  /** `index`: 0-based line in the file behind the commit. */
  readonly added: readonly { readonly index: number; readonly text: string }[];
  readonly removed: readonly string[];
}

/** Lines of fewer characters stand everywhere. */
const isTelling = (line: string): boolean => line.trim().length > 3;

/** Where each of the lines is found, each place once. */
function take(lines: readonly string[], among: readonly string[]): readonly number[] {
  const places = new Map<string, number[]>();
  for (const [at, text] of among.entries()) places.set(text, [...(places.get(text) ?? []), at]);
  return lines.flatMap((line) => places.get(line)?.shift() ?? []);
}
