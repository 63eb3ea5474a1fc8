/**
 * A person's decisions on single hunks of a session, also while others of the same turn stream: yes, no, back, other words. What leaves
 * the disk takes what stands on it with it; whoever keeps the conversation is told before anybody else.
 */
import {
  type EventBody,
  type Failure,
  type Hunk,
  type HunkId,
  type HunkLine,
  type Review,
  type ReviewedHunk,
  failure,
  reviewEvent,
} from "@twolane/protocol";
import type { Files } from "../../host/files.ts";
import { type Journal, readJournal } from "../../journal/journal.ts";
import { type LandingRecord, isLandingRecord } from "../../journal/records.ts";
import type { Clock } from "../../std/clock.ts";
import type { HunkDraft } from "../edits.ts";
import type { LandOutcome, Lander } from "../landing/lander.ts";
import { preimages } from "../undo/preimages.ts";
import { type StandingStep, standingSteps } from "../undo/undo-ledger.ts";
import { takeBackSteps } from "../undo/undo.ts";
import { type FileHistory, fileHistories } from "./file-history.ts";
import { fingerprint } from "./fingerprint.ts";
import { type Correction, correctionsIn } from "./corrections.ts";
import { historyLines, newSide } from "./hunk-lines.ts";
import { dependents } from "./provenance.ts";
import { landAgain } from "./reland.ts";

/** A hunk whose text must not be said any more, or that is off the disk. */
export interface Withdrawn {
  readonly hunk: HunkId;
  readonly path: string;
  readonly line: number;
  readonly linesRemoved: number;
  readonly linesAdded: number;
  readonly state: "rejected" | "held" | "undone";
  readonly reason: string;
  /** Its text. */
  readonly lines: readonly HunkLine[];
}

export interface ReviewerDeps {
  readonly root: string;
  readonly files: Files;
  readonly journal: Journal;
  readonly lock: () => Promise<() => void>;
  readonly clock: Clock;
  /** The running turn's lander. */
  readonly running: () => Lander | undefined;
  /** A lander whose hunks the person has approved. */
  readonly openApproved: (onEvent: (event: EventBody) => void) => Lander;
  readonly onEvent: (event: EventBody) => void;
  /** Before the event. */
  readonly onWithdrawn: (withdrawn: readonly Withdrawn[]) => void;
}

export interface Reviewer {
  readonly review: Review;
  /** Takes in what happens, of this process or of an earlier one. */
  observe(event: EventBody): void;
  accept(hunks: readonly HunkId[]): Promise<void>;
  reject(hunks: readonly HunkId[], reason?: string): Promise<void>;
  undo(hunks: readonly HunkId[]): Promise<readonly HunkId[]>;
  edit(hunk: HunkId, text: string): Promise<void>;
  lines(hunk: HunkId): readonly HunkLine[] | undefined;
  wasRejected(draft: HunkDraft): boolean;
  onRejected(hunk: Hunk, draft: HunkDraft): void;
  /** Resolves when nothing that was decided waits to be carried out. */
  idle(): Promise<void>;
  /** What a person has changed in standing hunks of this file. */
  corrections(path: string): Promise<readonly Correction[]>;
}

const linesKept = 2000;

export function createReviewer(deps: ReviewerDeps): Reviewer {
  return new SessionReviewer(deps);
}

class SessionReviewer implements Reviewer {
  readonly review: Review = new Map();
  private readonly deps: ReviewerDeps;
  private readonly texts = new Map<HunkId, readonly HunkLine[]>();
  private readonly rejected = new Set<string>();
  /** Hunks that were accepted before they could land. */
  private readonly acceptWhenLanded = new Set<HunkId>();
  /** One decision after the other. */
  private busy: Promise<unknown> = Promise.resolve();

  constructor(deps: ReviewerDeps) {
    this.deps = deps;
  }

  observe(event: EventBody): void {
    // The fold reads no stamp.
    reviewEvent(this.review, { ...event, at: 0, mono: 0, lane: "fast", session: "" });
    if (event.type === "hunk.landed" && this.acceptWhenLanded.delete(event.hunk.id))
      this.deps.onEvent({ type: "hunk.accepted", hunk: event.hunk.id, by: "person" });
    if (event.type !== "hunk.closed") return;
    this.texts.set(event.hunk.id, event.lines);
    const [oldest] = this.texts.keys();
    if (this.texts.size > linesKept && oldest !== undefined) this.texts.delete(oldest);
  }

