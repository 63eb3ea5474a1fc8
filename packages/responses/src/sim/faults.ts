/** Faults of a scenario: which request gets one, and what it does to the order of events. */
import type { Emission, ReplyItem } from "../server/reply.ts";
import { isObject } from "./conversation.ts";
import { codeOf, failureEvent, messagesFailureBody } from "./failure.ts";
import type { Failure } from "./failure.ts";
import type { Answer, ConnectionFault, ResponseFault, Scenario } from "./scenario.ts";
import type { Wire } from "./script.ts";

/** Counts the requests that come by each fault. */
export class FaultCounter {
  readonly #seen = new Map<ResponseFault | ConnectionFault, number>();
  /** When limits that were reached open again; of a clock that never goes back. */
  readonly #openAt = new Map<ResponseFault, number>();
  readonly #faults: Scenario["faults"];

  constructor(faults: Scenario["faults"]) {
    this.#faults = faults;
  }

  /** The fault for the next request: one of the whole scenario comes before one of its answer. */
  forRequest(answer: Answer | undefined): ResponseFault | undefined {
    let due: ResponseFault | undefined;
    for (const fault of [...this.#faults, ...(answer?.fault === undefined ? [] : [answer.fault])]) {
      if (isOfConnection(fault)) continue;
      if (this.#isDue(fault)) due ??= fault;
    }
    return due;
  }

  /** The refusal in place of an answer, where the fault is one. */
  refusal(fault: ResponseFault | undefined): Failure | undefined {
    if (fault?.kind === "limit") {
      const { status } = fault;
      const code = fault.code ?? codeOf(status);
      const resetMs = Math.max(1, Math.ceil((this.#openAt.get(fault) ?? 0) - performance.now()));
      return { status, code, message: "The simulated limit is reached.", resetMs };
    }
    if (fault?.kind !== "status") return undefined;
    const { status, resetMs, envelope } = fault;
    const code = fault.code ?? codeOf(status);
    return { status, code, message: fault.message ?? `The simulated server answers ${status}.`, resetMs, envelope };
  }

  /** The faults for the next upgrade. */
  forConnection(): ConnectionFault[] {
    return this.#faults.filter(isOfConnection).filter((fault) => this.#isDue(fault));
  }

  #isDue(fault: ResponseFault | ConnectionFault): boolean {
    if (fault.kind === "limit") {
      const openAt = this.#openAt.get(fault);
      if (openAt !== undefined && performance.now() < openAt) return true;
    }
    if (!this.#counts(fault)) return false;
    if (fault.kind === "limit") this.#openAt.set(fault, performance.now() + fault.ms);
    return true;
  }

  #counts(fault: ResponseFault | ConnectionFault): boolean {
    const seen = (this.#seen.get(fault) ?? 0) + 1;
    this.#seen.set(fault, seen);
    if (seen < fault.request) return false;
    return fault.times === "always" || seen < fault.request + fault.times;
  }
}

function isOfConnection(fault: ResponseFault | ConnectionFault): fault is ConnectionFault {
  return fault.kind === "refuse-upgrade" || fault.kind === "age-limit" || fault.kind === "close";
}

const FLOOD_PIECE = `${"flood ".repeat(170)}\n`;

/** A flood is a true, very long answer in front of the planned one. */
export function floodItem(bytes: number): ReplyItem {
  const pieces = Math.ceil(bytes / FLOOD_PIECE.length);
  const part = { kind: "text", text: FLOOD_PIECE } as const;
  return { kind: "message", parts: Array.from({ length: pieces }, () => part) };
}

/** Events as the fault leaves them. */
export function* disturb(emissions: Iterable<Emission>, fault: ResponseFault | undefined, wire: Wire): Generator<Emission> {
  switch (fault?.kind) {
    case "garbage":
      return yield* inserted(emissions, fault.atEvent, { kind: "raw", text: fault.text });
    case "disorder":
      return yield* swapped(emissions, fault.atEvent);
    case "no-terminal":
      return yield* withoutTerminal(emissions);
    case "queued":
      return yield* queued(emissions, fault.ms);
    case "error":
      return yield* endedByError(emissions, fault, wire);
    case "failed":
      // The other wires have an event of their own for it.
      return wire === "messages" ? yield* endedByError(emissions, { ...fault, atEvent: Infinity }, wire) : yield* emissions;
    default:
      return yield* emissions;
  }
}

/** Behind the first event of a response, as servers do; Chat Completions have no word for it. */
function* queued(emissions: Iterable<Emission>, ms: number): Generator<Emission> {
  let waits = true;
  for (const emission of emissions) {
    if (!waits || emission.kind !== "event") yield emission;
    else {
      waits = false;
      const { response, stream_id: lane } = emission.event;
      if (emission.event.type === "response.created") {
        const { id, model } = isObject(response) ? response : {};
        yield {
          kind: "event",
          event: {
            ...{ type: "response.queued", response: { id, model, status: "queued", output: [] } },
            ...(lane !== undefined && { stream_id: lane }),
          },
          tokens: 0,
        };
      }
      yield { kind: "pause", ms };
      yield emission;
    }
  }
}

function* inserted(emissions: Iterable<Emission>, atEvent: number, extra: Emission): Generator<Emission> {
  let events = 0;
  for (const emission of emissions) {
    if (emission.kind === "event") {
      if (events === atEvent) yield extra;
      events += 1;
    }
    yield emission;
  }
  if (events <= atEvent) yield extra;
}

function* swapped(emissions: Iterable<Emission>, atEvent: number): Generator<Emission> {
  let events = 0;
  let held: Emission | undefined;
  for (const emission of emissions) {
    if (emission.kind === "event") {
      events += 1;
      if (events === atEvent + 1) {
        held = emission;
        continue;
      }
    }
    yield emission;
    if (held !== undefined && emission.kind === "event") {
      yield held;
      held = undefined;
    }
  }
  if (held !== undefined) yield held;
}

function* withoutTerminal(emissions: Iterable<Emission>): Generator<Emission> {
  for (const emission of emissions) if (!isTerminal(emission)) yield emission;
}

function isTerminal(emission: Emission): boolean {
  if (emission.kind === "raw") return emission.text === "[DONE]";
  if (emission.kind !== "event") return false;
  const { type, choices, usage } = emission.event;
  if (type === "message_delta" || type === "message_stop") return true;
  if (type === "response.completed" || type === "response.incomplete" || type === "response.failed") return true;
  const finish = Array.isArray(choices) ? choices[0]?.finish_reason : undefined;
  return typeof finish === "string" || (usage !== undefined && type === undefined);
}

interface ErrorAt {
  readonly code: string;
  readonly message: string;
  readonly envelope?: "nested" | "flat";
  /** Events in front of it; never more than there are in front of the end. */
  readonly atEvent: number;
}

function* endedByError(emissions: Iterable<Emission>, fault: ErrorAt, wire: Wire): Generator<Emission> {
  let events = 0;
  for (const emission of emissions) {
    if (emission.kind === "event" && events === fault.atEvent) break;
    if (fault.atEvent === Infinity && isTerminal(emission)) break;
    if (emission.kind === "event") events += 1;
    yield emission;
  }
  const { code, message, envelope } = fault;
  const failure = { status: 500, code, message, ...(envelope && { envelope }) };
  const event = wire === "messages" ? messagesFailureBody(failure) : { ...failureEvent(failure), sequence_number: events };
  yield { kind: "event", event, tokens: 0 };
}
