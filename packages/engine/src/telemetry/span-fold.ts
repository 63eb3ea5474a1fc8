/** Events of a session → the spans of its turns, steps, tools and workflows. What people wrote is in none of them unless it is wanted. */
import type { Ending, EventOf, Lane, TokenUsage, TwolaneEvent } from "@twolane/protocol";
import { attr, modelNames, spanEvent } from "./names.ts";
import type { TraceIds } from "./trace-ids.ts";

export type Attributes = Readonly<Record<string, string | number | boolean | undefined>>;

export interface SpanMark {
  readonly name: string;
  /** ms since 1970. */
  readonly at: number;
}

export interface FinishedSpan {
  readonly kind: "chat" | "invoke_agent" | "invoke_workflow" | "execute_tool";
  readonly name: string;
  readonly trace: string;
  readonly span: string;
  readonly parent?: string;
  /** ms since 1970, on a clock that does not go back. */
  readonly from: number;
  readonly to: number;
  readonly attributes: Attributes;
  readonly marks: readonly SpanMark[];
  /** Of an invoke_agent: how often it asked a model, and called a tool. */
  readonly steps?: number;
  readonly calls?: number;
}

export interface SpanOptions {
  readonly ids: TraceIds;
  /** What people and models wrote goes along. */
  readonly content: () => boolean;
  /** Where a model is reached. */
  readonly serverOf: (model: string) => { readonly address: string; readonly port: number } | undefined;
  readonly onSpan: (span: FinishedSpan) => void;
}

interface Open {
  readonly span: string;
  readonly from: number;
  readonly attributes: Record<string, Attributes[string]>;
}

interface OpenTurn extends Open {
  readonly turn: string;
  readonly marks: SpanMark[];
  readonly tools: Map<string, Open>;
  steps: number;
  calls: number;
  hunks: number;
  /** Since when nothing of the model's is under way. */
  quietSince: number;
  step?: Open & { readonly model: string };
  said: string[];
}

type StepEvent = "step.requested" | "step.started" | "step.answered" | "step.ended";
type ToolEvent = "tool.started" | "command.ended" | "tool.ended";
type Started = EventOf<"session.started"> | EventOf<"session.resumed">;

export class SpanFold {
  private readonly options: SpanOptions;
  private model = "";
  private lane: Lane = "fast";
  private session = "";
  /** From `mono` to ms since 1970. */
  private offset: number | undefined;
  private turn: OpenTurn | undefined;
  private workflow: (Open & { readonly trace: string; readonly name: string }) | undefined;

  constructor(options: SpanOptions) {
    this.options = options;
  }

  take(event: TwolaneEvent): void {
    this.offset ??= event.at - event.mono;
    this.lane = event.lane;
    this.session = event.session;
    const { ids } = this.options;
    const now = this.offset + event.mono;
    if (event.type === "workflow.ended") this.endWorkflow(now, event.ending);
    ids.take(event);
    switch (event.type) {
      case "session.started":
      case "session.resumed":
      case "model.changed":
        return this.use(event);
      case "workflow.started":
        this.endWorkflow(now, "stopped");
        return this.beginWorkflow(event.workflow, now);
      case "turn.started":
        return this.begin(event, now);
      default:
        if (this.turn !== undefined) this.takeInside(this.turn, event, now);
    }
  }

  /** What is still open ends as cut off. */
  end(now: number): void {
    if (this.turn !== undefined) this.endTurn(this.turn, { ending: "truncated" }, now);
    this.endWorkflow(now, "stopped");
  }

  private use({ model }: Started | EventOf<"model.changed">): void {
    this.model = model;
  }

  private beginWorkflow(name: string, now: number): void {
    const { ids } = this.options;
    const attributes = { [attr.operation]: "invoke_workflow", [attr.workflow]: name, ...this.common() };
    this.workflow = { name, span: ids.workflow ?? "", trace: ids.trace, from: now, attributes };
  }

