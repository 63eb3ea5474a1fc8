/**
 * The table of open requests of one socket: which request an event belongs to. A lane carries one response at a time, in
 * the order of its requests, so an event belongs to the first open request of its lane; events that name a response go to it.
 * Does not decide when a response is over; whoever opened the request says so.
 */
import type { ServerEvent } from "../wire/events.ts";
import type { Trouble } from "./trouble.ts";

/** Who takes what comes for one request. */
export interface ResponseSink {
  receive(event: ServerEvent, bytes: number): void;
  /** Asked of a piece of a call's input that comes in a frame of so many bytes: true, and nothing of it is wanted. */
  passesOver?(bytes: number): boolean;
  fail(trouble: Trouble): void;
}

export interface OpenRequest {
  readonly lane: string | undefined;
  sink: ResponseSink | undefined;
  /** Set where nobody wants it any more. */
  onOver: (() => void) | undefined;
  responseId: string | undefined;
}

export class RequestTable {
  /** In the order in which they were sent. */
  #open: OpenRequest[] = [];

  get size(): number {
    return this.#open.length;
  }

  add(lane: string | undefined, sink: ResponseSink): OpenRequest {
    const request: OpenRequest = { lane, sink, onOver: undefined, responseId: undefined };
    this.#open.push(request);
    return request;
  }

  remove(request: OpenRequest): void {
    this.#open = this.#open.filter((other) => other !== request);
  }

  /** Nobody wants it any more; its events are dropped until it is over on the wire, which `onOver` hears. */
  detach(request: OpenRequest, onOver: () => void): void {
    request.sink = undefined;
    request.onOver = onOver;
  }

  /** A response that nobody wants still runs there. */
  isTaken(lane: string | undefined): boolean {
    return this.#open.some((request) => request.sink === undefined && request.lane === lane);
  }

  /** Gives the event to its request. False: it belongs to none. */
  route(event: ServerEvent, bytes: number): boolean {
    const request = this.#find(event);
    if (request === undefined) return false;
    if (event.kind === "created") request.responseId = event.response.id;
    if (request.sink !== undefined) request.sink.receive(event, bytes);
    else if (event.kind === "terminal" || event.kind === "error") this.#over(request);
    return true;
  }

  /** The piece of a call's input that came in a frame of so many bytes is wanted by nobody. */
  passesOver(bytes: number): boolean {
    return this.#open.length === 1 && this.#open[0]?.sink?.passesOver?.(bytes) === true;
  }

  /** The socket is of no use any more. */
  failAll(trouble: Trouble): void {
    const open = this.#open;
    this.#open = [];
    for (const request of open) request.sink?.fail(trouble);
  }

  #over(request: OpenRequest): void {
    this.remove(request);
    request.onOver?.();
  }

  #find(event: ServerEvent): OpenRequest | undefined {
    if ("response" in event || "responseId" in event) {
      const id = "response" in event ? event.response.id : event.responseId;
      const named = this.#open.find((request) => request.responseId === id);
      if (named !== undefined) return named;
    }
    // An error of the connection as a whole names no lane, though there may be no request on the default one.
    return (
      this.#open.find((request) => request.lane === event.lane) ??
      (this.#open.length === 1 && event.lane === undefined ? this.#open[0] : undefined)
    );
  }
}
