/**
 * The driver of the loop: carries out what `turn.ts` decides and feeds back what came of it. Owns the running answer, the
 * running tools and the lander of the turn; owns no policy and no screen.
 */
import { createHash } from "node:crypto";
import type { Command, EventBody, HunkId, TurnId } from "@twolane/protocol";
import type { EditReport, EditStream } from "../edits/landing/edit-stream.ts";
import type { Lander } from "../edits/landing/lander.ts";
import type { ModelSession, ToolDefinition } from "../models/models.ts";
import type { Tool, ToolResult } from "../tools/tools.ts";
import { type Answer, type CallItem, openAnswer } from "./answer.ts";
import { type Conversation, createConversation, isMessageCall } from "./conversation.ts";
import { type CallOutcome, type TurnEffect, type TurnInput, type TurnState, decide, idleTurn } from "./turn.ts";

/** What the loop needs of the edit engine; `engine.ts` puts it together. */
export interface LoopEdits {
  /** Absent for a model that writes its edits into its messages. */
  readonly tool?: ToolDefinition;
  readonly openLander: (onEvent: (event: EventBody) => void) => Lander;
  readonly openStream: (options: {
    lander: Lander;
    turn: TurnId;
    nextHunk: () => HunkId;
    onEvent: (event: EventBody) => void;
  }) => EditStream;
}

export interface LoopDeps {
  readonly model: ModelSession;
  readonly pinned: readonly string[];
  readonly tools: readonly Tool[];
  readonly edits: LoopEdits;
  /** Adds to what the person said the files that it names. Absent where the source of tokens reads for itself. */
  readonly attach?: (text: string) => Promise<string>;
  readonly emit: (event: EventBody) => void;
  readonly now: () => number;
}

export interface Loop {
  send(command: Command): void;
  /** Resolves when no turn runs and nothing waits to be written. */
  idle(): Promise<void>;
}

export function createLoop(deps: LoopDeps): Loop {
  return new DrivenLoop(deps);
}

