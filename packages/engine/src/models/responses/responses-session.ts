/** The Responses wire behind the interface. Connections, continuation and retries are the client's business. */
import { type Ending, type Failure, type LimitRefusal, type LimitWindow, type TokenUsage, failure } from "@twolane/protocol";
import {
  type RateLimit,
  type RefusedUpgrades,
  type ResponseEnding,
  type ResponseError,
  type ResponseEvent,
  type ResponsesTimeouts,
  type SteerEvent,
  openResponsesSession,
} from "@twolane/responses";
import { sentence } from "../../std/text.ts";
import type { ResolvedModel } from "../catalog.ts";
import { keyHeaderOf } from "../key-header.ts";
import type { ModelEvent, ModelRequest, ModelSession } from "../models.ts";
import { windowOf } from "../limits/limit-headers.ts";
import { type Refusal, failureOfRefusal, limitOfRefusal, oneLine } from "../provider-failure.ts";
import { servedNotices } from "../served-model.ts";
import { createRequest, patchToolOf, readItem } from "./wire-items.ts";

export interface ResponsesSessionOptions {
  readonly model: ResolvedModel;
  /** Hosts that refused a WebSocket, kept over sessions by the caller. */
  readonly refusedUpgrades?: RefusedUpgrades;
  /** Others than the usual ones. */
  readonly timeouts?: Partial<ResponsesTimeouts>;
}

export function openResponsesModel({ model, refusedUpgrades, timeouts }: ResponsesSessionOptions): ModelSession {
  const { capabilities, headers, responses } = model;
  const session = openResponsesSession({
    baseUrl: model.baseUrl,
    headers: { "user-agent": "twolane", ...keyHeaderOf(model), ...headers },
    capabilities: {
      websocket: responses.webSocket,
      stop: capabilities.stop,
      steer: capabilities.steer,
      prewarm: responses.warmUp,
      maxAgeMs: responses.socketMinutes * 60_000,
      clientMetadata: responses.clientMetadata,
    },
    ...(refusedUpgrades && { refusedUpgrades }),
    ...(timeouts && { timeouts }),
  });
  const nearLimits = new Set<string>();
  return {
    model: model.model,
    capabilities,
    prewarm: (request) => session.prewarm(request && createRequest(request, model)),
    respond: (request, onEvent) =>
      session.respond(
        createRequest(request, model),
        (event) => {
          for (const told of translate(event, { model, patchTool: patchToolOf(request), nearLimits })) onEvent(told);
        },
        {
          ...{ draft: request.draft === true, isFollowed: (tool) => isFollowed(request, tool) },
          ...(request.traceparent && { traceparent: request.traceparent }),
        },
      ),
    close() {
      session.close();
      return Promise.resolve();
    },
  };
}

/** The names of others than ours mean nothing to us. */
const isFollowed = ({ tools }: ModelRequest, name: string): boolean =>
  tools.some((tool) => tool.name === name && !tool.freeform && tool.followed === true);

interface Translation {
  readonly model: ResolvedModel;
  readonly patchTool: string | undefined;
  /** Windows of which it has been said that little is left. */
  readonly nearLimits: Set<string>;
}

function sentAgain({ message, forgotten }: Extract<ResponseEvent, { kind: "retrying" }>, model: ResolvedModel): string {
  if (forgotten === true) return `${model.provider} no longer had the conversation; all of it was sent again.`;
  return `${model.provider}: ${oneLine(message, model.key).replace(/\.$/, "")}; sending again.`;
}

function translate(event: ResponseEvent, { model, patchTool, nearLimits }: Translation): readonly ModelEvent[] {
  switch (event.kind) {
    case "requested":
      return [event];
    case "started": {
      const { serviceTier } = event;
      const served = { model: event.model, ...(serviceTier !== undefined && { serviceTier }) };
      return [{ kind: "started", ...served }, ...servedNotices({ asked: model, ...served })];
    }
    case "text.done":
      return [event];
    case "text":
    case "reasoning":
      return [{ kind: event.kind, text: event.delta }];
    case "call.started":
      return [{ kind: "call.started", call: event.callId, tool: event.name, freeform: event.freeform }];
    case "call.delta":
      return [{ kind: "call.delta", call: event.callId, text: event.delta }];
    case "item":
      return [{ kind: "item", item: readItem(event.item, patchTool) }];
    case "limits":
      return [
        {
          kind: "limits",
          windows: event.limits.map((limit) => windowOfLimit(limit, model)),
          ...(event.uncounted && { uncounted: true }),
        },
        ...event.limits.flatMap((limit) => limitNotice(limit, nearLimits)),
      ];
    case "queued":
      return [event];
    case "retrying":
      return [{ kind: "notice", code: "SENT_AGAIN", message: sentAgain(event, model) }];
    case "steer":
      return steerEvents(event);
    case "ended":
      return [
        { kind: "ended", ...endOf(event.ending, model), ...(event.passedOver !== undefined && { untold: event.passedOver }) },
      ];
  }
}

