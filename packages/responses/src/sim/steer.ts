/** Mid-response steering: what a steer needs to be accepted, and the events that answer it. */
import type { ResponseEmitter } from "../server/response-emitter.ts";
import type { Emission, JsonObject } from "../server/reply.ts";
import { isObject } from "./conversation.ts";

export interface Steer {
  readonly id: string;
  readonly input: readonly JsonObject[];
}

export interface SteerTarget {
  /** Undefined where the response does not run. */
  readonly emitter: ResponseEmitter | undefined;
  /** Steers that were accepted for it before. */
  readonly waiting: number;
  /** A response that has ended, and is still known. */
  readonly known: boolean;
}

type Accepted =
  | { readonly ok: true; readonly steer: Steer; readonly reply: Emission }
  | { readonly ok: false; readonly code: string; readonly message: string };

const MAX_STEERS = 8;

/** Queues a steer; the response then ends behind the item that it is writing. */
export function acceptSteer(body: JsonObject, target: SteerTarget): Accepted {
  const { emitter } = target;
  if (emitter === undefined && target.known) return refused("response_already_completed", "The response has ended.");
  if (emitter === undefined) return refused("response_not_found", "No such response on this connection.");
  if (target.waiting >= MAX_STEERS) return refused("too_many_pending_steers", `At most ${MAX_STEERS} steers can wait.`);
  const input = inputItems(body.input);
  if (input === undefined) return refused("invalid_input", "The input of a steer is text or a list of user messages.");
  const id = `steer_${emitter.id}_${target.waiting + 1}`;
  emitter.endAfterItem = "steered";
  const steer = { id, previous_response_id: emitter.id };
  return { ok: true, steer: { id, input }, reply: emitter.event("response.steer.accepted", { steer }) };
}

/** Gives the input back to its sender. */
export function steerFailed(body: JsonObject, reason: { readonly code: string; readonly message: string }): Emission {
  const { code, message } = reason;
  const steer = { previous_response_id: body.previous_response_id, input: body.input };
  const error = { code, message, type: "invalid_request_error" };
  return { kind: "event", event: { type: "response.steer.failed", sequence_number: 0, error, steer }, tokens: 0 };
}

function refused(code: string, message: string): Accepted {
  return { ok: false, code, message };
}

function inputItems(input: unknown): JsonObject[] | undefined {
  if (typeof input === "string" && input !== "") {
    return [{ type: "message", role: "user", content: [{ type: "input_text", text: input }] }];
  }
  if (!Array.isArray(input) || input.length === 0) return undefined;
  const items = input.filter(isObject);
  return items.length === input.length && items.every((item) => item.role === "user") ? items : undefined;
}
