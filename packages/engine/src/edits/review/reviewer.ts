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
import type { Journal } from "../../journal/journal.ts";
import type { WithdrawalNote } from "../../journal/records.ts";
import type { Clock } from "../../std/clock.ts";
import type { HunkDraft } from "../edits.ts";
import type { Lander } from "../landing/lander.ts";
import type { Decision } from "../landing/landing-decisions.ts";
import { type FileCorrections, correctionsOf } from "./corrections.ts";
import { editedDraft, editedLines, editedShare } from "./edit-hunk.ts";
import { draftFingerprint, shownFingerprint } from "./fingerprint.ts";
import { ReviewGround } from "./ground.ts";
import { draftLines, recordedLines } from "./hunk-lines.ts";
import { keptDraft } from "./kept-draft.ts";
import { untold } from "./reconcile.ts";
import { Refusals } from "./refusals.ts";
import { landAgain, putShares } from "./reland.ts";
import { type TakeBackWish, type TakenBack, takeBack } from "./take-back.ts";
import { type Withdrawn, withdrawalEvent, withdrawn } from "./withdrawn.ts";

export type { Withdrawn } from "./withdrawn.ts";

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

/** What cannot be done is told as `notice.given`, with the code of the failure, or `KEPT` where a person's text is in the way. */
export interface Reviewer {
  readonly review: Review;
  /**
   * Takes in what happens, of this process or of an earlier one. Behind the first events, which are those of an earlier process if
   * there was one, it tells what a crash kept from being told.
   */
  observe(event: EventBody): void;
  /** What is on disk is accepted; what is not lands first. */
  accept(hunks: readonly HunkId[]): Promise<void>;
  reject(hunks: readonly HunkId[], reason?: string): Promise<void>;
  /** Gives what left the disk, dependents included. */
  undo(hunks: readonly HunkId[]): Promise<readonly HunkId[]>;
  /** `text` takes the place of the kept and added lines as they were shown; then it is accepted. */
  edit(hunk: HunkId, text: string): Promise<void>;
  /** The hunk as a diff; undefined where nothing is left of its text. */
  lines(hunk: HunkId): readonly HunkLine[] | undefined;
  wasRejected(draft: HunkDraft): boolean;
  onGone(hunk: Hunk, draft: HunkDraft, note: WithdrawalNote): void;
  /** Resolves when nothing that was decided waits to be carried out. */
  idle(): Promise<void>;
  /** What a person has changed in standing hunks of this file (real path in the workspace). */
  corrections(path: string): Promise<FileCorrections | undefined>;
}

const linesKept = 2000;

export function createReviewer(deps: ReviewerDeps): Reviewer {
  return new SessionReviewer(deps);
}

class SessionReviewer implements Reviewer {
  readonly review: Review = new Map();
  private readonly deps: ReviewerDeps;
  private readonly ground: ReviewGround;
  private readonly refusals: Refusals;
  private readonly texts = new Map<HunkId, readonly HunkLine[]>();
  /** Hunks that were accepted before they could land. */
  private readonly acceptWhenLanded = new Set<HunkId>();
  /** One decision after the other. */
  private busy: Promise<unknown> = Promise.resolve();
  /** There was an earlier process, of which something may not have been told. */
  private isResumed: boolean;

  constructor(deps: ReviewerDeps) {
    this.deps = deps;
    this.ground = new ReviewGround(deps.journal);
    const { records } = this.ground.written();
    this.refusals = new Refusals(deps.journal, records);
    this.isResumed = records.length > 0;
  }

  observe(event: EventBody): void {
    // The fold reads no stamp.
    reviewEvent(this.review, { ...event, at: 0, mono: 0, lane: "fast", session: "" });
    if (this.isResumed) {
      this.isResumed = false;
      void this.inTurn(() => Promise.resolve(this.tellUntold()));
    }
    if (event.type === "hunk.landed" && this.acceptWhenLanded.delete(event.hunk.id)) this.tellAccepted(event.hunk.id);
    if (event.type === "hunk.closed") this.keepText(event.hunk.id, event.lines);
    // While nobody waits, so that the next decision finds it done.
    if (event.type === "turn.ended") setImmediate(() => void this.ground.written());
  }

  accept(hunks: readonly HunkId[]): Promise<void> {
    // What waits for a yes in the running turn is decided there, at once: it must not wait for decisions before it.
    const later = hunks.filter((hunk) => !this.decideAhead(hunk, { kind: "accept" }));
    return this.inTurn(async () => {
      const open = later.filter((hunk) => !this.acceptStanding(hunk));
      if (open.length > 0) await this.exclusively(() => this.bringBackAll(open));
    });
  }

