/**
 * Which hunks a content holds that others made: a commit by hand, perhaps of a part, perhaps with more in it. A hunk whose lines were
 * changed before that commit is not held. Pure.
 */
import { diffLines } from "../std/line-diff.ts";
import { merge3 } from "../edits/placing/merge.ts";
import { sameBytes } from "../std/bytes.ts";
import type { CommitStep } from "./content.ts";
import { linesOf } from "./line-owners.ts";

/**
 * `head` in work-tree form, `undefined` where there is no file. The newest step is looked at first and taken out where it is held, so that
 * the ones under it come to light.
 */
export function containedSteps(head: Uint8Array | undefined, steps: readonly CommitStep[]): ReadonlySet<CommitStep> {
  const found = new Set<CommitStep>();
  let content = head;
  for (const step of steps.toReversed()) {
    const without = takenOut(content, step);
    if (without === undefined) continue;
    found.add(step);
    content = without.content;
  }
  return found;
}

/** The content without what the step did; undefined where it does not hold all of that. */
function takenOut(content: Uint8Array | undefined, step: CommitStep): { readonly content: Uint8Array | undefined } | undefined {
  if (step.deletes) return content === undefined ? { content: step.before } : undefined;
  if (content === undefined) return undefined;
  if (step.creates) return holdsEveryLine(content, step.after) ? { content: undefined } : undefined;
  const without = merge3(step.after, content, step.before);
  if (!without.ok || sameBytes(without.bytes, content)) return undefined;
  // Of a part of it that is held, the rest would come in here.
  const again = merge3(step.before, without.bytes, step.after);
  return again.ok && sameBytes(again.bytes, content) ? { content: without.bytes } : undefined;
}

const holdsEveryLine = (content: Uint8Array, made: Uint8Array): boolean =>
  diffLines(linesOf(made), linesOf(content)).every(({ start, end }) => start === end);
