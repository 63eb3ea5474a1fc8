/**
 * The content of a file that a commit of some hunks must have: what HEAD has, with what those hunks did to it, and with what a person
 * corrected in their lines since. Nothing else that is on disk. Pure.
 */
import type { HunkId } from "@twolane/protocol";
import { diffLines } from "../edits/placing/line-diff.ts";
import { merge3 } from "../edits/placing/merge.ts";
import { type FileStep, type Span, spansNow } from "../edits/review/provenance.ts";
import { sameBytes } from "../std/bytes.ts";

/** One file in its states; `undefined` where there is no file. */
export interface CommitFile {
  readonly path: string;
  readonly head: Uint8Array | undefined;
  readonly disk: Uint8Array | undefined;
  readonly steps: readonly CommitStep[];
}

export interface CommitStep extends FileStep {
  /** The file goes with it. */
  readonly deletes: boolean;
}

export interface CommitContent {
  /** `undefined`: the file is not in the commit. */
  readonly after: Uint8Array | undefined;
  readonly taken: readonly HunkId[];
  readonly left: readonly { readonly hunk: HunkId; readonly reason: string }[];
}

const none = new Uint8Array();

export function commitContent({ path, head, disk, steps }: CommitFile, accepted: ReadonlySet<HunkId>): CommitContent {
  let content = head;
  let last: Uint8Array | undefined;
  const taken: HunkId[] = [];
  const left: { hunk: HunkId; reason: string }[] = [];
  for (const [index, step] of steps.entries()) {
    if (last !== undefined && content !== undefined && !sameBytes(last, step.before))
      content = withCorrections(content, { steps: steps.slice(0, index), before: last, after: step.before, accepted });
    last = step.after;
    if (!accepted.has(step.hunk)) continue;
    const next = withStep(content, step, path);
    if (typeof next === "string") left.push({ hunk: step.hunk, reason: next });
    else {
      content = next.content;
      taken.push(step.hunk);
    }
  }
  if (last !== undefined && content !== undefined && disk !== undefined && !sameBytes(last, disk))
    content = withCorrections(content, { steps, before: last, after: disk, accepted });
  return { after: content, taken, left };
}

/** The content with what the hunk did, or why it does not go into it. */
function withStep(
  content: Uint8Array | undefined,
  step: CommitStep,
  path: string,
): { readonly content: Uint8Array | undefined } | string {
  if (step.creates) {
    if (content === undefined || sameBytes(content, step.after)) return { content: step.after };
    return `git has another ${path} already`;
  }
  if (content === undefined) return `${path} is not in git yet; add and commit it first, or accept the hunk that made it`;
  if (step.deletes)
    return sameBytes(content, step.before) ? { content: undefined } : `${path} has changes that are not committed`;
  const merged = merge3(step.before, content, step.after);
  return merged.ok
    ? { content: merged.bytes }
    : `it stands on lines of ${path} that are not committed; accept or commit those first`;
}

interface Corrections {
  readonly steps: readonly CommitStep[];
  readonly before: Uint8Array;
  readonly after: Uint8Array;
  readonly accepted: ReadonlySet<HunkId>;
}

/** Of somebody's change only the lines that accepted hunks brought: the rest stays where it is, uncommitted. */
function withCorrections(content: Uint8Array, { steps, before, after, accepted }: Corrections): Uint8Array {
  const spans = [...spansNow(steps, before)].flatMap(([hunk, own]) => (accepted.has(hunk) ? own : []));
  if (spans.length === 0) return content;
  const [old, fresh] = [linesOf(before), linesOf(after)];
  const starts = startsOf(old);
  const result: string[] = [];
  let done = 0;
  for (const run of diffLines(old, fresh)) {
    const touched = { start: starts[run.start] ?? before.length, end: starts[run.end] ?? before.length };
    if (!spans.some((span) => meets(span, touched))) continue;
    result.push(...old.slice(done, run.start), ...fresh.slice(run.newStart, run.newEnd));
    done = run.end;
  }
  if (done === 0 && result.length === 0) return content;
  const corrected = Buffer.from([...result, ...old.slice(done)].join(""), "latin1");
  const merged = merge3(before, content, corrected);
  return merged.ok ? merged.bytes : content;
}

/** Lines put in between count only strictly within. */
const meets = (own: Span, touched: Span): boolean =>
  touched.start === touched.end
    ? own.start < touched.start && touched.start < own.end
    : own.start < touched.end && touched.start < own.end;

/** With their endings, one character a byte. */
function linesOf(bytes: Uint8Array): string[] {
  return (
    Buffer.from(bytes)
      .toString("latin1")
      .match(/[^\n]*\n|[^\n]+$/g) ?? []
  );
}

function startsOf(lines: readonly string[]): number[] {
  let at = 0;
  return lines.map((line) => {
    const start = at;
    at += line.length;
    return start;
  });
}

/** Whether a content that others made holds what the hunk did: taking it out changes the content, and putting it back restores it. */
export function contains(content: Uint8Array | undefined, step: CommitStep): boolean {
  if (step.deletes) return content === undefined;
  if (content === undefined) return false;
  if (sameBytes(content, step.after)) return true;
  if (step.creates) return merge3(none, content, step.after).ok && sameBytes(content, step.after);
  const without = merge3(step.after, content, step.before);
  if (!without.ok || sameBytes(without.bytes, content)) return false;
  const again = merge3(step.before, without.bytes, step.after);
  return again.ok && sameBytes(again.bytes, content);
}
