/** What the input line is for at the moment. Another purpose than a prompt keeps the prompt's draft for afterwards. */
import type { CommitDraft, HunkId, ReviewedHunk } from "@twolane/protocol";

export type Composing =
  | { readonly kind: "prompt" }
  /** A remark about a hunk, which steers. */
  | { readonly kind: "comment"; readonly hunk: HunkId }
  /** A message in the queue, changed; empty takes it out. */
  | { readonly kind: "queued"; readonly id: string }
  /** The message of a commit. `waiting`: hunks that are not in it because nobody has accepted them, in words, and how many were never seen. */
  | {
      readonly kind: "commit";
      readonly draft: CommitDraft;
      readonly waiting: readonly HunkId[];
      readonly staysOut: string;
      readonly unseen: number;
    };

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

function commitHint({ draft, waiting, staysOut, unseen }: Extract<Composing, { kind: "commit" }>): string {
  const files = `${counted(draft.hunks.length, "hunk")} in ${counted(draft.files.length, "file")}`;
  const what = draft.hunks.length === 0 ? "Nothing is accepted yet" : `Enter commits ${files} onto ${draft.onto}`;
  const seen = unseen > 0 ? ` (${unseen} never seen)` : "";
  const rest =
    waiting.length === 0 ? "" : ` · out of it: ${staysOut}${seen} · Tab accepts ${waiting.length === 1 ? "it" : "them"} first`;
  return `${what}${rest} · Esc: not`;
}

const counted = (n: number, word: string): string => `${n} ${word}${n === 1 ? "" : "s"}`;

/** More turns than this are one number. */
const turnsNamed = 2;

/** `2 hunks of t1 not accepted, 1 of t2 held`. */
export function staysOutText(hunks: readonly ReviewedHunk[]): string {
  const turns = new Set(hunks.map(({ hunk }) => hunk.turn));
  const named = turns.size > turnsNamed ? [undefined] : [...turns];
  const counts = named.flatMap((turn) =>
    (["landed", "held"] as const).flatMap((state) => {
      const count = hunks.filter((one) => one.state === state && (turn === undefined || one.hunk.turn === turn)).length;
      return count === 0
        ? []
        : [{ count, of: turn === undefined ? "" : ` of ${turn}`, word: state === "held" ? "held" : "not accepted" }];
    }),
  );
  return counts.map(({ count, of, word }, index) => `${index === 0 ? counted(count, "hunk") : count}${of} ${word}`).join(", ");
}
