/**
 * Every name that telemetry uses, in one place. Those of `gen_ai.` are from open-telemetry/semantic-conventions-genai at commit
 * 27f82f09c4e797dda0832f0030e3bd3e747e4b9d (all of it in development, no release yet); later commits call `gen_ai.client.operation.*`
 * `gen_ai.client.inference.*`. What the conventions have no name for begins with `twolane.`.
 */
export const attr = {
  operation: "gen_ai.operation.name",
  provider: "gen_ai.provider.name",
  requestModel: "gen_ai.request.model",
  responseModel: "gen_ai.response.model",
  stream: "gen_ai.request.stream",
  conversation: "gen_ai.conversation.id",
  firstChunk: "gen_ai.response.time_to_first_chunk",
  inputTokens: "gen_ai.usage.input_tokens",
  outputTokens: "gen_ai.usage.output_tokens",
  cacheRead: "gen_ai.usage.cache_read.input_tokens",
  cacheWrite: "gen_ai.usage.cache_write.input_tokens",
  reasoning: "gen_ai.usage.reasoning.output_tokens",
  agent: "gen_ai.agent.name",
  workflow: "gen_ai.workflow.name",
  tool: "gen_ai.tool.name",
  toolType: "gen_ai.tool.type",
  toolCall: "gen_ai.tool.call.id",
  modality: "gen_ai.token.modality",
  inputMessages: "gen_ai.input.messages",
  outputMessages: "gen_ai.output.messages",
  serviceTier: "openai.response.service_tier",
  exitCode: "process.exit.code",
  errorType: "error.type",
  serverAddress: "server.address",
  serverPort: "server.port",
  lane: "twolane.lane",
  turn: "twolane.turn",
  ending: "twolane.ending",
  transport: "twolane.request.transport",
  continued: "twolane.request.continued",
  bytesSent: "twolane.request.bytes",
  hunksLanded: "twolane.hunks.landed",
  toolSummary: "twolane.tool.summary",
} as const;

/** Numbers that are no integers even where they happen to be whole. */
export const doubles: ReadonlySet<string> = new Set([attr.firstChunk]);

export const spanEvent = { firstHunk: "twolane.hunk.first", stop: "twolane.stop", steer: "twolane.steer" } as const;

export const metric = {
  chatDuration: "gen_ai.client.operation.duration",
  firstChunk: "gen_ai.client.operation.time_to_first_chunk",
  agentDuration: "gen_ai.invoke_agent.duration",
  agentInferences: "gen_ai.invoke_agent.inference_calls",
  agentTools: "gen_ai.invoke_agent.tool_calls",
  workflowDuration: "gen_ai.invoke_workflow.duration",
  toolDuration: "gen_ai.execute_tool.duration",
  inputUsed: "gen_ai.client.inference.usage.input_tokens",
  outputUsed: "gen_ai.client.inference.usage.output_tokens",
  cacheReadUsed: "gen_ai.client.inference.usage.cache_read.input_tokens",
  cacheWriteUsed: "gen_ai.client.inference.usage.cache_write.input_tokens",
  reasoningUsed: "gen_ai.client.inference.usage.reasoning.output_tokens",
  inputTokens: "gen_ai.client.inference.operation.input_tokens",
  outputTokens: "gen_ai.client.inference.operation.output_tokens",
  firstTokenTime: "twolane.first_token.duration",
  firstHunkTime: "twolane.first_hunk.duration",
  stopTime: "twolane.stop.duration",
  steerTime: "twolane.steer.duration",
  correctionTime: "twolane.correction.duration",
  landed: "twolane.hunks.landed",
  accepted: "twolane.hunks.accepted",
  rejected: "twolane.hunks.rejected",
} as const;
export type MetricName = (typeof metric)[keyof typeof metric];

/** `bounds`: of a histogram; absent: it is a counter that only grows. */
export interface MetricForm {
  readonly unit: string;
  readonly bounds?: readonly number[];
}

const powers = (first: number, factor: number, count: number): readonly number[] =>
  Array.from({ length: count }, (_, index) => Number((first * factor ** index).toPrecision(8)));
const operation: MetricForm = { unit: "s", bounds: powers(0.01, 2, 14) };
const agent: MetricForm = { unit: "s", bounds: powers(0.1, 2, 13) };
const tokens: MetricForm = { unit: "{token}", bounds: powers(1, 4, 14) };
const calls = (unit: string): MetricForm => ({ unit, bounds: [1, 2, 4, 8, 16, 32, 64, 128] });
/** What a person feels begins at a millisecond. */
const felt: MetricForm = { unit: "s", bounds: powers(0.001, 2, 18) };
const used: MetricForm = { unit: "{token}" };
const hunks: MetricForm = { unit: "{hunk}" };

export const metricForms: Readonly<Record<MetricName, MetricForm>> = {
  [metric.chatDuration]: operation,
  [metric.firstChunk]: operation,
  [metric.agentDuration]: agent,
  [metric.agentInferences]: calls("{inference_call}"),
  [metric.agentTools]: calls("{tool_call}"),
  [metric.workflowDuration]: agent,
  [metric.toolDuration]: operation,
  [metric.inputUsed]: used,
  [metric.outputUsed]: used,
  [metric.cacheReadUsed]: used,
  [metric.cacheWriteUsed]: used,
  [metric.reasoningUsed]: used,
  [metric.inputTokens]: tokens,
  [metric.outputTokens]: tokens,
  [metric.firstTokenTime]: felt,
  [metric.firstHunkTime]: felt,
  [metric.stopTime]: felt,
  [metric.steerTime]: felt,
  [metric.correctionTime]: felt,
  [metric.landed]: hunks,
  [metric.accepted]: hunks,
  [metric.rejected]: hunks,
};

const providers: Readonly<Record<string, string>> = {
  ...{ azure: "azure.ai.openai", xai: "x_ai", mistral: "mistral_ai", moonshot: "moonshot_ai", gemini: "gcp.gemini" },
  ...{ google: "gcp.gemini", bedrock: "aws.bedrock" },
};

/** `provider/name` in the words of the conventions; undefined for what is no model, as `instant`. */
export function modelNames(model: string): { readonly provider: string; readonly name: string } | undefined {
  const slash = model.indexOf("/");
  if (slash < 0) return undefined;
  const provider = model.slice(0, slash);
  return { provider: providers[provider] ?? provider, name: model.slice(slash + 1) };
}
