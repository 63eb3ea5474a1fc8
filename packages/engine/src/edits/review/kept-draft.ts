/** The draft of a hunk that was held or rejected before it landed, from the session's store. */
import type { HunkId } from "@twolane/protocol";
import type { Journal } from "../../journal/journal.ts";
import { isPrepared } from "../../journal/records.ts";
import type { HunkDraft } from "../edits.ts";
import type { Ground } from "./ground.ts";

/** Undefined where it was never kept, or has landed since: then what it did there counts. */
export function keptDraft(
  { records, ledger }: Ground,
  { readBlob }: Pick<Journal, "readBlob">,
  hunk: HunkId,
): HunkDraft | undefined {
  const landed = new Set(ledger.lastSteps(hunk).map(({ record }) => record));
  const kept = records.findLast(
    (record) => (record.type === "hunk.kept" && record.hunk === hunk) || (isPrepared(record) && landed.has(record)),
  );
  if (kept?.type !== "hunk.kept") return undefined;
  try {
    return JSON.parse(Buffer.from(readBlob(kept.draft)).toString("utf8"));
  } catch {
    return undefined;
  }
}
