/**
 * The scenario file: its schema, and the readable form of what is wrong with one. The published JSON Schema is made from
 * the same definition.
 */
import { z } from "zod";
import { DEFAULT_SCENARIO } from "./default-scenario.ts";

const count = z.int().min(0);
const pattern = z.string().refine(isPattern, { error: "is no regular expression" });

function isPattern(text: string): boolean {
  try {
    new RegExp(text);
    return true;
  } catch {
    return false;
  }
}

const size = z.union([z.int().min(1), z.strictObject({ min: z.int().min(1), max: z.int().min(1) })]);

const pace = z.strictObject({
  ttftMs: z.number().min(0).describe("From the request to the first piece of the answer, milliseconds."),
  tokensPerSecond: z.number().min(0).describe("Average rate of the answer; 0 is as fast as the connection takes it."),
  chunk: z
    .strictObject({
      unit: z.enum(["token", "bytes", "line", "all"]),
      size: size.default(1).describe("How many units in one piece; with min and max drawn by the seed."),
    })
    .describe("How the answer is cut into pieces. `bytes` never cuts inside a character."),
});

const defaults = z.strictObject({
  ttftMs: pace.shape.ttftMs.default(0),
  tokensPerSecond: pace.shape.tokensPerSecond.default(0),
  chunk: pace.shape.chunk.default({ unit: "token", size: 1 }),
  seed: z.int().default(1).describe("Identifiers and drawn sizes follow from it."),
});

const call = z
  .strictObject({
    name: z
      .union([z.string().min(1), z.array(z.string().min(1)).min(1)])
      .describe("Name of the tool; of several, the first that the client offers."),
    input: z.string().optional().describe("Raw text of a freeform call."),
    arguments: z.record(z.string(), z.unknown()).optional().describe("Arguments of a function call."),
  })
  .refine((one) => (one.input === undefined) !== (one.arguments === undefined), {
    error: "needs either input or arguments",
  });

const plainSteps = [
  z.strictObject({ text: z.string() }),
  z.strictObject({ reasoning: z.string(), raw: z.boolean().default(false).describe("Raw reasoning, not a summary.") }),
  z.strictObject({ call }),
  z.strictObject({ parallel: z.array(call).min(1).describe("Several calls in one response.") }),
  z.strictObject({ pause: count.describe("Milliseconds.") }),
] as const;

const repeat = z.strictObject({
  repeat: z.union([count.max(100_000), z.string().regex(/^\$\d$/, { error: "is neither a number nor a capture" })]),
  steps: z.array(z.union(plainSteps, { error: "is no known step" })).min(1),
});

const step = z.union([...plainSteps, repeat], {
  error: "is no step: expected one of text, reasoning, call, parallel, pause, repeat",
});

const due = {
  request: z.int().min(1).default(1).describe("Which of the requests that come by here is the first to get the fault."),
  times: z
    .union([z.int().min(1), z.literal("always")])
    .default(1)
    .describe("How many requests in a row get it."),
};
const atByte = count.describe("Bytes of the answer's payload sent before it.");
const atEvent = count.default(2).describe("Events of the answer sent before it.");
const envelope = z.enum(["nested", "flat"]).default("nested");

