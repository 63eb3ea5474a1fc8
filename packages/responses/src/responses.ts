/** The door of the Responses wire for clients. The server side and the simulated model have the door `sim`. */
export { SseParser } from "./wire/sse.ts";
export type { SseOptions } from "./wire/sse.ts";
export type { CreateRequest, JsonObject, RateLimit, Usage, WireItem } from "./wire/events.ts";
