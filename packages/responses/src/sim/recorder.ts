/** What clients asked of the simulated server, for tests and measurements. Bounded: the oldest entries go first. */
import type { JsonObject } from "../server/reply.ts";

export type Outcome = "running" | "completed" | "refused" | "interrupted" | "steered" | "cancelled" | "cut";

export interface RecordedRequest {
  /** `upgrade`: the handshake of a socket; `message`: another client event on it than `response.create`. */
  readonly kind: "responses" | "chat" | "messages" | "models" | "upgrade" | "message" | "unknown";
  readonly transport: "websocket" | "http";
  /** Number of the TCP connection, from 1. */
  readonly connection: number;
  /** `performance.now()` when its last byte was read. */
  readonly at: number;
  readonly path: string;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly bytes: number;
  /** The parsed JSON body or message; undefined where there is none. */
  readonly body: JsonObject | undefined;
  /** Changes when the answer has ended; `cancelled`: the client went away before. */
  outcome: Outcome;
  endedAt: number | undefined;
  responseId: string | undefined;
}

const MAX_ENTRIES = 2000;
const MAX_BYTES = 64 * 1024 * 1024;
const SECRET_HEADERS = ["authorization", "cookie", "x-api-key", "api-key"];

export class Recorder {
  readonly entries: RecordedRequest[] = [];
  #bytes = 0;

  add(request: Omit<RecordedRequest, "outcome" | "endedAt" | "responseId">): RecordedRequest {
    const headers = { ...request.headers };
    for (const name of SECRET_HEADERS) if (headers[name] !== undefined) headers[name] = "(present)";
    const entry: RecordedRequest = { ...request, headers, outcome: "running", endedAt: undefined, responseId: undefined };
    this.entries.push(entry);
    this.#bytes += entry.bytes;
    while (this.entries.length > MAX_ENTRIES || (this.#bytes > MAX_BYTES && this.entries.length > 1)) {
      this.#bytes -= this.entries.shift()?.bytes ?? 0;
    }
    return entry;
  }
}

export function settle(entry: RecordedRequest, outcome: Outcome): void {
  if (entry.outcome !== "running") return;
  entry.outcome = outcome;
  entry.endedAt = performance.now();
}