const responseFaults = [
  z.strictObject({ kind: z.literal("cut"), atByte, ...due }),
  z.strictObject({ kind: z.literal("stall"), atByte, ms: count.optional().describe("Left out: forever."), ...due }),
  z.strictObject({
    kind: z.literal("hold"),
    atToken: count.describe("So many tokens of the answer go out and no more, until the client ends it."),
    ...due,
  }),
  z.strictObject({ kind: z.literal("garbage"), atEvent, text: z.string().default('{"type":"respo\u0000'), ...due }),
  z.strictObject({ kind: z.literal("disorder"), atEvent, ...due }),
  z.strictObject({ kind: z.literal("no-terminal"), ...due }),
  z.strictObject({ kind: z.literal("sparse"), ...due }),
  z.strictObject({
    kind: z.literal("status"),
    status: z.int().min(400).max(599),
    code: z.string().optional(),
    message: z.string().optional(),
    resetMs: count.optional().describe("When the limit ends; sent as retry-after and rate limit headers."),
    envelope,
    ...due,
  }),
  z.strictObject({
    kind: z.literal("limit"),
    ms: count
      .min(1)
      .describe("From its first request on nothing gets through for so long; every refusal says what is left of it."),
    status: z.int().min(400).max(599).default(429),
    code: z.string().optional(),
    ...due,
  }),
  z.strictObject({ kind: z.literal("queued"), ms: count.describe("It stands in the server's queue for so long."), ...due }),
  z.strictObject({
    kind: z.literal("error"),
    atEvent,
    code: z.string().default("server_error"),
    message: z.string().default("The simulated server had an error."),
    envelope,
    ...due,
  }),
  z.strictObject({
    kind: z.literal("failed"),
    code: z.string().default("server_error"),
    message: z.string().default("The simulated model failed."),
    ...due,
  }),
  z.strictObject({ kind: z.literal("incomplete"), reason: z.string().default("max_output_tokens"), ...due }),
  z.strictObject({ kind: z.literal("slow-reader"), ms: count.optional().describe("Left out: forever."), ...due }),
  z.strictObject({ kind: z.literal("flood"), bytes: z.int().min(1).max(67_108_864), ...due }),
] as const;

const connectionFaults = [
  z.strictObject({ kind: z.literal("refuse-upgrade"), status: z.int().min(400).max(599).default(403), ...due }),
  z.strictObject({ kind: z.literal("age-limit"), ms: count, ...due }),
  z.strictObject({ kind: z.literal("close"), ms: count, code: z.int().min(1000).max(4999).default(1011), ...due }),
] as const;

const answer = z
  .strictObject({
    when: z
      .strictObject({
        prompt: pattern.optional().describe("Searched in the last user message; its groups are $1 to $9, $0 is the match."),
        toolOutput: pattern.optional().describe("Searched in the newest tool output since that message."),
        turn: z.int().min(1).optional().describe("Number of user messages so far."),
        round: count.optional().describe("Number of tool rounds since the last user message."),
        model: pattern.optional(),
        wire: z.enum(["websocket", "sse", "chat", "messages"]).optional(),
      })
      .default({}),
    reply: z.array(step).describe("Played up to its next call, which ends the response; goes on when the output arrives."),
    pace: pace.partial().optional().describe("Differs from the defaults in these."),
    fault: z.discriminatedUnion("kind", responseFaults).optional(),
  })
  .refine((one) => (one.when.toolOutput === undefined && one.when.round === undefined) || !hasStepsBehindCall(one.reply), {
    error: "steps behind a call are never reached in an answer with when.toolOutput or when.round",
    path: ["reply"],
  });

function hasStepsBehindCall(steps: readonly Step[]): boolean {
  const first = steps.findIndex((one) => "call" in one || "parallel" in one || "repeat" in one);
  return first !== -1 && first < steps.length - 1;
}

