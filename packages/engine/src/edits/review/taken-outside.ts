/**
 * Which hunks somebody took off a file from outside (`git checkout`, `git stash`, an editor's undo): told by bytes alone. One is gone
 * where all that it brought is gone and what stood there before is back. Where only a part is, it is a correction, and stays. Pure.
 */
import type { Journal } from "../../journal/journal.ts";
import type { ByteChange, ByteRange } from "../edits.ts";
import { lineChanges } from "../placing/line-changes.ts";
import { type FileLedger, type OwnedStep, forgetStep, reaches, withoutStep } from "./ledger.ts";
import { exactly } from "./step-out.ts";

type Blobs = Pick<Journal, "readBlob">;

export interface Contents extends Blobs {
  /** A content by its hash, empty for no file; undefined where the session cannot rebuild it. */
  content(hash: string): Uint8Array | undefined;
}

/** A file as the session left it: with no bytes where it is not there. */
interface Left {
  readonly file: FileLedger;
  /** Undefined where it is not known. */
  readonly content: Uint8Array | undefined;
}

interface Found {
  /** Empty: there is no file. */
  readonly hash: string;
  readonly content: Uint8Array | undefined;
}

export interface Remaining extends Left {
  /** There is no other difference. */
  readonly isFound: boolean;
}

/** The file as it was left, without the hunks that are not in what was found. */
export function withoutLeft(left: Left, found: Found, blobs: Blobs): Remaining {
  const { file, content } = left;
  const stood = stoodAt(file, found.hash);
  if (stood !== undefined) {
    const gone = file.steps.filter((step) => !stood.includes(step));
    return { file: gone.toReversed().reduce(leaving, file), content: found.content, isFound: true };
  }
  const isThere = file.hash !== "" && found.hash !== "";
  if (!isThere || content === undefined || found.content === undefined) return { ...left, isFound: false };
  return { ...withoutParts({ file, content }, found.content, blobs), isFound: false };
}

/** Byte for byte as somebody else once made it, or as it was before some write: nothing that came later is there. */
function stoodAt({ steps, foreign }: FileLedger, hash: string): readonly OwnedStep[] | undefined {
  const known = foreign.get(hash);
  if (known !== undefined) return known;
  const write = steps.findLast(({ record }) => record.preHash === hash)?.record;
  return (
    write &&
    steps.slice(
      0,
      steps.findIndex(({ record }) => record === write),
    )
  );
}

const leaving = (file: FileLedger, step: OwnedStep): FileLedger => withoutStep(file, step)?.file ?? forgetStep(file, step);

/** Somebody who changed hundreds of places at once is not asked of each one alone. */
const rounds = 20;

/**
 * Takes out all that the change from outside reaches, and compares: where a hunk's place then differs from what was found, it is not out, or
 * not wholly. It is put back, and the rest is tried again.
 */
function withoutParts(left: { readonly file: FileLedger; readonly content: Uint8Array }, found: Uint8Array, blobs: Blobs): Left {
  const reached = reaches(left.file, lineChanges(left.content, found));
  const candidates = new Set([...reached.within, ...reached.beside]);
  for (let round = 1; candidates.size > 0; round++) {
    const without = takenOut(left, candidates, blobs);
    const changes = lineChanges(without.content, found);
    const isHit = ({ step, places }: Out): boolean => {
      // Only of those whose place has changed.
      const brought = (): readonly string[] => step.changes.flatMap(({ inserted }) => linesOf(blobs.readBlob(inserted)));
      const brings = ({ bytes }: ByteChange): boolean => {
        const now = new Set(linesOf(bytes));
        return brought().some((line) => now.has(line));
      };
      const corrects = ({ start, end, bytes }: ByteChange): boolean =>
        isCorrected({ brought: brought(), beside: linesOf(without.content.subarray(start, end)), now: linesOf(bytes) });
      const isMet = (change: ByteChange, place: ByteRange): boolean =>
        place.start === place.end ? corrects(change) : change.start < place.end && place.start < change.end;
      const isAt = (place: ByteRange): boolean =>
        changes.some((change) => touches(change, place) && (isMet(change, place) || brings(change)));
      // Of a place that went with an older hunk nothing is known but the text.
      return places.some(isAt) || (places.length < step.changes.length && changes.some(brings));
    };
    const hit = without.out.filter(isHit);
    if (hit.length === 0) return { file: without.file, content: without.content };
    // Who is only beside it first, then the oldest: the others may be gone without it.
    const [first] = [...hit.filter(({ step }) => !reached.within.has(step)), ...hit];
    for (const { step } of round < rounds && first ? [first] : hit) candidates.delete(step);
  }
  return left;
}