class DrivenLoop implements Loop {
  private readonly deps: LoopDeps;
  private readonly conversation: Conversation;
  private readonly definitions: readonly ToolDefinition[];
  private readonly tools: ReadonlyMap<string, Tool>;
  private readonly ledger: HunkLedger;
  private state: TurnState = idleTurn;
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
    this.conversation = createConversation(deps.pinned);
    this.definitions = [...(deps.edits.tool ? [deps.edits.tool] : []), ...deps.tools.map((tool) => tool.definition)];
    this.tools = new Map(deps.tools.map((tool) => [tool.definition.name, tool]));
    this.ledger = createHunkLedger(deps.emit);
  }

  send(command: Command): void {
    switch (command.type) {
      case "prompt":
      case "queue":
        return this.dispatch({ type: command.type, text: command.text });
      case "steer":
        return this.steer(command.text);
      case "stop":
        return this.dispatch({ type: "stop" });
    }
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
        return this.conversation.returnOutputs(effect.outputs);
      case "ask":
        return this.ask(effect.step);
      case "cut-answer":
        return this.answer?.cut();
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

  private steer(text: string): void {
    // The request is about to go out; what it is steered by follows it at once.
    const isOpening = this.deps.attach !== undefined && this.state.phase === "answering" && this.answer === undefined;
    if (isOpening) return void this.attached.then(() => this.steer(text));
    this.dispatch({ type: "steer", text, delivered: this.answer?.steer(text) ?? false });
  }

  private say(text: string): void {
    const { attach } = this.deps;
    if (attach === undefined) return this.conversation.say(text);
    this.attached = this.attached.then(async () => this.conversation.say(await attach(text)));
  }

  private ask(step: number): void {
    if (this.deps.attach === undefined) return this.open(step);
    // A stop in the meantime has closed the turn; then nothing is asked.
    void this.attached.then(() => void (this.state.phase === "answering" && this.state.step === step && this.open(step)));
  }

  private open(step: number): void {
    if (this.running.signal.aborted) this.running = new AbortController();
    const { model, emit } = this.deps;
    let quiet = (): void => {};
    let unanswered = false;
    this.answerQuiet = new Promise((resolve) => void (quiet = resolve));
    this.answer = openAnswer(
      {
        step,
        editTool: this.deps.edits.tool?.name ?? "",
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
      (onEvent) => model.respond({ items: this.conversation.items, tools: this.definitions }, onEvent),
    );
  }

  private openEdit(): EditStream {
    const { openLander, openStream } = this.deps.edits;
    const lander = (this.lander ??= openLander(this.ledger.observe));
    return openStream({
      lander,
      turn: this.turn(),
      nextHunk: () => this.ledger.name(this.state.step),
      onEvent: this.ledger.observe,
    });
  }

  private async runCall(call: CallItem, report?: Promise<EditReport>): Promise<void> {
    const { emit, now } = this.deps;
    this.dispatch({ type: "call.made", call: call.call });
    const startedAt = now();
    const tool = this.tools.get(call.tool);
    emit({
      type: "tool.started",
      call: call.call,
      tool: call.tool,
      summary: report ? "edit" : (tool?.describe(call.input) ?? call.tool),
    });
    const { ok, summary, outcome } = report ? editResult(call, await report) : await runTool(tool, call, this.running.signal);
    emit({ type: "tool.ended", call: call.call, tool: call.tool, ok, summary, ms: now() - startedAt });
    this.dispatch({
      type: "call.settled",
      call: call.call,
      outcome: { ...outcome, fingerprint: fingerprint(call, outcome.text) },
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

interface Settled {
  readonly ok: boolean;
  readonly summary: string;
  readonly outcome: Omit<CallOutcome, "fingerprint">;
}

async function runTool(tool: Tool | undefined, call: CallItem, signal: AbortSignal): Promise<Settled> {
  const unknown: ToolResult = { ok: false, text: `There is no tool named ${call.tool}.`, summary: `no tool ${call.tool}` };
  const result = tool ? await tool.run(call.input, signal) : unknown;
  return { ok: result.ok, summary: result.summary, outcome: { text: result.text, failedHunks: 0, expectsAnswer: true } };
}

function editResult(call: CallItem, report: EditReport): Settled {
  const failedHunks = report.outcomes.filter((outcome) => outcome.state === "failed").length + report.malformed.length;
  const landed = report.outcomes.filter((outcome) => outcome.state === "landed").length;
  const summary = `${landed} of ${report.outcomes.length + report.malformed.length} hunks landed`;
  return {
    ok: failedHunks === 0,
    summary,
    outcome: { text: report.forModel, failedHunks, expectsAnswer: !isMessageCall(call.call) || failedHunks > 0 },
  };
}

function fingerprint(call: CallItem, output: string): string {
  return createHash("sha256").update(`${call.tool}\0${call.input}\0${output}`).digest("base64");
}

interface HunkLedger {
  begin(): void;
  /** A new hunk of that step. Ids are unique within the session. */
  name(step: number): HunkId;
  observe(event: EventBody): void;
  /** The hunks of this turn that are on disk. */
  kept(): readonly HunkId[];
}

/** Names the hunks and follows them: which stayed, and which failed ones a later step has made good in the same file. */
function createHunkLedger(emit: (event: EventBody) => void): HunkLedger {
  let count = 0;
  let landed: HunkId[] = [];
  let failed: { readonly id: HunkId; readonly path: string }[] = [];
  const stepOf = new Map<HunkId, number>();
  const stepNumber = (id: HunkId): number => stepOf.get(id) ?? 0;
  return {
    begin() {
      landed = [];
      failed = [];
      stepOf.clear();
    },
    name(step) {
      const id = `h${++count}`;
      stepOf.set(id, step);
      return id;
    },
    observe(event) {
      emit(event);
      if (event.type === "hunk.failed" && event.failure.code !== "STOPPED")
        failed.push({ id: event.hunk.id, path: event.hunk.path });
      if (event.type !== "hunk.landed") return;
      const { id, path } = event.hunk;
      landed.push(id);
      // Of a part that could not be read even the file may be unknown.
      const made = failed.findIndex(
        (other) => (other.path === path || other.path === "") && stepNumber(other.id) < stepNumber(id),
      );
      if (made < 0) return;
      emit({ type: "hunk.superseded", hunk: failed[made]!.id, by: id });
      failed.splice(made, 1);
    },
    kept: () => landed,
  };
}