const schema = z.strictObject({
  $schema: z.string().optional(),
  defaults: defaults.default({ ttftMs: 0, tokensPerSecond: 0, chunk: { unit: "token", size: 1 }, seed: 1 }),
  models: z.array(z.string().min(1)).min(1).optional().describe("Models served; others are refused. Left out: any model."),
  serves: z
    .strictObject({ model: z.string().optional(), serviceTier: z.string().default("default") })
    .default({ serviceTier: "default" })
    .describe("Model and tier to report as served, whatever was asked for."),
  headers: z.record(z.string(), z.string()).default({}).describe("Added to every HTTP answer and upgrade."),
  features: z
    .strictObject({
      websocket: z.boolean().default(true),
      lanes: z.boolean().default(true),
      interrupt: z.boolean().default(true),
      steer: z.boolean().default(true),
      compaction: z.boolean().default(true).describe("It takes a `compaction_trigger` as the last item of an input."),
    })
    .default({ websocket: true, lanes: true, interrupt: true, steer: true, compaction: true })
    .describe("What this provider can do beyond plain streaming."),
  chat: z
    .strictObject({
      reasoningField: z.enum(["reasoning_content", "reasoning"]).default("reasoning_content"),
      toolArguments: z.enum(["pieces", "whole"]).default("pieces"),
      usage: z.enum(["asked", "always", "never"]).default("asked"),
    })
    .default({ reasoningField: "reasoning_content", toolArguments: "pieces", usage: "asked" }),
  transport: z
    .strictObject({ fragment: z.int().min(1).describe("Writes to the connection are split at this many bytes.") })
    .optional(),
  answers: z.array(answer).describe("The first that matches a request answers it."),
  faults: z
    .array(z.discriminatedUnion("kind", [...responseFaults, ...connectionFaults]))
    .default([])
    .describe("Counted over all requests, or over all upgrades for the faults of a connection."),
});

/** A scenario as a file holds it. */
export type ScenarioInput = z.input<typeof schema>;
/** A checked scenario, every default filled in. */
export type Scenario = z.output<typeof schema>;
export type Answer = Scenario["answers"][number];
export type Step = z.output<typeof step>;
export type CallStep = z.output<typeof call>;
export type Pace = z.output<typeof pace>;
export type ResponseFault = NonNullable<Answer["fault"]>;
export type ConnectionFault = z.output<(typeof connectionFaults)[number]>;

export type ParsedScenario =
  | { readonly ok: true; readonly value: Scenario }
  /** One line that names the place. */
  | { readonly ok: false; readonly message: string };

/** Reads the text of a scenario file; without one, the built-in scenario. */
export function parseScenario(text?: string): ParsedScenario {
  if (text === undefined) return checkScenario(DEFAULT_SCENARIO);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    const reason = error instanceof Error ? error.message.replaceAll(/\s+/g, " ") : String(error);
    return { ok: false, message: `scenario: not JSON: ${reason}` };
  }
  return checkScenario(value);
}

/** Checks a scenario that is already a value. */
export function checkScenario(value: unknown): ParsedScenario {
  const result = schema.safeParse(value);
  if (result.success) return { ok: true, value: result.data };
  const issue = deepest(result.error.issues);
  return { ok: false, message: `scenario: ${placeOf(issue.path)}${issue.message}` };
}

/** The JSON Schema of a scenario file. */
export function scenarioJsonSchema(): Record<string, unknown> {
  return { title: "twolane scenario", ...z.toJSONSchema(schema, { io: "input" }) };
}

interface Place {
  readonly path: readonly PropertyKey[];
  readonly message: string;
}

/** Of the alternatives of a union the one that came furthest says what is meant; else the union speaks for itself. */
function deepest(issues: readonly z.core.$ZodIssue[]): Place {
  const first = issues[0];
  if (first === undefined) return { path: [], message: "is not valid" };
  if (first.code !== "invalid_union") return first;
  const branches = first.errors.filter((errors) => isAbout(errors));
  const branch = branches.length === 1 ? branches[0] : undefined;
  if (branch === undefined) return first;
  const inner = deepest(branch);
  return { path: [...first.path, ...inner.path], message: inner.message };
}

/** True of the alternative that was meant: it accepts the names of all keys, so its complaint lies further inside. */
function isAbout(errors: readonly z.core.$ZodIssue[]): boolean {
  return errors.every((issue) => issue.code !== "unrecognized_keys" || issue.path.length > 0) && !errors.some(isMissing);
}

function isMissing(issue: z.core.$ZodIssue): boolean {
  return issue.code === "invalid_type" && issue.path.length <= 1 && issue.message.endsWith("received undefined");
}

function placeOf(path: readonly PropertyKey[]): string {
  let place = "";
  for (const key of path) place += typeof key === "number" ? `[${key}]` : `${place === "" ? "" : "."}${String(key)}`;
  return place === "" ? "" : `${place}: `;
}
