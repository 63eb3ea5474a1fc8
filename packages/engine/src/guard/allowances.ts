/**
 * What a person has said of refusals: yes to one hunk, yes or no to a rule and its subject for the rest of the session. A yes covers
 * what was shown and nothing else: of a hunk whose words are changed it is forgotten, and a block is never asked about.
 */
import type { AllowFor, EventBody, HunkId, RuleSubject } from "@twolane/protocol";
import type { Refusal } from "@twolane/policy";
import type { YesTo } from "./gates/local-yes.ts";

type HunkLines = YesTo["hunk"];

/** Fingerprints of changes that were held; what comes beyond them is told in full each time. */
const heldKept = 10_000;

const keyOf = ({ rule, subject = "" }: RuleSubject): string => `${rule}\0${subject}`;

export class Allowances {
  private readonly keep: (yes: YesTo) => void;
  private readonly session = new Set<string>();
  private readonly refused = new Set<string>();
  /** What was shown of a held hunk; what of it the person has said yes to. */
  private readonly shown = new Map<HunkId, readonly Refusal[]>();
  private readonly consents = new Map<HunkId, Set<string>>();
  /** What was judged of hunks that something was against. */
  private readonly held = new Set<string>();
  private readonly lines = new Map<HunkId, HunkLines>();

  /** `keep`: so that the gate at commit need not ask again for the same lines. */
  constructor(keep: (yes: YesTo) => void = () => {}) {
    this.keep = keep;
  }

  /** Less what is allowed for the session. */
  without(refusals: readonly Refusal[]): readonly Refusal[] {
    if (this.session.size === 0) return refusals;
    return refusals.filter((refusal) => !this.isAllowed(refusal));
  }

  /** The same of a whole hunk, which lands if nothing is left. */
  withoutAllowed(hunk: HunkId, refusals: readonly Refusal[], lines: HunkLines): readonly Refusal[] {
    if (refusals.length === 0) return refusals;
    this.lines.set(hunk, lines);
    const left = this.without(refusals);
    if (left.length === 0) this.keepAll(refusals, lines);
    return left;
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

  /** Whether this was asked about the same change before. */
  wasHeld(print: string): boolean {
    const isKnown = this.held.has(print);
    if (this.held.size < heldKept) this.held.add(print);
    return isKnown;
  }

  show(hunk: HunkId, refusals: readonly Refusal[]): void {
    this.shown.set(hunk, refusals);
  }

  /** A person's answer to what was shown of this hunk: the rules that it is an answer to. A block takes no yes. */
  answer(hunk: HunkId, answer: AllowFor): readonly RuleSubject[] {
    const asked = (this.shown.get(hunk) ?? []).filter(({ decision }) => answer === "never" || decision === "hold");
    const rules = asked.map(({ rule, subject }) => ({ rule, ...(subject !== undefined && { subject }) }));
    this.take({ type: "hunk.allowed", hunk, for: answer, rules });
    if (answer !== "never") this.keepAll(asked, this.lines.get(hunk));
    return rules;
  }

  /** An answer of this process or of an earlier one. */
  take(event: EventBody): void {
    if (event.type !== "hunk.allowed") return;
    const { hunk, for: answer, rules } = event;
    const consents = this.consents.get(hunk) ?? new Set();
    for (const key of rules.map(keyOf)) {
      if (answer === "never") this.refused.add(key);
      else consents.add(key);
      if (answer === "session") this.session.add(key);
    }
    if (consents.size > 0) this.consents.set(hunk, consents);
  }

  /** Its words are others now. */
  forget(hunk: HunkId): void {
    for (const known of [this.consents, this.shown, this.lines]) known.delete(hunk);
  }

  private isAllowed(refusal: Refusal): boolean {
    return refusal.decision === "hold" && this.session.has(keyOf(refusal));
  }

  private keepAll(refusals: readonly Refusal[], hunk: HunkLines | undefined): void {
    if (hunk !== undefined) for (const refusal of refusals) this.keep({ refusal, hunk });
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
