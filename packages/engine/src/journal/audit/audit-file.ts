/**
 * The audit on disk: `chain.jsonl` with the hash of its end in `head` beside it, in the workspace's state folder. Several processes append
 * to it, one batch after the other.
 */
import fs from "node:fs";
import path from "node:path";
import { errorCode } from "../../host/errors.ts";
import { makePrivateFolder } from "../../host/folders.ts";
import { takeLock } from "../../host/lock-file.ts";
import { sha256 } from "../../std/hash.ts";
import type { StateFolder } from "../state-folder.ts";
import { type AuditCheck, type AuditRecord, type Link, beginning, checkChain, openLine, seal } from "./chain.ts";
import { readable } from "../../std/text.ts";

export interface AuditFile {
  /** Where it is. */
  readonly path: string;
  /** Gives the end of the chain. Throws system errors; then nothing was added. */
  append(records: readonly AuditRecord[]): Promise<Link>;
  check(): AuditCheck;
  /** Lines of the chain as they stand. */
  lines(): readonly string[];
  /** Takes out what is older than that, and says so in the chain. Gives how many lines went. */
  prune(before: Date): Promise<number>;
}

export function openAuditFile(state: StateFolder): AuditFile {
  const folder = path.join(state.path, "audit");
  const file = path.join(folder, "chain.jsonl");
  const headFile = path.join(folder, "head");
  /** What this process has left: nobody need be read again while nobody else has written. */
  let own: { readonly size: number; readonly link: Link } | undefined;

  const locked = async <T>(action: () => T): Promise<T> => {
    makePrivateFolder(folder);
    const free = await takeLock(path.join(folder, "lock"));
    try {
      return action();
    } finally {
      free();
    }
  };
  const add = (records: readonly AuditRecord[]): Link => {
    const descriptor = fs.openSync(file, fs.constants.O_RDWR | fs.constants.O_APPEND | fs.constants.O_CREAT, 0o600);
    try {
      const { size } = fs.fstatSync(descriptor);
      const end = own?.size === size ? { link: own.link, size, mended: [] } : mend(descriptor, size, readHead(headFile));
      const text: string[] = [];
      let { link } = end;
      for (const record of [...end.mended, ...records]) {
        const next = seal(record, link);
        text.push(next.line);
        link = next.link;
      }
      const bytes = Buffer.from(text.join(""), "utf8");
      for (let done = 0; done < bytes.length;) done += fs.writeSync(descriptor, bytes, done);
      own = { size: end.size + bytes.length, link };
      writeHead(headFile, link);
      return link;
    } catch (error) {
      own = undefined;
      throw error;
    } finally {
      fs.closeSync(descriptor);
    }
  };
  return {
    path: file,
    append: (records) => locked(() => add(records)),
    check: () => checkChain(readAll(file), readHead(headFile)),
    lines: () => readable(readAll(file)).split("\n").slice(0, -1),
    prune: (before) =>
      locked(() => {
        own = undefined;
        return prune({ file, headFile }, before);
      }),
  };
}

function prune({ file, headFile }: { readonly file: string; readonly headFile: string }, before: Date): number {
  const raw = readAll(file).split("\n").slice(0, -1);
  const opened = raw.map(openLine);
  const isOld = (index: number): boolean => {
    const at = opened[index]?.record.at;
    return at !== undefined && Date.parse(at) < before.getTime();
  };
  let gone = 0;
  while (isOld(gone)) gone++;
  const cut = opened[gone - 1];
  const last = opened.at(-1);
  // Behind a damaged end nothing is put: it is looked into first.
  if (cut === undefined || last === undefined) return 0;
  const at = new Date().toISOString();
  // Where nothing is left this is the first line.
  const note = { type: "audit.pruned", at, before: before.toISOString(), removed: gone, first: cut.n + 1, base: cut.hash };
  const { line, link } = seal(note, last);
  const kept = raw.slice(gone).map((one) => `${one}\n`);
  const temporary = `${file}.${process.pid}`;
  fs.writeFileSync(temporary, Buffer.concat([Buffer.from(kept.join(""), "latin1"), Buffer.from(line, "utf8")]), {
    mode: 0o600,
    flush: true,
  });
  fs.renameSync(temporary, file);
  writeHead(headFile, link);
  return gone;
}

interface End {
  readonly link: Link;
  readonly size: number;
  /** What is to be written down of what was found. */
  readonly mended: readonly AuditRecord[];
}

/** Half a line of a process that was killed is taken out; what was noted as written and is gone is told for good. */
function mend(descriptor: number, size: number, head: Link | "damaged" | undefined): End {
  const { text, from } = tailOf(descriptor, size);
  const whole = text.slice(0, text.lastIndexOf("\n") + 1);
  const torn = text.slice(whole.length);
  const last = openLine(whole.split("\n").at(-2) ?? "");
  if (torn !== "") fs.ftruncateSync(descriptor, from + whole.length);
  const known = head === "damaged" ? undefined : head;
  const link = last ?? (whole === "" ? beginning : (known ?? beginning));
  const lost = lossOf({ last, isEmpty: whole === "", head });
  if (torn === "" && lost === "") return { link, size, mended: [] };
  const tornBytes = torn === "" ? {} : { torn: torn.length, tornHash: sha256(Buffer.from(torn, "latin1")) };
  const record = { type: "audit.mended", at: new Date().toISOString(), ...tornBytes, ...(lost !== "" && { lost }) };
  return { link, size: from + whole.length, mended: [record] };
}

interface Seen {
  readonly last: Link | undefined;
  readonly isEmpty: boolean;
  readonly head: Link | "damaged" | undefined;
}

function lossOf({ last, isEmpty, head }: Seen): string {
  if (head === "damaged") return "the noted end was damaged";
  if (head === undefined) return isEmpty ? "" : "the noted end was missing";
  if (last === undefined) return `the last line was damaged or gone; record ${head.n} (${head.hash}) was written`;
  if (last.n < head.n) return `the end was cut off at record ${last.n}; record ${head.n} (${head.hash}) was written`;
  return last.n === head.n && last.hash !== head.hash ? `record ${head.n} was another one (${head.hash})` : "";
}

/** The end of the file from the beginning of a line on, as Latin-1. */
function tailOf(descriptor: number, size: number): { readonly text: string; readonly from: number } {
  for (let length = Math.min(size, 64 * 1024); ; length = Math.min(size, length * 8)) {
    const bytes = Buffer.alloc(length);
    fs.readSync(descriptor, bytes, 0, length, size - length);
    const text = bytes.toString("latin1");
    if (length === size) return { text, from: 0 };
    const start = text.indexOf("\n") + 1;
    // At least one whole line must be there.
    if (start > 0 && text.indexOf("\n", start) !== -1) return { text: text.slice(start), from: size - length + start };
  }
}

function readAll(file: string): string {
  try {
    return fs.readFileSync(file, "latin1");
  } catch (error) {
    if (errorCode(error) === "ENOENT") return "";
    throw error;
  }
}

/** A head stands there as `<number> <hash>`. */
function readHead(file: string): Link | "damaged" | undefined {
  const text = readAll(file);
  if (text === "") return undefined;
  const [, n = "", hash = ""] = /^(\d{1,15}) ([0-9a-f]{64})\n$/.exec(text) ?? [];
  return n === "" ? "damaged" : { n: Number(n), hash };
}

/** In one piece: half a head would look like damage. */
function writeHead(file: string, { n, hash }: Link): void {
  const temporary = `${file}.${process.pid}`;
  fs.writeFileSync(temporary, `${n} ${hash}\n`, { mode: 0o600 });
  fs.renameSync(temporary, file);
}
