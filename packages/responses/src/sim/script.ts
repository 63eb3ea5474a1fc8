/** From a scenario and a conversation to the items of the next response. Pure. */
import type { JsonObject, ReplyItem, ReplyPart } from "../server/reply.ts";
import { isObject } from "./conversation.ts";
import type { Conversation } from "./conversation.ts";
import type { Answer, CallStep, Scenario, Step } from "./scenario.ts";

export type Wire = "websocket" | "sse" | "chat" | "messages";

export interface Situation {
  readonly conversation: Conversation;
  readonly model: string;
  readonly wire: Wire;
  /** The request's `tools`, in the form of its wire. */
  readonly tools: unknown;
}

/** Chooses and plays answers of one scenario. */
export class Script {
  readonly #answers: readonly CompiledAnswer[];

  constructor(scenario: Scenario) {
    this.#answers = scenario.answers.map(compile);
  }

  /** The answer that fits, and the items of the response to send now. */
  next(situation: Situation): { readonly answer: Answer | undefined; readonly items: readonly ReplyItem[] } {
    for (const compiled of this.#answers) {
      const captures = matches(compiled, situation);
      if (captures === undefined) continue;
      const { when, reply } = compiled.answer;
      // An answer bound to an output or a round belongs to that round alone; any other goes on where its last call ended it.
      const done = when.toolOutput === undefined && when.round === undefined ? situation.conversation.outputs : 0;
      return { answer: compiled.answer, items: itemsOf(reply, { captures, done, tools: situation.tools, wire: situation.wire }) };
    }
    const text = "[scripted] No answer of the scenario matches this request.";
    return { answer: undefined, items: [{ kind: "message", parts: [{ kind: "text", text }] }] };
  }
}

interface CompiledAnswer {
  readonly answer: Answer;
  readonly prompt: RegExp | undefined;
  readonly toolOutput: RegExp | undefined;
  readonly model: RegExp | undefined;
}

function compile(answer: Answer): CompiledAnswer {
  const { prompt, toolOutput, model } = answer.when;
  const regex = (source: string | undefined): RegExp | undefined => (source === undefined ? undefined : new RegExp(source));
  return { answer, prompt: regex(prompt), toolOutput: regex(toolOutput), model: regex(model) };
}

/** The groups of the prompt, or undefined where the answer does not fit. */
function matches(compiled: CompiledAnswer, situation: Situation): readonly string[] | undefined {
  const { when } = compiled.answer;
  const { conversation } = situation;
  if (when.wire !== undefined && when.wire !== situation.wire) return undefined;
  if (when.turn !== undefined && when.turn !== conversation.turn) return undefined;
  if (when.round !== undefined && when.round !== conversation.rounds) return undefined;
  if (compiled.model !== undefined && !compiled.model.test(situation.model)) return undefined;
  if (compiled.toolOutput !== undefined) {
    if (conversation.lastOutput === undefined || !compiled.toolOutput.test(conversation.lastOutput)) return undefined;
  }
  if (compiled.prompt === undefined) return [];
  const found = compiled.prompt.exec(conversation.prompt);
  return found === null ? undefined : [...found].map((group) => group ?? "");
}

interface Playing {
  readonly captures: readonly string[];
  /** Calls of the reply that already have their output. */
  readonly done: number;
  readonly tools: unknown;
  readonly wire: Wire;
}

/** The items between the calls that are answered and, including it, the next one. */
function itemsOf(reply: readonly Step[], playing: Playing): ReplyItem[] {
  const items: OpenItem[] = [];
  let answered = playing.done;
  for (const step of expand(reply, playing.captures)) {
    if (!("call" in step) && !("parallel" in step)) {
      if (answered <= 0) addText(items, step, playing.captures);
      continue;
    }
    const calls = "call" in step ? [step.call] : step.parallel;
    if (answered > 0) {
      answered -= calls.length;
    } else {
      for (const call of calls) items.push(callItem(call, playing));
      break;
    }
  }
  return items;
}

type PlainStep = Exclude<Step, { repeat: unknown }>;
type TextStep = Exclude<PlainStep, { call: unknown } | { parallel: unknown }>;
/** An item whose parts may still grow. */
type OpenItem =
  | Extract<ReplyItem, { kind: "call" | "pause" }>
  | { readonly kind: "message"; readonly parts: ReplyPart[] }
  | { readonly kind: "reasoning"; readonly raw: boolean; readonly parts: ReplyPart[] };

