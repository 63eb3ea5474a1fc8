/**
 * One file that a job has changed, as it is today: where its waiting hunks would stand, which are there already, and where the person has
 * changed the same lines. Reads nothing and writes nothing.
 *
 * A hunk is always joined with what the file would be without any hunk of the same job, so that what came before it changes nothing.
 */
import type { HunkId } from "@twolane/protocol";
import type { FileSnapshot } from "../../host/files.ts";
import type { Journal } from "../../journal/journal.ts";
import type { OfferedPart, OfferedRecord } from "../../journal/records.ts";
import { sameBytes } from "../../std/bytes.ts";
import { lineAt } from "../adopt/split.ts";
import type { ByteChange } from "../edits.ts";
import { sameContent } from "../landing/landing-files.ts";
import { applyToBytes } from "../placing/file-text.ts";
import { type Fitting, type Overlap, fit, hullOf, moved, ordered, within } from "../placing/fit.ts";
import { lineChanges } from "../placing/line-changes.ts";
import type { Ground } from "./ground.ts";
import type { OwnedStep } from "./ledger.ts";
import { baseOf, offeredChanges } from "./offers.ts";
import { moveTo } from "./session-ledger.ts";
import { exactly } from "./step-out.ts";

type Blobs = Pick<Journal, "readBlob">;

/** What takes the place of the lines that both changed. */
export type Resolution = { readonly with: "theirs" | "both" } | { readonly with: "text"; readonly text: string };

export type Joined =
  | { readonly state: "fits"; readonly changes: readonly ByteChange[] }
  | { readonly state: "present" }
  | { readonly state: "conflict"; readonly conflict: Conflict };

/** What both changed, as either has it. */
export interface Conflict {
  /** 1-based, in the file as it is; 0 where the whole file is meant. */
  readonly line: number;
  readonly base: Uint8Array;
  readonly yours: Uint8Array;
  readonly theirs: Uint8Array;
}

/** A text file of which hunks are taken one by one. */
export class OfferedText {
  /** The content that changes of the job and of the person count in. */
  private readonly frame: Uint8Array;
  private yours: readonly ByteChange[];
  /** Of the job's hunks that are on disk, in the frame; none where the frame holds them. */
  private standing: readonly ByteChange[];
  private readonly place: (change: ByteChange) => ByteChange;
  private content: Uint8Array;

  constructor(record: OfferedRecord, actual: Uint8Array, { ground, hash, blobs }: TextContext) {
    const base = baseOf(record, blobs) ?? nothing;
    this.content = actual;
    const { steps, without } = steppedOut(record, actual, { ground, hash, blobs });
    const on = record.hunks.filter(({ hunk }) => steps.some((step) => step.hunk === hunk));
    const taken = ordered(on.flatMap((part) => offeredChanges(part, blobs)));
    const yours = without && lineChanges(base, without);
    const standing = yours && fit(base, yours, taken);
    if (yours && standing && isSum(base, [...yours, ...standing.open], actual)) {
      this.frame = base;
      this.yours = yours;
      this.standing = standing.open;
      this.place = (change) => change;
      return;
    }
    // Somebody typed into them, or they stand in other words: then they count as they were offered, and the rest as the person's.
    this.frame = applyToBytes(base, taken);
    this.yours = lineChanges(this.frame, actual);
    this.standing = [];
    this.place = (change) => moved(change, taken);
  }

  /** The file as it is, with the hunks that were put into it since. */
  get now(): Uint8Array {
    return this.content;
  }

  get isChanged(): boolean {
    return this.yours.length > 0;
  }

  /** Where the hunk stands in `now`. */
  join(part: OfferedPart, blobs: Blobs): Joined {
    const fitting = this.fitting(part, blobs);
    if (fitting.overlaps.length > 0) return { state: "conflict", conflict: this.conflict(fitting, this.changesOf(part, blobs)) };
    if (fitting.open.length === 0) return { state: "present" };
    return { state: "fits", changes: fitting.open.map((change) => moved(change, [...this.yours, ...this.standing])) };
  }

  /** It stands from now on. */
  put(part: OfferedPart, changes: readonly ByteChange[], blobs: Blobs): void {
    this.content = applyToBytes(this.content, changes);
    this.standing = ordered([...this.standing, ...this.fitting(part, blobs).open]);
  }

  /** The file if this takes the place of the lines that both changed; nothing where there are none. */
  resolve(part: OfferedPart, resolution: Resolution, blobs: Blobs): Uint8Array | undefined {
    const theirs = this.changesOf(part, blobs);
    const { open, overlaps } = fit(this.frame, this.yours, theirs);
    if (overlaps.length === 0) return undefined;
    const regions = resolution.with === "text" ? [hullOf(overlaps, this.yours, theirs)] : overlaps;
    const gone = new Set(regions.flatMap((region) => [...region.yours, ...region.theirs]));
    const stays = [...this.yours, ...this.standing, ...open].filter((change) => !gone.has(change));
    const answers = regions.map((region) => ({ start: region.start, end: region.end, bytes: this.answer(region, resolution) }));
    return applyToBytes(this.frame, ordered([...stays, ...answers]));
  }

