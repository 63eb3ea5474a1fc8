/**
 * The driver of the loop: carries out what `turn.ts` decides and feeds back what came of it. Owns the running answer, the
 * running tools and the lander of the turn; owns no policy and no screen.
 */
import type { Command, EventBody, HunkId, TurnId } from "@twolane/protocol";
import type { EditReport, EditStream } from "../edits/landing/edit-stream.ts";
import type { Lander } from "../edits/landing/lander.ts";
import type { Withdrawn } from "../edits/review/reviewer.ts";
import type { ConversationItem, ModelRequest, ModelSession, SaidImage, ToolDefinition } from "../models/models.ts";
import type { Tool } from "../tools/tools.ts";
import { type Answer, type CallItem, openAnswer } from "./answer.ts";
import { editResult, fingerprint, runTool, withNews } from "./call-result.ts";
import { type Conversation, createConversation, isMessageCall } from "./conversation.ts";
import type { HideText } from "./hidden-items.ts";
import { type HunkLedger, createHunkLedger } from "./hunk-ledger.ts";
import { type RestoredLoop, editForm, restoredTurn } from "./loop-forms.ts";
import { type Compaction, readableBy } from "./sent-items.ts";
import { type TurnEffect, type TurnInput, type TurnState, decide, idleTurn } from "./turn.ts";
import { ContextWindow, type WindowDeps } from "./window.ts";
import type { RewriteEdits, Withdrawal } from "./withdrawal.ts";

/** What the loop needs of the edit engine; `engine.ts` puts it together. */
export interface LoopEdits {
  /** Absent for a model that writes its edits into its messages. */
  readonly tool?: ToolDefinition;
  readonly openLander: (onEvent: (event: EventBody) => void) => Lander;
  /** The text of an edit call, or of a message with edits, without some of its hunks. */
  readonly rewrite: RewriteEdits;
  readonly openStream: (options: {
    lander: Lander;
    turn: TurnId;
    nextHunk: () => HunkId;
    isMessage: boolean;
    onEvent: (event: EventBody) => void;
  }) => EditStream;
}

/** What a person should know of what goes with the prompt, as the code and text of a notice. */
export type TellAttached = (code: "FILE_LEFT" | "SKILL_SENT" | "SKILL_UNKNOWN", message: string) => void;

/** A source of tokens with what it can do here. */
export interface ModelKit {
  readonly model: ModelSession;
  readonly tools: readonly Tool[];
  readonly edits: LoopEdits;
  /** What the person said with the files that it names behind it. Absent where the source of tokens reads for itself. */
  readonly attach?: (text: string, tell?: TellAttached) => Promise<string>;
  /** Images that it names. */
  readonly images?: (text: string, onLeft: (message: string) => void) => Promise<readonly SaidImage[]>;
}

export interface LoopDeps extends ModelKit {
  readonly pinned: readonly string[];
  readonly emit: (event: EventBody) => void;
  readonly now: () => number;
  /** An earlier session goes on from here. */
  readonly restored?: RestoredLoop;
  /** What a person says is said with this. */
  readonly hide?: HideText;
  /** What was found meanwhile and the model does not know: asked when something goes to it, and told with that. */
  readonly news?: () => string | undefined;
  /** What is waited for behind an edit call, shortly, so that what it led to is news. */
  readonly behindEdit?: () => Promise<void> | undefined;
  /** The conversation's item at this place, behind the last one or instead of another. */
  readonly onItem?: (index: number, item: ConversationItem) => void;
  /** What goes instead of the first items from now on. */
  readonly onCompaction?: (compaction: Compaction | undefined) => void;
  /** What a request says of the trace that it belongs to; absent: nothing. */
  readonly traced?: (step: number) => Pick<ModelRequest, "traceparent">;
  /** How a window that fills is made room in. */
  readonly window?: Omit<WindowDeps, "conversation" | "emit">;
}

/** Commands that are about turns; all others are carried out by whoever put the loop together. */
export type LoopCommand =
  | Extract<Command, { type: "stop" | "continue" | "steer" | "queue" | "queue.edit" | "queue.resume" }>
  /** `shown`: what a person sees of it; absent: all. */
  | (Extract<Command, { type: "prompt" }> & { readonly shown?: string });

