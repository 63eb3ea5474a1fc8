/** The pure model of a person: how fast they read, how soon they react, how long they type; and of a model that drifts. */

/** What is assumed; nothing of it was measured on people. Times in seconds. */
export interface Assumptions {
  /** Share of tasks in which the model begins a wrong course. */
  readonly driftRate: number;
  /** Where it does, as a share of the change; drawn evenly between nothing and twice this. */
  readonly driftPoint: number;
  /** Changed lines that a person reads in a second. */
  readonly linesPerSecond: number;
  /** Share of what stood before the mistake, and was read, that is read again where all is written anew. */
  readonly rereading: number;
  /** From seeing to acting. */
  readonly reaction: number;
  readonly wordsPerMinute: number;
  /** Of a correction, also where it is asked anew. */
  readonly correctionWords: number;
  /** Of a brief for the deep lane. */
  readonly briefWords: number;
  /** From a request to its first token. */
  readonly firstToken: number;
  /** From the last hunk to the end of the tests. */
  readonly tests: number;
  /** Of the deep lane's model. */
  readonly deepTokensPerSecond: number;
}

export const stated: Assumptions = {
  ...{ driftRate: 0.4, driftPoint: 0.3 },
  ...{ linesPerSecond: 2, rereading: 1, reaction: 1, wordsPerMinute: 40, correctionWords: 6, briefWords: 12 },
  ...{ firstToken: 0.3, tests: 2, deepTokensPerSecond: 65 },
};

export const assumptionNames = [
  ...(["driftRate", "driftPoint", "linesPerSecond", "rereading", "reaction", "wordsPerMinute"] as const),
  ...(["correctionWords", "briefWords", "firstToken", "tests", "deepTokensPerSecond"] as const),
];

/** How long it takes to type so many words. */
export const typing = (words: number, { wordsPerMinute }: Pick<Assumptions, "wordsPerMinute">): number =>
  (words / wordsPerMinute) * 60;

/** Something to read that is there at a time. */
export interface Readable {
  readonly at: number;
  readonly lines: number;
}

export interface Reading {
  readonly from: number;
  readonly to: number;
}

/** One after the other, in the given order, each when it is there and the person is free. */
export function read(
  list: readonly Readable[],
  from: number,
  { linesPerSecond }: Pick<Assumptions, "linesPerSecond">,
): readonly Reading[] {
  let free = from;
  return list.map(({ at, lines }) => {
    const start = Math.max(free, at);
    free = start + lines / linesPerSecond;
    return { from: start, to: free };
  });
}

/** Numbers in [0, 1), the same for the same words (FNV-1a, then mulberry32). */
export function randomOf(...words: readonly (string | number)[]): () => number {
  let state = 0x811c9dc5;
  for (const char of words.join("\0")) state = Math.imul(state ^ char.charCodeAt(0), 0x01000193) >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
