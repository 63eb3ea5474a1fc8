/** One hunk in one line, with words that say the same without colour. Pure. */
import type { Hunk, ReviewedHunk } from "@twolane/protocol";
import type { KeyOf } from "../state/actions.ts";
import { isHeldByRule } from "../state/review-list.ts";
import type { ChangeWords } from "../state/transcript.ts";
import type { Style } from "./style.ts";
import { sanitizeLine } from "./text.ts";

export function hunkPlace(hunk: Hunk): string {
  const path = sanitizeLine(hunk.path);
  if (hunk.operation === "move") return `${path} → ${sanitizeLine(hunk.movedTo ?? "?")}`;
  return hunk.operation === "update" && hunk.line > 0 ? `${path}:${hunk.line}` : path;
}

export function hunkSize(hunk: Hunk): string {
  const lines = `+${hunk.linesAdded} −${hunk.linesRemoved}`;
  if (hunk.operation === "update") return lines;
  return hunk.operation === "move" ? "move" : `${lines} ${hunk.operation}`;
}

export interface HunkMark {
  readonly sign: string;
  readonly word: string;
  readonly paint: (text: string) => string;
}

export function hunkMark({ state, commit, verdict }: ReviewedHunk, style: Style): HunkMark {
  if (commit !== undefined) return { sign: "✓", word: `committed ${commit.slice(0, 7)}`, paint: style.good };
  switch (state) {
    case "streaming":
      return { sign: "…", word: "on its way", paint: style.dim };
    case "landed":
      return { sign: "●", word: "landed", paint: style.good };
    case "accepted":
      return { sign: "✓", word: "accepted", paint: style.good };
    case "held":
      if (verdict?.rule === "conflict") return { sign: "⇄", word: "conflict", paint: style.warn };
      return { sign: "◌", word: verdict?.decision === "block" ? "blocked" : "held", paint: style.warn };
    case "failed":
      return { sign: "✗", word: "failed", paint: style.bad };
    case "rejected":
      return { sign: "✗", word: "rejected", paint: style.bad };
    case "undone":
      return { sign: "↶", word: "undone", paint: style.dim };
    case "superseded":
      return { sign: "↷", word: "made good", paint: style.dim };
  }
}

/** What the signs mean, for the help. */
export const markHelp: readonly { readonly form: string; readonly text: string }[] = [
  { form: "•", text: "you have not seen it yet" },
  { form: "›", text: "a yes or no goes to this hunk; · there: it is decided, and they go nowhere" },
  { form: "●", text: "landed: on disk, and undecided" },
  { form: "✓", text: "accepted, or committed" },
  {
    form: "◌",
    text: "held, or blocked: not on disk; the reason stands behind it, also when you rejected the same change before",
  },
  { form: "⇄", text: "from a job, in conflict: you have changed the same lines since it began" },
  { form: "✗", text: "rejected, or failed: not on disk" },
  { form: "↶", text: "undone: not on disk any more" },
  { form: "↷", text: "made good by a later hunk, or in the file already" },
  { form: "…", text: "complete, on its way to the disk" },
];

type HeldVerdict = NonNullable<ReviewedHunk["verdict"]>;

/** What a person can do with a held hunk, with the keys that do it. */
export function holdWayOut(hunk: Hunk, verdict: HeldVerdict, keyOf: KeyOf | undefined): string {
  const { id } = hunk;
  const [list, yes, no, plan] = [
    keyOf?.("input", "queue-or-review"),
    keyOf?.("review", "accept"),
    keyOf?.("review", "reject"),
    keyOf?.("review", "take-plan"),
  ];
  const hasKeys = list !== undefined && yes !== undefined && no !== undefined;
  if (verdict.rule === "deep" && hasKeys) return `${list}, then ${yes} takes it, ${no} leaves it.`;
  if (verdict.rule === "conflict" && hasKeys) {
    const [theirs, edit] = [keyOf?.("review", "take-theirs") ?? "", keyOf?.("review", "edit") ?? ""];
    return `${list}, then ${theirs} takes theirs, ${no} leaves yours, ${edit} writes what is to stand there.`;
  }
  if (verdict.rule === "step") return hasKeys ? `${list}, then ${yes} or ${no}.` : `/accept ${id} or /reject ${id}.`;
  if (isHeldByRule({ hunk, state: "held", seen: false, verdict })) return ruleWayOut(hunk, verdict, keyOf);
  if (verdict.rule !== "plan") return verdict.wayOut;
  if (hasKeys && plan !== undefined) return `${list}, then ${plan} carries the plan out; ${yes} lands this hunk alone.`;
  return `/accept ${id} lands this hunk alone; /mode flow ends planning.`;
}

/** Which rule it was, and which keys answer it; a block takes no yes. */
function ruleWayOut({ id }: Hunk, { decision, rule, source, wayOut }: HeldVerdict, keyOf: KeyOf | undefined): string {
  const where = source === undefined ? "" : `, ${sanitizeLine(source)}`;
  const named = `Rule ${sanitizeLine(rule)}${where}.`;
  if (decision === "block") return `${named} ${wayOut}`;
  const [list, yes, session, never] = [
    keyOf?.("input", "queue-or-review"),
    keyOf?.("review", "accept"),
    keyOf?.("review", "allow-session"),
    keyOf?.("review", "allow-never"),
  ];
  if (list === undefined || yes === undefined) return `${named} ${wayOut} /accept ${id} lands it all the same.`;
  const more = [
    ...(session === undefined ? [] : [`${session} for the session`]),
    ...(never === undefined ? [] : [`${never} never`]),
  ];
  return `${named} ${wayOut} ${list}, then ${[`${yes} lands it once`, ...more].join(", ")}.`;
}

/** Mark, id, place, size, state, and why it is held or has failed. */
export function hunkLine(reviewed: ReviewedHunk, style: Style): string {
  const { hunk } = reviewed;
  const { sign, word, paint } = hunkMark(reviewed, style);
  const why = whyOf(reviewed);
  const name = hunk.job === undefined ? hunk.id : `${hunk.id} ${hunk.job}`;
  return `${paint(sign)} ${style.dim(name)} ${hunkPlace(hunk)}  ${hunkSize(hunk)}  ${word}${why === "" ? "" : `: ${why}`}`;
}

/** What has become of a hunk that was shown before. */
export function decisionLine(reviewed: ReviewedHunk, { note, word: other }: ChangeWords, style: Style): string {
  const { hunk, state } = reviewed;
  const { sign, word, paint } = hunkMark(reviewed, style);
  const why = [whyOf(reviewed), ...(note === undefined ? [] : [sanitizeLine(note)])].filter((text) => text !== "").join("; ");
  const disk = state === "rejected" || state === "undone" ? ", not on disk" : "";
  return `${paint(sign)} ${hunk.id} ${other ?? word}${disk}${why === "" ? "" : `: ${why}`}  ${style.dim(hunkPlace(hunk))}`;
}

function whyOf({ verdict, failure }: ReviewedHunk): string {
  if (verdict !== undefined) return sanitizeLine(verdict.reason);
  return failure === undefined ? "" : sanitizeLine(failure.message);
}