export interface Loop {
  send(command: LoopCommand): void;
  /** Resolves when no turn runs and nothing waits to be written. */
  idle(): Promise<void>;
  readonly isIdle: boolean;
  /** Number of the turn that runs or ran last. */
  readonly turnNumber: number;
  /** What goes to the model, pinned items first. */
  readonly items: readonly ConversationItem[];
  readonly conversation: Conversation;
  readonly window: ContextWindow;
  /** Who answers, and what it may call. */
  readonly asked: { readonly model: ModelSession; readonly tools: readonly ToolDefinition[] };
  /** Takes what these hunks say out of the conversation; the model is told with the next request. Gives what does the same elsewhere. */
  withdraw(list: readonly Withdrawn[]): Withdrawal;
  /** A withdrawn hunk is on disk again. */
  allowAgain(hunk: HunkId): void;
  /** Said before the next message. */
  note(text: string): void;
  /** Names what no model wrote: a hunk, or (only when idle) a turn, whose beginning and end are told at once. */
  name(what: "hunk" | "turn"): string;
  /** What would be asked first if this were said now. Nothing is said by it. */
  requestFor(text: string): Promise<ModelRequest>;
  /** Another source of tokens answers from the next request on, and writes its edits in its own way. Only when idle. */
  setModel(kit: ModelKit): void;
  /** The conversation goes on behind these items, as if nothing had been said since. Only when idle. */
  goBack(items: readonly ConversationItem[], compaction?: Compaction): void;
}

export function createLoop(deps: LoopDeps): Loop {
  return new DrivenLoop(deps);
}

/** A stop or steer whose answer has not ended by then is cut harder; ms. */
const cutBudgetMs = 250;

class DrivenLoop implements Loop {
  private deps: LoopDeps;
  readonly conversation: Conversation;
  readonly window: ContextWindow;
  private readonly ledger: HunkLedger;
  private state: TurnState;
  private answer: Answer | undefined;
  private lander: Lander | undefined;
  private running = new AbortController();
  /** Settles when the running answer has ended and what it left open has settled. */
  private answerQuiet = Promise.resolve();
  /** Settles when everything that was said has its files. */
  private attached = Promise.resolve();
  private readonly waiting: (() => void)[] = [];

  constructor(deps: LoopDeps) {
    this.deps = deps;
    const { restored, onItem, onCompaction, hide } = deps;
    const compaction = readableBy(deps.model.model, restored?.compaction);
    this.conversation = createConversation({
      pinned: deps.pinned,
      ...editForm(deps),
      ...(restored && { restored: restored.items }),
      ...(compaction && { compaction }),
      ...(hide && { hide }),
      ...(onItem && { onItem }),
      ...(onCompaction && { onCompaction }),
    });
    this.window = new ContextWindow({ conversation: this.conversation, emit: deps.emit, ...deps.window });
    for (const note of restored?.notes ?? []) this.conversation.note(note);
    this.state = restored === undefined ? idleTurn : restoredTurn(restored);
    this.ledger = createHunkLedger(deps.emit, restored?.hunks ?? 0, (note) => this.conversation.note(note));
  }

  send(wanted: LoopCommand): void {
    const { hide } = this.deps;
    const command = hide === undefined || !("text" in wanted) ? wanted : { ...wanted, text: hide(wanted.text, "what you typed") };
    switch (command.type) {
      case "steer":
        return this.steer(command.text);
      default:
        return this.dispatch(command);
    }
  }

  get isIdle(): boolean {
    return this.state.phase === "idle";
  }

  get turnNumber(): number {
    return this.state.turn;
  }

  get items(): readonly ConversationItem[] {
    return this.conversation.sent.list;
  }

  get asked() {
    return { model: this.deps.model, tools: this.definitions() };
  }

  withdraw(list: readonly Withdrawn[]): Withdrawal {
    return this.conversation.withdraw(list);
  }

  allowAgain(hunk: HunkId): void {
    this.conversation.allowAgain(hunk);
  }

  note(text: string): void {
    this.conversation.note(text);
  }

  name(what: "hunk" | "turn"): string {
    if (what === "hunk") return this.ledger.name(this.state.step);
    this.state = { ...this.state, turn: this.state.turn + 1 };
    return this.turn();
  }

