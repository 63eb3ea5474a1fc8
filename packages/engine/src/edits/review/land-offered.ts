/**
 * Lands hunks that a job has offered, many at once: one write a file, one sync for all. Each is joined with the file as it is today, is judged
 * like any other, and what does not fit changes nothing. Whether somebody said yes to them is known elsewhere.
 */
import path from "node:path";
import { type Failure, type Hunk, type HunkId, failure } from "@twolane/protocol";
import type { Refusal } from "@twolane/policy";
import type { FileSnapshot } from "../../host/files.ts";
import type { Target } from "../../host/workspace.ts";
import type { OfferedPart, OfferedRecord } from "../../journal/records.ts";
import type { ByteChange } from "../edits.ts";
import { changeFacts, goneFacts } from "../landing/landing-facts.ts";
import { type LandingFile, landingFile, wholeChange } from "../landing/landing-files.ts";
import { type HunkResult, landUnit } from "../landing/landing-unit.ts";
import { SaveWatch } from "../landing/landing-watch.ts";
import { type FileText, applyChanges, fileText, lineAt } from "../placing/file-text.ts";
import { within } from "../placing/fit.ts";
import { lineChanges } from "../placing/line-changes.ts";
import type { Ground } from "./ground.ts";
import { type Conflict, OfferedText, type Resolution, joinWhole } from "./offered-file.ts";
import { baseOf, offerOf, offeredChanges } from "./offers.ts";
import type { RelandDeps } from "./reland.ts";

export interface OfferedWish {
  readonly hunk: Hunk;
  /** To the lines that both changed. */
  readonly resolution?: Resolution;
}

export type OfferedOutcome =
  | { readonly state: "landed"; readonly hunk: Hunk; readonly merged: boolean }
  | { readonly state: "present" }
  | { readonly state: "refused"; readonly refusals: readonly Refusal[] }
  | { readonly state: "conflict"; readonly conflict: Conflict }
  | { readonly state: "failed"; readonly failure: Failure };

/** By hunk; with `dryRun` what would become of them, and nothing is written. */
export type OfferedOutcomes = Map<HunkId, OfferedOutcome>;

interface Landing {
  readonly deps: RelandDeps;
  readonly ground: Ground;
  readonly outcomes: OfferedOutcomes;
  readonly dryRun: boolean;
}

export interface LandOfferedOptions {
  readonly dryRun?: boolean;
}

export async function landOffered(
  deps: RelandDeps,
  { ground, wishes }: { readonly ground: Ground; readonly wishes: readonly OfferedWish[] },
  { dryRun = false }: LandOfferedOptions = {},
): Promise<OfferedOutcomes> {
  const landing: Landing = { deps, ground, outcomes: new Map(), dryRun };
  const byFile = new Map<OfferedRecord, OfferedWish[]>();
  for (const wish of wishes) {
    const offer = offerOf(ground, wish.hunk);
    if (offer === undefined) continue;
    const known = byFile.get(offer.record);
    if (known) known.push(wish);
    else byFile.set(offer.record, [wish]);
  }
  const files = (await Promise.all([...byFile].map(([record, own]) => planned(landing, record, own)))).filter(
    (file) => file !== undefined,
  );
  if (!dryRun && files.length > 0) await write(landing, files);
  return landing.outcomes;
}

async function planned(
  landing: Landing,
  record: OfferedRecord,
  wishes: readonly OfferedWish[],
): Promise<LandingFile | undefined> {
  const { deps, outcomes } = landing;
  const read = await deps.files.read(absoluteOf(deps, record.path));
  if (!read.ok && read.failure.code !== "FILE_MISSING") {
    for (const { hunk } of wishes) outcomes.set(hunk.id, { state: "failed", failure: read.failure });
    return undefined;
  }
  const actual = read.ok ? read.value : undefined;
  const file = new PlannedFile(landing, record, actual);
  for (const wish of wishes) file.add(wish);
  return file.planned.pending.length > 0 ? file.planned : undefined;
}

class PlannedFile {
  readonly planned: LandingFile;
  private readonly landing: Landing;
  private readonly record: OfferedRecord;
  private readonly actual: FileSnapshot | undefined;
  private text: OfferedText | undefined;

  constructor(landing: Landing, record: OfferedRecord, actual: FileSnapshot | undefined) {
    this.landing = landing;
    this.record = record;
    this.actual = actual;
    const target: Target = {
      absolute: absoluteOf(landing.deps, record.path),
      relative: record.path,
      real: record.path,
      link: false,
    };
    this.planned = landingFile(target, actual);
    if (!actual && record.mode !== undefined) {
      const owner = { uid: process.getuid?.() ?? -1, gid: process.getgid?.() ?? -1 };
      this.planned.like = { mode: record.mode, owner };
    }
  }

  add({ hunk, resolution }: OfferedWish): void {
    const { outcomes, ground } = this.landing;
    const part = ground.offers.get(hunk.id)?.part;
    if (part === undefined) return;
    const outcome = part.whole ? this.addWhole({ hunk, part, resolution }) : this.addPart({ hunk, part, resolution });
    outcomes.set(hunk.id, outcome);
  }

  private addWhole({ hunk, part, resolution }: PartWish): OfferedOutcome {
    const after = afterOf(this.record, part, this.landing);
    const joined = joinWhole({ before: baseOf(this.record, this.landing.deps.journal), after }, this.actual);
    if (joined.state === "present") return joined;
    if (joined.state === "conflict" && resolution === undefined) return joined;
    const text = resolution?.with === "text" ? Buffer.from(resolution.text, "utf8") : after;
    const from = this.planned.text?.bytes ?? nothing;
    return this.push({ hunk, after: text && fileText(text), changes: [wholeChange(from, text ?? nothing)] });
  }