  accept(hunks: readonly HunkId[]): Promise<void> {
    const { running } = this.deps;
    // What waits for a yes in the running turn is decided there, at once: it must not wait for decisions before it.
    const later = hunks.filter((hunk) => !(this.waits(hunk) && running()?.decide(hunk, "accept")));
    for (const hunk of hunks) if (!later.includes(hunk)) this.acceptWhenLanded.add(hunk);
    return this.inTurn(async () => {
      for (const hunk of later) await this.acceptOne(hunk);
    });
  }

  reject(hunks: readonly HunkId[], reason?: string): Promise<void> {
    const later = hunks.filter((hunk) => !(this.waits(hunk) && this.deps.running()?.decide(hunk, "reject")));
    return this.inTurn(async () => {
      await this.takeAway(later, { state: "rejected", reason: reason ?? "" });
    });
  }

  undo(hunks: readonly HunkId[]): Promise<readonly HunkId[]> {
    return this.inTurn(() => this.takeAway(hunks, { state: "undone", reason: "" }));
  }

  edit(hunk: HunkId, text: string): Promise<void> {
    return this.inTurn(async () => {
      const known = this.review.get(hunk);
      const lines = this.lines(hunk);
      if (known === undefined || lines === undefined)
        return this.refuse(known, hunk, failure("HUNK_UNKNOWN", `There is no text of ${hunk}.`));
      const onDisk = known.state === "landed" || known.state === "accepted";
      const oldText = onDisk ? newSide(lines, "add") : newSide(lines, "remove");
      const path = known.hunk.movedTo ?? known.hunk.path;
      const draft: HunkDraft =
        oldText === ""
          ? { kind: "rewrite", path, content: text }
          : { kind: "substitute", path, oldText, newText: text, everywhere: false };
      await this.landDraft(known.hunk, draft);
    });
  }

  lines(hunk: HunkId): readonly HunkLine[] | undefined {
    return this.texts.get(hunk) ?? historyLines(this.histories(this.records()), hunk);
  }

  wasRejected(draft: HunkDraft): boolean {
    return this.rejected.size > 0 && this.rejected.has(fingerprint(draft));
  }

  onRejected(hunk: Hunk, draft: HunkDraft): void {
    this.rejected.add(fingerprint(draft));
    this.deps.onWithdrawn([withdrawn(hunk, { state: "rejected", reason: "", lines: this.texts.get(hunk.id) ?? [] })]);
  }

  async idle(): Promise<void> {
    await this.busy;
  }

  async corrections(path: string): Promise<readonly Correction[]> {
    await this.deps.journal.flush();
    const records = this.records();
    const history = this.histories(records).find((one) => one.path === path);
    if (history === undefined) return [];
    const read = await this.deps.files.read(`${this.deps.root}/${path}`);
    return read.ok ? correctionsIn(history, read.value.bytes) : [];
  }

  private inTurn<T>(work: () => Promise<T>): Promise<T> {
    const done = this.busy.then(work);
    this.busy = done.catch(() => {});
    return done;
  }

  private waits(hunk: HunkId): boolean {
    const known = this.review.get(hunk);
    return known?.state === "streaming" || (known?.state === "held" && known.verdict?.rule === "step");
  }

  private records(): readonly LandingRecord[] {
    return readJournal(this.deps.journal.folder).lines.filter(isLandingRecord);
  }

  private histories(records: readonly LandingRecord[]): readonly FileHistory[] {
    return fileHistories(standingSteps(records), preimages(records, this.deps.journal));
  }

  private async acceptOne(hunk: HunkId): Promise<void> {
    const known = this.review.get(hunk);
    if (known === undefined)
      return this.refuse(known, hunk, failure("HUNK_UNKNOWN", `There is no hunk ${hunk} in this session.`));
    switch (known.state) {
      case "accepted":
      case "superseded":
        return;
      case "landed":
        return this.deps.onEvent({ type: "hunk.accepted", hunk, by: "person" });
      case "streaming":
      case "failed":
        return this.refuse(
          known,
          hunk,
          failure("HUNK_STATE", `${hunk} is not on disk and cannot be put there.`, "Ask for the change again."),
        );
      case "held":
      case "rejected":
      case "undone":
        return this.bringBack(known);
    }
  }

