/**
 * The driver of the loop: carries out what `turn.ts` decides and feeds back what came of it. Owns the running answer, the
 * running tools and the lander of the turn; owns no policy and no screen.
 */
import { createHash } from "node:crypto";
import type { Command, EventBody, HunkId, ModelCapabilities, TurnId } from "@twolane/protocol";
import type { EditReport, EditStream } from "../edits/edit-stream.ts";
import type { Lander } from "../edits/lander.ts";
import type { ConversationItem, ModelSession, ToolDefinition } from "../models/models.ts";
import type { Tool, ToolResult } from "../tools/tools.ts";
import { type Answer, type CallItem, openAnswer } from "./answer.ts";
import { createConversation, isMessageCall } from "./conversation.ts";
import { type CallOutcome, type TurnEffect, type TurnInput, type TurnState, decide, idleTurn } from "./turn.ts";

/** What the loop needs of the edit engine; `engine.ts` puts it together. */
export interface LoopEdits {
  /** Absent for a model that writes its edits into its messages. */
  readonly tool?: ToolDefinition;
  readonly openLander: (onEvent: (event: EventBody) => void) => Lander;
  readonly openStream: (options: { lander: Lander; turn: TurnId; nextHunk: () => HunkId; onEvent: (event: EventBody) => void }) => EditStream;
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
  readonly capabilities: ModelCapabilities;
  send(command: Command): void;
  /** Resolves when no turn runs and nothing waits to be written. */
  idle(): Promise<void>;
}

export function createLoop(deps: LoopDeps): Loop {
  const conversation = createConversation(deps.pinned);
  const definitions = [...(deps.edits.tool ? [deps.edits.tool] : []), ...deps.tools.map((tool) => tool.definition)];
  const tools = new Map(deps.tools.map((tool) => [tool.definition.name, tool]));
  const editTool = deps.edits.tool?.name ?? "";
  let state: TurnState = idleTurn;
  let answer: Answer | undefined;
  /** Settles when the running answer has ended and what it left open has settled. */
  let answerQuiet = Promise.resolve();
  /** Settles when everything that was said has its files. */
  let attached = Promise.resolve();
  let lander: Lander | undefined;
  let running = new AbortController();
  const ledger = createHunkLedger(deps.emit);
  let waiting: (() => void)[] = [];

  const dispatch = (input: TurnInput): void => {
    const decision = decide(state, input);
    state = decision.state;
    for (const effect of decision.effects) carryOut(effect);
    if (state.phase === "idle") for (const wake of waiting.splice(0)) wake();
  };

  const carryOut = (effect: TurnEffect): void => {
    switch (effect.type) {
      case "emit":
        if (effect.event.type === "turn.started") ledger.begin();
        return deps.emit(effect.event);
      case "say":
        return say(effect.text);
      case "return-outputs":
        return conversation.returnOutputs(effect.outputs);
      case "ask":
        return ask(effect.step);
      case "cut-answer":
        return answer?.cut();
      case "stop-tools":
        return running.abort();
      case "stop-edits":
        return lander?.stop();
      case "finish-edits":
        return void finishEdits();
    }
  };

  const turnId = (): TurnId => `t${state.turn}`;
  const openEdit = (): EditStream => {
    lander ??= deps.edits.openLander(ledger.observe);
    return deps.edits.openStream({ lander, turn: turnId(), nextHunk: () => ledger.name(state.step), onEvent: ledger.observe });
  };

  const say = (text: string): void => {
    const { attach } = deps;
    if (attach === undefined) return conversation.say(text);
    attached = attached.then(async () => conversation.say(await attach(text)));
  };

  const ask = (step: number): void => {
    if (deps.attach === undefined) return open(step);
    // A stop in the meantime has closed the turn; then nothing is asked.
    void attached.then(() => void (state.phase === "answering" && state.step === step && open(step)));
  };

  const open = (step: number): void => {
    if (running.signal.aborted) running = new AbortController();
    const request = { items: conversation.items, tools: definitions };
    let quiet = (): void => {};
    answerQuiet = new Promise((resolve) => void (quiet = resolve));
    answer = openAnswer(
      {
        step,
        editTool,
        editsInMessage: deps.model.capabilities.editForm === "message",
        openEdit,
        emit: deps.emit,
        onItem: (item: ConversationItem) => conversation.add(item),
        onCall: (call, report) => void runCall(call, report),
        onEnd: (end) => {
          answer = undefined;
          if (end.cutText !== "" && end.ending === "interrupted") conversation.noteCutText(end.cutText);
          for (const report of end.cutEdits) conversation.noteCutEdit(report.outcomes);
          quiet();
          dispatch({ type: "answer.ended", ending: end.ending, ...(end.failure && { failure: end.failure }) });
        },
      },
      (onEvent) => deps.model.respond(request, onEvent),
    );
  };

  const runCall = async (call: CallItem, report?: Promise<EditReport>): Promise<void> => {
    dispatch({ type: "call.made", call: call.call });
    const startedAt = deps.now();
    const tool = tools.get(call.tool);
    const summary = report ? "edit" : (tool?.describe(call.input) ?? call.tool);
    deps.emit({ type: "tool.started", call: call.call, tool: call.tool, summary });
    const result = report ? editResult(call, await report) : await runTool(tool, call, running.signal);
    const { ok, summary: outcome } = result;
    deps.emit({ type: "tool.ended", call: call.call, tool: call.tool, ok, summary: outcome, ms: deps.now() - startedAt });
    dispatch({ type: "call.settled", call: call.call, outcome: { ...result.outcome, fingerprint: fingerprint(call, result.outcome.text) } });
  };

  const finishEdits = async (): Promise<void> => {
    const finishing = lander;
    await finishing?.finish();
    await answerQuiet;
    lander = undefined;
    if (state.ending?.ending === "interrupted") deps.emit({ type: "stop.finished", turn: turnId(), kept: ledger.kept() });
    dispatch({ type: "turn.written" });
  };

  const steer = (text: string): void => {
    // The request is about to go out; what it is steered by follows it at once.
    if (deps.attach !== undefined && state.phase === "answering" && answer === undefined) return void attached.then(() => steer(text));
    dispatch({ type: "steer", text, delivered: answer?.steer(text) ?? false });
  };

  return {
    capabilities: deps.model.capabilities,
    send(command) {
      switch (command.type) {
        case "prompt":
        case "queue":
          return dispatch({ type: command.type, text: command.text });
        case "steer":
          return steer(command.text);
        case "stop":
          return dispatch({ type: "stop" });
      }
    },
    idle: () => (state.phase === "idle" ? Promise.resolve() : new Promise((resolve) => void waiting.push(resolve))),
  };
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
  return { ok: failedHunks === 0, summary, outcome: { text: report.forModel, failedHunks, expectsAnswer: !isMessageCall(call.call) || failedHunks > 0 } };
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
      if (event.type === "hunk.failed" && event.failure.code !== "STOPPED") failed.push({ id: event.hunk.id, path: event.hunk.path });
      if (event.type !== "hunk.landed") return;
      const { id, path } = event.hunk;
      landed.push(id);
      // Of a part that could not be read even the file may be unknown.
      const made = failed.findIndex((other) => (other.path === path || other.path === "") && stepNumber(other.id) < stepNumber(id));
      if (made < 0) return;
      emit({ type: "hunk.superseded", hunk: failed[made]!.id, by: id });
      failed.splice(made, 1);
    },
    kept: () => landed,
  };
}
