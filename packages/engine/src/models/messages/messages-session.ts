/** Anthropic Messages behind the interface: every request carries the whole conversation, most of it from the provider's cache. */
import { keyHeaderOf } from "../key-header.ts";
import type { ModelSession } from "../models.ts";
import { type StreamedSessionOptions, openStreamedSession } from "../streamed-session.ts";
import { createMessagesDecoder } from "./messages-decoder.ts";
import { createMessagesWriter } from "./messages-request.ts";

/** The version of the wire that is spoken here; it is dated, and older ones stay as they are. */
const wireVersion = "2023-06-01";

export function openMessagesSession(options: StreamedSessionOptions): ModelSession {
  const { model } = options;
  const write = createMessagesWriter(model);
  const headers = { "anthropic-version": wireVersion, ...keyHeaderOf(model) };
  return openStreamedSession(options, (request) => ({
    path: pathBelow(model.baseUrl),
    headers,
    body: write(request),
    decoder: (tell) => createMessagesDecoder({ model, items: request.items, tell }),
  }));
}

/** Base addresses of this wire are written without the version's path, others with it. */
const pathBelow = (baseUrl: string): string => (new URL(baseUrl).pathname.endsWith("/v1") ? "/messages" : "/v1/messages");