function* expand(steps: readonly Step[], captures: readonly string[]): Generator<PlainStep> {
  for (const step of steps) {
    if (!("repeat" in step)) {
      yield step;
      continue;
    }
    const times = typeof step.repeat === "number" ? step.repeat : Number(fill(step.repeat, captures));
    for (let round = 0; round < times; round += 1) yield* step.steps;
  }
}

/** Adjoining texts are one item of several parts, so that a pause can stand in the middle of a message. */
function addText(items: OpenItem[], step: TextStep, captures: readonly string[]): void {
  const last = items.at(-1);
  const open = last !== undefined && "parts" in last ? last : undefined;
  if ("pause" in step) {
    const pause = { kind: "pause", ms: step.pause } as const;
    if (open === undefined) items.push(pause);
    else open.parts.push(pause);
    return;
  }
  const kind = "text" in step ? "message" : "reasoning";
  const part: ReplyPart = { kind: "text", text: fill("text" in step ? step.text : step.reasoning, captures) };
  if (open !== undefined && open.kind === kind) open.parts.push(part);
  else if ("text" in step) items.push({ kind: "message", parts: [part] });
  else items.push({ kind: "reasoning", raw: step.raw, parts: [part] });
}

function callItem(call: CallStep, playing: Playing): ReplyItem & { kind: "call" } {
  const offered = offeredTools(playing.tools);
  const names = typeof call.name === "string" ? [call.name] : call.name;
  const name = names.find((one) => offered.has(one)) ?? names[0] ?? "";
  const tool = offered.get(name);
  if (call.arguments !== undefined) {
    const input = JSON.stringify(fillDeep(call.arguments, playing.captures));
    return { kind: "call", name, freeform: false, input, ...(tool?.patch && { patch: true }) };
  }
  const input = fill(call.input ?? "", playing.captures);
  const freeform = playing.wire !== "chat" && playing.wire !== "messages" && (tool === undefined || tool.freeform);
  if (freeform) return { kind: "call", name, freeform, input };
  return { kind: "call", name, freeform, input: JSON.stringify({ [inputProperty(tool?.parameters)]: input }) };
}

interface OfferedTool {
  readonly freeform: boolean;
  /** The Responses wire's own patch tool, which has neither name nor parameters. */
  readonly patch?: true;
  readonly parameters: unknown;
}

function offeredTools(tools: unknown): Map<string, OfferedTool> {
  const offered = new Map<string, OfferedTool>();
  for (const tool of Array.isArray(tools) ? tools.filter(isObject) : []) {
    if (tool.type === "apply_patch") offered.set("apply_patch", { freeform: false, patch: true, parameters: undefined });
    // The Chat Completions wire holds the definition one level deeper.
    const definition = isObject(tool.function) ? tool.function : isObject(tool.custom) ? tool.custom : tool;
    offered.set(String(definition.name), {
      freeform: tool.type === "custom",
      parameters: definition.parameters ?? definition.input_schema,
    });
  }
  return offered;
}

/** The property of a function tool that takes raw text. */
function inputProperty(parameters: unknown): string {
  const properties: JsonObject = isObject(parameters) && isObject(parameters.properties) ? parameters.properties : {};
  for (const name of ["patch", "input"]) if (name in properties) return name;
  const texts = Object.keys(properties).filter((name) => isObject(properties[name]) && properties[name].type === "string");
  return texts.length === 1 && texts[0] !== undefined ? texts[0] : "input";
}

/** `$1` becomes the first group; `$$1` stays `$1`; a number without a group stays as it is. */
function fill(template: string, captures: readonly string[]): string {
  if (captures.length === 0) return template;
  return template.replaceAll(/\$(\$?)(\d)/g, (whole, escaped: string, digit: string) => {
    if (escaped !== "") return `$${digit}`;
    return captures[Number(digit)] ?? whole;
  });
}

function fillDeep(value: unknown, captures: readonly string[]): unknown {
  if (typeof value === "string") return fill(value, captures);
  if (Array.isArray(value)) return value.map((one) => fillDeep(one, captures));
  if (!isObject(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, fillDeep(one, captures)]));
}