  async reject(hunks: readonly HunkId[], reason = ""): Promise<void> {
    const later = hunks.filter((hunk) => !this.decideAhead(hunk, { kind: "reject", reason }));
    if (later.length > 0) await this.takeAway({ roots: later, state: "rejected", reason });
  }

  undo(hunks: readonly HunkId[]): Promise<readonly HunkId[]> {
    return this.takeAway({ roots: hunks, state: "undone", reason: "" });
  }

  edit(hunk: HunkId, text: string): Promise<void> {
    if (this.editAhead(hunk, text)) return Promise.resolve();
    return this.inTurn(() => this.exclusively(() => this.editNow(hunk, text)));
  }

  lines(hunk: HunkId): readonly HunkLine[] | undefined {
    const known = this.texts.get(hunk);
    if (known) return known;
    const ground = this.ground.written();
    const recorded = recordedLines(ground, hunk);
    if (recorded) return recorded;
    const draft = keptDraft(ground, this.deps.journal, hunk);
    return draft && draftLines(draft);
  }

  wasRejected(draft: HunkDraft): boolean {
    return !this.refusals.isEmpty && this.refusals.has(draftFingerprint(draft));
  }

  onGone(hunk: Hunk, draft: HunkDraft, note: WithdrawalNote): void {
    if (note.state === "rejected") this.refusals.add(draftFingerprint(draft));
    this.deps.onWithdrawn([withdrawn(hunk, note, this.texts.get(hunk.id) ?? draftLines(draft))]);
  }

  async idle(): Promise<void> {
    await this.busy;
  }

  corrections(path: string): Promise<FileCorrections | undefined> {
    return correctionsOf({ ...this.deps, ground: () => this.ground.now() }, path);
  }

  private inTurn<T>(work: () => Promise<T>): Promise<T> {
    const done = this.busy.then(work);
    this.busy = done.catch(() => {});
    return done;
  }

  /** Between two hunks of the running turn, if there is one. */
  private async exclusively(work: () => Promise<readonly string[]>): Promise<void> {
    const lander = this.deps.running();
    if (lander === undefined) await work();
    else await lander.exclusive(work);
  }

  /** True if the running turn's lander takes the decision, because the hunk's turn has not come or it waits for a yes. */
  private decideAhead(hunk: HunkId, decision: Decision): boolean {
    const state = this.review.get(hunk)?.state;
    if (state !== "streaming" && state !== "held") return false;
    const isTaken = this.deps.running()?.decide(hunk, decision) ?? false;
    if (isTaken && decision.kind === "accept") this.acceptWhenLanded.add(hunk);
    return isTaken;
  }

  private keepText(hunk: HunkId, lines: readonly HunkLine[]): void {
    this.texts.set(hunk, lines);
    const [oldest] = this.texts.keys();
    if (this.texts.size > linesKept && oldest !== undefined) this.texts.delete(oldest);
  }

  private acceptStanding(hunk: HunkId): boolean {
    const state = this.review.get(hunk)?.state;
    if (state === "landed") this.tellAccepted(hunk);
    return state === "landed" || state === "accepted";
  }

  /** In the order in which they were proposed, so that each finds what it stands on. Gives the files that were changed. */
  private async bringBackAll(hunks: readonly HunkId[]): Promise<readonly string[]> {
    const wanted = new Set(hunks);
    for (const hunk of hunks) if (!this.review.has(hunk)) this.refuse(hunk, unknownHunk(hunk));
    const lander = this.deps.openApproved((event) => this.tellLanding(event));
    for (const [hunk, known] of this.review) {
      // By now it may wait for the yes, or be on disk.
      if (!wanted.has(hunk) || this.acceptStanding(hunk) || this.decideAhead(hunk, { kind: "accept" })) continue;
      if (await this.bringBack(known, lander)) this.tellAccepted(hunk);
    }
    await lander.finish();
    const { ledger } = await this.ground.now();
    return hunks.flatMap((hunk) => ledger.lastSteps(hunk).map(({ record }) => record.path));
  }