  private endWorkflow(to: number, ending: "done" | "stopped" | "failed"): void {
    const { workflow } = this;
    if (workflow === undefined) return;
    this.workflow = undefined;
    const { name, span, trace, from, attributes } = workflow;
    Object.assign(attributes, { [attr.ending]: ending, ...(ending === "failed" && { [attr.errorType]: "_OTHER" }) });
    const parent = this.options.ids.outside;
    this.tell({
      kind: "invoke_workflow",
      name: `invoke_workflow ${name}`,
      trace,
      span,
      from,
      to,
      attributes,
      ...(parent && { parent }),
    });
  }

  private begin({ turn, prompt }: EventOf<"turn.started">, now: number): void {
    if (this.turn !== undefined) this.endTurn(this.turn, { ending: "truncated" }, now);
    const attributes = {
      ...{ [attr.operation]: "invoke_agent", [attr.agent]: "twolane", [attr.turn]: turn, ...this.common() },
      ...(this.options.content() && { [attr.inputMessages]: message("user", prompt) }),
    };
    const empty = { marks: [], tools: new Map<string, Open>(), steps: 0, calls: 0, hunks: 0, said: [] };
    this.turn = { turn, span: this.options.ids.turn, from: now, quietSince: now, attributes, ...empty };
  }

  private takeInside(turn: OpenTurn, event: TwolaneEvent, now: number): void {
    switch (event.type) {
      case "step.requested":
      case "step.started":
      case "step.answered":
      case "step.ended":
        return this.takeStep(turn, event, now);
      case "tool.started":
      case "command.ended":
      case "tool.ended":
        return this.takeTool(turn, event, now);
      case "hunk.landed":
        if (event.dryRun || event.hunk.turn !== turn.turn || event.hunk.job !== undefined) return;
        if (turn.hunks++ === 0) turn.marks.push({ name: spanEvent.firstHunk, at: now });
        return;
      case "stop.requested":
        turn.marks.push({ name: spanEvent.stop, at: now });
        return;
      case "turn.steered":
        turn.marks.push({ name: spanEvent.steer, at: now });
        turn.quietSince = now;
        return;
      case "text.finished":
        if (this.options.content()) turn.said.push(event.text);
        return;
      case "turn.ended":
        return this.endTurn(turn, event, now);
      default:
    }
  }

  private takeStep(turn: OpenTurn, event: EventOf<StepEvent>, now: number): void {
    if (event.type === "step.requested") {
      turn.step ??= this.openStep(event.step, now);
      const { bytesSent, transport, continued } = event;
      Object.assign(turn.step.attributes, {
        [attr.transport]: transport,
        [attr.continued]: continued,
        [attr.bytesSent]: bytesSent,
      });
      return;
    }
    // What could not even be sent ends without having been requested.
    const step = (turn.step ??= this.openStep(event.step, turn.quietSince));
    if (event.type === "step.started") {
      const tier = event.serviceTier === undefined ? {} : { [attr.serviceTier]: event.serviceTier };
      Object.assign(step.attributes, { [attr.responseModel]: event.model, ...tier });
    }
    if (event.type === "step.answered") step.attributes[attr.firstChunk] ??= (now - step.from) / 1000;
    if (event.type === "step.ended") this.endStep(turn, event, now);
  }

  private openStep(step: number, from: number): NonNullable<OpenTurn["step"]> {
    const names = modelNames(this.model);
    const server = this.options.serverOf(this.model);
    const attributes = {
      ...{ [attr.operation]: "chat", [attr.provider]: names?.provider, [attr.requestModel]: names?.name, [attr.stream]: true },
      ...(server && { [attr.serverAddress]: server.address, [attr.serverPort]: server.port }),
      ...this.common(),
    };
    return { span: this.options.ids.step(step), model: this.model, from, attributes };
  }

