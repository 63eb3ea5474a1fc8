/** Commands from another program: one JSON object a line on standard input. */
import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import {
  type Command,
  type CommandType,
  type ConstraintKind,
  type Failure,
  type Result,
  allowances,
  commandAnswers,
  conflictAnswers,
  fail,
  failure,
  isJobBrief,
  isJobBudget,
  jobKinds,
  mcpAnswers,
  pressedFor,
  reviewModes,
  succeed,
  workflowNames,
} from "@twolane/protocol";

/** Longer lines are refused; a prompt of this size would not fit any model. */
const lineLimit = 1024 * 1024;

interface CommandSink {
  send(command: Command): void;
  idle(): Promise<void>;
  hideSecrets(text: string): string;
}

/** Hands every command on as it comes. Resolves when the input has ended and nothing runs any more. */
export async function sendCommands(
  sink: CommandSink,
  options: { readonly input: Readable; readonly refuse: (reason: Failure) => void; readonly ended?: () => void },
): Promise<undefined> {
  for await (const line of createInterface({ input: options.input, crlfDelay: Infinity })) {
    if (line.trim() === "") continue;
    const command = parseCommand(line);
    if (command.ok) sink.send(command.value);
    else options.refuse(refusalOf(sink.hideSecrets(line)) ?? command.failure);
  }
  options.ended?.();
  await sink.idle();
  return undefined;
}

/** What is said of a line says a part of it. */
function refusalOf(line: string): Failure | undefined {
  const command = parseCommand(line);
  return command.ok ? undefined : command.failure;
}

export function parseCommand(line: string): Result<Command> {
  if (line.length > lineLimit)
    return fail("USAGE", `A command of ${line.length} characters is too long.`, "Send at most 1 MiB a line.");
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    return {
      ok: false,
      failure: failure(
        "USAGE",
        `Not a JSON object: ${line.slice(0, 60)}`,
        'Send one JSON object a line, e.g. {"type":"prompt","text":"…"}.',
      ),
    };
  }
  const fields = new Map<string, unknown>(typeof value === "object" && value !== null ? Object.entries(value) : []);
  const type = String(fields.get("type"));
  const shape = shapesByType.get(type);
  if (shape === undefined)
    return fail(
      "USAGE",
      `Unknown command type ${JSON.stringify(fields.get("type"))}.`,
      `Use one of ${Object.keys(shapes).join(", ")}.`,
    );
  const command: Record<string, unknown> = { type };
  for (const [name, kind] of Object.entries(shape)) {
    const given = fields.get(name);
    if (given === undefined && kind.optional) continue;
    if (!kind.holds(given)) return wrongField({ type, name, kind });
    command[name] = given;
  }
  return isCommand(command) ? succeed(command) : fail("INTERNAL", `The command ${type} was not understood.`);
}

/** Every field was held against the shape of its type before. */
function isCommand(value: Readonly<Record<string, unknown>>): value is Command & Record<string, unknown> {
  return typeof value["type"] === "string" && Object.hasOwn(shapes, value["type"]);
}

interface FieldKind {
  readonly holds: (value: unknown) => boolean;
  /** For the message. */
  readonly form: string;
  readonly optional?: boolean;
}

const isText = (value: unknown): boolean => typeof value === "string" && value.trim() !== "";
const isTexts = (value: unknown): boolean => Array.isArray(value) && value.every(isText);
const text: FieldKind = { holds: isText, form: "a text" };
const anyText: FieldKind = { holds: (value) => typeof value === "string", form: "a text" };
const hunks: FieldKind = { holds: isTexts, form: "a list of hunk ids" };
const constraints: FieldKind = { holds: isConstraints, form: 'a list like [{"kind":"one-file"}]', optional: true };

const oneOf = (words: readonly string[]): FieldKind => ({
  holds: (value) => words.some((word) => word === value),
  form: `one of ${words.join(", ")}`,
});
const isTruth = (value: unknown): boolean => typeof value === "boolean";
const jobKind: FieldKind = { ...oneOf(jobKinds), optional: true };
const budget: FieldKind = { holds: isJobBudget, form: 'an object like {"minutes":30,"tokens":500000}', optional: true };
const brief: FieldKind = { holds: isJobBrief, form: "a brief as docs/deep.md describes it", optional: true };

