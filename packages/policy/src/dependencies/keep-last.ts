/** Texts that were read are not read again: what a hunk leaves is what the next one starts from. Knows nothing of what is read. */

type Read<Result> = (text: string, path: string) => Result;

interface Kept<Result> {
  readonly text: string;
  readonly result: Result;
}

/** Before, after, and the one that the disk has. */
const textsOfPath = 3;

/** The same function, with the last texts of the last `paths` kept. What it gives must not be changed by anybody. */
export function keepLast<Result>(paths: number, read: Read<Result>): Read<Result> {
  const kept = new Map<string, Kept<Result>[]>();
  return (text, path) => {
    const texts = kept.get(path) ?? [];
    const known = texts.find((one) => one.text === text);
    if (known !== undefined) return known.result;
    const result = read(text, path);
    // The path that was read anew comes last, so that the first is the one to forget.
    kept.delete(path);
    kept.set(path, [{ text, result }, ...texts.slice(0, textsOfPath - 1)]);
    for (const oldest of kept.keys()) {
      if (kept.size <= paths) break;
      kept.delete(oldest);
    }
    return result;
  };
}
