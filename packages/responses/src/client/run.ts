/**
 * One response from request to ending: hands events to the caller, watches over silence and size, and ends exactly once. What
 * to do about a trouble and where the request travels is decided by the session, through `RunHooks`.
 */
import type { CreateRequest, ResponseHead, ServerEvent, WireItem } from "../wire/events.ts";
import { inputMessage, replayOf } from "../wire/items.ts";
import type { HttpStream, StreamSink } from "./http-stream.ts";
import { type Headers, limitsFromHeaders, resetOf } from "./limits.ts";
import type { IsFollowed, Settings } from "./options.ts";
import type { ResponseEnding, ResponseEvent, ResponseTransport } from "./outcome.ts";
import { ResponseReading } from "./reading.ts";
import type { OpenRequest } from "./requests.ts";
import type { SocketLink } from "./socket-link.ts";
import { Steers } from "./steers.ts";
import type { Trouble } from "./trouble.ts";
import { Watchdog } from "./watchdog.ts";

export type TerminalEvent = ServerEvent & { readonly kind: "terminal" };

export interface RunHooks {
  readonly started: (run: ResponseRun) => unknown;
  /** The session answers by sending again or by ending the run. */
  readonly trouble: (run: ResponseRun, trouble: Trouble) => void;
  /** The response is complete on the wire; the session ends the run. */
  readonly over: (run: ResponseRun, terminal: TerminalEvent) => void;
}

/** Where a request is under way. */
export type Exchange =
  | { readonly transport: "websocket"; readonly link: SocketLink; readonly lane: number; readonly request: OpenRequest }
  | { readonly transport: "sse"; readonly stream: HttpStream };

interface RunOptions {
  readonly settings: Settings;
  readonly hooks: RunHooks;
  readonly onEvent: (event: ResponseEvent) => void;
  /** It may come to nothing. */
  readonly draft: boolean;
  readonly traceparent: string | undefined;
  readonly isFollowed: IsFollowed;
}

export class ResponseRun implements StreamSink {
  readonly request: CreateRequest;
  readonly draft: boolean;
  readonly traceparent: string | undefined;
  readonly steers: Steers;
  /** Set while the request is on the wire. */
  exchange: Exchange | undefined;
  retried = false;
  /** All of the input that the response answers; grows when it is steered. */
  input: readonly WireItem[];
  responseId: string | undefined;
  #phase: "running" | "stopping" | "ended" = "running";
  #terminal: TerminalEvent | undefined;
  #bytes = 0;
  #passedOver = 0;
  /** Of the last event that had one. */
  #sequence = Number.NEGATIVE_INFINITY;
  #timer: NodeJS.Timeout | undefined;
  readonly #reading: ResponseReading;
  readonly #silence: Watchdog;
  readonly #settings: Settings;
  readonly #hooks: RunHooks;
  readonly #onEvent: (event: ResponseEvent) => void;

  constructor(request: CreateRequest, given: RunOptions) {
    this.request = request;
    this.draft = given.draft;
    this.traceparent = given.traceparent;
    this.input = request.input;
    this.#settings = given.settings;
    this.#hooks = given.hooks;
    this.#onEvent = given.onEvent;
    const emit = (event: ResponseEvent): void => this.emit(event);
    this.#reading = new ResponseReading(emit, given.isFollowed);
    this.steers = new Steers(emit);
    this.#silence = new Watchdog(() => this.fail({ at: "silence", ms: this.#patience() }));
  }

  get phase(): "running" | "stopping" | "ended" {
    return this.#phase;
  }

  get answered(): boolean {
    return this.#reading.answered;
  }

  get output(): readonly WireItem[] {
    return this.#reading.output;
  }

  /** The model may still be writing; false before it began and behind its last event. */
  get writing(): boolean {
    return this.#phase === "running" && this.responseId !== undefined && this.#terminal === undefined;
  }

  /** The request has been put on the wire. */
  sent(exchange: Exchange, about: { readonly bytesSent: number; readonly continued: boolean }): void {
    const transport: ResponseTransport = exchange.transport;
    this.exchange = exchange;
    this.input = this.request.input;
    this.responseId = undefined;
    this.#terminal = undefined;
    this.#bytes = 0;
    this.#passedOver = 0;
    this.#sequence = Number.NEGATIVE_INFINITY;
    this.#reading.restart();
    this.#silence.start(this.#settings.timeouts.firstEvent);
    // Not from inside `respond`, whose caller does not hold the run yet.
    queueMicrotask(() => this.emit({ kind: "requested", transport, ...about }));
  }

  emit(event: ResponseEvent): void {
    if (this.#phase === "running") this.#onEvent(event);
  }

  /** Calls back after `ms` unless the run has ended or something else is waited for by then. */
  after(ms: number, then: () => void): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(then, ms);
  }

