/**
 * Whose bytes are where: follows what hunks brought into a file through everything that happened to it later, ours and others'.
 * So it is known which hunks stand on which, and what a person changed in a hunk. Pure.
 */
import type { HunkId } from "@twolane/protocol";
import { differingRange } from "../../std/bytes.ts";

export interface Span {
  readonly start: number;
  readonly end: number;
}

/** One hunk's share in the history of one file, oldest first. */
export interface FileStep {
  readonly hunk: HunkId;
  readonly before: Uint8Array;
  readonly after: Uint8Array;
  /** In `before`; `inserted` is the length of the new bytes. */
  readonly changes: readonly { readonly start: number; readonly end: number; readonly inserted: number }[];
  /** Bytes of `before` that the hunk was matched by. */
  readonly matched?: readonly [start: number, end: number];
  /** The file came into being with it, so that all that follows stands on it. */
  readonly creates: boolean;
}

/** Hunks that stand on one of `roots`, directly or through others; the roots are not among them. */
export function dependents(steps: readonly FileStep[], roots: ReadonlySet<HunkId>): ReadonlySet<HunkId> {
  const found = new Set<HunkId>();
  let owned: Span[] = [];
  let all = false;
  let last: Uint8Array | undefined;
  for (const step of steps) {
    if (last !== undefined) owned = throughOthers(owned, last, step.before);
    const isRoot = roots.has(step.hunk);
    const matched = step.matched ?? wholeOf(step);
    const stands = !isRoot && (all || owned.some((span) => meets(span, matched)));
    if (stands) found.add(step.hunk);
    owned = through(owned, step.changes);
    if (isRoot || stands) owned.push(...insertedSpans(step));
    if ((isRoot || stands) && step.creates) all = true;
    last = step.after;
  }
  return found;
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

function wholeOf({ changes }: FileStep): readonly [number, number] {
  return [changes[0]?.start ?? 0, changes.at(-1)?.end ?? 0];
}

/** Bytes in common; or, where the hunk only took something out, its place strictly within. */
function meets({ start, end }: Span, [from, to]: readonly [number, number]): boolean {
  return start === end ? from < start && start < to : start < to && from < end;
}

function insertedSpans({ changes }: FileStep): Span[] {
  let growth = 0;
  return changes.map(({ start, end, inserted }) => {
    const span = { start: start + growth, end: start + growth + inserted };
    growth += inserted - (end - start);
    return span;
  });
}

const through = (spans: readonly Span[], changes: readonly Change[]): Span[] => spans.map((span) => shifted(span, changes));

function throughOthers(spans: readonly Span[], before: Uint8Array, after: Uint8Array): Span[] {
  return through(spans, [wholeChange(before, after)]);
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
