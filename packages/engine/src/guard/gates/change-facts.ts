/**
 * A change from git → what the policy is asked about: files with hunks, as they would have come in a stream. And what no hunk can say, as
 * findings of its own: links that lead out, submodules, what is too large to be looked into. Pure.
 */
import { isUtf8 } from "node:buffer";
import path from "node:path";
import type { FileChange, Finding, HunkFacts } from "@twolane/policy";
import type { ChangedEntry, EntrySide } from "../../host/git-change.ts";
import { isGitName } from "../../host/git-names.ts";
import { diffLines } from "../../std/line-diff.ts";

export interface ChangeFacts {
  readonly files: readonly FileChange[];
  readonly findings: readonly Finding[];
}

export function changeFacts(entries: readonly ChangedEntry[]): ChangeFacts {
  return { files: entries.map(fileChange), findings: entries.flatMap(entryFindings) };
}

function fileChange(entry: ChangedEntry): FileChange {
  const [before, after] = [textOf(entry.old), textOf(entry.next)];
  const binary = isOpaque(entry.old, before) || isOpaque(entry.next, after);
  const moved = entry.from === undefined ? {} : { from: entry.from };
  return { path: entry.path, ...moved, before, after, binary, hunks: binary ? [] : hunksOf(entry, before, after) };
}

const isOpaque = (side: EntrySide | undefined, text: string | undefined): boolean => side !== undefined && text === undefined;

/** A submodule is a line with its commit, as git itself shows it. Undefined for what is no text. */
function textOf(side: EntrySide | undefined): string | undefined {
  if (side?.bytes === undefined) return undefined;
  if (side.kind === "submodule") return `Subproject commit ${Buffer.from(side.bytes).toString("latin1")}\n`;
  return decode(side.bytes);
}

/**
 * What a compiler may read as text is text, whatever `.gitattributes` says and whatever byte was put into it: else one NUL would hide a file
 * from every rule.
 */
function decode(bytes: Uint8Array): string | undefined {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return buffer.toString("utf16le", 2);
  const nuls = bytes.includes(0) ? bytes.reduce((sum, byte) => (byte === 0 ? sum + 1 : sum), 0) : 0;
  if (isUtf8(bytes)) return nuls > bytes.length / 100 ? undefined : buffer.toString("utf8").replace(/^\ufeff/, "");
  return nuls > 0 ? undefined : buffer.toString("latin1");
}

/** A move comes first, as one hunk without lines; what changed besides stands at the new place. */
function hunksOf(
  { path: name, from }: ChangedEntry,
  before: string | undefined,
  after: string | undefined,
): readonly HunkFacts[] {
  const whole = { path: name, before: () => before, after: () => after };
  const [old, next] = [linesOf(before), linesOf(after)];
  if (before === undefined) return [{ ...whole, operation: "create", line: 1, added: next.map(bare), removed: [] }];
  if (after === undefined) return [{ ...whole, operation: "delete", line: 1, added: [], removed: old.map(bare) }];
  const bareMove = { operation: "move" as const, line: 0, added: [], removed: [], before: () => before, after: () => before };
  const move: HunkFacts[] = from === undefined ? [] : [{ ...bareMove, path: from, movedTo: name }];
  const hunks = diffLines(old, next).map(({ start, end, newStart, newEnd }): HunkFacts => ({
    ...whole,
    operation: "update",
    line: newStart + 1,
    added: next.slice(newStart, newEnd).map(bare),
    removed: old.slice(start, end).map(bare),
  }));
  // Where only the mode differs the path is judged all the same.
  const only: HunkFacts[] =
    move.length + hunks.length > 0 ? [] : [{ ...whole, operation: "update", line: 0, added: [], removed: [] }];
  return [...move, ...hunks, ...only];
}

/** Each with its ending: that one changed is a change. */
const linesOf = (text: string | undefined): readonly string[] => text?.match(/[^\n]*\n|[^\n]+/g) ?? [];
const bare = (line: string): string => line.replace(/\r?\n$/, "");

function entryFindings({ path: name, old, next }: ChangedEntry): Finding[] {
  if (next === undefined) return old?.kind === "submodule" ? [submoduleFinding(name, "is taken out")] : [];
  const found: Finding[] = [];
  if (next.kind === "submodule") {
    const commit = Buffer.from(next.bytes ?? []).toString("latin1");
    found.push(submoduleFinding(name, `points to commit ${commit.slice(0, 12)}, whose content is not looked into here`));
  }
  if (next.kind === "link") {
    const where = linkFault(name, Buffer.from(next.bytes ?? []).toString("utf8"));
    if (where !== undefined) found.push(linkFinding(name, where));
  }
  if (next.bytes === undefined)
    found.push({
      path: name,
      line: 0,
      verdict: {
        decision: "hold",
        rule: "too-large",
        reason: `${name} has ${Math.ceil(next.size / 1024 ** 2)} MB, more than is looked into`,
        wayOut: "Keep it out of the repository, or have somebody look at it.",
        subject: name,
      },
    });
  return found;
}

const submoduleFinding = (name: string, what: string): Finding => ({
  path: name,
  line: 0,
  verdict: {
    decision: "hold",
    rule: "submodule",
    reason: `the submodule ${name} ${what}`,
    wayOut: "Have somebody look at what it brings; or leave the submodule as it is.",
    subject: name,
  },
});

const linkFinding = (name: string, where: string): Finding => ({
  path: name,
  line: 1,
  verdict: {
    decision: "block",
    rule: "link",
    reason: `the link ${name} leads ${where}`,
    wayOut: "Let it point to a file of the repository by a relative path.",
    subject: name,
  },
});

/** Where a link leads that no link of a repository should lead to. */
function linkFault(name: string, target: string): string | undefined {
  if (/^(?:[/\\]|[a-z]:)/i.test(target)) return `out of the repository, to ${target}`;
  const inside = path.posix.join(path.posix.dirname(name), target.replaceAll("\\", "/"));
  if (inside === ".." || inside.startsWith("../")) return `out of the repository, to ${target}`;
  return inside.split("/").some(isGitName) ? "into .git" : undefined;
}
