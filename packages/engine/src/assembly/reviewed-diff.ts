/** The diff that a review is of: from its text or from git, without what no model may see, with stand-ins for secrets. */
import { isUtf8 } from "node:buffer";
import { writtenByTool } from "@twolane/policy";
import { type Failure, type Result, succeed } from "@twolane/protocol";
import { formatPatch } from "../code/instant/git-diff.ts";
import type { SecretScreen } from "../guard/secret-screen.ts";
import { type ChangeSource, type ChangedEntry, type EntrySide, readChange } from "../host/git-change.ts";
import { demandRepository, readRange } from "../host/git-range.ts";
import { type Git, openGit } from "../host/git.ts";
import { systemProcesses } from "../host/process.ts";
import { type LeftOut, type ReviewDiff, type ReviewedFile, type ReviewedHunk, readReviewDiff } from "../workflows/review-diff.ts";
import type { DiffWish } from "../workflows/workflow.ts";

export interface ReviewedPlace {
  /** Top of the work tree. */
  readonly root: string;
  /** Whether what stands in a file may go to a model. */
  readonly mayTell: (path: string) => boolean;
  readonly screen: SecretScreen;
}

/** As a workflow is told it. */
export async function readReviewed(
  place: ReviewedPlace,
  from: DiffWish,
): Promise<{ readonly diff: ReviewDiff; readonly failure?: Failure }> {
  const read = from.kind === "text" ? succeed(readReviewDiff(from.text)) : await fromGit(place.root, from);
  return read.ok ? { diff: screened(read.value, place) } : { diff: { files: [], leftOut: [] }, failure: read.failure };
}

async function fromGit(root: string, from: Exclude<DiffWish, { kind: "text" }>): Promise<Result<ReviewDiff>> {
  const git = openGit(root, systemProcesses);
  const inside = await demandRepository(git);
  if (!inside.ok) return inside;
  const source = await sourceOf(git, root, from);
  if (!source.ok) return source;
  const entries = await readChange(git, source.value);
  if (!entries.ok) return entries;
  const sections = entries.value.map(sectionOf);
  const { files, leftOut } = readReviewDiff(sections.map((section) => (typeof section === "string" ? section : "")).join(""));
  return succeed({ files, leftOut: [...leftOut, ...sections.filter((section) => typeof section !== "string")] });
}

async function sourceOf(git: Git, root: string, from: Exclude<DiffWish, { kind: "text" }>): Promise<Result<ChangeSource>> {
  if (from.kind === "staged") return succeed({ kind: "staged" });
  if (from.kind === "work-tree") return succeed({ kind: "work-tree", root });
  const [base = "", head = ""] = from.ref.split(/\.{2,3}/);
  const range = await readRange(git, base, head === "" ? "HEAD" : head);
  return range.ok ? succeed({ kind: "commits", from: range.value.from, head: range.value.head }) : range;
}

/** The entry as git would print it, or why there is nothing to print. */
function sectionOf(entry: ChangedEntry): string | LeftOut {
  const { path, from, old, next } = entry;
  // A long lock file is not compared line by line only to be left out.
  const tool = writtenByTool(path);
  if (tool !== undefined) return { path, reason: tool };
  if ([old, next].some((side) => side !== undefined && side.kind !== "file")) return { path, reason: "link or submodule" };
  if (next === undefined) return `${header(path)}deleted file mode 100644\n`;
  const [before, after] = [old === undefined ? "" : textOf(old), textOf(next)];
  if (before === undefined || after === undefined) return { path, reason: "binary, or too large" };
  if (old !== undefined && before === after && from === undefined) return { path, reason: "only its mode changes" };
  if (old !== undefined) return formatPatch({ path: from ?? path, ...(from !== undefined && { movedTo: path }), before, after });
  if (after === "") return `${header(path)}new file mode 100644\n`;
  const patch = formatPatch({ path, before: "", after });
  return patch.replace(/^--- .*$/m, "--- /dev/null");
}

const header = (path: string): string => formatPatch({ path, before: "", after: "" });

function textOf({ bytes }: EntrySide): string | undefined {
  if (bytes === undefined || bytes.subarray(0, 8192).includes(0) || !isUtf8(bytes)) return undefined;
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("utf8");
}

function screened({ files, leftOut }: ReviewDiff, { mayTell, screen }: ReviewedPlace): ReviewDiff {
  const without: LeftOut[] = [...leftOut];
  const kept = files.flatMap((file) => {
    const reason = writtenByTool(file.path) ?? saysGenerated(file) ?? unreadable(file, mayTell);
    const shown = reason === undefined ? withStandIns(file, screen) : undefined;
    if (shown === undefined) without.push({ path: file.path, reason: reason ?? "holds a secret" });
    return shown === undefined ? [] : [shown];
  });
  return { files: kept, leftOut: without };
}

/** As generators mark what they write, in the first lines of the file. */
function saysGenerated({ hunks }: ReviewedFile): string | undefined {
  const head = hunks.flatMap(({ lines }) => lines.filter(({ line }) => line !== undefined && line <= 5));
  return head.some(({ text }) => /@generated\b|\bgenerated\b.*\bdo not edit\b/i.test(text)) ? "generated" : undefined;
}

function unreadable({ path, from }: ReviewedFile, mayTell: ReviewedPlace["mayTell"]): string | undefined {
  const names = from === undefined ? [path] : [path, from];
  return names.every(mayTell) ? undefined : "the policy keeps it out of prompts";
}

/** Undefined: there is a secret in it, and the policy lets none near a model. */
function withStandIns(file: ReviewedFile, screen: SecretScreen): ReviewedFile | undefined {
  const hunks: ReviewedHunk[] = [];
  for (const { lines } of file.hunks) {
    // A key goes over several lines, which marks and the other side's lines would tear apart.
    const sides = (["add", "remove"] as const).map((op) => {
      const own = lines.filter((line) => line.op === "keep" || line.op === op);
      const text = own.map((line) => line.text).join("\n");
      if (!screen.admit(text, file.path).ok) return undefined;
      const hidden = screen.hideLines(own);
      return new Map(own.map((line, index) => [line, hidden[index]?.text ?? ""]));
    });
    const [next, old] = sides;
    if (next === undefined || old === undefined) return undefined;
    hunks.push({ lines: lines.map((line) => ({ ...line, text: (line.op === "remove" ? old : next).get(line) ?? "" })) });
  }
  return { ...file, hunks };
}
