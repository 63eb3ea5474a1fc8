/** Chat Completions behind the interface: every request carries the whole conversation; a stop ends the connection. */
import type { ResolvedModel } from "../catalog.ts";
import type { OpenConnection } from "../connection.ts";
import type { ModelRun, ModelSession } from "../models.ts";
import { type ChatLimits, chatLimits, startExchange } from "./chat-exchange.ts";

export interface ChatSessionOptions {
  readonly model: ResolvedModel;
  readonly connect: OpenConnection;
  /** Others than the usual ones. */
  readonly limits?: Partial<ChatLimits>;
}

export function openChatSession({ model, connect, limits = {} }: ChatSessionOptions): ModelSession {
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
        limits: { ...chatLimits, ...limits },
        request,
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
