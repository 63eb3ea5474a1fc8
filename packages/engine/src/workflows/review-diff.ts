/** A diff as somebody else wrote it → its files with the numbers of their new lines, and what of it cannot be looked at. No git is asked. */
import type { HunkLine } from "@twolane/protocol";
import type { HunkDraft, ParserEvent } from "../edits/edits.ts";
import { unifiedDiffParser } from "../edits/dialects/unified-diff.ts";

export interface ReviewedLine extends HunkLine {
  /** 1-based, in the new file. Absent: the line is removed, or the diff tells no numbers. */
  readonly line?: number;
}

export interface ReviewedHunk {
  readonly lines: readonly ReviewedLine[];
}

export interface ReviewedFile {
  readonly path: string;
  /** Its path before, where it was moved. */
  readonly from?: string;
  readonly kind: "update" | "create" | "delete";
  readonly hunks: readonly ReviewedHunk[];
}

export interface LeftOut {
  readonly path: string;
  /** A few words: `lock file`. */
  readonly reason: string;
}

/** A file that several patches of a series change is among `files` once for each. */
export interface ReviewDiff {
  readonly files: readonly ReviewedFile[];
  readonly leftOut: readonly LeftOut[];
}

interface OpenFile {
  path: string;
  from?: string;
  kind: ReviewedFile["kind"];
  readonly hunks: ReviewedHunk[];
  /** Lines by which the hunks so far move what stands below them. */
  shift: number;
}

/** Any text: heads of mails, prose and what is damaged around the diff are passed over. */
export function readReviewDiff(text: string): ReviewDiff {
  const parser = unifiedDiffParser();
  const files: OpenFile[] = [];
  const leftOut: LeftOut[] = [];
  const take = (event: ParserEvent): void => {
    if (event.type === "file") files.push({ path: event.path, kind: "update", hunks: [], shift: 0 });
    const last = files.at(-1);
    if (event.type === "hunk" && last !== undefined) takeHunk(last, event.draft);
    if (event.type !== "malformed" || event.reason.endsWith("mode changes are not applied")) return;
    const [, path = last?.path ?? "", reason = event.reason] = /^(.*): ([^:]*)$/s.exec(event.reason) ?? [];
    leftOut.push({ path, reason: plainly(reason) });
  };
  for (const event of [...parser.push(text), ...parser.end(true)]) take(event);
  const isSeen = ({ kind, from, hunks }: OpenFile): boolean => kind !== "update" || from !== undefined || hunks.length > 0;
  return { files: files.filter(isSeen).map(closed), leftOut };
}

const closed = ({ path, from, kind, hunks }: OpenFile): ReviewedFile => ({
  ...{ path, kind, hunks },
  ...(from !== undefined && { from }),
});

const plainly = (reason: string): string =>
  reason.startsWith("binary")
    ? "binary"
    : reason.startsWith("changes of symbolic links")
      ? "link or submodule"
      : reason.startsWith("copies")
        ? "copy of another file"
        : reason;

function takeHunk(file: OpenFile, draft: HunkDraft): void {
  switch (draft.kind) {
    case "move":
      file.from = draft.path;
      file.path = draft.to;
      return;
    case "delete":
      file.kind = "delete";
      return;
    case "create": {
      file.kind = "create";
      const lines = draft.content === "" ? [] : draft.content.replace(/\n$/, "").split("\n");
      if (lines.length > 0) file.hunks.push({ lines: lines.map((text, index) => ({ op: "add", text, line: index + 1 })) });
      return;
    }
    case "update": {
      const start = draft.line === undefined ? undefined : draft.line + file.shift;
      const lines = numbered(draft.lines, start);
      file.hunks.push({ lines });
      file.shift += lines.filter(({ op }) => op === "add").length - lines.filter(({ op }) => op === "remove").length;
      return;
    }
    default:
      return;
  }
}

function numbered(lines: readonly HunkLine[], start: number | undefined): readonly ReviewedLine[] {
  let next = start;
  return lines.map(({ op, text }) => (op === "remove" || next === undefined ? { op, text } : { op, text, line: next++ }));
}
