/** Text and its bytes: sizes in UTF-8, cutting without tearing a character, decoding; and words around a number. */

export function byteLength(text: string): number {
  return Buffer.byteLength(text, "utf8");
}

/** The longest beginning of `text` that fits into `limit` bytes of UTF-8. */
export function cutToBytes(text: string, limit: number): string {
  const bytes = Buffer.from(text, "utf8");
  if (bytes.length <= limit) return text;
  let end = limit;
  while (end > 0 && (bytes[end]! & 0xc0) === 0x80) end--;
  return bytes.toString("utf8", 0, end);
}

/** The first line of what another program said, as a sentence. */
export function sentence(said: string): string {
  const [line = ""] = said.trim().split("\n", 1);
  return line === "" || /[.!?…]$/.test(line.trimEnd()) ? line.trimEnd() : `${line.trimEnd()}.`;
}

/** Of a line that begins with the last name of a path: with the whole path. */
export function withWholePath(line: string, path: string): string {
  const name = path.slice(path.lastIndexOf("/") + 1);
  return line.startsWith(`${name} `) ? `${path}${line.slice(name.length)}` : line;
}

/** Text of bytes that were read one character a byte (Latin-1), as git's output is; U+FFFD for what is no valid UTF-8. */
export const readable = (latin1: string): string => Buffer.from(latin1, "latin1").toString("utf8");

/** Text of bytes that are UTF-8; U+FFFD for what is not valid. A byte order mark stays. */
export const textOf = ({ buffer, byteOffset, byteLength: length }: Uint8Array): string =>
  Buffer.from(buffer, byteOffset, length).toString("utf8");

/** `1 hunk`, `2 hunks`. */
export const counted = (count: number, word: string): string => `${count} ${word}${count === 1 ? "" : "s"}`;
