/**
 * Whose bytes are where: follows what hunks brought into a file through everything that happened to it later, ours and others'.
 * Pure.
 */
import type { HunkId } from "@twolane/protocol";
import { differingRange } from "../../std/bytes.ts";
import type { FileStep } from "./file-history.ts";

export interface Span {
  readonly start: number;
  readonly end: number;
}

/** Where the bytes of each hunk are in `now`. */
export function spansNow(steps: readonly FileStep[], now: Uint8Array): ReadonlyMap<HunkId, readonly Span[]> {
  let owned: (Span & { readonly hunk: HunkId })[] = [];
  let last: Uint8Array | undefined;
  for (const step of steps) {
    if (last !== undefined) owned = mapOwned(owned, (span) => shifted(span, [wholeChange(last!, step.before)]));
    owned = mapOwned(owned, (span) => shifted(span, step.changes));
    owned.push(...insertedSpans(step).map((span) => ({ ...span, hunk: step.hunk })));
    last = step.after;
  }
  if (last !== undefined) owned = mapOwned(owned, (span) => shifted(span, [wholeChange(last!, now)]));
  const spans = new Map<HunkId, Span[]>();
  for (const { hunk, start, end } of owned) spans.set(hunk, [...(spans.get(hunk) ?? []), { start, end }]);
  return spans;
}

type Change = FileStep["changes"][number];

function mapOwned<T extends Span>(owned: readonly T[], map: (span: Span) => Span): T[] {
  return owned.map((span) => ({ ...span, ...map(span) }));
}

function insertedSpans({ changes }: FileStep): Span[] {
  let growth = 0;
  return changes.map(({ start, end, inserted }) => {
    const span = { start: start + growth, end: start + growth + inserted };
    growth += inserted - (end - start);
    return span;
  });
}

function wholeChange(before: Uint8Array, after: Uint8Array): Change {
  const { start, end, newEnd } = differingRange(before, after);
  return { start, end, inserted: newEnd - start };
}

/** The span behind the changes; one that a change reaches into keeps what is left of it, and what was put within. */
function shifted({ start, end }: Span, changes: readonly Change[]): Span {
  let from = start;
  let to = end;
  for (const change of changes.toReversed()) {
    const growth = change.inserted - (change.end - change.start);
    if (change.end <= from) {
      from += growth;
      to += growth;
    } else if (change.start < to) {
      from = Math.min(from, change.start);
      to = Math.max(to, change.end) + growth;
    }
  }
  return { start: from, end: Math.max(from, to) };
}
