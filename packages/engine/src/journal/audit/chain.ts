/**
 * The chain of the audit: each line carries the hash of the one before it and its own, over its bytes as they stand. Pure; knows neither
 * files nor what records say.
 */
import { sha256 } from "../../std/hash.ts";
import { readable } from "../../std/text.ts";

/** Where a chain ends, or begins: number and hash of a line. */
export interface Link {
  readonly n: number;
  readonly hash: string;
}

export const beginning: Link = { n: 0, hash: "0".repeat(64) };

export interface AuditRecord {
  readonly type: string;
  /** ISO 8601. */
  readonly at: string;
}

/** A record becomes a line, with its ending. */
export function seal(record: AuditRecord, { n, hash: prev }: Link): { readonly line: string; readonly link: Link } {
  const body = JSON.stringify({ n: n + 1, prev, ...record }).slice(0, -1);
  const hash = sha256(body);
  return { line: `${body},"seal":"${hash}"}\n`, link: { n: n + 1, hash } };
}

export interface SealedLine extends Link {
  readonly prev: string;
  readonly record: AuditRecord & Readonly<Record<string, unknown>>;
}

const sealed = /^(\{"n":([1-9]\d{0,14}),"prev":"([0-9a-f]{64})",.*),"seal":"([0-9a-f]{64})"\}$/;

/** Undefined: it is not as it was written. `line` as Latin-1, one character a byte, without its ending. */
export function openLine(line: string): SealedLine | undefined {
  const [, body = "", n = "", prev = "", hash = ""] = sealed.exec(line) ?? [];
  if (body === "" || sha256(Buffer.from(body, "latin1")) !== hash) return undefined;
  const record = parseRecord(readable(line));
  return record && { n: Number(n), prev, hash, record };
}

function parseRecord(text: string): SealedLine["record"] | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isRecord(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

const isRecord = (value: unknown): value is SealedLine["record"] =>
  typeof value === "object" &&
  value !== null &&
  "type" in value &&
  typeof value.type === "string" &&
  "at" in value &&
  typeof value.at === "string";

export interface AuditFault {
  /** 1-based line of the file; 0: the file as a whole. */
  readonly line: number;
  readonly message: string;
}

export interface AuditCheck {
  readonly lines: number;
  readonly first?: Link;
  readonly last?: Link;
  readonly faults: readonly AuditFault[];
}

/** `text`: the file as Latin-1. `head`: what is kept beside it; undefined where that is missing, `damaged` where it cannot be read. */
export function checkChain(text: string, head: Link | "damaged" | undefined): AuditCheck {
  const raw = text.split("\n");
  const rest = raw.pop() ?? "";
  const faults: AuditFault[] = [];
  const lines = raw.map(openLine);
  let before: Link | undefined;
  let isBroken = false;
  for (const [index, line] of lines.entries()) {
    const number = index + 1;
    if (line === undefined) {
      faults.push({ line: number, message: "was changed, or is none of the audit's lines" });
      isBroken = true;
      continue;
    }
    // Behind a damaged line one cannot tell what it should follow, only that it comes later.
    const fault = isBroken
      ? before !== undefined && line.n <= before.n + 1
        ? "is not in its place"
        : undefined
      : linkFault(before, line);
    if (fault !== undefined) faults.push({ line: number, message: fault });
    const noted = notedLoss(line);
    if (noted !== undefined) faults.push({ line: number, message: noted });
    isBroken = false;
    before = line;
  }
  const valid = lines.filter((line) => line !== undefined);
  const [first] = valid;
  const [begin] = lines;
  const last = valid.at(-1);
  const start = begin && startFault(begin, valid);
  if (start !== undefined) faults.push({ line: 1, message: start });
  if (rest !== "") faults.push({ line: raw.length + 1, message: "is cut off in its middle" });
  const end = endFault(head, valid);
  if (end !== undefined) faults.push({ line: end.line ?? 0, message: end.message });
  return {
    lines: raw.length,
    ...(first && { first: { n: first.n, hash: first.hash } }),
    ...(last && { last: { n: last.n, hash: last.hash } }),
    faults: faults.toSorted((a, b) => a.line - b.line),
  };
}

function linkFault(before: Link | undefined, line: SealedLine): string | undefined {
  if (before === undefined || (line.n === before.n + 1 && line.prev === before.hash)) return undefined;
  if (line.n > before.n + 1) return `is record ${line.n}: ${before.n + 1} to ${line.n - 1} are missing before it`;
  return line.n <= before.n
    ? `is record ${line.n}, which does not belong behind ${before.n}`
    : "does not follow the line before it";
}

/** A chain begins with its first record, or where a prune that it tells of has cut it. */
function startFault(first: SealedLine, lines: readonly SealedLine[]): string | undefined {
  if (first.n === 1 && first.prev === beginning.hash) return undefined;
  const cut = lines.findLast(({ record }) => record.type === "audit.pruned");
  const isTold = cut?.record["first"] === first.n && cut.record["base"] === first.prev;
  return isTold ? undefined : `is record ${first.n}: what came before it is missing, and no prune tells of that`;
}

/** Losses that the next session has found and written down. */
function notedLoss({ record }: SealedLine): string | undefined {
  if (record.type !== "audit.mended") return undefined;
  const { lost } = record;
  return typeof lost === "string" && lost !== "" ? `tells of a loss: ${lost}` : undefined;
}

function endFault(
  head: Link | "damaged" | undefined,
  lines: readonly SealedLine[],
): { readonly line?: number; readonly message: string } | undefined {
  const last = lines.at(-1);
  if (head === "damaged") return { message: "the hash of the end, which is kept beside the file, is damaged" };
  if (head === undefined)
    return last === undefined ? undefined : { message: "the hash of the end, which is kept beside the file, is missing" };
  // Behind the noted end there may be lines of a process that was killed before it noted them.
  if (lines.some(({ n, hash }) => n === head.n && hash === head.hash)) return undefined;
  if (last === undefined || last.n < head.n)
    return { message: `the end is cut off: record ${head.n} was written, the last one is ${last?.n ?? 0}` };
  return { message: `the record ${head.n} is not the one that was written` };
}
