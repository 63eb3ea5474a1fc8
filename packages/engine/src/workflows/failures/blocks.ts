/** Pieces of output between one line and another. */

export interface Block {
  /** Index of its first line. */
  readonly from: number;
  /** Of its last that is not blank. */
  readonly to: number;
  readonly lines: readonly string[];
}

/** From each line that begins one to the next, or to what ends it (that line is not in it). */
export function blocksOf(
  lines: readonly string[],
  { begins, ends }: { readonly begins: (line: string) => boolean; readonly ends?: (line: string) => boolean },
): readonly Block[] {
  const blocks: Block[] = [];
  let from = -1;
  const close = (to: number): void => {
    if (from >= 0) blocks.push(blockOf(lines, from, to));
    from = -1;
  };
  for (const [at, line] of lines.entries()) {
    if (begins(line)) {
      close(at - 1);
      from = at;
    } else if (ends?.(line) === true) close(at - 1);
  }
  close(lines.length - 1);
  return blocks;
}

/** Both inclusive. */
export function blockOf(lines: readonly string[], from: number, to: number): Block {
  let last = to;
  while (last > from && lines[last]?.trim() === "") last--;
  return { from, to: last, lines: lines.slice(from, last + 1) };
}

const messageLines = 8;

/** Lines as a message: no blank ones around, one indentation less, only so many. */
export function messageOf(lines: readonly string[]): string {
  const kept = lines.filter((line) => line.trim() !== "").slice(0, messageLines);
  const margin = Math.min(...kept.map((line) => line.length - line.trimStart().length));
  return kept
    .map((line) => line.slice(margin).trimEnd())
    .join("\n")
    .trim();
}

/** The lines before the first one of that kind. */
export function before(lines: readonly string[], isEnd: (line: string) => boolean): readonly string[] {
  const at = lines.findIndex(isEnd);
  return at < 0 ? lines : lines.slice(0, at);
}
