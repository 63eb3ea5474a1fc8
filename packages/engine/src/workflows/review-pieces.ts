/** A diff cut into pieces that fit in a turn each, as the model reads them: every new line with its number. */
import type { ReviewDiff, ReviewedFile, ReviewedHunk, ReviewedLine } from "./review-diff.ts";

/** UTF-16 units of one piece; a quarter of it are tokens, roughly. */
const pieceLimit = 16_000;
/** All together stay in what a fast model can keep in mind. */
export const mostPieces = 12;
/** UTF-16 units that are shown of one line. */
const lineLimit = 1000;

export interface ReviewPiece {
  readonly text: string;
  /** Each once. */
  readonly paths: readonly string[];
  /** Added and removed. */
  readonly lines: number;
}

/** Files stay together where they can; none is between two pieces that is smaller than one. What is beyond the last piece is not among them. */
export function cutPieces({ files }: Pick<ReviewDiff, "files">, limit = pieceLimit): readonly ReviewPiece[] {
  const pieces: { text: string; paths: Set<string>; lines: number }[] = [];
  for (const block of files.flatMap((file) => blocksOf(file, limit))) {
    const last = pieces.at(-1);
    if (last !== undefined && last.text.length + block.text.length + 1 <= limit) {
      last.text += `\n${block.text}`;
      last.paths.add(block.path);
      last.lines += block.lines;
    } else pieces.push({ text: block.text, paths: new Set([block.path]), lines: block.lines });
  }
  return pieces.map(({ paths, ...piece }) => ({ ...piece, paths: [...paths] }));
}

interface Block {
  readonly path: string;
  readonly text: string;
  readonly lines: number;
}

/** The whole file where it fits, else as many of its hunks as fit; of a hunk that fits nowhere as many of its lines. */
function blocksOf(file: ReviewedFile, limit: number): readonly Block[] {
  const head = headOf(file);
  const blocks: Block[] = [];
  let open: string[] = [];
  let size = head.length;
  let lines = 0;
  const close = (): void => {
    if (open.length > 0 || blocks.length === 0) blocks.push({ path: file.path, text: [head, ...open].join("\n"), lines });
    [open, size, lines] = [[], head.length, 0];
  };
  const add = (text: string, counts: number): void => {
    if (size + text.length + 1 > limit && open.length > 0) close();
    open.push(text);
    size += text.length + 1;
    lines += counts;
  };
  for (const hunk of file.hunks) {
    const text = hunkText(hunk);
    if (text.length + head.length + 1 <= limit) add(text, changed(hunk.lines));
    else {
      add("@@", 0);
      for (const line of hunk.lines) add(lineText(line), changed([line]));
    }
  }
  close();
  return blocks;
}

const changed = (lines: readonly ReviewedLine[]): number => lines.filter(({ op }) => op !== "keep").length;

function headOf({ path, from, kind }: ReviewedFile): string {
  const how = kind === "create" ? " (new file)" : kind === "delete" ? " (deleted)" : from === undefined ? "" : ` (was ${from})`;
  return `=== ${path}${how}`;
}

const hunkText = ({ lines }: ReviewedHunk): string => ["@@", ...lines.map(lineText)].join("\n");

const marks = { keep: " ", add: "+", remove: "-" } as const;

function lineText({ op, text, line }: ReviewedLine): string {
  const shown = text.length > lineLimit ? `${text.slice(0, lineLimit)} …` : text;
  return `${String(line ?? "").padStart(5)} ${marks[op]}${shown}`;
}