  /** From here on nothing but the ending is delivered. */
  mute(): void {
    if (this.#phase === "running") this.#phase = "stopping";
  }

  end(ending: ResponseEnding): void {
    if (this.#phase === "ended") return;
    this.pause();
    if (ending.status !== "interrupted") this.steers.abandon("The response ended before it was taken.");
    this.#phase = "ended";
    this.#onEvent({ kind: "ended", ending, ...(this.#passedOver > 0 && { passedOver: this.#passedOver }) });
  }

  /** Waits for nothing any more. */
  pause(): void {
    this.#silence.stop();
    clearTimeout(this.#timer);
  }

  /** True: the piece of a call's input that came in a frame of so many bytes need not be decoded. */
  passesOver(bytes: number): boolean {
    if (!this.#reading.leavesInputs) return false;
    this.#passedOver += 1;
    this.alive(bytes);
    return true;
  }

  receive(event: ServerEvent, bytes: number): void {
    if (bytes > 0) this.alive(bytes);
    if (this.#phase === "ended") return;
    switch (event.kind) {
      case "created":
        return this.#created(event.response);
      case "item.added":
        return this.#follows(event.sequence) ? this.#reading.added(event) : this.#disordered();
      case "delta":
        return this.#follows(event.sequence) ? this.#reading.delta(event) : this.#disordered();
      case "text.done":
        return this.emit({ kind: "text.done" });
      case "item.done":
        this.#passedOver = 0;
        return this.#follows(event.sequence) ? this.#reading.done(event) : this.#disordered();
      case "terminal":
        return this.#ends(event);
      case "steer.accepted":
      case "steer.pending":
      case "steer.failed":
        this.steers.receive(event);
        return this.#terminal === undefined ? undefined : this.#settle(this.#terminal);
      case "limits":
        return this.emit({ kind: "limits", limits: event.limits });
      case "queued":
        return this.emit({ kind: "queued" });
      case "error":
        return this.#refused(event.error);
      case "garbage":
        return this.fail({ at: "garbage", reason: event.reason });
      case "ignored":
        return;
    }
  }

  alive(bytes: number): void {
    if (this.#bytes === 0) this.#silence.start(this.#settings.timeouts.betweenEvents);
    else this.#silence.touch();
    this.#bytes += bytes;
    const { perResponse } = this.#settings.limits;
    if (this.#bytes > perResponse) this.fail({ at: "flood", limit: perResponse });
  }

  headers(headers: Headers): void {
    const limits = limitsFromHeaders(headers, this.#settings.now());
    if (limits.length > 0) this.emit({ kind: "limits", limits });
  }

  fail(trouble: Trouble): void {
    if (this.#phase !== "ended") this.#hooks.trouble(this, trouble);
  }

  /** Not every server counts its events, and some always send the same number; but a number that falls is wrong. */
  #follows(sequence: number | undefined): boolean {
    if (sequence === undefined) return true;
    const before = this.#sequence;
    this.#sequence = sequence;
    return sequence >= before;
  }

  /** Text that is put together in another order than it was written must not become an edit. */
  #disordered(): void {
    this.fail({ at: "garbage", reason: "its events are out of order" });
  }

  #patience(): number {
    return this.#bytes === 0 ? this.#settings.timeouts.firstEvent : this.#settings.timeouts.betweenEvents;
  }

  #created({ id, model, serviceTier }: ResponseHead): void {
    if (this.responseId !== undefined && this.responseId !== id) {
      // The successor of a steered response: it answers what came before, what that one wrote, and the message.
      const messages = this.steers.applied().map((text) => inputMessage("user", text));
      this.input = [...this.input, ...this.output.map((item) => replayOf(item)), ...messages];
      this.#reading.restart();
      this.#terminal = undefined;
      clearTimeout(this.#timer);
    }
    this.responseId = id;
    this.#sequence = Number.NEGATIVE_INFINITY;
    this.emit({ kind: "started", responseId: id, model, ...(serviceTier !== undefined && { serviceTier }) });
    this.#hooks.started(this);
  }

  #ends(terminal: TerminalEvent): void {
    if (terminal.status === "failed")
      return this.#refused(terminal.response.error ?? { message: "the response failed", code: "server_error" });
    this.#reading.complete(terminal.response);
    this.responseId = terminal.response.id;
    this.#terminal = terminal;
    this.#settle(terminal);
  }

  /** A response that was steered goes on in a successor, so its end counts only when every steer is accounted for. */
  #settle(terminal: TerminalEvent): void {
    if (this.#phase === "running" && this.steers.outstanding > 0) {
      return this.after(this.#settings.timeouts.steer, () => this.#hooks.over(this, terminal));
    }
    this.#hooks.over(this, terminal);
  }

  #refused(error: NonNullable<ResponseHead["error"]>): void {
    const resetAt = resetOf(error, {}, this.#settings.now());
    this.fail({ at: "event", error, ...(resetAt !== undefined && { resetAt }) });
  }
}
