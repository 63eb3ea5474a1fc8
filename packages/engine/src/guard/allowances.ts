/**
 * What a person has said of refusals: yes to one hunk, yes or no to a rule and its subject for the rest of the session. A yes covers
 * what was shown and nothing else: of a hunk whose words are changed it is forgotten, and a block is never asked about.
 */
import type { HunkId } from "@twolane/protocol";
import type { Refusal } from "@twolane/policy";

const keyOf = ({ rule, subject = "" }: Refusal): string => `${rule}\0${subject}`;

export class Allowances {
  private readonly session = new Set<string>();
  private readonly refused = new Set<string>();
  /** What was shown of a held hunk; what of it the person has said yes to. */
  private readonly shown = new Map<HunkId, readonly Refusal[]>();
  private readonly consents = new Map<HunkId, Set<string>>();

  /** Less what is allowed for the session. */
  without(refusals: readonly Refusal[]): readonly Refusal[] {
    if (this.session.size === 0) return refusals;
    return refusals.filter((refusal) => refusal.decision === "block" || !this.session.has(keyOf(refusal)));
  }

  /** Less what this hunk was allowed. */
  withoutConsent(hunk: HunkId, refusals: readonly Refusal[]): readonly Refusal[] {
    const consents = this.consents.get(hunk);
    return refusals.filter((refusal) => refusal.decision === "block" || consents?.has(keyOf(refusal)) !== true);
  }

  /** The rule that the person never wants to be asked about again. */
  neverOf(refusals: readonly Refusal[]): Refusal | undefined {
    return refusals.find((refusal) => this.refused.has(keyOf(refusal)));
  }

  show(hunk: HunkId, refusals: readonly Refusal[]): void {
    this.shown.set(hunk, refusals);
  }

  /** A person's yes to what was shown of this hunk. */
  consent(hunk: HunkId): void {
    const known = this.consents.get(hunk) ?? new Set();
    for (const refusal of this.shown.get(hunk) ?? []) known.add(keyOf(refusal));
    this.consents.set(hunk, known);
  }

  /** Its words are others now. */
  forget(hunk: HunkId): void {
    this.consents.delete(hunk);
    this.shown.delete(hunk);
  }
}

/** One verdict of all: the strictest, with the others named in its reason, so that a yes is one to what was read. */
export function verdictOf(refusals: readonly Refusal[]): Refusal {
  const first = refusals.find(({ decision }) => decision === "block") ?? refusals[0];
  if (first === undefined) throw new Error("nothing speaks against it");
  const others = refusals.filter((other) => other !== first);
  if (others.length === 0) return first;
  const also = others.slice(0, namedAtMost).map(({ rule, reason }) => `${rule}: ${reason}`);
  const more = others.length > namedAtMost ? [`${others.length - namedAtMost} more`] : [];
  return { ...first, reason: [first.reason, ...also, ...more].join("; ") };
}

const namedAtMost = 3;
