/** One hunk in one line, with words that say the same without colour. Pure. */
import type { Hunk, ReviewedHunk } from "@twolane/protocol";
import type { Style } from "./style.ts";
import { sanitizeLine } from "./text.ts";

export function hunkPlace(hunk: Hunk): string {
  const path = sanitizeLine(hunk.path);
  if (hunk.operation === "move") return `${path} → ${sanitizeLine(hunk.movedTo ?? "?")}`;
  return hunk.operation === "update" && hunk.line > 0 ? `${path}:${hunk.line}` : path;
}

export function hunkSize(hunk: Hunk): string {
  const lines = `+${hunk.linesAdded} −${hunk.linesRemoved}`;
  if (hunk.operation === "update") return lines;
  return hunk.operation === "move" ? "move" : `${lines} ${hunk.operation}`;
}

export interface HunkMark {
  readonly sign: string;
  readonly word: string;
  readonly paint: (text: string) => string;
}

export function hunkMark({ state, commit }: ReviewedHunk, style: Style): HunkMark {
  if (commit !== undefined) return { sign: "✓", word: `committed ${commit.slice(0, 7)}`, paint: style.good };
  switch (state) {
    case "streaming":
      return { sign: "…", word: "on its way", paint: style.dim };
    case "landed":
      return { sign: "●", word: "landed", paint: style.good };
    case "accepted":
      return { sign: "✓", word: "accepted", paint: style.good };
    case "held":
      return { sign: "◌", word: "held", paint: style.warn };
    case "failed":
      return { sign: "✗", word: "failed", paint: style.bad };
    case "rejected":
      return { sign: "✗", word: "rejected", paint: style.bad };
    case "undone":
      return { sign: "↶", word: "undone", paint: style.dim };
    case "superseded":
      return { sign: "↷", word: "made good", paint: style.dim };
  }
}

/** Mark, id, place, size, state, and why it is held or has failed. */
export function hunkLine(reviewed: ReviewedHunk, style: Style): string {
  const { hunk } = reviewed;
  const { sign, word, paint } = hunkMark(reviewed, style);
  const why = whyOf(reviewed);
  return `${paint(sign)} ${style.dim(hunk.id)} ${hunkPlace(hunk)}  ${hunkSize(hunk)}  ${word}${why === "" ? "" : `: ${why}`}`;
}

/** What has become of a hunk that was shown before. */
export function decisionLine(reviewed: ReviewedHunk, note: string | undefined, style: Style): string {
  const { hunk, state } = reviewed;
  const { sign, word, paint } = hunkMark(reviewed, style);
  const why = [whyOf(reviewed), ...(note === undefined ? [] : [sanitizeLine(note)])].filter((text) => text !== "").join("; ");
  const disk = state === "rejected" || state === "undone" ? ", not on disk" : "";
  return `${paint(sign)} ${hunk.id} ${word}${disk}${why === "" ? "" : `: ${why}`}  ${style.dim(hunkPlace(hunk))}`;
}

function whyOf({ verdict, failure }: ReviewedHunk): string {
  if (verdict !== undefined) return sanitizeLine(verdict.reason);
  return failure === undefined ? "" : sanitizeLine(failure.message);
}
