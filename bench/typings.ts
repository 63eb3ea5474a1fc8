/**
 * Typings of requests that need no model, with the gaps of a person: GENERATED, the same ones for the same seed, and recorded from nobody. The
 * shape follows what is known of typing at a keyboard: most gaps between 80 and 250 ms, longer ones between words, now and then a thought, a
 * slip with its correction, a change of mind.
 */

export interface Typing {
  /** What is sent in the end. */
  readonly text: string;
  /** What stood on the line whenever nobody typed for `pauseMs` or longer, and for how long; ms. The last one is before Enter. */
  readonly pauses: readonly { readonly text: string; readonly ms: number }[];
}

/** Numbers from 0 to 1, the same in each run with the same seed. */
export function random(from: number): () => number {
  let at = from;
  return () => {
    at = (at * 1664525 + 1013904223) % 4294967296;
    return at / 4294967296;
  };
}

const letters = "abcdefghijklmnopqrstuvwxyz";
/** Shares of keys and typings. */
const [slips, thoughts, changes] = [0.03, 0.06, 0.12];
/** How often the eyes go over the line before Enter. */
const looks = 0.7;

/** `requests`: what they come to, each with another last word that was meant first. */
export function typings(requests: readonly { text: string; meant: string }[], pauseMs: number, seed: number): Typing[] {
  const next = random(seed);
  /** Around `middle`, with the long tail of a person. */
  const gap = (middle: number): number => middle * Math.exp(0.45 * (next() + next() + next() - 1.5) * 2);
  return requests.map(({ text, meant }) => {
    const pauses: { text: string; ms: number }[] = [];
    let line = "";
    const key = (after: string, middle: number): void => {
      const ms = gap(middle);
      if (ms >= pauseMs && line !== "") pauses.push({ text: line, ms });
      line = after;
    };
    const type = (whole: string): void => {
      while (line !== whole) {
        const letter = whole[line.length] ?? "";
        if (next() < slips && /[a-z]/.test(letter)) {
          key(line + letters[Math.floor(next() * letters.length)], 110);
          key(line.slice(0, -1), 260);
        }
        key(line + letter, next() < thoughts && line.endsWith(" ") ? 900 : line.endsWith(" ") ? 190 : 105);
      }
    };
    if (next() < changes) {
      type(meant);
      const common = meant.split("").findIndex((letter, at) => letter !== text[at]);
      while (line.length > common) key(line.slice(0, -1), line === meant ? 800 : 60);
    }
    type(text);
    const before = gap(next() < looks ? 650 : 160);
    if (before >= pauseMs) pauses.push({ text, ms: before });
    return { text, pauses };
  });
}
