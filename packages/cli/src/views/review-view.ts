/** The review list: hunks around the cursor, the open one's lines below, within a height. Pure. */
import type { Review, ReviewedHunk } from "@twolane/protocol";
import { type ReviewList, isOpen, listed, underCursor } from "../state/review-list.ts";
import { markedLines } from "./diff-view.ts";
import { hunkLine } from "./hunk-view.ts";
import type { Room } from "./panel-view.ts";
import type { Style } from "./style.ts";
import { clip } from "./text.ts";

/** Rows of the list itself when a hunk is open. */
const listRows = 5;

export interface ReviewPage extends Room {
  readonly style: Style;
  /** Which keys do what, in a few words. */
  readonly keys: string;
}

export function reviewView(list: ReviewList, review: Review, page: ReviewPage): string[] {
  const { style, width, height } = page;
  const all = listed(review);
  const current = underCursor(list, review);
  const at = Math.max(
    0,
    all.findIndex(({ hunk }) => hunk.id === current?.hunk.id),
  );
  const open = all.filter(isOpen).length;
  const title = `Review ${all.length === 0 ? 0 : at + 1}/${all.length} · ${open} undecided`;
  const lines = list.open && current !== undefined ? hunkText(list, current, style) : [];
  const room = Math.max(1, height - 2);
  const rows = lines.length === 0 ? room : Math.max(1, Math.min(listRows, all.length, room - 2));
  const first = Math.max(0, Math.min(at - Math.floor(rows / 2), all.length - rows));
  const shown = all.slice(first, first + rows).map((one) => listLine(one, one.hunk.id === current?.hunk.id, style));
  const left = room - shown.length;
  const from = Math.max(0, Math.min(list.firstLine, lines.length - left));
  const text = lines.slice(from, from + left);
  if (text.length > 0 && from + text.length < lines.length)
    text[text.length - 1] = style.dim(`  … ${lines.length - from - text.length + 1} more (PgDn)`);
  return [style.bold(title), ...shown, ...text, style.dim(page.keys)].map((line) => clip(line, width));
}

function listLine(reviewed: ReviewedHunk, chosen: boolean, style: Style): string {
  const fresh = reviewed.seen ? " " : style.warn("•");
  const line = `${fresh} ${hunkLine(reviewed, style)}`;
  return chosen ? `${style.bold("›")}${line}` : ` ${line}`;
}

function hunkText(list: ReviewList, { hunk }: ReviewedHunk, style: Style): string[] {
  const lines = list.lines.get(hunk.id);
  return lines === undefined
    ? [style.dim("  (its text is read with /diff)")]
    : markedLines(lines, style).map((line) => `    ${line}`);
}