interface Out {
  readonly step: OwnedStep;
  /** Where what stood before it is back, as far as no older one that went took that with it. */
  readonly places: readonly ByteRange[];
}

interface Without {
  readonly file: FileLedger;
  readonly content: Uint8Array;
  /** Oldest first. */
  readonly out: readonly Out[];
}

/** What cannot leave by itself is no candidate any more. */
function takenOut(
  left: { readonly file: FileLedger; readonly content: Uint8Array },
  candidates: Set<OwnedStep>,
  blobs: Blobs,
): Without {
  let { file, content } = left;
  let out: readonly Out[] = [];
  for (const step of left.file.steps.toReversed()) {
    if (!candidates.has(step)) continue;
    const taken = step.existence === "kept" ? exactly({ content, ledger: file, step }, blobs) : undefined;
    if (taken?.content === undefined) {
      candidates.delete(step);
      continue;
    }
    const { changes } = taken;
    out = [{ step, places: placesOf(changes) }, ...out.map((one) => ({ ...one, places: one.places.flatMap(behind(changes)) }))];
    file = taken.ledger;
    content = taken.content;
  }
  return { file, content, out };
}

/** Where the new bytes of the changes are. */
function placesOf(changes: readonly ByteChange[]): readonly ByteRange[] {
  let growth = 0;
  return changes.map(({ start, end, bytes }) => {
    const place = { start: start + growth, end: start + growth + bytes.length };
    growth += bytes.length - (end - start);
    return place;
  });
}

/** A place behind the changes; none where one of them took it. */
const behind =
  (changes: readonly ByteChange[]) =>
  ({ start, end }: ByteRange): readonly ByteRange[] => {
    if (changes.some((change) => change.start < end && start < change.end)) return [];
    if (start === end && changes.some((change) => change.start < start && start < change.end)) return [];
    const growth = changes
      .filter((change) => change.end <= start)
      .reduce((sum, change) => sum + change.bytes.length - (change.end - change.start), 0);
    return [{ start: start + growth, end: end + growth }];
  };

const touches = (change: ByteRange, place: ByteRange): boolean => change.start <= place.end && place.start <= change.end;

const linesOf = (bytes: Uint8Array): readonly string[] =>
  Buffer.from(bytes)
    .toString("latin1")
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "");

interface InsertedLines {
  readonly brought: readonly string[];
  /** What was changed together with them, and was there without the hunk. */
  readonly beside: readonly string[];
  readonly now: readonly string[];
}

/** Less than this share of words in common is another line, not a corrected one. */
const alike = 0.3;
/** Somebody who rewrote thousands of lines at once is not compared line by line. */
const mostPairs = 10_000;
const mostWords = 100;

/** Where a hunk only put lines in, no bytes before it tell: what stands there now is one of those, changed, or has nothing to do with them. */
function isCorrected({ brought, beside, now }: InsertedLines): boolean {
  if (now.length * (brought.length + beside.length) > mostPairs) return true;
  const nearest = (line: string, among: readonly string[]): number => Math.max(0, ...among.map((one) => likeness(line, one)));
  return now.some((line) => nearest(line, brought) >= Math.max(alike, nearest(line, beside)));
}

/** Share of the words and signs of two lines that both have, 0 to 1 (Dice's coefficient). */
function likeness(one: string, other: string): number {
  const [words, rest] = [wordsOf(one), wordsOf(other)];
  const total = words.length + rest.length;
  let both = 0;
  for (const word of words) {
    const at = rest.indexOf(word);
    if (at < 0) continue;
    rest.splice(at, 1);
    both++;
  }
  return total === 0 ? 0 : (2 * both) / total;
}

const wordsOf = (line: string): string[] => (line.match(/\w+|[^\s\w]/g) ?? []).slice(0, mostWords);
