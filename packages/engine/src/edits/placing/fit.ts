/**
 * Changes of two authors on one base, as changes and not as contents: which of one's fit beside the other's, which are there already, and
 * where both meant the same lines. What fits does so whatever else of its author is taken, so the order of taking changes nothing. Pure.
 *
 * The same rule as `merge.ts`: changes of different lines stand beside each other, an insertion in front of a change of the line behind it.
 */
import { sameBytes } from "../../std/bytes.ts";
import type { ByteChange, ByteRange } from "../edits.ts";
import { applyToBytes } from "./file-text.ts";

/** Bytes of the base that both changed, or at which both put something in; whole lines. */
export interface Overlap extends ByteRange {
  readonly yours: readonly ByteChange[];
  readonly theirs: readonly ByteChange[];
}

export interface Fitting {
  /** Theirs that yours has not; none and no overlap: all of it is there. */
  readonly open: readonly ByteChange[];
  /** In the order of the base. */
  readonly overlaps: readonly Overlap[];
}

/** Both lists: ascending, disjoint, whole lines. */
export function fit(base: Uint8Array, yours: readonly ByteChange[], theirs: readonly ByteChange[]): Fitting {
  const open: ByteChange[] = [];
  const overlaps: Overlap[] = [];
  for (const group of groupsOf(base, yours, theirs)) {
    if (group.theirs.length === 0) continue;
    if (group.yours.length === 0) {
      open.push(...group.theirs);
      continue;
    }
    if (!sameBytes(within(base, group, group.yours), within(base, group, group.theirs))) overlaps.push(group);
  }
  return { open, overlaps };
}

/** These bytes of the base, with changes that all lie in them. */
export function within(base: Uint8Array, { start, end }: ByteRange, changes: readonly ByteChange[]): Uint8Array {
  const shifted = changes.map((change) => ({ start: change.start - start, end: change.end - start, bytes: change.bytes }));
  return applyToBytes(base.subarray(start, end), shifted);
}

/** One that takes all of these in, with what of either side lies in it. What only touches it does not. */
export function hullOf(overlaps: readonly Overlap[], yours: readonly ByteChange[], theirs: readonly ByteChange[]): Overlap {
  const [start, end] = [Math.min(...overlaps.map((one) => one.start)), Math.max(...overlaps.map((one) => one.end))];
  const isIn = (change: ByteChange): boolean => change.start < end && start < change.end;
  const own = (side: "yours" | "theirs", all: readonly ByteChange[]): readonly ByteChange[] => {
    const known = new Set(overlaps.flatMap((one) => one[side]));
    return all.filter((change) => known.has(change) || isIn(change));
  };
  return { start, end, yours: own("yours", yours), theirs: own("theirs", theirs) };
}

/** Where a change of the base is when others, disjoint from it, were made. */
export function moved(change: ByteChange, others: readonly ByteChange[]): ByteChange {
  let by = 0;
  for (const other of others) if (other.end <= change.start) by += other.bytes.length - (other.end - other.start);
  return by === 0 ? change : { start: change.start + by, end: change.end + by, bytes: change.bytes };
}

/** In the order of the base; what is put in somewhere before what takes the place of the line behind. */
export function ordered(changes: readonly ByteChange[]): readonly ByteChange[] {
  return changes.toSorted((a, b) => a.start - b.start || a.end - b.end);
}

function groupsOf(base: Uint8Array, yours: readonly ByteChange[], theirs: readonly ByteChange[]): readonly Overlap[] {
  type Open = { start: number; end: number; yours: ByteChange[]; theirs: ByteChange[] };
  const all = [
    ...yours.map((change) => ({ change, whose: "yours" as const })),
    ...theirs.map((change) => ({ change, whose: "theirs" as const })),
  ];
  all.sort((a, b) => a.change.start - b.change.start || a.change.end - b.change.end);
  const groups: Open[] = [];
  for (const { change, whose } of all) {
    const last = groups.at(-1);
    if (last !== undefined && shares(base, last, change)) {
      last.end = Math.max(last.end, change.end);
      last[whose].push(change);
    } else groups.push({ start: change.start, end: change.end, yours: [], theirs: [], [whose]: [change] });
  }
  return groups;
}

function shares(base: Uint8Array, group: Overlap, { start, end }: ByteChange): boolean {
  if (start < group.end || (start === group.start && end === group.end)) return true;
  // Behind a last line without an ending nothing can stand beside it.
  return (
    start === base.length &&
    group.end === start &&
    [...group.yours, ...group.theirs].some((other) => other.end === start && isOpenEnd(other))
  );
}

const lineFeed = 0x0a;
const isOpenEnd = ({ bytes }: ByteChange): boolean => bytes.length > 0 && bytes.at(-1) !== lineFeed;