  /** Lands by its draft, which was kept when it was held; what has been on disk once comes back by what it did there. */
  private async bringBack({ hunk, verdict }: ReviewedHunk): Promise<void> {
    if (verdict?.decision === "block")
      return this.refuse(
        this.review.get(hunk.id),
        hunk.id,
        failure("HUNK_STATE", `${hunk.id} is blocked by the rule ${verdict.rule}.`, verdict.wayOut),
      );
    await this.deps.journal.flush();
    const records = this.records();
    const draft = keptDraft(records, hunk.id, this.deps.journal);
    const before = draft === undefined ? this.texts.get(hunk.id) : undefined;
    if (draft !== undefined) this.rejected.delete(fingerprint(draft));
    if (before !== undefined) this.rejected.delete(fingerprint({ path: hunk.path, lines: before }));
    if (draft !== undefined) return this.landDraft(hunk, draft);
    await this.exclusively(async () => {
      const again = await landAgain(this.deps, { hunk, records });
      if (!again.ok) return this.refuse(this.review.get(hunk.id), hunk.id, again.failure);
      this.deps.onEvent({ type: "hunk.landed", hunk, rung: "exact", merged: again.value.merged, dryRun: false });
      this.deps.onEvent({ type: "hunk.accepted", hunk: hunk.id, by: "person" });
    });
  }

  private landDraft(hunk: Hunk, draft: HunkDraft): Promise<void> {
    return this.exclusively(async () => {
      const lander = this.deps.openApproved(this.deps.onEvent);
      const landed: Promise<LandOutcome> = lander.land(hunk.id, hunk.turn, draft);
      await lander.finish();
      if ((await landed).state === "landed") this.deps.onEvent({ type: "hunk.accepted", hunk: hunk.id, by: "person" });
    });
  }

  /** Between two hunks of the running turn, if there is one. */
  private exclusively(work: () => Promise<void>): Promise<void> {
    const lander = this.deps.running();
    return lander === undefined ? work() : lander.exclusive(work);
  }

  private async takeAway(
    hunks: readonly HunkId[],
    how: Pick<Withdrawn, "reason"> & { readonly state: "rejected" | "undone" },
  ): Promise<readonly HunkId[]> {
    const known = hunks.map((hunk) => this.review.get(hunk)).filter((one) => one !== undefined);
    for (const hunk of hunks)
      if (!this.review.has(hunk))
        this.refuse(undefined, hunk, failure("HUNK_UNKNOWN", `There is no hunk ${hunk} in this session.`));
    const onDisk = known.filter(({ state }) => state === "landed" || state === "accepted");
    const never = known.filter(
      ({ state }) => state === "held" || state === "undone" || state === "failed" || state === "streaming",
    );
    if (how.state === "rejected") for (const { hunk } of never) this.tellRejected(hunk, how.reason);
    if (onDisk.length === 0) return [];
    let gone: readonly HunkId[] = [];
    await this.exclusively(async () => {
      gone = await this.takeOffDisk(
        onDisk.map(({ hunk }) => hunk.id),
        how,
      );
    });
    return gone;
  }

  private async takeOffDisk(
    roots: readonly HunkId[],
    how: Pick<Withdrawn, "reason"> & { readonly state: "rejected" | "undone" },
  ): Promise<readonly HunkId[]> {
    const { journal, root, files } = this.deps;
    await journal.flush();
    const records = this.records();
    const standing = standingSteps(records);
    const wanted = new Set(roots);
    const leaning = this.leaning(this.histories(records), wanted);
    const texts = new Map([...wanted, ...leaning].map((hunk) => [hunk, this.lines(hunk) ?? []]));
    const release = await this.deps.lock();
    try {
      const steps: StandingStep[] = standing.filter(({ hunk }) => wanted.has(hunk) || leaning.has(hunk));
      const report = await takeBackSteps({ root, files, journal }, steps, records);
      this.tellGone(report.undone, { wanted, texts, ...how });
      for (const { path, hunks, reason } of report.held)
        this.deps.onEvent({ type: "notice.given", code: "KEPT", message: `${hunks.join(", ")} stays in ${path}: ${reason}.` });
      return report.undone;
    } finally {
      release();
    }
  }

