/** A session as surfaces see it: takes commands to whom they concern, keeps what holds for all of it, answers questions. */
import {
  type Command,
  type CommandEnd,
  type CommandRun,
  type CommitDraft,
  type CommitMade,
  type EventBody,
  type Evidence,
  type HunkId,
  type HunkLine,
  type ModelChoice,
  type ModelUse,
  type PathIndex,
  type Result,
  type ReviewMode,
  type RewindPoint,
  type RewindReport,
  type RewindWish,
  type SavedPrompt,
  type Session,
  type SessionId,
  type TwolaneEvent,
  isCompanionCommand,
  planPrompt,
} from "@twolane/protocol";
import type { Scope } from "@twolane/policy";
import { type UserCommands, createUserCommands } from "../host/user-command.ts";
import type { Withdrawal } from "../loop/withdrawal.ts";
import { AsideTalk } from "./aside.ts";
import type { CommitDesk } from "../commit/desk.ts";
import { HeadWatch, commitTrailer, finishCommits, nothingLeft, openCommitDesk } from "./committing.ts";
import { CorrectionWatch } from "./correction-watch.ts";
import { writeLimits } from "./limits.ts";
import type { LiveParts } from "./live-parts.ts";
import { ModelSwitch } from "./model-switch.ts";
import { noticeOf } from "./notice.ts";
import { shownHistory } from "./shown-history.ts";
import { systemFailure } from "../host/errors.ts";
import type { DiagnosticsDesk } from "./diagnostics-desk.ts";
import { openDiagnosticsDesk } from "./session-diagnostics.ts";
import { WorkspacePaths } from "./paths.ts";
import { planLeft, planMode, plannedHunks, requestOf } from "./plan.ts";
import { compileSeen } from "./place.ts";
import { Rewinder, isOnDisk } from "./rewind.ts";
import type { SessionCompanion } from "./companion.ts";
import { openCompanions } from "./session-companions.ts";
import { TrustLook } from "./trust-in-session.ts";
import { listSavedPrompts, savedRequest } from "./saved-prompts.ts";
import { SessionTests } from "./session-tests.ts";
import { WorkflowChecks } from "./workflow-checks.ts";
import type { WorkflowDesk } from "./workflow-desk.ts";
import type { TestFirstWatch } from "./test-first-watch.ts";
import { openTestFirstWatch, openWorkflowDesk } from "./session-workflows.ts";

export class LiveSession implements Session {
  readonly id: SessionId;
  readonly workspace: string;
  readonly history: readonly TwolaneEvent[];
  mode: ReviewMode = "flow";
  scope: Scope;
  readonly diagnostics: DiagnosticsDesk;
  private readonly live: LiveParts;
  private readonly aside: AsideTalk;
  private readonly modelSwitch: ModelSwitch;
  private readonly corrections: CorrectionWatch;
  private readonly desk: CommitDesk;
  private readonly head: HeadWatch;
  private readonly companions: readonly SessionCompanion[];
  private readonly rewinder: Rewinder;
  private readonly files: WorkspacePaths;
  private readonly commands: UserCommands;
  private readonly tests: SessionTests;
  private readonly trust: TrustLook;
  private readonly checks: WorkflowChecks;
  private readonly workflows: WorkflowDesk;
  private readonly testFirst: TestFirstWatch;
  /** Saved prompts that are read, one after the other. */
  private saved: Promise<void> = Promise.resolve();
  /** Answers that somebody waits for; the session ends behind them. */
  private readonly asked = new Set<Promise<unknown>>();

