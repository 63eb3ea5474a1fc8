/** One hunk while its lines arrive: what V4A and unified diffs have in common between an `@@` line and the next. */
import type { HunkLine } from "@twolane/protocol";
import type { UpdateDraft } from "../edits.ts";
import type { EventSink } from "./event-sink.ts";
import { maxHunkLength, maxHunkLines } from "./limits.ts";

const numbers = /^\s*-(\d{1,9})(?:,(\d{1,9}))?\s+\+(\d{1,9})(?:,(\d{1,9}))?\s*(?:@@(.*))?$/;

/** What came last of an open hunk; only old lines say more about its place. */
export function showLine(sink: EventSink, hunk: HunkBuilder): void {
  const last = hunk.lines.at(-1);
  if (last === undefined) return;
  sink.line(hunk.path, last.op, last.text);
  if (last.op !== "add") sink.open(hunk.draft());
}

export class HunkBuilder {
  readonly lines: HunkLine[] = [];
  readonly path: string;
  private readonly anchors: string[] = [];
  private line: number | undefined;
  private endOfFile = false;
  /** Undefined until the text says it of either side. */
  private noFinalNewline: boolean | undefined;
  /** Blank lines without a leading space: context if more follows, else only the space between hunks. */
  private blanks = 0;
  private length = 0;
  /** Lines that the header still promises; undefined where it has no numbers. */
  private left: { old: number; new: number } | undefined;

  constructor(path: string) {
    this.path = path;
  }

  /**
   * What stands behind `@@`. Line numbers become a hint. Other text is an anchor; the text behind numbers only where the
   * dialect says so, since git cuts it off.
   */
  header(text: string, textBehindNumbers: boolean): void {
    const found = numbers.exec(text);
    if (found === null) {
      const trimmed = text.trimEnd();
      this.anchor(trimmed.endsWith("@@") ? trimmed.slice(0, -2) : trimmed);
      return;
    }
    const [, start, oldCount, , newCount, behind] = found;
    this.left = { old: Number(oldCount ?? 1), new: Number(newCount ?? 1) };
    // An insertion without old lines names the line before it.
    this.line = Math.max(1, Number(start) + (this.left.old === 0 ? 1 : 0));
    if (textBehindNumbers) this.anchor(behind ?? "");
  }

  /** A line with its leading space, `+` or `-`. False: the hunk is over its limit. */
  add(text: string): boolean {
    for (; this.blanks > 0; this.blanks -= 1) if (!this.push("keep", "")) return false;
    const mark = text.charAt(0);
    return this.push(mark === "+" ? "add" : mark === "-" ? "remove" : "keep", text.slice(1));
  }

  blank(): void {
    this.blanks += 1;
  }

  /** `\ No newline at end of file`, said of the line before. */
  missingNewline(): void {
    this.endOfFile = true;
    // Said of the old side alone, the new one has a newline.
    this.noFinalNewline = this.lines.at(-1)?.op !== "remove";
  }

  atEndOfFile(): void {
    this.endOfFile = true;
  }

  /** Old lines that the header still promises; 0 without numbers. */
  oldLinesLeft(): number {
    return this.left?.old ?? 0;
  }

  /** The header has numbers, and they were kept exactly or overrun. */
  satisfied(): boolean {
    return this.left !== undefined && this.left.old <= 0 && this.left.new <= 0;
  }

  /** Takes back two last lines that turned out to be the `---` and `+++` of the next file. */
  takeFileHeader(): { readonly old: string; readonly new: string } | undefined {
    if (this.left === undefined || this.satisfied()) return undefined;
    const [old, added] = this.lines.slice(-2);
    if (old?.op !== "remove" || added?.op !== "add") return undefined;
    if (!old.text.startsWith("-- ") || !added.text.startsWith("++ ")) return undefined;
    this.lines.length -= 2;
    return { old: `-${old.text}`, new: `+${added.text}` };
  }

  /** The added lines as a file's content; undefined if there are others. */
  newContent(): string | undefined {
    if (this.lines.some((line) => line.op !== "add")) return undefined;
    const text = this.lines.map((line) => line.text).join("\n");
    return text + (this.noFinalNewline === true || this.lines.length === 0 ? "" : "\n");
  }

  /** Shares `lines`, which only ever grows while the hunk is open. */
  draft(): UpdateDraft {
    return {
      kind: "update",
      path: this.path,
      anchors: this.anchors,
      lines: this.lines,
      endOfFile: this.endOfFile,
      ...(this.line === undefined ? {} : { line: this.line }),
      ...(this.noFinalNewline === undefined ? {} : { noFinalNewline: this.noFinalNewline }),
    };
  }

  private anchor(text: string): void {
    const anchor = text.replace(/^ /, "").trimEnd();
    if (anchor.trim() !== "" && anchor.trim() !== "...") this.anchors.push(anchor);
  }

  private push(op: HunkLine["op"], text: string): boolean {
    this.lines.push({ op, text });
    this.length += text.length + 1;
    if (this.left !== undefined && op !== "add") this.left.old -= 1;
    if (this.left !== undefined && op !== "remove") this.left.new -= 1;
    return this.lines.length <= maxHunkLines && this.length <= maxHunkLength;
  }
}
