/** A session on a wire that keeps no conversation: every request is one HTTP exchange, and a stop ends its connection. */
import type { ResolvedModel } from "./catalog.ts";
import type { OpenConnection } from "./connection.ts";
import { type ExchangeLimits, type WireRequest, exchangeLimits, startExchange } from "./exchange.ts";
import type { ModelRequest, ModelRun, ModelSession } from "./models.ts";

export interface StreamedSessionOptions {
  readonly model: ResolvedModel;
  readonly connect: OpenConnection;
  /** Others than the usual ones. */
  readonly limits?: Partial<ExchangeLimits>;
}

/** `wire`: the request in the words of one wire. */
export function openStreamedSession(
  { model, connect, limits = {} }: StreamedSessionOptions,
  wire: (request: ModelRequest) => WireRequest,
): ModelSession {
  const connection = connect(model.baseUrl);
  const runs = new Set<ModelRun>();
  return {
    model: model.model,
    capabilities: model.capabilities,
    prewarm: () => connection.warm(),
    respond(request, onEvent) {
      const run = startExchange({
        connection,
        model,
        limits: { ...exchangeLimits, ...limits },
        request: traced(wire(request), request),
        onEvent(event) {
          if (event.kind === "ended") runs.delete(run);
          onEvent(event);
        },
      });
      runs.add(run);
      return run;
    },
    close() {
      for (const run of runs) run.stop();
      connection.close();
      return Promise.resolve();
    },
  };
}

const traced = (wire: WireRequest, { traceparent }: ModelRequest): WireRequest =>
  traceparent === undefined ? wire : { ...wire, headers: { ...wire.headers, traceparent } };
