/** The door of the Responses wire for clients. The server side and the simulated model have the door `sim`. */
export { openResponsesSession } from "./client/client.ts";
export type { ResponsesSession, RunningResponse } from "./client/client.ts";
export type {
  RefusedUpgrades,
  ResponsesCapabilities,
  ResponsesLimits,
  ResponsesOptions,
  ResponsesTimeouts,
} from "./client/options.ts";
export type { ErrorKind, ResponseEnding, ResponseError, ResponseEvent, ResponseTransport, SteerEvent } from "./client/outcome.ts";
export { limitsFromHeaders, resetOf } from "./client/limits.ts";
export type { CreateRequest, JsonObject, RateLimit, Usage, WireError, WireItem } from "./wire/events.ts";
export { callOutput, inputMessage, patchOutput, readCall, readPatchCall, readText, replayOf } from "./wire/items.ts";
export type { WireCall } from "./wire/items.ts";
export { decodeError } from "./wire/codec.ts";
export { SseParser } from "./wire/sse.ts";
export type { SseOptions } from "./wire/sse.ts";
