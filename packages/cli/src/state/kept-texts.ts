/**
 * What a person has written for a commit, about a hunk or as an answer and not sent: it is there again when the line is for the same thing once more.
 * Pure; which text stands on the line is decided in `app-line.ts`.
 */
import type { HunkId } from "@twolane/protocol";
import type { Composing } from "./composing.ts";

export interface KeptText {
  readonly kind: "comment" | "commit" | "answer" | "brief";
  /** Of an answer its word instead, of a brief what it is about. */
  readonly hunks: readonly HunkId[];
  readonly text: string;
}

type Purpose = Pick<KeptText, "kind" | "hunks">;

/** Undefined: nothing is kept for it. Of a queued message the one in the queue stays. */
function purposeOf(composing: Composing): Purpose | undefined {
  if (composing.kind === "comment") return { kind: "comment", hunks: [composing.hunk] };
  if (composing.kind === "answer") return { kind: "answer", hunks: [composing.answer] };
  if (composing.kind === "brief") return { kind: "brief", hunks: [firstLines(composing.offered)] };
  return composing.kind === "commit" ? { kind: "commit", hunks: composing.draft.hunks } : undefined;
}

/** The goal of a brief stands at its top. */
const firstLines = (text: string): string => text.split("\n", 4).join("\n");

const isFor = (kept: KeptText, { kind, hunks }: Purpose): boolean =>
  kept.kind === kind && kept.hunks.length === hunks.length && kept.hunks.every((hunk, index) => hunk === hunks[index]);

/** In place of what was kept for the same thing. An empty text and the draft as it came are not kept. */
export function keepText(kept: readonly KeptText[], composing: Composing, text: string): readonly KeptText[] {
  const purpose = purposeOf(composing);
  if (purpose === undefined) return kept;
  const others = kept.filter((one) => !isFor(one, purpose));
  const isOwn = text.trim() !== "" && text !== offeredText(composing);
  return isOwn ? [...others, { ...purpose, text }] : others;
}

function offeredText(composing: Composing): string | undefined {
  if (composing.kind === "answer" || composing.kind === "brief") return composing.offered;
  return composing.kind === "commit" ? composing.draft.message : undefined;
}

export function keptText(kept: readonly KeptText[], composing: Composing): string | undefined {
  const purpose = purposeOf(composing);
  return purpose && kept.find((one) => isFor(one, purpose))?.text;
}

/** What else there is for a commit, the likeliest last: messages for other hunks, and the fresh draft where it is not on the line. */
export function otherMessages(kept: readonly KeptText[], composing: Composing): readonly string[] {
  if (composing.kind !== "commit") return [];
  const own = keptText(kept, composing);
  const others = kept.filter(({ kind, text }) => kind === "commit" && text !== own).map(({ text }) => text);
  return own === undefined ? others : [...others, composing.draft.message];
}

/** The question is answered. */
export const withoutAnswers = (kept: readonly KeptText[]): readonly KeptText[] =>
  kept.some(({ kind }) => kind === "answer") ? kept.filter(({ kind }) => kind !== "answer") : kept;

/** The message was for these hunks, and they have one now. */
export const withoutCommitted = (kept: readonly KeptText[], committed: readonly HunkId[]): readonly KeptText[] =>
  kept.filter(({ kind, hunks }) => kind !== "commit" || hunks.length === 0 || !hunks.every((hunk) => committed.includes(hunk)));
