/**
 * The repository's formatter, before a commit: what it changes in the lines of hunks becomes a revision of these hunks, so that review,
 * undo, disk and commit have the same bytes. In a trusted workspace only, in the sandbox; a file where it fails stays as it was, and is named.
 */
import path from "node:path";
import type { HunkId } from "@twolane/protocol";
import type { CommitDeps, FormatWish } from "../commit/desk.ts";
import { type Lines, diskOwners, formatPieces, pickFormatted, soleOwner, textLines } from "../commit/format-lines.ts";
import type { Reviewer } from "../edits/review/reviewer.ts";
import { sideOf } from "../edits/review/hunk-lines.ts";
import { diskFiles } from "../host/disk.ts";
import { type Format, openFormat } from "./format-process.ts";
import type { SessionParts } from "./session-parts.ts";
import { counted, textOf } from "../std/text.ts";

export interface FormatterParts {
  readonly session: Pick<SessionParts, "workspace" | "policy" | "isTrusted" | "options">;
  readonly reviewer: Reviewer;
}

/** For all files of a commit together. */
const budgetMs = 15_000;
const sizeLimit = 1024 * 1024;

export function formatterFor({ session, reviewer }: FormatterParts): NonNullable<CommitDeps["format"]> {
  /** Content that was formatted already, or could not be: by path. */
  const settled = new Map<string, string>();
  const { root } = session.workspace;
  return async (files) => {
    // Asked each time: the policy is renewed when the workspace becomes trusted.
    const { format } = session.policy;
    if (format === undefined) return undefined;
    const fresh = files.filter(({ path: file, bytes }) => settled.get(file) !== key(bytes) && bytes.length <= sizeLimit);
    if (fresh.length === 0) return undefined;
    if (!session.isTrusted()) return "Not formatted: this workspace is not trusted (twolane trust).";
    const run = await openFormat(session, { command: format.command, until: performance.now() + budgetMs });
    const hunks: HunkId[] = [];
    const left: LeftOut[] = [];
    for (const file of fresh) {
      const result = await formatFile({ root, reviewer, run }, file);
      if (result.failed !== undefined) left.push({ path: file.path, reason: result.failed });
      hunks.push(...result.hunks);
      // What was changed is looked at once more, and then it is as the formatter wants it.
      if (result.failed === undefined && result.hunks.length === 0) settled.set(file.path, key(file.bytes));
    }
    return said(hunks, left);
  };
}

const key = (bytes: Uint8Array): string => Buffer.from(bytes).toString("latin1");

/** A file that is committed as it was. */
interface LeftOut {
  readonly path: string;
  readonly reason: string;
}

/** Undefined: nothing to say. Files that were left out for the same reason are named together. */
function said(hunks: readonly HunkId[], left: readonly LeftOut[]): string | undefined {
  const done = hunks.length === 0 ? [] : [`Formatted ${counted(hunks.length, "hunk")}.`];
  const reasons = [...new Set(left.map(({ reason }) => reason))];
  const failed = reasons.map((reason) => {
    const paths = left.filter((one) => one.reason === reason).map(({ path: file }) => file);
    return `${namesOf(paths)} ${paths.length === 1 ? "is" : "are"} not formatted: ${reason}.`;
  });
  return done.length + failed.length === 0 ? undefined : [...done, ...failed].join(" ");
}

const namedAtMost = 3;

function namesOf(paths: readonly string[]): string {
  const named = paths.slice(0, namedAtMost);
  const more = paths.length - named.length;
  const last = more > 0 ? `${more} more` : named.pop();
  return named.length === 0 ? (last ?? "") : `${named.join(", ")} and ${last}`;
}

interface FileParts {
  readonly root: string;
  readonly reviewer: Reviewer;
  readonly run: Format;
}

interface Formatted {
  readonly hunks: readonly HunkId[];
  readonly failed?: string;
}

async function formatFile(parts: FileParts, { path: file, bytes, hunks }: FormatWish): Promise<Formatted> {
  const { run } = parts;
  const text = textOf(bytes);
  if (text.includes("\0") || !Buffer.from(text).equals(bytes)) return { hunks: [] };
  const formatted = await run(file, text);
  if (formatted.failed !== undefined) return { hunks: [], failed: formatted.failed };
  const found = await ownersOf(parts, file);
  if (found === undefined) return { hunks: [] };
  const target = textLines(Buffer.from(formatted.text));
  const pick = pickFormatted({ ...found, content: textLines(bytes), formatted: target, hunks: new Set(hunks) });
  if (pick.hunks.length === 0) return { hunks: [] };
  if (!pick.isAll) {
    // A part of what it wants must mean the same to it; otherwise the lines hang together with those around.
    const ending = text.includes("\r\n") ? "\r\n" : "\n";
    const again = await run(file, pick.content.map((line) => `${line}${ending}`).join(""));
    if (again.failed !== undefined || !sameLines(textLines(Buffer.from(again.text)), target)) return { hunks: [] };
  }
  const done: HunkId[] = [];
  for (const hunk of pick.hunks) if (await revise(parts, { file, hunk, target: pick.disk })) done.push(hunk);
  return { hunks: done };
}

interface Revision {
  readonly file: string;
  readonly hunk: HunkId;
  /** The whole file on disk, formatted where it may be. */
  readonly target: Lines;
}

/** As a person's edit: its lines as they are shown, with the formatter's in their place. */
async function revise({ root, reviewer }: FileParts, { file, hunk, target }: Revision): Promise<boolean> {
  const known = reviewer.review.get(hunk);
  // A yes to what a rule held was one to these very words.
  if (known === undefined || known.hunk.movedTo !== undefined || known.verdict !== undefined) return false;
  // So that it is shown as it is on disk.
  await reviewer.corrections(file);
  const found = await ownersOf({ root, reviewer }, file);
  const shown = sideOf(reviewer.lines(hunk) ?? [], "add");
  if (found === undefined || shown.length === 0) return false;
  const { disk, owners } = found;
  const changes = formatPieces(disk, target).filter((piece) => soleOwner(owners, piece) === hunk);
  const own = owners.flatMap((owner, at) => (owner === hunk ? [at] : []));
  const [first = 0, last = 0] = [own[0], own.at(-1)];
  const place = disk.findIndex(
    (_, at) => at <= first && last < at + shown.length && shown.every((line, index) => disk[at + index] === line),
  );
  if (place < 0 || changes.length === 0) return false;
  const text = [...shown];
  for (const { start, end, newStart, newEnd } of changes.toReversed())
    text.splice(start - place, end - start, ...target.slice(newStart, newEnd));
  await reviewer.edit(hunk, `${text.join("\n")}\n`);
  return sameLines(sideOf(reviewer.lines(hunk) ?? [], "add"), text);
}

async function ownersOf({ root, reviewer }: Pick<FileParts, "root" | "reviewer">, file: string) {
  const history = (await reviewer.histories()).find((one) => one.path === file);
  const read = await diskFiles.read(path.join(root, ...file.split("/")));
  if (history === undefined || !read.ok) return undefined;
  const { bytes } = read.value;
  const owned = diskOwners({ path: file, steps: history.steps, disk: bytes });
  return owned && { disk: textLines(bytes), owners: owned.owners };
}

const sameLines = (a: Lines, b: Lines): boolean => a.length === b.length && a.every((line, index) => line === b[index]);