  private endStep(turn: OpenTurn, { ending, usage, failure }: EventOf<"step.ended">, to: number): void {
    const { step } = turn;
    delete turn.step;
    turn.quietSince = to;
    // What needs no model is no inference.
    const names = step && modelNames(step.model);
    if (step === undefined || names === undefined) return;
    turn.steps++;
    Object.assign(step.attributes, {
      [attr.ending]: ending,
      ...usageOf(usage),
      ...(isError(ending) && { [attr.errorType]: failure?.code ?? ending }),
    });
    const { span, from, attributes } = step;
    this.tell({ kind: "chat", name: `chat ${names.name}`, ...{ span, from, to, attributes }, parent: turn.span });
  }

  private takeTool(turn: OpenTurn, event: EventOf<ToolEvent>, now: number): void {
    if (event.type === "tool.started") {
      const { call, tool, summary } = event;
      const attributes = {
        ...{ [attr.operation]: "execute_tool", [attr.tool]: tool, [attr.toolType]: "function", [attr.toolCall]: call },
        ...(this.options.content() && { [attr.toolSummary]: summary }),
        ...this.common(),
      };
      turn.tools.set(call, { span: this.options.ids.call(call), from: now, attributes });
      return;
    }
    const open = turn.tools.get(event.call);
    if (open === undefined) return;
    if (event.type === "command.ended") return void (open.attributes[attr.exitCode] = event.status);
    turn.tools.delete(event.call);
    turn.calls++;
    turn.quietSince = now;
    if (!event.ok) open.attributes[attr.errorType] = "_OTHER";
    this.tellTool(turn, open, now);
  }

  private tellTool({ span: parent }: OpenTurn, { span, from, attributes }: Open, to: number): void {
    const name = `execute_tool ${String(attributes[attr.tool])}`;
    this.tell({ kind: "execute_tool", name, span, from, to, attributes, parent });
  }

  private endTurn(turn: OpenTurn, { ending, failure }: Pick<EventOf<"turn.ended">, "ending" | "failure">, to: number): void {
    this.turn = undefined;
    if (turn.step !== undefined) turn.step.attributes[attr.ending] = ending;
    for (const open of turn.tools.values()) this.tellTool(turn, open, to);
    const { span, from, attributes, marks, steps, calls, hunks, said } = turn;
    Object.assign(attributes, {
      [attr.ending]: ending,
      [attr.hunksLanded]: hunks,
      ...(said.length > 0 && { [attr.outputMessages]: message("assistant", said.join("\n\n")) }),
      ...(isError(ending) && { [attr.errorType]: failure?.code ?? ending }),
    });
    const parent = this.options.ids.workflow ?? this.options.ids.outside;
    const name = "invoke_agent twolane";
    this.tell({ kind: "invoke_agent", name, span, from, to, attributes, marks, steps, calls, ...(parent && { parent }) });
  }

  private common(): Attributes {
    return { [attr.conversation]: this.session, [attr.lane]: this.lane };
  }

  private tell(span: Omit<FinishedSpan, "trace" | "marks"> & Partial<FinishedSpan>): void {
    this.options.onSpan({ trace: this.options.ids.trace, marks: [], ...span });
  }
}

const isError = (ending: Ending): boolean => ending === "failed" || ending === "truncated" || ending === "incomplete";

function usageOf(usage: TokenUsage | undefined): Attributes {
  if (usage === undefined) return {};
  const { input, output, cachedInput, cacheWritten, reasoning } = usage;
  return {
    ...{ [attr.inputTokens]: input, [attr.outputTokens]: output, [attr.cacheRead]: cachedInput, [attr.reasoning]: reasoning },
    ...(cacheWritten !== undefined && { [attr.cacheWrite]: cacheWritten }),
  };
}

/** In the form that the conventions have for messages, as JSON. */
const message = (role: string, content: string): string => JSON.stringify([{ role, parts: [{ type: "text", content }] }]);
