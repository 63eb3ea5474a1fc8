/**
 * What one line of the journal holds: an event of the session, or a record of landing and undo. Hashes and ranges only;
 * bytes are in the pre-image store and named by reference. Knows nothing of files on disk.
 */
import type { HunkId, JobId, TurnId, TwolaneEvent } from "@twolane/protocol";

/** Offset and length in the session's pre-image store. */
export type BlobRef = readonly [offset: number, length: number];

/** Bytes `start..end` of the content before became `inserted`. Ascending and disjoint within one step. */
export interface RecordedChange {
  readonly start: number;
  readonly end: number;
  readonly removed: BlobRef;
  readonly inserted: BlobRef;
}

/** One hunk's share in a write. A write's steps follow each other: each starts from the content that the one before left. */
export interface WriteStep {
  readonly hunk?: HunkId;
  readonly turn?: TurnId;
  /** Bytes `start, end` of the content before it that its author saw there, lines around the change included. */
  readonly matched?: readonly [start: number, end: number];
  /** Of an undo: the hunk whose share this step takes out again. */
  readonly takes?: HunkId;
  readonly changes: readonly RecordedChange[];
}

/** One file's change, synced before it happens. Steps without a hunk are an undo's or a restored save's. */
export interface PreparedRecord {
  readonly type: "landing.prepared" | "undo.prepared";
  /** Unique in the session. */
  readonly write: string;
  /** Writes that happen all or not at all. */
  readonly group?: string;
  /** Real path relative to the workspace. A move is two writes: the new file, then the old one's removal. */
  readonly path: string;
  /** SHA-256 of the file before and after; empty where there is no file. */
  readonly preHash: string;
  readonly postHash: string;
  /** Permission bits, of the file before or else after. */
  readonly mode: number;
  /** Name of the temporary file beside it. */
  readonly temp?: string;
  /** Whole content before, where the session's records cannot rebuild it. */
  readonly pre?: BlobRef;
  /** Folders that were made for it, relative, outermost first. */
  readonly madeFolders?: readonly string[];
  readonly steps: readonly WriteStep[];
  /** Of an undo: the hunks that are taken back with this write. */
  readonly undoes?: readonly HunkId[];
  /** What is to be told of them, in case that the process dies before it has told. */
  readonly withdraws?: readonly WithdrawalNote[];
}

/** What becomes of a hunk that leaves the disk. */
export interface WithdrawalNote {
  readonly hunk: HunkId;
  readonly state: "rejected" | "held" | "undone";
  /** Of a rejected one: the person's words. */
  readonly reason?: string;
  /** Of a held one: the hunk that it stands on. */
  readonly on?: HunkId;
}

/** `done`: it is on disk. `reverted`: it is not, as if it had never been. */
export interface SettledRecord {
  readonly type: "write.done" | "write.reverted";
  readonly write: string;
}

/** A hunk that waits for a person; its draft, as JSON, is in the store. */
export interface HeldRecord {
  readonly type: "hunk.kept";
  readonly hunk: HunkId;
  readonly path: string;
  readonly draft: BlobRef;
}

/** An undo left these hunks, because somebody changed their lines since: the next undo goes on with what came before. */
export interface KeptRecord {
  readonly type: "undo.kept";
  readonly hunks: readonly HunkId[];
}

/**
 * What a job of the deep lane made of one file, in parts that wait for a yes each. Nothing of it is on disk by this. Each part counts in the
 * base, so that any of them can be taken, in any order.
 */
export interface OfferedRecord {
  readonly type: "change.offered";
  readonly job: JobId;
  /** Real path relative to the workspace; of a move where the file was. */
  readonly path: string;
  /** Of a move. */
  readonly movedTo?: string;
  /** The file as the job found it; absent: there was none. */
  readonly base?: { readonly blob: BlobRef; readonly mode: number };
  /** Permission bits as the job left them; absent: the file goes. */
  readonly mode?: number;
  readonly hunks: readonly OfferedPart[];
}

export interface OfferedPart {
  readonly hunk: HunkId;
  /** All or nothing: it is no text, or the whole file comes or goes. */
  readonly whole?: true;
  /** In the base. */
  readonly changes: readonly RecordedChange[];
}

/** A change that must not land by itself again, as its fingerprint; or that may again. */
export interface RefusalRecord {
  readonly type: "change.refused" | "change.allowed";
  readonly print: string;
}

export type LandingRecord = PreparedRecord | SettledRecord | HeldRecord | OfferedRecord | KeptRecord | RefusalRecord;
export type JournalLine = LandingRecord | TwolaneEvent;

const landingTypes: ReadonlySet<string> = new Set([
  "landing.prepared",
  "undo.prepared",
  "write.done",
  "write.reverted",
  "hunk.kept",
  "change.offered",
  "undo.kept",
  "change.refused",
  "change.allowed",
]);

export function isLandingRecord(line: JournalLine): line is LandingRecord {
  return landingTypes.has(line.type);
}

export function isPrepared(record: LandingRecord): record is PreparedRecord {
  return record.type === "landing.prepared" || record.type === "undo.prepared";
}

export interface ParsedJournal {
  readonly lines: readonly JournalLine[];
  /** 1-based numbers of damaged lines that were set aside. */
  readonly damaged: readonly number[];
  /** The last line has no end: the process died while it wrote. */
  readonly torn: boolean;
}

/** Reads what can be read. Nothing after a damaged line is lost with it. */
export function parseJournal(text: string): ParsedJournal {
  const raw = text.split("\n");
  const rest = raw.pop() ?? "";
  const lines: JournalLine[] = [];
  const damaged: number[] = [];
  for (const [index, line] of raw.entries()) {
    if (line === "") continue;
    const parsed = parseLine(line);
    if (parsed) lines.push(parsed);
    else if (!isCutOff(line)) damaged.push(index + 1);
  }
  if (rest.includes("\0")) damaged.push(raw.length + 1);
  return { lines, damaged, torn: rest !== "" };
}

/** The rest of a line that a crash cut off: its write had not begun, so nothing is lost with it. */
const isCutOff = (line: string): boolean => line.startsWith('{"') && !line.endsWith("}") && !line.includes("\0");

function parseLine(line: string): JournalLine | undefined {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    return undefined;
  }
  return isLine(value) ? value : undefined;
}

/** The journal is our own; a line that parses and has the fields that are followed blindly is believed. */
function isLine(value: unknown): value is JournalLine {
  if (typeof value !== "object" || value === null || !("type" in value) || typeof value.type !== "string") return false;
  switch (value.type) {
    case "landing.prepared":
    case "undo.prepared":
      return (
        "write" in value && "path" in value && typeof value.path === "string" && "steps" in value && Array.isArray(value.steps)
      );
    case "write.done":
    case "write.reverted":
      return "write" in value && typeof value.write === "string";
    case "change.offered":
      return "path" in value && typeof value.path === "string" && "hunks" in value && Array.isArray(value.hunks);
    case "undo.kept":
      return "hunks" in value && Array.isArray(value.hunks);
    default:
      return true;
  }
}