  constructor(live: LiveParts) {
    this.live = live;
    const { parts, journal, loop, reviewer, emit } = live;
    this.id = journal.id;
    this.workspace = parts.workspace.root;
    this.modelSwitch = new ModelSwitch(live, () => this.aside.forget());
    this.scope = parts.scope;
    this.history = shownHistory(live);
    this.rewinder = new Rewinder(live, this.history);
    this.files = new WorkspacePaths(this.workspace);
    this.commands = createUserCommands(this.workspace);
    this.tests = new SessionTests(parts, { review: reviewer.review, emit, note: (text) => loop.note(text) });
    this.diagnostics = openDiagnosticsDesk(live);
    this.trust = new TrustLook(live, { tests: this.tests, carryOut: (command) => this.send(command) });
    this.checks = new WorkflowChecks(live.commands);
    this.workflows = openWorkflowDesk(live, { tests: this.tests, checks: this.checks, models: this.modelSwitch });
    this.testFirst = openTestFirstWatch(live, () => this.mode === "flow");
    this.aside = new AsideTalk({ open: () => this.modelSwitch.openAgain(), items: () => loop.items, emit });
    this.corrections = new CorrectionWatch({
      ...{ root: this.workspace, emit, corrections: (file) => reviewer.corrections(file) },
      isOpen: (hunk) => isOnDisk(reviewer.review.get(hunk)),
    });
    this.desk = openCommitDesk({
      ...{ root: this.workspace, journal, reviewer, session: parts },
      promptOf: (turn) => requestOf(live.log.current.turns, turn),
      model: () => this.model,
      trailer: () => commitTrailer(parts),
      permit: (files) => this.tests.permit(files),
    });
    this.head = new HeadWatch({ root: this.workspace, desk: this.desk, reviewer, emit });
    this.head.catchUp(finishCommits(this.desk, parts.state, this.id), live.restored !== undefined);
    this.modelSwitch.tell();
    const [model, limits] = [(): string => this.model, () => this.modelSwitch.limits];
    this.companions = openCompanions(live, { send: (command) => this.send(command), model, limits });
    const { restored } = live;
    if (restored === undefined) return;
    this.setMode(restored.mode);
    if (parts.options.scope.length === 0 && restored.scope.length > 0) this.setScope(restored.scope);
    const { queue } = restored.loop;
    if (queue.length > 0) emit({ type: "queue.changed", queue, halted: "stop" });
  }

  get model(): string {
    return this.modelSwitch.model;
  }

  send(command: Command): void {
    const { loop, reviewer, screen, ahead, emit } = this.live;
    if (command.type === "draft.set") return ahead.set(command.text);
    if (this.trust.keepsBack(command)) return;
    const blocked = screen.blocks(command);
    if (blocked !== undefined) return emit(blocked);
    if (this.companions.some((companion) => companion.takes?.(command) === true) || isCompanionCommand(command)) return;
    switch (command.type) {
      case "prompt":
        ahead.enter();
        return loop.send(command);
      case "stop":
        this.checks.stop();
        return loop.send(command);
      case "continue":
      case "steer":
      case "queue":
      case "queue.edit":
      case "queue.resume":
        return loop.send(command);
      case "prompt.saved":
        return void (this.saved = this.saved.then(() => this.sendSaved(command.name, command.text)));
      case "aside":
        return this.aside.ask(screen.hide(command.text, "what you typed"));
      case "hunk.accept":
        return this.behind(reviewer.accept(command.hunks));
      case "hunk.allow":
        return this.behind(reviewer.allow(command.hunks, command.for));
      case "hunk.reject":
        return this.behind(reviewer.reject(command.hunks, command.reason && screen.hide(command.reason, "what you typed")));
      case "hunk.undo":
        return this.behind(reviewer.undo(command.hunks));
      case "hunk.edit":
        return this.behind(reviewer.edit(command.hunk, screen.restore(command.text)));
      case "hunk.see":
        // Who looks at hunks sees them as committed that are, and as gone that somebody took back.
        this.behind(this.head.look());
        this.behind(reviewer.lookOutside());
        return emit({ type: "hunk.seen", hunks: command.hunks });
      case "hunk.comment":
        return this.comment(command.hunk, command.text);
      case "correction.tell":
        return void this.answering(this.tellCorrection(command.hunk));
      case "diagnostics.tell":
        return this.tellDiagnostics(command.hunk);
      case "command.answer":
        return this.live.commands.answer(command.call, command.answer);
      case "tests.run":
      case "tests.stop":
        return command.type === "tests.run" ? this.tests.run() : this.tests.stop();
      case "trust.look":
        this.diagnostics.trustChanged();
        return this.behind(this.trust.look());
      case "workflow.start":
      case "workflow.answer":
      case "workflow.end":
        return this.workflows.send(command);
      case "mode.set":
        return this.setMode(command.mode);
      case "plan.take":
        return this.takePlan();
      case "scope.set":
        return this.setScope(command.scope);
      case "model.set":
        return void this.useModel(command.model).then((used) => used.ok || emit(noticeOf(used.failure)));
    }
  }

