/**
 * Puts a hunk on disk that was there before, as it was or with other words: what it did to its file is done to the file as it is now, by
 * a three-way merge. Lands like any other hunk.
 */
import path from "node:path";
import { type EventBody, type Failure, type HunkId, type Result, type TurnId, fail, failure, succeed } from "@twolane/protocol";
import type { Refusal } from "@twolane/policy";
import { verdictOf } from "../../guard/allowances.ts";
import type { HunkJudge } from "../../guard/hunk-judge.ts";
import type { FileSnapshot } from "../../host/files.ts";
import type { Target } from "../../host/workspace.ts";
import type { Clock } from "../../std/clock.ts";
import type { ByteRange } from "../edits.ts";
import { changeFacts, goneFacts } from "../landing/landing-facts.ts";
import { type LandingFile, landingFile, sameContent } from "../landing/landing-files.ts";
import { type UnitDeps, landUnit } from "../landing/landing-unit.ts";
import { SaveWatch } from "../landing/landing-watch.ts";
import { fileText } from "../placing/file-text.ts";
import { lineChanges, rangeBehind } from "../placing/line-changes.ts";
import { merge3 } from "../placing/merge.ts";
import { sidesOf } from "../undo/step-back.ts";
import type { Ground } from "./ground.ts";
import type { OwnedStep } from "./ledger.ts";

export interface RelandDeps extends UnitDeps {
  readonly clock: Clock;
  readonly judge: Pick<HunkJudge, "hunk" | "withoutConsent" | "show" | "admit">;
  readonly onEvent: (event: EventBody) => void;
}

export interface Relanded {
  /** The file is another than the one that the hunk was taken out of, or somebody wrote in the same moment. */
  readonly merged: boolean;
  /** Real paths. */
  readonly files: readonly string[];
}

/** A hunk's share in one file, on the file as it is. */
export interface Share {
  /** Real path. */
  readonly path: string;
  readonly actual: FileSnapshot | undefined;
  /** Undefined: the file goes. */
  readonly after: Uint8Array | undefined;
  /** In `actual`; the lines that the hunk stands in. */
  readonly matched: ByteRange;
  /** Permission bits of a file that comes into being. */
  readonly mode: number;
}

/** `refusals`: why the policy does not let it. */
export type Relanding =
  | Result<Relanded>
  | { readonly ok: false; readonly failure: Failure; readonly refusals: readonly Refusal[] };

/** HUNK_CONFLICT where its lines are other ones now, JOURNAL_CORRUPT where its text cannot be read. Then nothing is changed. */
export async function landAgain(deps: RelandDeps, whose: Whose, { ledger, images }: Ground): Promise<Relanding> {
  const steps = ledger.lastSteps(whose.hunk);
  const shares: Share[] = [];
  for (const file of new Set(steps.map(({ record }) => record.path))) {
    const own = steps.filter(({ record }) => record.path === file);
    const share = await shareOf(deps, own, images);
    if (!share.ok) return share;
    shares.push(share.value);
  }
  return putShares(deps, whose, shares);
}

async function shareOf(deps: RelandDeps, steps: readonly OwnedStep[], images: Ground["images"]): Promise<Result<Share>> {
  const [{ record, hunk, index } = neverEmpty()] = steps;
  const read = await deps.files.read(absoluteOf(deps, record.path));
  if (!read.ok && read.failure.code !== "FILE_MISSING") return read;
  const actual = read.ok ? read.value : undefined;
  let content = actual?.bytes;
  const [from, to] = record.steps[index]?.matched ?? [0, 0];
  let matched: ByteRange = { start: from, end: to };
  for (const [number, step] of steps.entries()) {
    const sides = sidesOf(step, images);
    if (sides === undefined) return fail("JOURNAL_CORRUPT", `The text of ${hunk} is damaged in the session's store.`);
    if (number === 0) matched = rangeBehind(matched, lineChanges(sides.before ?? nothing, content ?? nothing), "without");
    const next = joined({ ...sides, actual: content });
    if (next === "conflict")
      return fail("HUNK_CONFLICT", `${hunk} does not fit: ${record.path} has other lines there now.`, "Ask for the change anew.");
    content = next;
  }
  return succeed({ path: record.path, actual, after: content, matched, mode: record.mode });
}

