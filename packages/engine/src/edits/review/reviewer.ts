/**
 * A person's decisions on single hunks of a session, also while others of the same turn stream: yes, no, back, other words. What leaves
 * the disk takes what stands on it with it; whoever keeps the conversation is told before anybody else.
 */
import { setImmediate as nextTurn } from "node:timers/promises";
import {
  type AllowFor,
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
import type { WithdrawalNote } from "../../journal/records.ts";
import type { HunkDraft } from "../edits.ts";
import type { Decision } from "../landing/landing-decisions.ts";
import { type FileCorrections, correctionsOf } from "./corrections.ts";
import { editedDraft, editedLines, putEdited } from "./edit-hunk.ts";
import { type FileHistory, fileHistories } from "./file-history.ts";
import { draftFingerprint, shownFingerprint } from "./fingerprint.ts";
import { ReviewGround } from "./ground.ts";
import { draftLines } from "./hunk-lines.ts";
import { type LetGoDeps, changedOutside, letGo } from "./let-go.ts";
import { editObstacle, noRuleHolds, notYetPlaced, obstacle, unknownHunk } from "./obstacle.ts";
import { untold } from "./reconcile.ts";
import type { Reviewer, ReviewerDeps } from "./review-contract.ts";
import { OfferedDesk } from "./offered-desk.ts";
import type { Resolution } from "./offered-file.ts";
import { Refusals } from "./refusals.ts";
import { WayBack } from "./way-back.ts";
import { ShownLines } from "./shown-lines.ts";
import { type TakeBackWish, type TakenBack, takeBack } from "./take-back.ts";
import { editKept, leftSentence, staysThere, withdrawalEvent, withdrawn } from "./withdrawn.ts";

export type { Reviewer } from "./review-contract.ts";
export type { Withdrawn } from "./withdrawn.ts";

export function createReviewer(deps: ReviewerDeps): Reviewer {
  return new SessionReviewer(deps);
}

class SessionReviewer implements Reviewer {
  readonly review: Review = new Map();
  private readonly deps: ReviewerDeps;
  private readonly ground: ReviewGround;
  private readonly refusals: Refusals;
  private readonly looking: LetGoDeps;
  private readonly shown: ShownLines;
  private readonly back: WayBack;
  private readonly offered: OfferedDesk;
  /** Hunks that were accepted before they could land. */
  private readonly acceptWhenLanded = new Set<HunkId>();
  /** One decision after the other. */
  private busy: Promise<unknown> = Promise.resolve();
  /** There was an earlier process, of which something may not have been told. */
  private isResumed: boolean;
  private readingAhead: Promise<void> | undefined;

  constructor(deps: ReviewerDeps) {
    this.deps = deps;
    this.ground = new ReviewGround(deps.journal);
    this.shown = new ShownLines(deps, this.ground);
    const way = {
      ground: this.ground,
      refuse: (hunk: HunkId, reason: Failure) => this.refuse(hunk, reason),
      onBack: (known: ReviewedHunk, draft?: HunkDraft) => this.forgetRefusal(known, draft),
    };
    this.offered = new OfferedDesk(deps, way);
    this.back = new WayBack(deps, { ...way, offered: this.offered });
    this.looking = { ...deps, ground: () => this.ground.now() };
    const { records } = this.ground.written();
    this.refusals = new Refusals(deps.journal, records);
    this.isResumed = records.length > 0;
  }

  observe(event: EventBody): void {
    reviewEvent(this.review, event);
    if (this.isResumed) {
      this.isResumed = false;
      this.inTurn(async () => {
        this.tellUntold();
        await this.lookBetween();
      }).catch(() => {});
    }
    if (event.type === "hunk.landed" && this.acceptWhenLanded.delete(event.hunk.id)) this.tellAccepted(event.hunk.id);
    if (event.type === "hunk.closed") this.shown.keep(event.hunk.id, event.lines);
    const isShown = event.type === "hunk.held" || (event.type === "hunk.landed" && !event.dryRun);
    // Only to be looked at: what cannot be read then is not shown.
    if (isShown && event.hunk.operation === "delete") this.inTurn(() => this.shown.lookDeleted(event.hunk)).catch(() => {});
    // While nobody waits, so that the next decision finds it done.
    if (event.type === "turn.ended") this.readingAhead ??= this.readAhead().catch(() => {});
  }

  accept(hunks: readonly HunkId[], isYes = true): Promise<void> {
    if (isYes) for (const hunk of hunks) this.answerRules(hunk, "once");
    // What waits for a yes in the running turn is decided there, at once: it must not wait for decisions before it.
    const later = hunks.filter((hunk) => !this.decideAhead(hunk, { kind: "accept" }));
    return this.inTurn(async () => {
      const gone = new Set(await this.lookBetween(await this.filesOf(later)));
      const open = later.filter((hunk) => !gone.has(hunk) && !this.acceptStanding(hunk));
      if (open.length > 0) await this.exclusively(() => this.bringBackAll(open, isYes));
    });
  }

  async allow(hunks: readonly HunkId[], answer: AllowFor): Promise<void> {
    if (answer === "once") return this.accept(hunks);
    const asked = hunks.filter((hunk) => this.answerRules(hunk, answer) || this.refuse(hunk, noRuleHolds));
    await (answer === "session" ? this.accept(asked) : this.reject(asked));
  }

  async reject(hunks: readonly HunkId[], reason = ""): Promise<void> {
    const later = hunks.filter((hunk) => !this.decideAhead(hunk, { kind: "reject", reason }));
    if (later.length > 0) await this.takeAway({ roots: later, state: "rejected", reason });
  }

  undo(hunks: readonly HunkId[]): Promise<readonly HunkId[]> {
    return this.takeAway({ roots: hunks, state: "undone", reason: "" });
  }

  edit(hunk: HunkId, text: string): Promise<void> {
    // A yes was one to other words.
    this.deps.allowances.forget(hunk);
    if (this.editAhead(hunk, text)) return Promise.resolve();
    return this.inTurn(() => this.exclusively(() => this.editNow(hunk, text)));
  }

  resolve(hunk: HunkId, resolution: Resolution): Promise<void> {
    return this.inTurn(() => this.exclusively(() => this.resolveNow(hunk, resolution)));
  }

  foresee(hunks: readonly Hunk[]): ReturnType<Reviewer["foresee"]> {
    return this.offered.foresee(hunks);
  }

  lines(hunk: HunkId): readonly HunkLine[] | undefined {
    return this.shown.now(hunk);
  }

  wasRejected(draft: HunkDraft): boolean {
    return !this.refusals.isEmpty && this.refusals.has(draftFingerprint(draft));
  }

  onGone(hunk: Hunk, draft: HunkDraft, note: WithdrawalNote): void {
    if (note.state === "rejected") this.refusals.add(draftFingerprint(draft));
    this.deps.onWithdrawn([withdrawn(hunk, note, this.shown.proposed(hunk.id) ?? draftLines(draft))]);
  }

  private async readAhead(): Promise<void> {
    await nextTurn();
    this.readingAhead = undefined;
    this.ground.written();
  }

  async idle(): Promise<void> {
    await this.readingAhead;
    await this.busy;
  }

  async corrections(path: string): Promise<FileCorrections | undefined> {
    await this.lookOutside([path]);
    await this.shown.look(path);
    return correctionsOf(this.looking, path);
  }

  async lookOutside(paths?: readonly string[]): Promise<readonly HunkId[]> {
    const changed = await changedOutside(this.looking, paths);
    return changed.length === 0 ? [] : this.inTurn(() => this.lookBetween(changed));
  }

  async histories(): Promise<readonly FileHistory[]> {
    const { ledger, images } = await this.ground.now();
    return fileHistories(ledger.standing, images);
  }

  /** Between two hunks of the running turn, after the decisions before it. */
  private async lookBetween(paths?: readonly string[]): Promise<readonly HunkId[]> {
    const changed = await changedOutside(this.looking, paths);
    let gone: readonly HunkId[] = [];
    if (changed.length > 0)
      await this.exclusively(async () => {
        gone = await letGo(this.looking, changed);
        this.tellLeft(gone);
        return changed;
      });
    return gone;
  }

  private async filesOf(hunks: readonly HunkId[]): Promise<readonly string[]> {
    const { ledger } = await this.ground.now();
    return [...new Set(hunks.flatMap((hunk) => ledger.lastSteps(hunk).map(({ record }) => record.path)))];
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

  /** A person's answer is one to what was shown; false where no rule was. */
  private answerRules(hunk: HunkId, answer: AllowFor): boolean {
    const rules = this.deps.allowances.answer(hunk, answer);
    if (rules.length > 0) this.deps.onEvent({ type: "hunk.allowed", hunk, for: answer, rules });
    return rules.length > 0;
  }

  private acceptStanding(hunk: HunkId): boolean {
    const state = this.review.get(hunk)?.state;
    if (state === "landed") this.tellAccepted(hunk);
    return state === "landed" || state === "accepted";
  }

  /** In the order in which they were proposed, so that each finds what it stands on. Gives the files that were changed. */
  private async bringBackAll(hunks: readonly HunkId[], isYes: boolean): Promise<readonly string[]> {
    for (const hunk of hunks) if (!this.review.has(hunk)) this.refuse(hunk, unknownHunk(hunk));
    const wanted = new Set(await this.offered.landAmong(this.review, hunks, (hunk) => void (isYes && this.tellAccepted(hunk))));
    const lander = this.deps.openApproved((event) => this.tellLanding(event));
    for (const [hunk, known] of this.review) {
      // By now it may wait for the yes, or be on disk.
      if (!wanted.has(hunk) || this.acceptStanding(hunk) || this.decideAhead(hunk, { kind: "accept" })) continue;
      if ((await this.back.land(known, lander)) && isYes) this.tellAccepted(hunk);
    }
    await lander.finish();
    return this.filesOf(hunks);
  }

  private async resolveNow(id: HunkId, resolution: Resolution): Promise<readonly string[]> {
    const known = this.review.get(id);
    if (known?.hunk.job === undefined || known.state !== "held") {
      this.refuse(id, known === undefined ? unknownHunk(id) : failure("HUNK_STATE", "It has no conflict that waits."));
      return [];
    }
    await this.offered.land([known], (hunk) => this.tellAccepted(hunk), resolution);
    return this.filesOf([id]);
  }

  private editAhead(hunk: HunkId, text: string): boolean {
    const isTaken = this.decideAhead(hunk, { kind: "accept", revise: (draft) => editedDraft(draft, text) });
    if (isTaken) this.shown.edit(hunk, text);
    return isTaken;
  }

  private async editNow(id: HunkId, text: string): Promise<readonly string[]> {
    if (this.editAhead(id, text)) return [];
    const known = this.review.get(id);
    const asSeen = this.lines(id);
    for (const file of await this.filesOf([id])) await this.shown.look(file);
    const shown = this.lines(id);
    const refusal = known === undefined ? unknownHunk(id) : editObstacle(known, asSeen, shown);
    if (refusal ?? (known === undefined || shown === undefined)) return this.refusedEdit(id, text, refusal);
    const { hunk } = known;
    const wasOn = isOn(known);
    const draft = wasOn ? undefined : await this.back.draftOf(id);
    const lander = this.deps.openApproved((event) => this.tellLanding(event));
    const isThere =
      wasOn || (await (draft ? this.back.landDraft(known, editedDraft(draft, text), lander) : this.back.land(known, lander)));
    await lander.finish();
    if (!isThere) return this.refusedEdit(id, text);
    if (draft === undefined) {
      const wish = { hunk: id, turn: hunk.turn, shown, proposed: this.shown.proposed(id) ?? shown, text };
      const put = await putEdited(this.deps, wish, await this.ground.now());
      // What was off the disk came back only to be edited.
      if (!put.ok && !wasOn)
        await this.takeBackNow({ roots: [id], state: known.state === "rejected" ? "rejected" : "undone", reason: "" });
      if (!put.ok) return this.refusedEdit(id, text, put.failure);
      const linesAdded = editedLines(shown, text).filter(({ op }) => op === "add").length;
      const { merged } = put.value;
      this.deps.onEvent({ type: "hunk.landed", hunk: { ...hunk, linesAdded }, rung: "exact", merged, dryRun: false });
    }
    this.shown.edit(id, text);
    this.tellAccepted(id);
    return this.filesOf([id]);
  }

  /** What somebody has written is never lost. */
  private refusedEdit(hunk: HunkId, text: string, reason?: Failure): readonly string[] {
    if (reason) this.refuse(hunk, reason);
    const file = this.deps.keepEdit?.(hunk, text);
    if (file !== undefined) this.deps.onEvent(editKept(hunk, file));
    return [];
  }

  private async takeAway(wish: TakeBackWish): Promise<readonly HunkId[]> {
    let gone: readonly HunkId[] = [];
    await this.inTurn(async () => {
      const left = await this.lookBetween(await this.filesOf(wish.roots));
      gone = wish.roots.filter((hunk) => left.includes(hunk));
      await this.exclusively(async () => {
        const roots = wish.roots.filter(
          (hunk) => !(wish.state === "undone" && left.includes(hunk)) && this.isToLeave(hunk, wish),
        );
        if (roots.length === 0) return [];
        const taken = await this.takeBackNow({ ...wish, roots });
        gone = [...gone, ...taken.gone.map(({ hunk }) => hunk)];
        return taken.files;
      });
    });
    return gone;
  }

  private async takeBackNow(wish: TakeBackWish): Promise<TakenBack> {
    const taken = await takeBack(this.looking, wish);
    this.tellGone(taken.gone);
    for (const kept of taken.kept) this.deps.onEvent(staysThere(kept));
    return taken;
  }

  /** True for what is on disk; the others are told at once. */
  private isToLeave(id: HunkId, { state: wanted, reason }: TakeBackWish): boolean {
    const known = this.review.get(id);
    if (known === undefined) return this.refuse(id, unknownHunk(id));
    const { hunk, state } = known;
    if (isOn(known)) return true;
    if (wanted === "undone") return this.refuse(id, failure("HUNK_STATE", "Nothing of it is on disk."));
    if (state === "rejected" || this.decideAhead(id, { kind: "reject", reason })) return false;
    if (state === "streaming" || state === "superseded")
      return this.refuse(id, obstacle(known) ?? failure("HUNK_STATE", "It is on its way."));
    this.tellGone([{ hunk: hunk.id, state: "rejected", ...(reason !== "" && { reason }) }]);
    return false;
  }

  private tellGone(gone: readonly WithdrawalNote[]): void {
    const list = gone.flatMap((note) => {
      const hunk = this.review.get(note.hunk)?.hunk;
      return hunk ? [{ hunk, note, lines: this.shown.proposed(hunk.id) ?? [] }] : [];
    });
    for (const { hunk, note, lines } of list) if (note.state === "rejected") this.refuseAgain(hunk, lines);
    // What a job brought was never said here.
    const said = list.filter(({ hunk }) => hunk.job === undefined);
    if (said.length > 0) this.deps.onWithdrawn(said.map(({ hunk, note, lines }) => withdrawn(hunk, note, lines)));
    for (const { hunk, note } of list) this.deps.onEvent(withdrawalEvent(hunk, note));
  }

  private tellLeft(hunks: readonly HunkId[]): void {
    const on = hunks.flatMap((hunk) => this.review.get(hunk) ?? []).filter(isOn);
    const open = on.filter(({ commit }) => commit === undefined).map(({ hunk }) => hunk.id);
    this.tellGone(on.map(({ hunk }) => ({ hunk: hunk.id, state: "undone" })));
    if (open.length > 0) this.deps.onEvent({ type: "notice.given", code: "TAKEN_BACK", message: leftSentence(open) });
  }

  private tellUntold(): void {
    const { gone, landed } = untold(this.review, this.ground.written());
    for (const event of landed) this.deps.onEvent(event);
    this.tellGone(gone);
  }

  /** Of the approved lander. */
  private tellLanding(event: EventBody): void {
    const reason = event.type === "hunk.failed" ? notYetPlaced(this.review, event.hunk.id, event.failure) : undefined;
    if (event.type === "hunk.failed" && reason) this.refuse(event.hunk.id, reason);
    else this.deps.onEvent(event);
  }

  private tellAccepted(hunk: HunkId): void {
    this.acceptWhenLanded.delete(hunk);
    this.deps.onEvent({ type: "hunk.accepted", hunk, by: "person" });
  }

  private refuseAgain(hunk: Hunk, lines: readonly HunkLine[]): void {
    if (lines.length > 0 || hunk.operation !== "update") this.refusals.add(shownFingerprint(hunk, lines));
  }

  private forgetRefusal({ hunk }: ReviewedHunk, draft?: HunkDraft): void {
    if (this.refusals.isEmpty) return;
    this.refusals.allow(shownFingerprint(hunk, this.shown.proposed(hunk.id) ?? []));
    if (draft) this.refusals.allow(draftFingerprint(draft));
  }

  /** Always false. */
  private refuse(hunk: HunkId, { code, message, cure }: Failure): false {
    this.deps.onEvent({ type: "notice.given", code, message: `${hunk}: ${message} ${cure}` });
    return false;
  }
}

const isOn = ({ state }: ReviewedHunk): boolean => state === "landed" || state === "accepted";
