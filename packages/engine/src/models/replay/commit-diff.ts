/**
 * A commit's difference → files with hunks that an edit can say, and what an edit cannot say, by name and reason. Pure: what git printed
 * goes in. Knows nothing of pace or conversation.
 */
import { isUtf8 } from "node:buffer";
import type { CommitStory } from "../../host/commit-text.ts";
import { readable } from "../../std/text.ts";

export interface ReplayHunk {
  readonly oldStart: number;
  readonly oldCount: number;
  readonly newStart: number;
  readonly newCount: number;
  /** Lines with their marks, each with an LF at its end. */
  readonly body: string;
}

export interface ReplayFile {
  readonly kind: "update" | "create" | "delete";
  /** In the commit; of a deleted file, before it. */
  readonly path: string;
  /** Name before the commit, where that differs. */
  readonly from?: string;
  /** Of a deleted file none: its name says all. */
  readonly hunks: readonly ReplayHunk[];
}

export type LeftOutReason =
  | "binary"
  | "symbolic link"
  | "submodule"
  | "file mode"
  | "not UTF-8"
  | "line endings"
  | "byte order mark"
  | "final newline"
  | "folder in its place"
  | "too large";

export interface LeftOut {
  readonly path: string;
  readonly reason: LeftOutReason;
}

export interface CommitDiff {
  /** In the order in which they can land one after the other. */
  readonly files: readonly ReplayFile[];
  /** A file stands here and among the files where only part of its change is left out. */
  readonly leftOut: readonly LeftOut[];
}

/** UTF-16 units; what the parser of edits takes at most in a line. */
const lineLimit = 1_000_000;

export function readCommitDiff({ entries, patch }: Pick<CommitStory, "entries" | "patch">): CommitDiff {
  const sections = splitSections(patch);
  const files: ReplayFile[] = [];
  const leftOut: LeftOut[] = [];
  let next = 0;
  for (const entry of readEntries(entries)) {
    // A file that becomes a link, or the other way round, stands in the patch as one that goes and one that comes.
    const section = sections[next] ?? "";
    next += entry.status === "T" ? 2 : 1;
    const read = readFile(entry, section);
    if (read.file !== undefined) files.push(read.file);
    leftOut.push(...read.reasons.map((reason) => ({ path: readable(entry.path), reason })));
  }
  const { free, blocked } = splitBlocked(files);
  leftOut.push(...blocked.map(({ path }) => ({ path, reason: "folder in its place" as const })));
  return { files: inLandingOrder(free), leftOut };
}

interface Entry {
  readonly oldMode: string;
  readonly newMode: string;
  readonly status: string;
  /** Latin-1. */
  readonly path: string;
  readonly from?: string;
}

/** `:100644 100644 <hash> <hash> M\0path\0`, with two paths for a rename. */
function readEntries(raw: string): Entry[] {
  const fields = raw.split("\0");
  const found: Entry[] = [];
  for (let at = 0; at < fields.length;) {
    const [, oldMode, newMode, status] = /^:(\d{6}) (\d{6}) [0-9a-f]+ [0-9a-f]+ ([A-Z])\d*$/.exec(fields[at] ?? "") ?? [];
    if (oldMode === undefined || newMode === undefined || status === undefined) break;
    const first = fields[at + 1] ?? "";
    const renamed = status === "R" || status === "C";
    found.push({ oldMode, newMode, status, path: renamed ? (fields[at + 2] ?? "") : first, ...(renamed && { from: first }) });
    at += renamed ? 3 : 2;
  }
  return found;
}

/** No line of a hunk begins with `diff`, so that the cut is certain. */
const splitSections = (patch: string): readonly string[] => patch.split(/^(?=diff --git )/m).filter((text) => text !== "");

interface ReadFile {
  readonly file?: ReplayFile;
  readonly reasons: readonly LeftOutReason[];
}

function readFile(entry: Entry, section: string): ReadFile {
  const { oldMode, newMode } = entry;
  if (oldMode === "120000" || newMode === "120000") return { reasons: ["symbolic link"] };
  if (oldMode === "160000" || newMode === "160000") return { reasons: ["submodule"] };
  const name = exactText(entry.path);
  const from = entry.from === undefined ? undefined : exactText(entry.from);
  if (name === undefined || (entry.from !== undefined && from === undefined)) return { reasons: ["not UTF-8"] };
  if (entry.status === "D") return { file: { kind: "delete", path: name, hunks: [] }, reasons: [] };
  const mode: readonly LeftOutReason[] = newMode !== (entry.status === "A" ? "100644" : oldMode) ? ["file mode"] : [];
  const kind: ReplayFile["kind"] = entry.status === "A" ? "create" : "update";
  const content = readHunks(kind, section);
  const moved: ReplayFile | undefined = from === undefined ? undefined : { kind, path: name, from, hunks: [] };
  if (typeof content === "string") return { ...(moved && { file: moved }), reasons: [content, ...mode] };
  if (content.length === 0 && moved === undefined && kind === "update") return { reasons: mode };
  return { file: { kind, path: name, ...(from !== undefined && { from }), hunks: content }, reasons: mode };
}

const header = /^@@ -(\d+)(?:,(\d+))? \+(\d+)(?:,(\d+))? @@.*$/;

