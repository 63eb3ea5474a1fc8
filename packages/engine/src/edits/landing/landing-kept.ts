/** Drafts of hunks that have not landed, in the session's store: they outlive the process, so that a person can still say yes. */
import type { HunkId } from "@twolane/protocol";
import type { Journal } from "../../journal/journal.ts";
import type { HunkDraft } from "../edits.ts";

export async function keepDraft(journal: Journal, hunk: HunkId, draft: HunkDraft): Promise<void> {
  const bytes = Buffer.from(JSON.stringify(draft), "utf8");
  await journal.commit((blobs) => [{ type: "hunk.kept", hunk, path: draft.path, draft: blobs.add(bytes) }]);
}