const nothing = new Uint8Array();

interface Contents {
  readonly before: Uint8Array | undefined;
  readonly after: Uint8Array | undefined;
  readonly actual: Uint8Array | undefined;
}

function joined({ before, after, actual }: Contents): Uint8Array | undefined | "conflict" {
  if (sameContent(actual, before) || sameContent(actual, after)) return after;
  if (before === undefined || after === undefined || actual === undefined) return "conflict";
  const merged = merge3(before, actual, after);
  return merged.ok ? merged.bytes : "conflict";
}

export interface Whose {
  readonly hunk: HunkId;
  readonly turn: TurnId;
}

/** Writes the shares as a unit. HUNK_CONFLICT where somebody writes the same lines in the same moment. */
export async function putShares(deps: RelandDeps, whose: Whose, shares: readonly Share[]): Promise<Relanding> {
  const refusals = refusalsOf(deps, whose, shares);
  if (refusals.length > 0) return { ok: false, failure: refusalFailure(refusals), refusals };
  const files = shares.map((share) => placedFile(deps, whose, share));
  const watch = new SaveWatch(deps, { settled: () => {}, onEvent: deps.onEvent });
  const results = await landUnit(deps, files, {
    allOrNothing: files.length > 1,
    refusal: () => undefined,
    watch: (written, hunks) => watch.add(written, hunks),
  });
  await watch.finish();
  const result = results.get(whose.hunk);
  if (result?.state === "failed") return { ok: false, failure: result.failure };
  if (result?.state !== "landed") return fail("HUNK_CONFLICT", `${result?.verdict.reason ?? "The hunk was lost"}.`);
  return succeed({ merged: result.merged, files: shares.map((share) => share.path) });
}

function refusalsOf({ judge }: RelandDeps, { hunk, turn }: Whose, shares: readonly Share[]): readonly Refusal[] {
  const refusals = shares.flatMap(({ path: file, actual, after }) => {
    const text = actual && fileText(actual.bytes);
    const facts =
      after === undefined && text ? goneFacts(text) : changeFacts(text, lineChanges(actual?.bytes ?? nothing, after ?? nothing));
    const operation = after === undefined ? "delete" : text ? "update" : "create";
    const from = { relative: file, real: file };
    return judge.hunk({ id: hunk, turn, operation, line: 0, from, touched: () => undefined, ...facts });
  });
  return judge.withoutConsent(hunk, refusals);
}

function refusalFailure(refusals: readonly Refusal[]): Failure {
  const { decision, rule, reason, wayOut } = verdictOf(refusals);
  return failure("HUNK_STATE", `The rule ${rule} ${decision}s it: ${reason}.`, wayOut);
}

function placedFile(deps: RelandDeps, { hunk, turn }: Whose, share: Share): LandingFile {
  const { actual, after, matched, mode } = share;
  const target: Target = { absolute: absoluteOf(deps, share.path), relative: share.path, real: share.path, link: false };
  const file = landingFile(target, actual);
  const before = file.text;
  file.text = after && fileText(after);
  const changes = lineChanges(actual?.bytes ?? nothing, after ?? nothing);
  file.pending.push({ hunk, turn, before, after: file.text, changes, matched: [matched.start, matched.end] });
  if (!actual && mode > 0) file.like = { mode, owner: { uid: process.getuid?.() ?? -1, gid: process.getgid?.() ?? -1 } };
  return file;
}

function absoluteOf({ root }: RelandDeps, real: string): string {
  return path.join(root, ...real.split("/"));
}

function neverEmpty(): never {
  throw new Error("a share without a step");
}