function readHunks(kind: ReplayFile["kind"], section: string): readonly ReplayHunk[] | LeftOutReason {
  if (/^(?:Binary files .* differ|GIT binary patch)$/m.test(section.split(/^@@ /m, 1)[0] ?? "")) return "binary";
  if (!isUtf8(Buffer.from(section, "latin1"))) return "not UTF-8";
  const [, ...parts] = readable(section).split(/^(?=@@ )/m);
  const endings = kind === "create" ? "own" : endingsOf(parts);
  if (endings === undefined) return "line endings";
  const hunks: ReplayHunk[] = [];
  for (const part of parts) {
    const lines = part.replace(/\n$/, "").split("\n");
    const [, oldStart, oldCount, newStart, newCount] = header.exec(lines[0] ?? "") ?? [];
    const fault = contentFault(lines.slice(1), Number(oldStart));
    if (fault !== undefined) return fault;
    const body = lines
      .slice(1)
      .map((line, index, all) => written(line, { endings, isLast: all[index + 1]?.startsWith("\\") === true }));
    hunks.push({
      ...{
        oldStart: Number(oldStart),
        oldCount: Number(oldCount ?? 1),
        newStart: Number(newStart),
        newCount: Number(newCount ?? 1),
      },
      body: body.map((line) => `${line}\n`).join(""),
    });
  }
  return hunks;
}

/**
 * How an edit says the endings of a hunk's lines. `own`: the lines that are added bring theirs. `file`: all have the one that the file has
 * around them. Undefined: an edit cannot say it, because a new line takes the ending of the lines around it.
 */
function endingsOf(parts: readonly string[]): "own" | "file" | undefined {
  const old = new Set<string>();
  const added = new Set<string>();
  for (const part of parts) {
    const lines = part.replace(/\n$/, "").split("\n").slice(1);
    for (const [index, line] of lines.entries()) {
      if (line.startsWith("\\") || lines[index + 1]?.startsWith("\\") === true) continue;
      (line.startsWith("+") ? added : old).add(line.endsWith("\r") ? "CRLF" : "LF");
    }
  }
  if (old.size > 1) return undefined;
  const [style] = old;
  if (style === "LF" && added.has("CRLF")) return "own";
  if (style === "CRLF" && added.has("LF")) return undefined;
  return style === undefined ? "own" : "file";
}

interface LinePlace {
  readonly endings: "own" | "file";
  /** It ends the file without a newline: a CR at its end is part of it. */
  readonly isLast: boolean;
}

/** The parser of edits takes one CR off each line for its ending; where the CR is to stay there are two. */
function written(line: string, { endings, isLast }: LinePlace): string {
  const keepsCr = line.endsWith("\r") && (isLast || (endings === "own" && line.startsWith("+")));
  return keepsCr ? `${line}\r` : line;
}

function contentFault(lines: readonly string[], oldStart: number): LeftOutReason | undefined {
  if (lines.some((line) => line.length > lineLimit)) return "too large";
  const removed = lines.filter((line) => line.startsWith("-"));
  const added = lines.filter((line) => line.startsWith("+"));
  // An edit cannot take the mark away: it belongs to no line.
  const isFirst = oldStart <= 1 && lines[0]?.charAt(1) === "\ufeff";
  if (isFirst && removed[0]?.charAt(1) === "\ufeff" && added[0]?.charAt(1) !== "\ufeff") return "byte order mark";
  const [before, after] = [lastOf(lines, "-"), lastOf(lines, "+")];
  // Lines that go and come back count as kept, and with them what stands behind them.
  if (before === undefined || after === undefined || before.ends === after.ends) return undefined;
  // A CR at the end of the last line is a part of it or of its ending: as lines they are the same either way.
  return before.text === after.text || before.line === after.line ? "final newline" : undefined;
}

interface LastLine {
  /** Up to the LF. */
  readonly line: string;
  /** Without its ending. */
  readonly text: string;
  /** It has one. */
  readonly ends: boolean;
}

function lastOf(lines: readonly string[], mark: string): LastLine | undefined {
  const at = lines.findLastIndex((line) => line.startsWith(mark));
  const line = lines[at]?.slice(1);
  if (line === undefined) return undefined;
  const ends = lines[at + 1]?.startsWith("\\") !== true;
  return { line, text: ends ? line.replace(/\r$/, "") : line, ends };
}

function exactText(latin1: string): string | undefined {
  const bytes = Buffer.from(latin1, "latin1");
  return isUtf8(bytes) ? bytes.toString("utf8") : undefined;
}

/** A name comes into being only when what stands above it has gone. */
function inLandingOrder(files: readonly ReplayFile[]): readonly ReplayFile[] {
  const gone = new Set(leavingNames(files));
  const isLate = ({ path }: ReplayFile): boolean => foldersOf(path).some((folder) => gone.has(folder));
  return [...files.filter((file) => !isLate(file)), ...files.filter(isLate)];
}

const leavingNames = (files: readonly ReplayFile[]): readonly string[] =>
  files.flatMap(({ kind, path, from }) => (kind === "delete" ? [path] : from === undefined ? [] : [from]));

/** The folders above a name, outermost first. */
const foldersOf = (path: string): readonly string[] => [...path.matchAll(/\//g)].map(({ index }) => path.slice(0, index));

/** No edit takes an emptied folder away for a file of its name, nor makes a folder of the file that is to move into it. */
function splitBlocked(files: readonly ReplayFile[]): {
  readonly free: readonly ReplayFile[];
  readonly blocked: readonly ReplayFile[];
} {
  const emptied = new Set(leavingNames(files).flatMap(foldersOf));
  const isBlocked = ({ kind, path, from }: ReplayFile): boolean => {
    const comes = kind === "create" || from !== undefined;
    return comes && (emptied.has(path) || (from !== undefined && foldersOf(path).includes(from)));
  };
  return { free: files.filter((file) => !isBlocked(file)), blocked: files.filter(isBlocked) };
}