  /** By its draft, which was kept when it was held; what has been on disk once comes back by what it did there. */
  private async bringBack(known: ReviewedHunk, lander: Lander): Promise<boolean> {
    const { hunk } = known;
    const obstacle = this.obstacle(known);
    if (obstacle) return this.refuse(hunk.id, obstacle);
    const draft = await this.draftOf(hunk.id);
    const { ledger } = await this.ground.now();
    if (draft) return this.landDraft(known, draft, lander);
    if (ledger.lastSteps(hunk.id).length === 0)
      return this.refuse(hunk.id, failure("HUNK_STATE", "Its text is gone.", "Ask for the change again."));
    const missing = ledger.missingGround(hunk.id);
    if (missing.length > 0) {
      const names = missing.join(", ");
      return this.refuse(hunk.id, failure("HUNK_STATE", `It stands on ${names}, not on disk.`, `Accept ${names} first.`));
    }
    const again = await landAgain(this.deps, { hunk: hunk.id, turn: hunk.turn }, await this.ground.now());
    if (again.ok) {
      this.deps.onEvent({ type: "hunk.landed", hunk, rung: "exact", merged: again.value.merged, dryRun: false });
      this.allow(known);
      return true;
    }
    const lines = hunk.operation === "update" ? recordedLines(await this.ground.now(), hunk.id) : undefined;
    if (lines === undefined) return this.refuse(hunk.id, again.failure);
    const found: HunkDraft = { kind: "update", path: hunk.path, anchors: [], lines, endOfFile: false };
    return this.landDraft(known, found, lander);
  }

  private async landDraft(known: ReviewedHunk, draft: HunkDraft, lander: Lander): Promise<boolean> {
    const { id, turn } = known.hunk;
    const isOn = (await lander.land(id, turn, draft)).state === "landed";
    if (isOn) this.allow(known, draft);
    return isOn;
  }

  /** Why it cannot be put on disk; nothing where it can. */
  private obstacle({ hunk, state, verdict }: ReviewedHunk): Failure | undefined {
    if (verdict?.decision === "block")
      return failure("HUNK_STATE", `The rule ${verdict.rule} blocks it: ${verdict.reason}.`, verdict.wayOut);
    if (state === "held" || state === "rejected" || state === "undone" || state === "landed" || state === "accepted")
      return undefined;
    if (state === "streaming") return failure("HUNK_STATE", `${hunk.id} lands with its whole turn.`, "Wait for its end.");
    return failure("HUNK_STATE", "It has no place in the file.", "Ask for the change again.");
  }

  /** Of one that has not landed since it was kept. */
  private async draftOf(hunk: HunkId): Promise<HunkDraft | undefined> {
    const found = keptDraft(await this.ground.now(), this.deps.journal, hunk);
    if (found) return found;
    // It may be on its way into the journal.
    await this.deps.journal.commit(() => []);
    return keptDraft(await this.ground.now(), this.deps.journal, hunk);
  }

  private editAhead(hunk: HunkId, text: string): boolean {
    const isTaken = this.decideAhead(hunk, { kind: "accept", revise: (draft) => editedDraft(draft, text) });
    if (isTaken) this.keepText(hunk, editedLines(this.lines(hunk) ?? [], text));
    return isTaken;
  }

  private async editNow(id: HunkId, text: string): Promise<readonly string[]> {
    if (this.editAhead(id, text)) return [];
    const known = this.review.get(id);
    const shown = this.lines(id);
    const { operation } = known?.hunk ?? {};
    const isTextless = operation === "delete" || operation === "move" || shown === undefined;
    const obstacle = known === undefined ? unknownHunk(id) : this.obstacle(known);
    const refusal = obstacle ?? (isTextless ? failure("HUNK_STATE", "It has no lines to edit.", "Edit the file.") : undefined);
    if (refusal ?? (known === undefined || shown === undefined)) return this.refusedEdit(id, refusal);
    const { hunk } = known;
    const isOn = known.state === "landed" || known.state === "accepted";
    const draft = isOn ? undefined : await this.draftOf(id);
    const lander = this.deps.openApproved((event) => this.tellLanding(event));
    const isThere =
      isOn || (await (draft ? this.landDraft(known, editedDraft(draft, text), lander) : this.bringBack(known, lander)));
    await lander.finish();
    if (!isThere) return [];
    if (draft === undefined) {
      const share = await editedShare(this.deps, { hunk: id, shown, text }, await this.ground.now());
      const put = share.ok ? await putShares(this.deps, { hunk: id, turn: hunk.turn }, [share.value]) : share;
      // What was off the disk came back only to be edited.
      if (!put.ok && !isOn)
        await this.takeBackNow({ roots: [id], state: known.state === "rejected" ? "rejected" : "undone", reason: "" });
      if (!put.ok) return this.refusedEdit(id, put.failure);
      const linesAdded = editedLines(shown, text).filter(({ op }) => op === "add").length;
      const { merged } = put.value;
      this.deps.onEvent({ type: "hunk.landed", hunk: { ...hunk, linesAdded }, rung: "exact", merged, dryRun: false });
    }
    this.keepText(id, editedLines(shown, text));
    this.tellAccepted(id);
    const { ledger } = await this.ground.now();
    return ledger.lastSteps(id).map(({ record }) => record.path);
  }