/**
 * A message that was steered in joins the conversation where the model met it. One that the model did not take joins it as
 * well, so that the next request carries it.
 */
function steerEvents({ state, text }: SteerEvent): readonly ModelEvent[] {
  if (state === "accepted") return [];
  const joined: ModelEvent = { kind: "item", item: { kind: "user", text } };
  if (state !== "failed") return [joined];
  return [
    joined,
    {
      kind: "notice",
      code: "STEER_LATE",
      message: "The model was not reached while it wrote; the next request carries the message.",
    },
  ];
}

function windowOfLimit({ name, limit, remaining, usedPercent, resetAt }: RateLimit, { provider }: ResolvedModel): LimitWindow {
  const said = {
    ...(limit !== undefined && { limit }),
    ...(remaining !== undefined && { left: remaining }),
    ...(usedPercent !== undefined && { usedPercent }),
    ...(resetAt !== undefined && { resetsAt: resetAt }),
  };
  return windowOf(oneLine(name), said, provider);
}

/** One notice for each window, when a tenth of it is left. */
function limitNotice({ name, limit, remaining, usedPercent }: RateLimit, told: Set<string>): readonly ModelEvent[] {
  const used = usedPercent ?? (limit !== undefined && limit > 0 && remaining !== undefined ? 100 - (100 * remaining) / limit : 0);
  if (used < 90 || told.has(name)) return [];
  told.add(name);
  return [{ kind: "notice", code: "LIMIT_NEAR", message: `${Math.floor(used)} % of the limit "${oneLine(name)}" is used.` }];
}

interface End {
  readonly ending: Ending;
  readonly usage?: TokenUsage;
  readonly failure?: Failure;
  readonly refused?: LimitRefusal;
}

function endOf(end: ResponseEnding, model: ResolvedModel): End {
  const used = "usage" in end && end.usage !== undefined ? { usage: end.usage } : {};
  switch (end.status) {
    case "completed":
    case "interrupted":
      return { ending: end.status, ...used };
    case "incomplete":
      return { ending: "incomplete", failure: failureOfReason(end.reason, model), ...used };
    case "failed": {
      const refused = limitOfError(end.error);
      return { ending: "failed", failure: failureOfError(end.error, model), ...used, ...(refused && { refused }) };
    }
    case "truncated":
      return {
        ending: "truncated",
        failure: failure(
          "STREAM_TRUNCATED",
          `The stream of ${model.provider} ended early: ${sentence(oneLine(end.message, model.key))}`,
        ),
      };
  }
}

/** What the client gives up for a limit, with the status that the server gave where it is one of a limit. */
function limitOfError({ kind, message, code, status, resetAt }: ResponseError): LimitRefusal | undefined {
  const now = Date.now();
  if (kind !== "limit" && kind !== "server") return undefined;
  const refusal: Refusal = {
    message,
    ...(code !== undefined && { code }),
    ...(status === undefined ? kind === "limit" && { status: 429 } : { status }),
    ...(resetAt !== undefined && { retryAfterMs: Math.max(0, resetAt - now) }),
  };
  return limitOfRefusal(refusal, now);
}

function failureOfReason(reason: string, model: ResolvedModel): Failure {
  if (reason === "max_output_tokens") return failure("OUTPUT_LIMIT", `${model.name} reached its output limit.`);
  if (reason === "content_filter")
    return failure("PROVIDER_REFUSED", `The content filter of ${model.provider} ended the answer.`);
  return failure("STREAM_TRUNCATED", `${model.provider} ended the answer early: ${oneLine(reason)}.`);
}

function failureOfError({ kind, message, code, status, resetAt }: ResponseError, model: ResolvedModel): Failure {
  const words = sentence(oneLine(message, model.key));
  const retry = resetAt === undefined ? {} : { retryAfterMs: Math.max(0, resetAt - Date.now()) };
  const refusal = { message, ...(code !== undefined && { code }), ...retry };
  const known = (usual: number): Failure => failureOfRefusal({ ...refusal, status: status ?? usual }, model);
  switch (kind) {
    case "key":
      return known(401);
    case "limit":
      return failureOfRefusal({ ...refusal, status: status === 402 || status === 503 || status === 529 ? status : 429 }, model);
    case "context":
      return failureOfRefusal({ ...refusal, status: 413 }, model);
    case "refused":
      return known(400);
    case "server":
      // A connection that may not be used any longer comes with a 400, and is no refusal of the request.
      return status === undefined || status >= 500
        ? known(500)
        : failure("PROVIDER_BROKEN", `${model.provider} failed: ${words}`, "Try again in a moment, or use another model.");
    case "unreachable":
      return status === undefined
        ? failure("PROVIDER_UNREACHABLE", `${model.provider} cannot be reached: ${words}`)
        : known(status);
    case "silent":
      return failure("PROVIDER_SILENT", `${model.provider} did not answer: ${words}`);
    case "broken":
      return failure("PROVIDER_BROKEN", `${model.provider} sent something that is not its protocol: ${words}`);
  }
}
