/** A connection and the table of its requests as one: requests in, decoded events out to the one who asked. */
import { decodeServerEvent, encodeClientEvent, isArgumentsDelta } from "../wire/codec.ts";
import type { ClientEvent, RateLimit, ServerEvent } from "../wire/events.ts";
import { Connection } from "./connection.ts";
import { limitsFromHeaders } from "./limits.ts";
import type { Settings } from "./options.ts";
import { type OpenRequest, RequestTable, type ResponseSink } from "./requests.ts";
import type { Trouble } from "./trouble.ts";

export interface LinkHandlers {
  /** What the answer to the upgrade says of limits. */
  readonly onLimits: (limits: readonly RateLimit[]) => unknown;
  readonly onOpen: (link: SocketLink) => unknown;
  /** Once. Called before the requests that were open are failed with the same trouble. */
  readonly onLost: (link: SocketLink, trouble: Trouble) => unknown;
}

/** Distinct names of lanes that a connection may ever have; the default lane is not counted. */
const maxLanes = 32;
/** Responses in flight at once, one less than where providers begin to queue. */
const maxInFlight = 15;

const nameOf = (lane: number): string | undefined => (lane === 0 ? undefined : `lane-${lane}`);

/** The one error that names no lane and concerns them all. */
const connectionLimit = "websocket_connection_limit_reached";

export class SocketLink {
  readonly #connection: Connection;
  readonly #table = new RequestTable();
  /** The server said that this socket has reached a limit. */
  #spent = false;
  #lanes = 0;

  constructor(settings: Settings, handlers: LinkHandlers) {
    this.#connection = new Connection(settings, {
      onHeaders: (headers) => {
        const limits = limitsFromHeaders(headers, settings.now());
        if (limits.length > 0) handlers.onLimits(limits);
      },
      onOpen: () => handlers.onOpen(this),
      onFrame: (text, bytes) => {
        if (!isArgumentsDelta(text) || !this.#table.passesOver(bytes)) this.#onEvent(decodeServerEvent(text), bytes);
      },
      onLost: (trouble) => {
        handlers.onLost(this, trouble);
        this.#table.failAll(trouble);
      },
    });
  }

  get open(): boolean {
    return this.#connection.state === "open";
  }

  /** It has room for another lane. */
  get canFork(): boolean {
    return this.#lanes < maxLanes && this.#table.size < maxInFlight;
  }

  /**
   * The lane for a request that is best sent on `usual`, or beside it: another one where a response that was left still runs there, and
   * where there is room. 0 is the default lane.
   */
  laneFor(usual: number, beside: boolean): number {
    const isFree = (lane: number): boolean => !this.#table.isTaken(nameOf(lane));
    if (!beside && isFree(usual)) return usual;
    for (let lane = 0; lane <= this.#lanes; lane += 1) if (lane !== usual && isFree(lane)) return lane;
    if (!this.canFork) return usual;
    this.#lanes += 1;
    return this.#lanes;
  }

  /** Leaves a running response to itself; further requests run beside it. `onOver`: it has become the last one of its lane. */
  leave(request: OpenRequest, onOver: () => void): void {
    this.#table.detach(request, onOver);
  }

  /** True: it should take no further request. `now` in milliseconds since 1970. */
  isSpent(now: number, maxAgeMs: number): boolean {
    return (
      this.#spent ||
      this.#connection.state === "ended" ||
      this.#connection.isStale(now) ||
      now - this.#connection.since >= maxAgeMs
    );
  }

  /** Sends a request. What comes back goes to `sink` until `finish`. */
  request(
    event: ClientEvent & { readonly type: "response.create" },
    sink: ResponseSink,
    lane = 0,
  ): { readonly request: OpenRequest; readonly bytesSent: number } {
    const name = nameOf(lane);
    const request = this.#table.add(name, sink);
    const bytesSent = this.#connection.send(encodeClientEvent(name === undefined ? event : { ...event, stream_id: name }));
    return { request, bytesSent };
  }

  /** Sends an event about a running response. */
  tell(event: ClientEvent): void {
    this.#connection.send(encodeClientEvent(event));
  }

  finish(request: OpenRequest): void {
    this.#table.remove(request);
  }

  terminate(): void {
    this.#connection.terminate();
  }

  #onEvent(event: ServerEvent, bytes: number): void {
    if (event.kind === "garbage") return this.#table.failAll({ at: "garbage", reason: event.reason });
    if (event.kind === "error" && event.error.code === connectionLimit) {
      this.#spent = true;
      return this.#table.failAll({ at: "event", error: event.error });
    }
    // An error that belongs to no request is about the connection as well.
    if (!this.#table.route(event, bytes) && event.kind === "error") this.#spent = true;
  }
}