  private answer(region: Overlap, resolution: Resolution): Uint8Array {
    if (resolution.with === "text") return written(resolution.text, this.frame);
    const theirs = within(this.frame, region, region.theirs);
    if (resolution.with === "theirs") return theirs;
    return Buffer.concat([closed(within(this.frame, region, region.yours), this.frame), theirs]);
  }

  private conflict({ overlaps }: Fitting, theirs: readonly ByteChange[]): Conflict {
    const hull = hullOf(overlaps, this.yours, theirs);
    const before = [...this.yours, ...this.standing].filter(({ start }) => start < hull.start);
    const { start } = moved({ start: hull.start, end: hull.start, bytes: nothing }, before);
    return {
      line: lineAt(this.content, start),
      base: this.frame.subarray(hull.start, hull.end),
      yours: within(this.frame, hull, hull.yours),
      theirs: within(this.frame, hull, hull.theirs),
    };
  }

  private fitting(part: OfferedPart, blobs: Blobs): Fitting {
    return fit(this.frame, this.yours, this.changesOf(part, blobs));
  }

  private changesOf(part: OfferedPart, blobs: Blobs): readonly ByteChange[] {
    return offeredChanges(part, blobs).map(this.place);
  }
}

const nothing = new Uint8Array();

export interface TextContext {
  readonly ground: Ground;
  /** Of the file as it is. */
  readonly hash: string;
  readonly blobs: Blobs;
}

/** The job's hunks that stand in the file, and the file without them where that is exactly known. */
function steppedOut(
  record: OfferedRecord,
  actual: Uint8Array,
  { ground: { ledger, images }, hash, blobs }: TextContext,
): { readonly steps: readonly OwnedStep[]; readonly without: Uint8Array | undefined } {
  const own = new Set<HunkId>(record.hunks.map(({ hunk }) => hunk));
  const { readBlob } = blobs;
  const contentOf = (wanted: string): Uint8Array | undefined => (wanted === hash ? actual : images.content(wanted));
  const file = moveTo(ledger.file(record.path), hash, { content: contentOf, readBlob });
  const steps = file.steps.filter(({ hunk }) => own.has(hunk));
  let state: { content: Uint8Array | undefined; ledger: typeof file } = { content: actual, ledger: file };
  for (const step of steps.toReversed()) {
    const next = exactly({ ...state, step }, { readBlob });
    if (next?.content === undefined) return { steps, without: undefined };
    state = { content: next.content, ledger: next.ledger };
  }
  return { steps, without: state.content };
}

function isSum(base: Uint8Array, changes: readonly ByteChange[], actual: Uint8Array): boolean {
  return sameBytes(applyToBytes(base, ordered(changes)), actual);
}

const lineFeed = 0x0a;

/** With an ending, as another text comes behind it. */
function closed(text: Uint8Array, like: Uint8Array): Uint8Array {
  return text.length === 0 || text.at(-1) === lineFeed ? text : Buffer.concat([text, Buffer.from(endingOf(like))]);
}

/** What a person wrote, with the line endings of the file. */
function written(text: string, like: Uint8Array): Uint8Array {
  const plain = text.replace(/\r?\n$/, "");
  if (plain === "") return nothing;
  const ending = endingOf(like);
  return Buffer.from(plain.split(/\r?\n/).join(ending) + ending, "utf8");
}

function endingOf(bytes: Uint8Array): string {
  const feed = bytes.indexOf(lineFeed);
  return feed > 0 && bytes[feed - 1] === 0x0d ? "\r\n" : "\n";
}

export type WholeJoined =
  | { readonly state: "fits" }
  | { readonly state: "present" }
  | { readonly state: "conflict"; readonly conflict: Conflict };

/** A file that comes, goes or is no text: it is as the job found it, or as the job left it, or somebody has to decide. */
export function joinWhole(
  { before, after }: { readonly before: Uint8Array | undefined; readonly after: Uint8Array | undefined },
  actual: FileSnapshot | undefined,
): WholeJoined {
  if (sameContent(actual?.bytes, after)) return { state: "present" };
  if (sameContent(actual?.bytes, before)) return { state: "fits" };
  const [base, yours, theirs] = [before ?? nothing, actual?.bytes ?? nothing, after ?? nothing];
  return { state: "conflict", conflict: { line: 0, base, yours, theirs } };
}
