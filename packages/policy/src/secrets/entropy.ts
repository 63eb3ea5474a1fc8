/** How much like chance a text is. */

/** Bits for each character, by how often each stands in the text (Shannon). */
export function entropyOf(text: string): number {
  const counts = new Map<number, number>();
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    counts.set(code, (counts.get(code) ?? 0) + 1);
  }
  let bits = 0;
  for (const count of counts.values()) bits -= (count / text.length) * Math.log2(count / text.length);
  return bits;
}

/** How often small letters, capitals, digits and signs follow on something else, for each character. What is made by chance changes often, words do not. */
export function changeRate(text: string): number {
  let changes = 0;
  let before = classOf(text.charCodeAt(0));
  for (let at = 1; at < text.length; at++) {
    const now = classOf(text.charCodeAt(at));
    // A capital that begins a word is none.
    if (now !== before && !(before === capital && now === small)) changes++;
    before = now;
  }
  return changes / text.length;
}

const [small, capital, digit, sign] = [0, 1, 2, 3];

function classOf(code: number): number {
  if (code >= 0x61 && code <= 0x7a) return small;
  if (code >= 0x41 && code <= 0x5a) return capital;
  return code >= 0x30 && code <= 0x39 ? digit : sign;
}