  private addPart({ hunk, part, resolution }: PartWish): OfferedOutcome {
    const { deps, ground } = this.landing;
    const { journal } = deps;
    if (this.actual === undefined) return this.gone(part);
    this.text ??= new OfferedText(this.record, this.actual.bytes, { ground, hash: this.actual.hash, blobs: journal });
    const joined = this.text.join(part, journal);
    const before = this.planned.text ?? fileText(this.text.now);
    if (joined.state === "conflict" && resolution !== undefined) {
      const after = this.text.resolve(part, resolution, journal) ?? before.bytes;
      return this.push({ hunk, after: fileText(after), changes: lineChanges(before.bytes, after) });
    }
    if (joined.state !== "fits") return joined;
    const { text } = this;
    const outcome = this.push({ hunk, after: applyChanges(before, joined.changes), changes: joined.changes });
    if (outcome.state === "landed") text.put(part, joined.changes, journal);
    return outcome.state === "landed" ? { ...outcome, merged: text.isChanged } : outcome;
  }

  /** Somebody removed the file. */
  private gone(part: OfferedPart): OfferedOutcome {
    const { journal } = this.landing.deps;
    const base = baseOf(this.record, journal) ?? nothing;
    const changes = offeredChanges(part, journal);
    const hull = { start: changes[0]?.start ?? 0, end: changes.at(-1)?.end ?? 0 };
    const theirs = within(base, hull, changes);
    return { state: "conflict", conflict: { line: 0, base: base.subarray(hull.start, hull.end), yours: nothing, theirs } };
  }

  private push({
    hunk,
    after,
    changes,
  }: {
    readonly hunk: Hunk;
    readonly after: FileText | undefined;
    readonly changes: readonly ByteChange[];
  }): OfferedOutcome {
    const { planned, landing } = this;
    const before = planned.text;
    const refusals = refusalsOf(landing, { hunk, before, isGone: after === undefined, changes, path: this.record.path });
    if (refusals.length > 0) return { state: "refused", refusals };
    if (!landing.dryRun) landing.deps.judge.admit(hunk);
    planned.pending.push({ hunk: hunk.id, turn: hunk.turn, before, after, changes });
    planned.text = after;
    const first = changes[0];
    const line = hunk.operation === "update" && before && first ? lineAt(before, first.start) + 1 : hunk.line;
    return { state: "landed", hunk: { ...hunk, line }, merged: false };
  }
}

interface PartWish {
  readonly hunk: Hunk;
  readonly part: OfferedPart;
  readonly resolution: Resolution | undefined;
}

/** Undefined: the file goes. */
function afterOf(
  record: OfferedRecord,
  part: OfferedPart,
  { deps }: { readonly deps: Pick<RelandDeps, "journal"> },
): Uint8Array | undefined {
  if (record.mode === undefined) return undefined;
  const [change] = offeredChanges(part, deps.journal);
  const base = baseOf(record, deps.journal) ?? nothing;
  return change === undefined ? base : Buffer.concat([base.subarray(0, change.start), change.bytes, base.subarray(change.end)]);
}

interface Judged {
  readonly hunk: Hunk;
  readonly before: FileText | undefined;
  readonly isGone: boolean;
  readonly changes: readonly ByteChange[];
  readonly path: string;
}

function refusalsOf({ deps: { judge } }: Landing, { hunk, before, isGone, changes, path: file }: Judged): readonly Refusal[] {
  const facts = isGone && before ? goneFacts(before) : changeFacts(before, changes);
  const from = { relative: file, real: file };
  const operation = isGone ? "delete" : before ? "update" : "create";
  const refusals = judge.hunk({
    ...{ id: hunk.id, turn: hunk.turn, operation, line: hunk.line, from },
    ...{ touched: () => undefined, fromDeepLane: true, ...facts },
  });
  return judge.withoutConsent(hunk.id, refusals);
}

async function write({ deps, outcomes }: Landing, files: readonly LandingFile[]): Promise<void> {
  const lost = new Set<HunkId>();
  const watch = new SaveWatch(deps, {
    settled: () => {},
    onEvent: (event) => {
      // It was told of nobody yet that it landed.
      if (event.type === "hunk.undone") lost.add(event.hunk);
      else deps.onEvent(event);
    },
  });
  const results = await landUnit(deps, files, {
    allOrNothing: false,
    refusal: () => undefined,
    watch: (written, hunks) => watch.add(written, hunks),
  });
  await watch.finish();
  for (const [hunk, outcome] of outcomes) {
    if (outcome.state !== "landed") continue;
    const result = results.get(hunk);
    if (result?.state !== "landed" || lost.has(hunk))
      outcomes.set(hunk, { state: "failed", failure: whyNot(outcome.hunk, result) });
    else if (result.merged) outcomes.set(hunk, { ...outcome, merged: true });
  }
}

function whyNot({ path: file }: Hunk, result: HunkResult | undefined): Failure {
  if (result?.state === "failed") return result.failure;
  return failure("HUNK_CONFLICT", `${file} was changed on the same lines in the same moment.`, "Say yes again to look anew.");
}

const nothing = new Uint8Array();

const absoluteOf = ({ root }: RelandDeps, file: string): string => path.join(root, ...file.split("/"));