  async requestFor(text: string): Promise<ModelRequest> {
    const { attach } = this.deps;
    const files = attach === undefined ? "" : (await attach(text)).slice(text.length);
    return { items: this.conversation.wouldBe(text, files), tools: this.definitions() };
  }

  setModel(kit: ModelKit): void {
    const { attach: _, images: __, ...rest } = this.deps;
    this.deps = { ...rest, ...kit };
    this.window.drop();
    this.conversation.speakTo(editForm(kit));
  }

  goBack(items: readonly ConversationItem[], compaction?: Compaction): void {
    this.conversation.goBack(items, readableBy(this.deps.model.model, compaction));
    const { cutOff: _, ...rest } = this.state;
    this.state = rest;
  }

  idle(): Promise<void> {
    return this.state.phase === "idle" ? Promise.resolve() : new Promise((resolve) => void this.waiting.push(resolve));
  }

  private dispatch(input: TurnInput): void {
    const decision = decide(this.state, input);
    this.state = decision.state;
    for (const effect of decision.effects) this.carryOut(effect);
    if (this.state.phase === "idle") for (const wake of this.waiting.splice(0)) wake();
  }

  private carryOut(effect: TurnEffect): void {
    switch (effect.type) {
      case "emit":
        if (effect.event.type === "turn.started") this.ledger.begin();
        return this.deps.emit(effect.event);
      case "say":
        return this.say(effect.text);
      case "return-outputs":
        return this.conversation.returnOutputs(withNews(effect.outputs, this.deps.news?.()));
      case "ask":
        if (effect.again !== undefined) this.tellAskedAgain(effect.again);
        return this.ask(effect.step);
      case "cut-answer":
        return this.cut();
      case "stop-tools":
        return this.running.abort();
      case "stop-edits":
        return this.lander?.stop();
      case "release-edits":
        return this.lander?.release();
      case "finish-edits":
        return void this.finishEdits();
    }
  }

  /** The wire's own way first; when that takes too long, without it. */
  private cut(): void {
    const { answer } = this;
    if (answer === undefined) return;
    const code = this.state.phase === "closing" ? "STOP_LATE" : "STEER_LATE";
    const cutHarder = (): void => {
      if (this.answer !== answer) return;
      const message = `The answer did not end within ${cutBudgetMs} ms; it is left alone now.`;
      this.deps.emit({ type: "notice.given", code, message });
      answer.abandon();
    };
    // Set before the wire sets its own, so that it is said when the wire has to cut harder as well.
    setTimeout(cutHarder, cutBudgetMs).unref();
    answer.cut();
  }

  private steer(text: string): void {
    // The request is about to go out; what it is steered by follows it at once.
    const isOpening = this.deps.attach !== undefined && this.state.phase === "answering" && this.answer === undefined;
    if (isOpening) return void this.attached.then(() => this.steer(text));
    this.dispatch({ type: "steer", text, delivered: this.answer?.steer(text) ?? false });
  }

  private say(text: string): void {
    const { attach } = this.deps;
    const news = this.deps.news?.();
    if (news !== undefined) this.conversation.note(news);
    if (attach === undefined) return this.conversation.say(text);
    this.attached = this.attached.then(async () => {
      const tell: TellAttached = (code, message) => this.deps.emit({ type: "notice.given", code, message });
      const whole = await attach(text, tell);
      const images = (await this.deps.images?.(text, (message) => tell("FILE_LEFT", message))) ?? [];
      this.conversation.say(text, whole.slice(text.length), images);
      if (images.length > 0) this.tellImages(images);
    });
  }

  private tellImages(images: readonly SaidImage[]): void {
    const { model, emit } = this.deps;
    if (model.capabilities.images === true) return;
    const names = images.map((image) => image.path).join(", ");
    const message = `${names} is kept; ${model.model} reads text only. A model that sees, taken with /model, gets it with the next request.`;
    emit({ type: "notice.given", code: "IMAGE_KEPT", message });
  }

