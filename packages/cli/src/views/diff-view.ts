/** A hunk's lines as a unified diff with the changed words of paired lines marked. Pure. */
import type { HunkLine } from "@twolane/protocol";
import type { Style } from "./style.ts";
import { clip, expandTabs, sanitize } from "./text.ts";
import { changedWords } from "./word-diff.ts";

export interface DiffOptions {
  readonly width: number;
  readonly style: Style;
  /** Lines shown at most; what is left out is counted in a last line. */
  readonly limit: number;
  /** Put before every line. */
  readonly indent: string;
}

export function diffView(lines: readonly HunkLine[], options: DiffOptions): string[] {
  const { limit, style, indent, width } = options;
  const tooMany = lines.length > limit;
  const shown = tooMany ? lines.slice(0, Math.max(1, limit - 1)) : lines;
  const marked = markedLines(shown, style).map((line) => clip(`${indent}${line}`, width));
  return tooMany ? [...marked, style.dim(`${indent}… ${lines.length - shown.length} more lines`)] : marked;
}

/** Every line, styled; unclipped. */
export function markedLines(lines: readonly HunkLine[], style: Style): string[] {
  const words = pairWords(lines);
  return lines.map(({ op, text }, index) => {
    const plain = codeLine(text);
    if (op === "keep") return style.dim(`  ${plain}`);
    const paint = op === "add" ? style.good : style.bad;
    const sign = op === "add" ? "+ " : "- ";
    const parts = words.get(index);
    if (parts === undefined) return paint(`${sign}${plain}`);
    return `${paint(sign)}${parts.map((part) => (part.changed ? style.marked(paint(codeLine(part.text))) : paint(codeLine(part.text)))).join("")}`;
  });
}

/** Removed lines directly followed by as many added ones are the same lines, changed. */
function pairWords(lines: readonly HunkLine[]): Map<number, ReturnType<typeof changedWords>["before"]> {
  const words = new Map<number, ReturnType<typeof changedWords>["before"]>();
  let at = 0;
  while (at < lines.length) {
    const removed = runLength(lines, at, "remove");
    const added = runLength(lines, at + removed, "add");
    if (removed > 0 && removed === added) {
      for (let offset = 0; offset < removed; offset++) {
        const { before, after } = changedWords(lines[at + offset]?.text ?? "", lines[at + removed + offset]?.text ?? "");
        if (before.length === 0) continue;
        words.set(at + offset, before);
        words.set(at + removed + offset, after);
      }
    }
    at += Math.max(1, removed + added);
  }
  return words;
}

function runLength(lines: readonly HunkLine[], from: number, op: HunkLine["op"]): number {
  let length = 0;
  while (lines[from + length]?.op === op) length++;
  return length;
}

const codeLine = (text: string): string => expandTabs(sanitize(text)).replaceAll("\n", "␊");