const constraintKinds: Readonly<Record<ConstraintKind, "paths" | "most" | undefined>> = {
  ...{ only: "paths", not: "paths", lines: "most" },
  ...{ "no-dependencies": undefined, "one-file": undefined, "one-change": undefined, "public-api": undefined },
  ...{ "tests-unchanged": undefined, "new-files": undefined, "test-first": undefined, "no-edits": undefined },
};

function isConstraints(value: unknown): boolean {
  return Array.isArray(value) && value.every(isConstraint);
}

function isConstraint(value: unknown): boolean {
  const fields = new Map<string, unknown>(typeof value === "object" && value !== null ? Object.entries(value) : []);
  const kind = Object.entries(constraintKinds).find(([name]) => name === fields.get("kind"));
  if (kind === undefined) return false;
  const [, wants] = kind;
  const most = fields.get("most");
  if (wants === "paths") return isTexts(fields.get("paths"));
  return wants === undefined || (typeof most === "number" && most > 0);
}

const msAgo: FieldKind = {
  holds: (value) => typeof value === "number" && value >= 0 && value < 1e9,
  form: "a number of milliseconds",
};

/** The fields of every command. */
const shapes: Readonly<Record<CommandType, Readonly<Record<string, FieldKind>>>> = {
  prompt: { text, constraints },
  "draft.set": { text: anyText },
  "prompt.saved": { name: text, text: anyText },
  stop: {},
  continue: {},
  steer: { text },
  queue: { text },
  "queue.edit": { id: text, text: anyText },
  "queue.resume": { when: { ...oneOf(["open"]), optional: true } },
  "limit.try": {},
  aside: { text },
  "hunk.accept": { hunks },
  "hunk.allow": {
    hunks,
    for: { holds: (value) => allowances.some((one) => one === value), form: `one of ${allowances.join(", ")}` },
  },
  "hunk.reject": { hunks, reason: { ...anyText, optional: true } },
  "hunk.undo": { hunks },
  "hunk.edit": { hunk: text, text: anyText },
  "hunk.comment": { hunk: text, text },
  "hunk.see": { hunks },
  "conflict.resolve": { hunk: text, with: oneOf(conflictAnswers), text: { ...anyText, optional: true } },
  "correction.tell": { hunk: text },
  "diagnostics.tell": { hunk: text },
  "command.answer": {
    call: text,
    answer: { holds: (value) => commandAnswers.some((one) => one === value), form: `one of ${commandAnswers.join(", ")}` },
  },
  "tests.run": {},
  "tests.stop": {},
  "trust.look": {},
  "job.start": { text, kind: jobKind, budget, brief, written: { holds: isTruth, form: "true or false", optional: true } },
  "job.brief": { text: anyText, kind: jobKind },
  "job.show": { job: text },
  "job.check": { hunks },
  "job.tail": { job: text },
  "job.steer": { job: text, text },
  "job.stop": { job: text },
  "job.resume": { job: text, budget },
  "job.take": { job: text },
  "job.drop": { job: text },
  "hooks.look": {},
  "hooks.answer": { file: text, answer: oneOf(mcpAnswers) },
  "lanes.look": {},
  "lanes.suggest": { on: { holds: isTruth, form: "true or false" } },
  "mcp.look": {},
  "mcp.answer": { server: text, answer: oneOf(mcpAnswers) },
  "context.list": {},
  "context.drop": { part: text },
  "mode.set": {
    mode: { holds: (value) => reviewModes.some((mode) => mode === value), form: `one of ${reviewModes.join(", ")}` },
  },
  "plan.take": {},
  "workflow.start": {
    workflow: { holds: (value) => workflowNames.some((one) => one === value), form: `one of ${workflowNames.join(", ")}` },
    text: anyText,
    input: { ...anyText, optional: true },
    constraints,
  },
  "workflow.answer": { answer: text, text: { ...anyText, optional: true } },
  "workflow.end": {},
  "scope.set": { scope: { holds: isTexts, form: "a list of patterns" } },
  "model.set": { model: text },
  "key.tell": { for: oneOf(pressedFor), msAgo },
  "output.tell": { msAgo },
};

const shapesByType = new Map<string, Readonly<Record<string, FieldKind>>>(Object.entries(shapes));

function wrongField({ type, name, kind }: { type: string; name: string; kind: FieldKind }): Result<Command> {
  if (name === "text" && kind === text) return fail("REQUEST_EMPTY", `The ${type} has no text.`, 'Put it into "text".');
  return fail("USAGE", `"${name}" of ${type} must be ${kind.form}.`, "docs/events.md lists the commands.");
}
