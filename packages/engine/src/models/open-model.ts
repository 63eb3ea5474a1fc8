/** Opens sessions: `provider/name` → the wire that speaks to it. The only file that knows all wires. */
import { type Result, fail } from "@twolane/protocol";
import type { RefusedUpgrades, ResponsesTimeouts } from "@twolane/responses";
import { type CatalogInput, type KeyPlace, type ResolvedModel, resolveModel } from "./catalog.ts";
import { openChatSession } from "./chat/chat-session.ts";
import type { OpenConnection } from "./connection.ts";
import { type ReadKey, openDeferredSession } from "./deferred-session.ts";
import { asItSees } from "./images.ts";
import { openMessagesSession } from "./messages/messages-session.ts";
import type { ModelSession, OpenModel } from "./models.ts";
import { openResponsesModel } from "./responses/responses-session.ts";

export interface ModelPorts {
  /** HTTP for the wires that have no client of their own. */
  readonly connect: OpenConnection;
  /** Hosts that refused a WebSocket. Absent: remembered for the session only. */
  readonly refusedUpgrades?: RefusedUpgrades;
  /** Absent: keys come from the environment alone. */
  readonly readKey?: (source: KeyPlace) => Promise<Result<ReadKey>>;
  /** Of the Responses wire; others than the usual ones. */
  readonly timeouts?: Partial<ResponsesTimeouts>;
}

/** Nothing connects before the session's first `prewarm` or `respond`. */
export function createOpenModel(input: CatalogInput, ports: ModelPorts): OpenModel {
  return (name) => {
    const model = resolveModel(name, input);
    if (!model.ok) return model;
    const { keySource } = model.value;
    if (keySource === undefined) return { ok: true, value: openWire(model.value, ports) };
    if (ports.readKey === undefined) return fail("KEY_MISSING", `Nobody reads ${keySource.name} here.`);
    const { capabilities } = model.value;
    const key = ports.readKey(keySource);
    const open = (read: string): ModelSession => openWire({ ...model.value, key: read }, ports);
    return { ok: true, value: openDeferredSession({ model: name, capabilities, key, open }) };
  };
}

const openWire = (model: ResolvedModel, ports: ModelPorts): ModelSession => asItSees(openAnyWire(model, ports));

function openAnyWire(model: ResolvedModel, { connect, refusedUpgrades, timeouts }: ModelPorts): ModelSession {
  switch (model.wire) {
    case "chat":
      return openChatSession({ model, connect });
    case "messages":
      return openMessagesSession({ model, connect });
    case "responses":
      return openResponsesModel({ model, ...(refusedUpgrades && { refusedUpgrades }), ...(timeouts && { timeouts }) });
  }
}