  /** After the event has been told. */
  observe(event: EventBody): void {
    const { log, hub } = this.live;
    if (event.type === "turn.started") log.beginTurn({ turn: event.turn, prompt: event.prompt, at: hub.now() });
    if (event.type === "hunk.landed") this.live.loop.allowAgain(event.hunk.id);
    this.corrections.observe(event);
    this.files.observe(event);
    this.head.observe(event);
    this.rewinder.observe(event);
    this.tests.observe(event);
    this.testFirst.observe(event);
    this.workflows.observe(event);
    this.diagnostics.observe(event);
    this.live.ahead.observe(event);
    for (const companion of this.companions) companion.observe?.(event);
  }

  /** Nothing of what was taken out stays in what is kept of the conversation, on no path of it. */
  forget(gone: Withdrawal): void {
    this.live.log.rewrite((item) => gone.clean(item));
  }

  async idle(): Promise<void> {
    await this.trust.idle();
    await this.saved;
    await this.workflows.idle();
    await this.live.loop.idle();
    await this.live.reviewer.idle();
    await Promise.all(this.companions.map(async (companion) => companion.idle?.()));
  }

  async tested(): Promise<Evidence | undefined> {
    const evidence = await this.tests.idle();
    // What lands by what they said is tested as well.
    return (await this.testFirst.idle()) ? this.tests.idle() : evidence;
  }

  subscribe(listener: (event: TwolaneEvent) => void): () => void {
    return this.live.hub.subscribe(listener);
  }

  hunkLines(hunk: HunkId): readonly HunkLine[] | undefined {
    const lines = this.live.reviewer.lines(hunk);
    return lines && this.live.screen.hideLines(lines);
  }

  paths(): Promise<PathIndex> {
    return this.files.paths();
  }

  prompts(): Promise<readonly SavedPrompt[]> {
    return listSavedPrompts(this.live.parts.workspace);
  }

  savedRequest(name: string, text: string): ReturnType<Session["savedRequest"]> {
    return savedRequest(this.live.parts.workspace, name, text);
  }

  models(): Promise<readonly ModelChoice[]> {
    return this.modelSwitch.choices();
  }

  useModel(typed: string): Promise<Result<ModelUse>> {
    return this.modelSwitch.use(typed);
  }

  draftCommit(): Promise<Result<CommitDraft>> {
    return this.answering(this.draftNow());
  }

  private async draftNow(): Promise<Result<CommitDraft>> {
    return (await this.nothingLeft()) ?? this.desk.draft();
  }

  private async nothingLeft(): Promise<Result<never> | undefined> {
    await this.live.reviewer.idle();
    await this.head.look();
    return nothingLeft(this.live.reviewer);
  }

  commit(message: string): Promise<Result<CommitMade>> {
    return this.answering(this.commitNow(message));
  }

  private async commitNow(message: string): Promise<Result<CommitMade>> {
    const make = async () => this.desk.commit(await this.live.audit.messageWith(message));
    const made = (await this.nothingLeft()) ?? (await this.head.making(make));
    if (!made.ok) return made;
    const { commit, subject, hunks } = made.value;
    this.live.emit({ type: "commit.made", commit, subject, hunks });
    return made;
  }

  rewindPoints(): readonly RewindPoint[] {
    return this.rewinder.points();
  }

  rewind(wish: RewindWish): Promise<Result<RewindReport>> {
    return this.answering(this.rewinder.rewind(wish));
  }

  async runCommand(line: string, options: CommandRun): Promise<CommandEnd> {
    const end = await this.commands.run(line, options);
    // It may have been a commit.
    this.behind(this.head.look());
    return end;
  }

  hideSecrets(text: string): string {
    return this.live.screen.hide(text, "what you typed");
  }