  /** Only of a source that can mend what it wrote. */
  private tellAskedAgain(hunks: number): void {
    if (this.deps.attach === undefined) return;
    const what = hunks === 1 ? "1 hunk did not land; it is" : `${hunks} hunks did not land; they are`;
    const message = `${what} asked for once more, with the lines as they are now.`;
    this.deps.emit({ type: "notice.given", code: "ASKED_AGAIN", message });
  }

  private ask(step: number): void {
    if (this.deps.attach === undefined) return this.open(step);
    // A stop in the meantime has closed the turn; then nothing is asked.
    void this.attached.then(() => void (this.state.phase === "answering" && this.state.step === step && this.open(step)));
  }

  private open(step: number): void {
    if (this.running.signal.aborted) this.running = new AbortController();
    const { model, edits, emit } = this.deps;
    let quiet = (): void => {};
    let unanswered = false;
    this.answerQuiet = new Promise((resolve) => void (quiet = resolve));
    this.answer = openAnswer(
      {
        ...{ step, model: model.model },
        editTool: edits.tool?.name ?? "",
        editsInMessage: model.capabilities.editForm === "message",
        openEdit: () => this.openEdit(),
        emit,
        onItem: (item) => {
          this.conversation.add(item);
          // A message that went into the answer stands where the model met it; the last thing said means that it did not.
          unanswered = item.kind === "user";
        },
        onCall: (call, report) => void this.runCall(call, report),
        onEnd: ({ ending, failure, cutEdits, cutText }) => {
          this.answer = undefined;
          if (cutText !== "" && ending === "interrupted") this.conversation.noteCutText(cutText);
          for (const report of cutEdits) this.conversation.noteCutEdit(report.outcomes);
          quiet();
          this.dispatch({ type: "answer.ended", ending, ...(failure && { failure }), ...(unanswered && { unanswered }) });
        },
      },
      (onEvent) => this.window.respond({ model, tools: this.definitions(), ...this.deps.traced?.(step) }, onEvent),
    );
  }

  private definitions(): readonly ToolDefinition[] {
    const { edits, tools } = this.deps;
    return [...(edits.tool ? [edits.tool] : []), ...tools.map((tool) => tool.definition)];
  }

  private openEdit(): EditStream {
    const { openLander, openStream } = this.deps.edits;
    const isMessage = this.deps.model.capabilities.editForm === "message";
    const lander = (this.lander ??= openLander(this.ledger.observe));
    return openStream({
      ...{ lander, isMessage, turn: this.turn() },
      nextHunk: () => this.nameHunk(),
      onEvent: this.ledger.observe,
    });
  }

  private nameHunk(): HunkId {
    const hunk = this.ledger.name(this.state.step);
    this.conversation.markHunk(hunk);
    return hunk;
  }

  private async runCall(call: CallItem, report?: Promise<EditReport>): Promise<void> {
    const { emit, now } = this.deps;
    this.dispatch({ type: "call.made", call: call.call });
    const startedAt = now();
    const tool = this.deps.tools.find(({ definition }) => definition.name === call.tool);
    emit({
      type: "tool.started",
      call: call.call,
      tool: call.tool,
      summary: report ? "edit" : (tool?.describe(call.input) ?? call.tool),
    });
    const edits = await report;
    if (edits !== undefined) this.ledger.answered(edits.outcomes);
    if (edits !== undefined && !isMessageCall(call.call)) await this.deps.behindEdit?.();
    const around = { signal: this.running.signal, turn: this.turn(), nextHunk: () => this.nameHunk() };
    const { ok, summary, outcome } = edits ? editResult(call, edits) : await runTool(tool, call, around);
    emit({ type: "tool.ended", call: call.call, tool: call.tool, ok, summary, ms: now() - startedAt });
    this.dispatch({
      type: "call.settled",
      call: call.call,
      outcome: { fingerprint: fingerprint(call, outcome.text), ...outcome },
    });
  }

  private async finishEdits(): Promise<void> {
    await this.lander?.finish();
    await this.answerQuiet;
    this.lander = undefined;
    if (this.state.ending?.ending === "interrupted")
      this.deps.emit({ type: "stop.finished", turn: this.turn(), kept: this.ledger.kept() });
    this.dispatch({ type: "turn.written" });
  }

  private turn(): TurnId {
    return `t${this.state.turn}`;
  }
}
