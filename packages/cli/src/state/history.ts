/** The prompts of a workspace, oldest first, each once. Pure; the file they are kept in is `screen/history-file.ts`. */

export interface History {
  readonly entries: readonly string[];
}

const entryLimit = 1000;

export const emptyHistory: History = { entries: [] };

/** Of equal entries the newest stays. */
export function historyOf(entries: readonly string[]): History {
  return { entries: [...new Set(entries.toReversed())].reverse().slice(-entryLimit) };
}

/** As the newest; a line that begins with a blank is not kept. */
export function remember({ entries }: History, entry: string): History {
  if (entry.trim() === "" || entry.startsWith(" ")) return { entries };
  return { entries: [...entries.filter((other) => other !== entry), entry].slice(-entryLimit) };
}
