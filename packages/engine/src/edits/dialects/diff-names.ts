/** File names as unified diffs write them: prefixes, C quoting, time stamps. */
import { maxPathBytes } from "./limits.ts";

/** The pairs of prefixes that git puts before the old and the new name, also reversed. */
const prefixPairs = new Set(["a/ b/", "b/ a/", "i/ w/", "w/ i/", "c/ i/", "i/ c/", "c/ w/", "w/ c/", "o/ w/", "w/ o/", "1/ 2/"]);
const prefix = /^[abciow12]\//;

/** `undefined` stands for /dev/null. */
export interface DiffNames {
  readonly old: string | undefined;
  readonly new: string | undefined;
}

/** The names of a `---` and a `+++` line. */
export function namesOf(minusLine: string, plusLine: string): DiffNames {
  return withoutPrefixes({ old: nameIn(minusLine.slice(4)), new: nameIn(plusLine.slice(4)) });
}

/** The name of `diff --git A B`, for sections that have no other; undefined where the two differ or cannot be told apart. */
export function gitName(rest: string): string | undefined {
  const quoted = /^("(?:[^"\\]|\\.)*") ("(?:[^"\\]|\\.)*")$/.exec(rest.trim());
  const halves = quoted === null ? sameHalves(rest.trim()) : [unquoted(quoted[1] ?? ""), unquoted(quoted[2] ?? "")];
  const names = withoutPrefixes({ old: halves?.[0], new: halves?.[1] });
  return names.old === names.new ? names.old : undefined;
}

/** A name that may be quoted as in C, with octal escapes for bytes of UTF-8. */
export function unquoted(text: string): string {
  if (!/^".*"$/s.test(text)) return text;
  const simple: Record<string, number> = { a: 7, b: 8, t: 9, n: 10, v: 11, f: 12, r: 13 };
  const parts = text.slice(1, -1).match(/\\[0-3][0-7]{2}|\\.|[^\\]+/gs) ?? [];
  const bytes = parts.map((part) => {
    if (!part.startsWith("\\")) return Buffer.from(part);
    if (part.length === 4) return Buffer.of(Number.parseInt(part.slice(1), 8));
    const letter = part.slice(1);
    const code = simple[letter];
    return code === undefined ? Buffer.from(letter) : Buffer.of(code);
  });
  return Buffer.concat(bytes).toString();
}

/** The name that remains when a section has two which are not the same file: where one is the other's end, the shorter. */
export function commonName(old: string, renamed: string): string {
  return renamed.endsWith(`/${old}`) ? old : renamed;
}

function nameIn(text: string): string | undefined {
  // Too long for a path; looking for a time stamp in it would only take time.
  if (text.length > 4 * maxPathBytes) return text;
  const quoted = /^"(?:[^"\\]|\\.)*"/.exec(text);
  const name = quoted === null ? withoutStamp(text) : unquoted(quoted[0]);
  return name === "/dev/null" ? undefined : name;
}

function withoutStamp(text: string): string {
  return text
    .replace(/\t.*$/s, "")
    .replace(/\s+\d{4}-\d\d-\d\d[ T]\d\d:\d\d.*$/s, "")
    .trim();
}

/** Prefixes are taken off only where both names have those of one pair. */
function withoutPrefixes({ old, new: renamed }: DiffNames): DiffNames {
  const [first, second] = [old, renamed].map((name) => (name === undefined ? undefined : (prefix.exec(name)?.[0] ?? "")));
  const matches =
    first === undefined
      ? second === "b/" || second === "w/" || second === "i/"
      : second === undefined
        ? first === "a/" || first === "i/" || first === "c/"
        : prefixPairs.has(`${first} ${second}`);
  if (!matches) return { old, new: renamed };
  return { old: old?.slice(2), new: renamed?.slice(2) };
}

function sameHalves(text: string): readonly [string, string] | undefined {
  const middle = (text.length - 1) / 2;
  if (!Number.isInteger(middle) || text.charAt(middle) !== " ") return undefined;
  const [first, second] = [text.slice(0, middle), text.slice(middle + 1)];
  return first.replace(prefix, "") === second.replace(prefix, "") ? [first, second] : undefined;
}
