/**
 * Puts a hunk back on disk that was there before: what it did to its file is done to the file as it is now, by a three-way merge.
 * Journaled and synced like every landing.
 */
import path from "node:path";
import { type Hunk, type Result, fail, succeed } from "@twolane/protocol";
import { type LandingRecord, type PreparedRecord, isPrepared } from "../../journal/records.ts";
import { sameContent, wholeChange } from "../landing/landing-files.ts";
import { type PlannedWrite, type WriteDeps, writeAll } from "../landing/landing-write.ts";
import { merge3 } from "../placing/merge.ts";
import { type Preimages, preimages } from "../undo/preimages.ts";

interface RelandDeps extends WriteDeps {
  readonly lock: () => Promise<() => void>;
}

interface Wish {
  readonly hunk: Hunk;
  readonly records: readonly LandingRecord[];
}

/** `merged`: the file is another than the one that it was taken out of. HUNK_CONFLICT where its lines are other ones now. */
export async function landAgain(deps: RelandDeps, { hunk, records }: Wish): Promise<Result<{ readonly merged: boolean }>> {
  const images = preimages(records, deps.journal);
  const shares = sharesOf(records, hunk.id);
  if (shares.length === 0)
    return fail("HUNK_STATE", `${hunk.id} was never on disk and its text is gone.`, "Ask for the change again.");
  const release = await deps.lock();
  try {
    const plans: PlannedWrite[] = [];
    let merged = false;
    for (const share of shares) {
      const plan = await planShare(deps, { share, hunk, images });
      if (!plan.ok) return plan;
      merged ||= plan.value.merged;
      if (plan.value.write !== undefined) plans.push(plan.value.write);
    }
    plans.sort((a, b) => Number(a.after === undefined) - Number(b.after === undefined));
    const outcomes = await writeAll(deps, plans, { type: "landing.prepared" });
    for (const outcome of outcomes) if (outcome.ok) outcome.replaced.close();
    const bad = outcomes.find((outcome) => !outcome.ok);
    return bad && !bad.ok ? { ok: false, failure: bad.failure } : succeed({ merged });
  } finally {
    release();
  }
}

interface Share {
  readonly record: PreparedRecord;
  readonly index: number;
}

/** What it did, file by file, the last time that it was landed. */
function sharesOf(records: readonly LandingRecord[], hunk: string): readonly Share[] {
  const byPath = new Map<string, Share>();
  for (const record of records) {
    if (!isPrepared(record)) continue;
    for (const [index, step] of record.steps.entries()) if (step.hunk === hunk) byPath.set(record.path, { record, index });
  }
  return [...byPath.values()];
}

interface ShareWish {
  readonly share: Share;
  readonly hunk: Hunk;
  readonly images: Preimages;
}

async function planShare(
  deps: RelandDeps,
  { share: { record, index }, hunk, images }: ShareWish,
): Promise<Result<{ readonly write?: PlannedWrite; readonly merged: boolean }>> {
  const contents = images.steps(record);
  if (contents === undefined) return fail("JOURNAL_CORRUPT", `The text of ${hunk.id} is damaged in the session's store.`);
  const before = index === 0 && record.preHash === "" ? undefined : contents[index];
  const after = index === record.steps.length - 1 && record.postHash === "" ? undefined : contents[index + 1];
  const absolute = path.join(deps.root, ...record.path.split("/"));
  const read = await deps.files.read(absolute);
  if (!read.ok && read.failure.code !== "FILE_MISSING") return read;
  const actual = read.ok ? read.value : undefined;
  const wanted = joined({ before, after, actual: actual?.bytes });
  if (wanted === "conflict")
    return fail(
      "HUNK_CONFLICT",
      `${hunk.id} does not fit: ${record.path} has other lines there now.`,
      "Ask for the change anew.",
    );
  if (sameContent(actual?.bytes, wanted)) return succeed({ merged: false });
  const from = actual?.bytes ?? new Uint8Array();
  const steps = [{ hunk: hunk.id, turn: hunk.turn, changes: [wholeChange(from, wanted ?? new Uint8Array())] }];
  const like =
    actual === undefined && record.mode > 0
      ? { like: { mode: record.mode, owner: { uid: process.getuid?.() ?? -1, gid: process.getgid?.() ?? -1 } } }
      : {};
  return succeed({
    write: { absolute, path: record.path, before: actual, after: wanted, steps, ...like },
    merged: !sameContent(actual?.bytes, before),
  });
}

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