  async close(): Promise<void> {
    const { loop, reviewer, ahead, hub, log, journal, audit, parts } = this.live;
    ahead.close();
    const companions = this.companions.map(async (companion) => companion.close?.());
    this.trust.close();
    this.diagnostics.close();
    await this.saved;
    // Who leaves in the middle of a turn has stopped it: a hunk that waits for a yes would wait for ever.
    loop.send({ type: "stop" });
    await this.workflows.close();
    await Promise.all([this.modelSwitch.close(), this.aside.forget(), loop.idle(), this.commands.close()]);
    await Promise.all([this.corrections.close(), this.live.commands.close(), this.tests.close()]);
    await reviewer.idle();
    await this.head.close();
    await Promise.allSettled([...this.asked, ...companions]);
    hub.emit({ type: "session.ended" });
    log.flush();
    writeLimits(parts.options.env);
    await audit.flush();
    await journal.close();
  }

  /** What nobody waits for: where the disk refuses it, that is said, and nothing else ends by it. */
  private behind(work: Promise<unknown>): void {
    this.answering(work).catch((error: unknown) => {
      const refused = systemFailure(error, this.live.parts.state.path, "write");
      if (!refused.ok) this.live.emit(noticeOf(refused.failure));
    });
  }

  private answering<T>(work: Promise<T>): Promise<T> {
    this.asked.add(work);
    void work.finally(() => this.asked.delete(work)).catch(() => undefined);
    return work;
  }

  private async sendSaved(name: string, typed: string): Promise<void> {
    const { loop, screen, emit } = this.live;
    const request = await this.savedRequest(name, typed);
    if (!request.ok) return emit(noticeOf(request.failure));
    const command = { type: "prompt", ...request.value } as const;
    const blocked = screen.blocks(command);
    return blocked === undefined ? loop.send({ ...command, shown: `/${name} ${typed}`.trim() }) : emit(blocked);
  }

  private comment(id: HunkId, text: string): void {
    const hunk = this.live.reviewer.review.get(id)?.hunk;
    if (hunk === undefined) return;
    const place = hunk.line > 0 ? `${hunk.path}, line ${hunk.line}` : hunk.path;
    this.live.loop.send({ type: "steer", text: `About your change of ${place}: ${text}` });
  }

  private async tellCorrection(hunk: HunkId): Promise<void> {
    const message = await this.corrections.messageOf(hunk);
    if (message !== undefined) return this.live.loop.send({ type: "steer", text: message });
    const text = `What you changed in ${hunk} is told already, or not there any more; nothing was sent.`;
    this.live.emit({ type: "notice.given", code: "CORRECTION_GONE", message: text });
  }

  private tellDiagnostics(hunk: HunkId): void {
    const text = this.diagnostics.messageOf(hunk);
    if (text !== undefined) return this.live.loop.send({ type: "steer", text });
    const message = `Nothing that ${hunk} broke is left; nothing was sent.`;
    this.live.emit({ type: "notice.given", code: "DIAGNOSTICS_GONE", message });
  }

  private setMode(mode: ReviewMode): void {
    if (mode === this.mode) return;
    if (mode === "plan") this.live.loop.note(planMode);
    else if (this.mode === "plan") this.live.loop.note(planLeft);
    this.mode = mode;
    this.live.ahead.drop();
    this.live.emit({ type: "mode.changed", mode });
  }

  private takePlan(): void {
    const { reviewer, loop, emit } = this.live;
    this.setMode("flow");
    for (const hunk of plannedHunks(reviewer.review)) emit({ type: "hunk.superseded", hunk });
    loop.send({ type: "prompt", text: planPrompt });
  }

  private setScope(patterns: readonly string[]): void {
    const { parts, emit } = this.live;
    const scope = compileSeen(patterns, parts.calledFrom);
    if (!scope.ok) return emit(noticeOf(scope.failure));
    this.scope = scope.value;
    this.live.ahead.drop();
    if (parts.choice !== undefined) parts.choice.scope = scope.value;
    emit({ type: "scope.changed", scope: patterns });
  }
}