  private refusedEdit(hunk: HunkId, reason: Failure | undefined): readonly string[] {
    if (reason) this.refuse(hunk, reason);
    return [];
  }

  private async takeAway(wish: TakeBackWish): Promise<readonly HunkId[]> {
    let gone: readonly HunkId[] = [];
    await this.inTurn(() =>
      this.exclusively(async () => {
        const roots = wish.roots.filter((hunk) => this.isToLeave(hunk, wish));
        if (roots.length === 0) return [];
        const taken = await this.takeBackNow({ ...wish, roots });
        gone = taken.gone.map(({ hunk }) => hunk);
        return taken.files;
      }),
    );
    return gone;
  }

  private async takeBackNow(wish: TakeBackWish): Promise<TakenBack> {
    const taken = await takeBack({ ...this.deps, ground: () => this.ground.now() }, wish);
    this.tellGone(taken.gone);
    for (const { hunk, path, reason } of taken.kept)
      this.deps.onEvent({ type: "notice.given", code: "KEPT", message: `${hunk} stays in ${path}: ${reason}.` });
    return taken;
  }

  /** True for what is on disk; the others are told at once. */
  private isToLeave(id: HunkId, { state: wanted, reason }: TakeBackWish): boolean {
    const known = this.review.get(id);
    if (known === undefined) return this.refuse(id, unknownHunk(id));
    const { hunk, state } = known;
    if (state === "landed" || state === "accepted") return true;
    if (wanted === "undone") return this.refuse(id, failure("HUNK_STATE", "Nothing of it is on disk."));
    if (state === "rejected" || this.decideAhead(id, { kind: "reject", reason })) return false;
    if (state === "streaming" || state === "superseded")
      return this.refuse(id, this.obstacle(known) ?? failure("HUNK_STATE", "It is on its way."));
    this.tellGone([{ hunk: hunk.id, state: "rejected", ...(reason !== "" && { reason }) }]);
    return false;
  }

  private tellGone(gone: readonly WithdrawalNote[]): void {
    const list = gone.flatMap((note) => {
      const hunk = this.review.get(note.hunk)?.hunk;
      return hunk ? [{ hunk, note, lines: this.lines(hunk.id) ?? [] }] : [];
    });
    for (const { hunk, note, lines } of list) if (note.state === "rejected") this.refuseAgain(hunk, lines);
    if (list.length > 0) this.deps.onWithdrawn(list.map(({ hunk, note, lines }) => withdrawn(hunk, note, lines)));
    for (const { hunk, note } of list) this.deps.onEvent(withdrawalEvent(hunk, note));
  }

  private tellUntold(): void {
    const { gone, landed } = untold(this.review, this.ground.written());
    for (const event of landed) this.deps.onEvent(event);
    this.tellGone(gone);
  }

  /** Of the approved lander. A part of a plan that finds no place yet stays one while others wait in the same file. */
  private tellLanding(event: EventBody): void {
    const id = event.type === "hunk.failed" ? event.hunk.id : "";
    const known = this.review.get(id);
    const others = [...this.review.values()].some(
      ({ hunk, state }) => state === "held" && hunk.id !== id && hunk.path === known?.hunk.path,
    );
    if (event.type !== "hunk.failed" || known?.state !== "held" || !others) return this.deps.onEvent(event);
    this.refuse(id, failure("HUNK_STATE", event.failure.message, "Accept what comes before it in the same file first."));
  }

  private tellAccepted(hunk: HunkId): void {
    this.acceptWhenLanded.delete(hunk);
    this.deps.onEvent({ type: "hunk.accepted", hunk, by: "person" });
  }

  private refuseAgain(hunk: Hunk, lines: readonly HunkLine[]): void {
    if (lines.length > 0 || hunk.operation !== "update") this.refusals.add(shownFingerprint(hunk, lines));
  }

  private allow({ hunk }: ReviewedHunk, draft?: HunkDraft): void {
    if (this.refusals.isEmpty) return;
    this.refusals.allow(shownFingerprint(hunk, this.lines(hunk.id) ?? []));
    if (draft) this.refusals.allow(draftFingerprint(draft));
  }

  /** Always false. */
  private refuse(hunk: HunkId, { code, message, cure }: Failure): false {
    this.deps.onEvent({ type: "notice.given", code, message: `${hunk}: ${message} ${cure}` });
    return false;
  }
}

const unknownHunk = (hunk: HunkId): Failure => failure("HUNK_UNKNOWN", `There is no hunk ${hunk} in this session.`);
