/** Server-sent events, writing side: one JSON value becomes one frame. */
import type { JsonObject } from "./reply.ts";

/** Frame of the Responses wire, which names each event's type. */
export function typedFrame(event: JsonObject): string {
  return `event: ${String(event.type)}\ndata: ${JSON.stringify(event)}\n\n`;
}

/** Frame of the Chat Completions wire, which has only data. */
export function dataFrame(event: JsonObject): string {
  return `data: ${JSON.stringify(event)}\n\n`;
}

/** A frame around text that need not be JSON. */
export function rawFrame(text: string): string {
  return `data: ${text}\n\n`;
}

export const SSE_HEADERS = {
  "content-type": "text/event-stream; charset=utf-8",
  "cache-control": "no-cache",
  "x-accel-buffering": "no",
} as const;
