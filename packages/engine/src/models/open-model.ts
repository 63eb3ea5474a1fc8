/** Opens sessions: `provider/name` → the wire that speaks to it. The only file that knows all wires. */
import type { RefusedUpgrades } from "@twolane/responses";
import { type CatalogInput, type ResolvedModel, resolveModel } from "./catalog.ts";
import { openChatSession } from "./chat/chat-session.ts";
import type { OpenConnection } from "./connection.ts";
import { openMessagesSession } from "./messages/messages-session.ts";
import type { ModelSession, OpenModel } from "./models.ts";
import { openResponsesModel } from "./responses/responses-session.ts";

export interface ModelPorts {
  /** HTTP for the wires that have no client of their own. */
  readonly connect: OpenConnection;
  /** Hosts that refused a WebSocket. Absent: remembered for the session only. */
  readonly refusedUpgrades?: RefusedUpgrades;
}

/** Nothing connects before the session's first `prewarm` or `respond`. */
export function createOpenModel(input: CatalogInput, { connect, refusedUpgrades }: ModelPorts): OpenModel {
  return (name) => {
    const model = resolveModel(name, input);
    if (!model.ok) return model;
    return { ok: true, value: openWire(model.value, { connect, ...(refusedUpgrades && { refusedUpgrades }) }) };
  };
}

function openWire(model: ResolvedModel, { connect, refusedUpgrades }: ModelPorts): ModelSession {
  switch (model.wire) {
    case "chat":
      return openChatSession({ model, connect });
    case "messages":
      return openMessagesSession({ model, connect });
    case "responses":
      return openResponsesModel({ model, ...(refusedUpgrades && { refusedUpgrades }) });
  }
}