  /** Everything in any file that stands on these. */
  private leaning(histories: readonly FileHistory[], roots: ReadonlySet<HunkId>): ReadonlySet<HunkId> {
    const all = new Set<HunkId>();
    for (let size = -1; size !== all.size;) {
      size = all.size;
      const from = new Set([...roots, ...all]);
      for (const { steps } of histories) for (const hunk of dependents(steps, from)) if (!roots.has(hunk)) all.add(hunk);
    }
    return all;
  }

  private tellGone(
    gone: readonly HunkId[],
    {
      wanted,
      texts,
      state,
      reason,
    }: {
      wanted: ReadonlySet<HunkId>;
      texts: ReadonlyMap<HunkId, readonly HunkLine[]>;
      state: "rejected" | "undone";
      reason: string;
    },
  ): void {
    const first = [...wanted][0] ?? "";
    const list = gone.flatMap((id) => {
      const hunk = this.review.get(id)?.hunk;
      if (hunk === undefined) return [];
      const own = wanted.has(id);
      return [
        withdrawn(hunk, {
          state: own ? state : "held",
          reason: own ? reason : `it stands on ${first}`,
          lines: texts.get(id) ?? [],
        }),
      ];
    });
    this.deps.onWithdrawn(list);
    for (const { hunk: id, path, state: now, lines } of list) {
      const hunk = this.review.get(id)?.hunk;
      if (hunk === undefined) continue;
      if (now === "rejected") {
        this.rejected.add(fingerprint({ path: hunk.path, lines }));
        this.deps.onEvent({ type: "hunk.rejected", hunk: id, path, ...(reason !== "" && { reason }) });
      } else if (now === "undone") this.deps.onEvent({ type: "hunk.undone", hunk: id, path });
      else this.deps.onEvent({ type: "hunk.held", hunk, verdict: dependsOn(first, state) });
    }
  }

  private tellRejected(hunk: Hunk, reason: string): void {
    const lines = this.lines(hunk.id) ?? [];
    this.rejected.add(fingerprint({ path: hunk.path, lines }));
    this.deps.onWithdrawn([withdrawn(hunk, { state: "rejected", reason, lines })]);
    this.deps.onEvent({ type: "hunk.rejected", hunk: hunk.id, path: hunk.path, ...(reason !== "" && { reason }) });
  }

  private refuse(known: ReviewedHunk | undefined, hunk: HunkId, reason: Failure): void {
    if (known === undefined)
      this.deps.onEvent({ type: "notice.given", code: reason.code, message: `${reason.message} ${reason.cure}` });
    else this.deps.onEvent({ type: "notice.given", code: reason.code, message: `${hunk}: ${reason.message} ${reason.cure}` });
  }
}

function withdrawn(hunk: Hunk, rest: Pick<Withdrawn, "state" | "reason" | "lines">): Withdrawn {
  const { id, path, movedTo, line, linesRemoved, linesAdded } = hunk;
  return { hunk: id, path: movedTo ?? path, line, linesRemoved, linesAdded, ...rest };
}

function dependsOn(hunk: HunkId, state: "rejected" | "undone"): Extract<ReviewedHunk["verdict"], object> {
  return {
    decision: "hold",
    rule: "depends",
    reason: `it stands on ${hunk}, which was ${state}`,
    wayOut: `Accept it when ${hunk} is back, or ask for the change anew.`,
  };
}

/** The draft that was kept when the hunk was held. */
function keptDraft(records: readonly LandingRecord[], hunk: HunkId, journal: Journal): HunkDraft | undefined {
  const kept = records.findLast((record) => record.type === "hunk.kept" && record.hunk === hunk);
  const landedSince = records.findLastIndex((record) => "steps" in record && record.steps.some((step) => step.hunk === hunk));
  if (kept?.type !== "hunk.kept" || landedSince > records.indexOf(kept)) return undefined;
  try {
    return JSON.parse(Buffer.from(journal.readBlob(kept.draft)).toString("utf8"));
  } catch {
    return undefined;
  }
}
