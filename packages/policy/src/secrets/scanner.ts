/** Finds secrets in a text, whole or as it comes; the way it is cut changes nothing. Words are the business of `scan-words.ts`. */
import { type FoundSecret, WordScan, nameLimit, telling, wordLimit } from "./scan-words.ts";

export interface SecretScanner {
  /** What is certain now; offsets count from the beginning of the stream. */
  push(text: string): readonly FoundSecret[];
  end(): readonly FoundSecret[];
  /** Up to here nothing more will be found. */
  readonly settled: number;
  /** Nothing that came before makes a secret of the word that comes. */
  readonly isCalm: boolean;
}

export function findSecrets(text: string): readonly FoundSecret[] {
  const scanner = createSecretScanner();
  const found = scanner.push(text);
  const rest = scanner.end();
  return rest.length === 0 ? found : [...found, ...rest];
}

/** Keeps no more than the last words: an open one of at most `wordLimit` characters, and the one before it. */
export function createSecretScanner(): SecretScanner {
  const words = new WordScan();
  let buffer = "";
  /** Offset of the buffer in the stream. */
  let base = 0;
  /** In the buffer: where the first word begins that was not looked at. */
  let open = 0;

  const take = (isEnd: boolean): readonly FoundSecret[] => {
    const found: FoundSecret[] = [];
    open = scanFrom(buffer, { open, isEnd, words }, found);
    const { before } = words;
    const keep = before.end > before.start ? before.start : open;
    const placed = base === 0 ? found : found.map((one) => ({ ...one, start: one.start + base, end: one.end + base }));
    buffer = buffer.slice(keep);
    base += keep;
    open -= keep;
    before.start -= keep;
    before.end -= keep;
    return placed;
  };
  return {
    push(text) {
      buffer += text;
      return take(false);
    },
    end: () => take(true),
    get settled() {
      return base + open;
    },
    get isCalm() {
      return words.isCalm;
    },
  };
}

interface Progress {
  readonly open: number;
  readonly isEnd: boolean;
  readonly words: WordScan;
}

/** Looks at every word that is complete; gives where the first open one begins. */
function scanFrom(text: string, { open, isEnd, words }: Progress, found: FoundSecret[]): number {
  const { length } = text;
  let start = open;
  words.begin(text, found);
  for (;;) {
    let code = 0;
    while (start < length && (code = text.charCodeAt(start)) <= 0x20) {
      if (code === 0x0a) words.newLine();
      start++;
    }
    if (start >= length) return start;
    let end = start;
    let signs = 0;
    const stop = Math.min(length, start + wordLimit);
    while (end < stop && (code = text.charCodeAt(end)) > 0x20) {
      if (code < 128) signs |= telling[code] ?? 0;
      end++;
    }
    if (end === length && !isEnd && end - start < wordLimit) return start;
    if (end - start < wordLimit) words.scan(start, end, signs !== 0);
    else {
      end = pieceEnd(text, start, end);
      // What comes behind a piece may not be there yet.
      words.begin(text.slice(0, end), found);
      words.scan(start, end, true);
      words.begin(text, found);
    }
    if (end - start > nameLimit) words.before.start = end;
    start = end;
  }
}

/** Not inside of what could be a secret, where that can be helped. */
function pieceEnd(text: string, start: number, end: number): number {
  for (let at = end - 1; at > start + wordLimit / 2; at--) if (",;{}[]()<>".includes(text.charAt(at))) return at + 1;
  return end;
}
