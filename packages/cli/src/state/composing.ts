/** What the input line is for at the moment. Another purpose than a prompt keeps the prompt's draft for afterwards. */
import type { KeyOf } from "./actions.ts";
import type { CommitDraft, HunkId, JobId, JobKind, ReviewedHunk } from "@twolane/protocol";
import { counted } from "./grouped.ts";

export type Composing =
  | { readonly kind: "prompt" }
  /** A remark about a hunk, which steers. */
  | { readonly kind: "comment"; readonly hunk: HunkId }
  /** A message in the queue, changed; empty takes it out. */
  | { readonly kind: "queued"; readonly id: string }
  /** The text of an answer to a workflow; `offered`: what it was given to change, empty where there was nothing. */
  | { readonly kind: "answer"; readonly answer: string; readonly label: string; readonly offered: string }
  /** A brief for the deep lane, which goes as it stands on the line. `offered`: as it was drafted. */
  | { readonly kind: "brief"; readonly job: JobKind; readonly offered: string }
  /** Something to say to a job that runs. */
  | { readonly kind: "job"; readonly job: JobId }
  /**
   * The message of a commit. `waiting`: hunks that are not in it because nobody has accepted them, in words, and how many were never seen.
   * `other`: what the history has, a message that was written before or, where that stands on the line, the fresh draft.
   */
  | {
      readonly kind: "commit";
      readonly draft: CommitDraft;
      readonly waiting: readonly HunkId[];
      readonly staysOut: string;
      readonly unseen: number;
      readonly other?: "message" | "draft";
    };

/** One line above the input: what the keys do now. Undefined for a prompt. */
export function composingHint(composing: Composing, keyOf: KeyOf): string | undefined {
  const enter = keyOf("input", "submit") ?? "Enter";
  const escape = keyOf("anywhere", "escape") ?? "Esc";
  switch (composing.kind) {
    case "prompt":
      return undefined;
    case "comment":
      return `About ${composing.hunk}: ${enter} says it to the model at once · ${escape}: not`;
    case "queued":
      return `Queued message: ${enter} keeps it, empty takes it out · ${escape}: as it was`;
    case "answer": {
      const outside = composing.offered.includes("\n") ? keyOf("input", "edit-outside") : undefined;
      const editor = outside === undefined ? "" : ` · ${outside}: in $EDITOR`;
      return `${composing.answer}, ${composing.label}: ${enter} sends it${editor} · ${escape}: not yet`;
    }
    case "brief": {
      const outside = keyOf("input", "edit-outside");
      const editor = outside === undefined ? "" : ` · ${outside}: in $EDITOR`;
      return `Brief for the deep lane, change what you like: ${enter} starts the job${editor} · ${escape}: not`;
    }
    case "job":
      return `To ${composing.job}: ${enter} says it to the job at once · ${escape}: not`;
    case "commit": {
      const more = staysOutHint(composing, keyOf("input", "queue-or-review") ?? "Tab");
      return `${commitText(composing, enter)}${more}${otherHint(composing, keyOf("input", "up") ?? "↑")} · ${escape}: not`;
    }
  }
}

type CommitComposing = Extract<Composing, { kind: "commit" }>;

function commitText({ draft }: CommitComposing, enter: string): string {
  if (draft.hunks.length === 0) return "Nothing is accepted yet";
  const files = `${counted(draft.hunks.length, "hunk")} in ${counted(draft.files.length, "file")}`;
  return `${enter} commits ${files} onto ${draft.onto}`;
}

function staysOutHint({ waiting, staysOut, unseen }: CommitComposing, tab: string): string {
  if (waiting.length === 0) return "";
  const seen = unseen > 0 ? ` (${unseen} never seen)` : "";
  return ` · out of it: ${staysOut}${seen} · ${tab} accepts ${waiting.length === 1 ? "it" : "them"} first`;
}

function otherHint({ other }: CommitComposing, up: string): string {
  if (other === undefined) return "";
  return other === "draft" ? ` · as you left it; ${up}: the fresh draft` : ` · ${up}: the message that you wrote before`;
}

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
