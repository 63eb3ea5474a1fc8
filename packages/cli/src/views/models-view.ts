/** The lines of `models` and `connect`. Pure. */
import type { Connection, Measured, ReachableModel, ReachableProvider } from "@twolane/engine/models";
import { failureLine } from "./run-view.ts";
import type { Style } from "./style.ts";
import { sanitizeLine } from "./text.ts";

const shownModels = 12;
const thousands = (tokens: number): string => (tokens >= 1000 ? `${Math.round(tokens / 1000)}k` : String(tokens));

export function modelLines(providers: readonly ReachableProvider[], style: Style, all: boolean): string[] {
  if (providers.length === 0)
    return ["No model can be reached.", style.dim("→ Set a key (docs/models.md), or `twolane connect URL`.")];
  return providers.flatMap(({ provider, baseUrl, wire, because, models, trouble }) => {
    const used = models.filter(({ usedBy }) => usedBy.length > 0);
    const shown = all ? models : [...used, ...models.filter(({ usedBy }) => usedBy.length === 0)].slice(0, shownModels);
    const left = models.length - shown.length;
    const width = Math.max(0, ...shown.map(({ model }) => model.length));
    return [
      `${style.bold(provider === "" ? "no provider" : sanitizeLine(provider))}  ${baseUrl === undefined ? "" : `${wire} at ${baseUrl}  `}${style.dim(because)}`,
      ...(trouble === undefined ? [] : [`  ${style.warn("–")} ${trouble}`]),
      ...shown.map((model) => `  ${oneModel(model, width, style)}`),
      ...(left > 0 ? [style.dim(`  and ${left} more (--all)`)] : []),
    ];
  });
}

function oneModel(shown: ReachableModel, width: number, style: Style): string {
  const { model, contextWindow, windowAssumed, price, usedBy, trouble } = shown;
  const window = `${thousands(contextWindow)} tokens${windowAssumed ? " (assumed)" : ""}`;
  const cost = price === undefined ? "price unknown" : `$${price.input} in, $${price.output} out`;
  const use = usedBy.length === 0 ? "" : `  ${style.good(`← ${usedBy.join(", ")}`)}`;
  const about = contextWindow === 0 ? [] : [style.dim(`${window}, ${cost}`)];
  const wrong = trouble === undefined ? [] : [style.warn(`– ${trouble}`)];
  return `${[model.padEnd(width), ...about, ...wrong].join("  ")}${use}`;
}

const seconds = (ms: number): string => `${(ms / 1000).toFixed(2)} s`;

export function measuredLine(measured: Measured, style: Style): string {
  const { model, rounds, firstTokenMs, tokensPerSecond, estimated, inputTokens, outputTokens, failure } = measured;
  if (failure !== undefined) return `${model}  ${failureLine(failure, style)}`;
  const rate =
    tokensPerSecond === undefined ? "too short to say" : `${estimated ? "about " : ""}${Math.round(tokensPerSecond)} tokens/s`;
  const first = firstTokenMs === undefined ? "no token" : `first token ${seconds(firstTokenMs)}`;
  const spent = `median of ${rounds}, ${inputTokens} tokens in and ${outputTokens} out`;
  return `${model}  ${first}, ${rate}  ${style.dim(spent)}`;
}

const wireNames = { responses: "Responses", chat: "Chat Completions", messages: "Messages" } as const;

export function connectionLines(
  { baseUrl, wire, wires, models, wantsKey, keyEnv, tried, known }: Connection,
  style: Style,
): string[] {
  const over = tried?.transport === "websocket" ? " over a WebSocket" : "";
  const others = wires.filter((one) => one !== wire).map((one) => wireNames[one]);
  const key = keyEnv === undefined ? (wantsKey ? "wants a key" : "no key needed") : `key from ${keyEnv}`;
  const names = models.slice(0, 6).map(({ name }) => name);
  const more = models.length > names.length ? ` and ${models.length - names.length} more` : "";
  return [
    `${style.good("✓")} ${baseUrl} ${tried === undefined ? "seems to speak" : "speaks"} ${wireNames[wire]}${over}${others.length > 0 ? `; also ${others.join(", ")}` : ""}`,
    ...(known === undefined ? [] : [`  it is the provider ${known}, which twolane knows already`]),
    `  ${key}`,
    `  models: ${names.length === 0 ? "no list" : `${names.join(", ")}${more}`}`,
    ...(tried === undefined
      ? ["  not tried with a request: the wire is a guess by what has a door there; without --no-try it is tested"]
      : [`  ${measuredLine(tried, style)}`, `  ${goesOn(tried)}`]),
  ];
}

const goesOn = ({ failure, continued, rounds, transport }: Measured): string => {
  if (failure !== undefined || rounds < 2) return "whether it goes on with a conversation was not seen";
  if (continued) return "goes on with a conversation: only what is new is sent";
  return `each request carries the whole conversation${transport === "websocket" ? ", also over the socket" : ""}`;
};
