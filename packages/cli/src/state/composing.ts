/** What the input line is for at the moment. Another purpose than a prompt keeps the prompt's draft for afterwards. */
import type { CommitDraft, HunkId } from "@twolane/protocol";

export type Composing =
  | { readonly kind: "prompt" }
  /** A remark about a hunk, which steers. */
  | { readonly kind: "comment"; readonly hunk: HunkId }
  /** A message in the queue, changed; empty takes it out. */
  | { readonly kind: "queued"; readonly id: string }
  /** The message of a commit. `waiting`: hunks on disk that nobody has accepted, and how many of them were never seen. */
  | { readonly kind: "commit"; readonly draft: CommitDraft; readonly waiting: readonly HunkId[]; readonly unseen: number };

/** One line above the input: what Enter does now. Undefined for a prompt. */
export function composingHint(composing: Composing): string | undefined {
  switch (composing.kind) {
    case "prompt":
      return undefined;
    case "comment":
      return `About ${composing.hunk}: Enter says it to the model at once · Esc: not`;
    case "queued":
      return "Queued message: Enter keeps it, empty takes it out · Esc: as it was";
    case "commit":
      return commitHint(composing);
  }
}

function commitHint({ draft, waiting, unseen }: Extract<Composing, { kind: "commit" }>): string {
  const files = `${draft.hunks.length} ${draft.hunks.length === 1 ? "hunk" : "hunks"} in ${draft.files.length} ${draft.files.length === 1 ? "file" : "files"}`;
  const what = draft.hunks.length === 0 ? "Nothing is accepted yet" : `Enter commits ${files} onto ${draft.onto}`;
  const rest =
    waiting.length === 0 ? "" : ` · Tab accepts the other ${waiting.length} first${unseen > 0 ? ` (${unseen} never seen)` : ""}`;
  return `${what}${rest} · Esc: not`;
}
