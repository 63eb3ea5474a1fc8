/** Opens sessions: `provider/name` → the wire that speaks to it. The only file that knows all wires. */
import type { RefusedUpgrades } from "@twolane/responses";
import { type CatalogInput, resolveModel } from "./catalog.ts";
import { openChatSession } from "./chat/chat-session.ts";
import type { OpenConnection } from "./connection.ts";
import type { OpenModel } from "./models.ts";
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
    const session =
      model.value.wire === "chat"
        ? openChatSession({ model: model.value, connect })
        : openResponsesModel({ model: model.value, ...(refusedUpgrades && { refusedUpgrades }) });
    return { ok: true, value: session };
  };
}
