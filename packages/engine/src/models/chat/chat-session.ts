/** Chat Completions behind the interface: every request carries the whole conversation. */
import { type StreamedSessionOptions, openStreamedSession } from "../streamed-session.ts";
import { keyHeaderOf } from "../key-header.ts";
import type { ModelSession } from "../models.ts";
import { createChatDecoder } from "./chat-decoder.ts";
import { createChatWriter } from "./chat-request.ts";

export function openChatSession(options: StreamedSessionOptions): ModelSession {
  const { model } = options;
  const write = createChatWriter(model);
  return openStreamedSession(options, (request) => ({
    path: "/chat/completions",
    headers: keyHeaderOf(model),
    body: write(request),
    decoder: (tell) => createChatDecoder({ model, items: request.items, tell }),
  }));
}
