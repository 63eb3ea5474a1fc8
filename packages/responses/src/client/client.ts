/**
 * One conversation over the Responses wire: keeps a socket and a spare, decides what of a request has to travel and where, and
 * carries out what `reactions.ts` decides. One response at a time.
 */
import type { CreateRequest, JsonObject, RateLimit, ServerEvent } from "../wire/events.ts";
import { encodePost } from "../wire/codec.ts";
import { Chains, type LaneChain } from "./chains.ts";
import { HttpClient } from "./http-stream.ts";
import { LimitGate } from "./limit-gate.ts";
import { type AboutRequest, type ResponsesOptions, type Settings, completeOptions } from "./options.ts";
import type { ErrorKind, ResponseEvent, ResponseTransport } from "./outcome.ts";
import { reactTo } from "./reactions.ts";
import { ResponseRun, type RunHooks, type TerminalEvent } from "./run.ts";
import type { SocketLink } from "./socket-link.ts";
import { SocketPair } from "./socket-pair.ts";
import { type Trouble, describeTrouble, errorOfTrouble } from "./trouble.ts";

/** One running response. */
export interface RunningResponse {
  /** Ends it the fastest way there is. Nothing but `ended` is delivered after this has returned. */
  stop(): void;
  /** Sends a message into it. False where the provider or the moment does not allow it; else `steer` events follow. */
  steer(text: string): boolean;
}

export interface ResponsesSession {
  /** Connects; with a request, also warms the provider's cache where it can. Never fails: a response reports what is wrong. */
  prewarm(request?: CreateRequest): void;
  /**
   * Starts a response; on an open socket the request is on the wire when this returns. Events come synchronously as bytes
   * arrive, never from inside this call. Throws while another response runs that has not been stopped. `draft`: it may come to
   * nothing; where the provider has lanes it runs beside the conversation, which can still be continued from before it. `traceparent`: the
   * trace that it belongs to, as a header, or as metadata where a socket takes any.
   */
  respond(request: CreateRequest, onEvent: (event: ResponseEvent) => void, about?: AboutRequest): RunningResponse;
  /** Ends everything; a running response ends as interrupted. */
  close(): void;
}

interface Continuation {
  readonly fields: { readonly store: boolean; readonly previous_response_id?: string };
  readonly input: CreateRequest["input"] | undefined;
  readonly chain: LaneChain | undefined;
}

const day = 24 * 3600 * 1000;

class Session implements ResponsesSession {
  readonly #settings: Settings;
  readonly #hooks: RunHooks;
  #transport: ResponseTransport;
  /** The upgrade was refused for good, which is not remembered yet. */
  #refused = false;
  #http: HttpClient | undefined;
  readonly #sockets: SocketPair;
  readonly #chains: Chains;
  #run: ResponseRun | undefined;
  /** The running one, while it waits for its socket to open. */
  #awaiting: ResponseRun | undefined;
  /** Asked for while the running one is being stopped. */
  #next: ResponseRun | undefined;
  #warmUp: CreateRequest | undefined;
  #warmed: SocketLink | undefined;
  readonly #limit = new LimitGate();
  /** What a socket said when it was opened, and nobody has heard yet. */
  #limits: readonly RateLimit[] = [];

  constructor(options: ResponsesOptions) {
    this.#settings = completeOptions(options);
    const { capabilities, refusedUpgrades, host, now } = this.#settings;
    this.#chains = new Chains(capabilities.store);
    const refused = (refusedUpgrades.get(host) ?? 0) > now();
    this.#transport = capabilities.websocket && !refused ? "websocket" : "sse";
    this.#sockets = new SocketPair(this.#settings, {
      onLimits: (limits) => this.#onLimits(limits),
      onOpen: (link) => this.#onOpen(link),
      onLost: (link, trouble) => this.#onLost(link, trouble),
    });
    this.#hooks = {
      started: () => this.#onStarted(),
      trouble: (run, trouble) => this.#onTrouble(run, trouble),
      over: (run, terminal) => this.#onOver(run, terminal),
    };
  }

  prewarm(request?: CreateRequest): void {
    if (this.#run !== undefined) return;
    if (this.#transport === "sse") return this.#httpClient().warm();
    if (this.#settings.capabilities.prewarm) this.#warmUp = request;
    const link = this.#sockets.current();
    if (link.open) this.#sendWarmUp(link);
  }

  respond(
    request: CreateRequest,
    onEvent: (event: ResponseEvent) => void,
    { draft = false, traceparent, isFollowed = () => true }: AboutRequest = {},
  ): RunningResponse {
    const run = new ResponseRun(request, {
      settings: this.#settings,
      hooks: this.#hooks,
      onEvent,
      draft,
      traceparent,
      isFollowed,
    });
    if (this.#run === undefined) this.#begin(run);
    else if (this.#run.phase === "stopping" && this.#next === undefined) this.#next = run;
    else throw new Error("A response is running; stop it first.");
    return { stop: () => this.#stop(run), steer: (text) => this.#steer(run, text) };
  }

  close(): void {
    const running = [this.#run, this.#next];
    this.#run = undefined;
    this.#awaiting = undefined;
    this.#next = undefined;
    this.#chains.clear();
    for (const run of running) {
      if (run?.exchange?.transport === "sse") run.exchange.stream.abort();
      run?.end({ status: "interrupted" });
    }
    this.#sockets.close();
    this.#http?.close();
  }

  #begin(run: ResponseRun): void {
    this.#run = run;
    const trouble = this.#limit.enter(this.#settings.now());
    if (trouble === undefined) this.#launch(run);
    else queueMicrotask(() => this.#fail(run, trouble, "limit"));
  }

  #launch(run: ResponseRun): void {
    if (this.#transport === "sse") return this.#post(run);
    const link = this.#sockets.current();
    if (link.open) this.#transmit(run, link);
    else this.#awaiting = run;
  }

  #onStarted(): void {
    if (this.#transport === "websocket") this.#sockets.connectSpare();
    else if (this.#refused) {
      // Only now it is known that the address is right and that the host does without sockets.
      this.#refused = false;
      const { refusedUpgrades, host, now } = this.#settings;
      refusedUpgrades.set(host, now() + day);
    }
  }

  #onLimits(limits: readonly RateLimit[]): void {
    this.#limits = limits;
    if (this.#run !== undefined) this.#tellLimits(this.#run);
  }

  #tellLimits(run: ResponseRun): void {
    const limits = this.#limits;
    this.#limits = [];
    if (limits.length > 0) run.emit({ kind: "limits", limits, uncounted: true });
  }

  #onOpen(link: SocketLink): void {
    const run = this.#awaiting;
    if (run !== undefined) this.#transmit(run, link);
    else if (this.#run === undefined) this.#sendWarmUp(link);
  }

  #onLost(link: SocketLink, trouble: Trouble): void {
    this.#chains.forget(link);
    if (this.#awaiting !== undefined) return this.#awaiting.fail(trouble);
    if (this.#run !== undefined) return;
    const reaction = reactTo(trouble, { transport: "websocket", answered: false, retried: true });
    if (reaction.do !== "fall-back-to-sse") return;
    this.#fallBack(reaction.remember);
    this.#httpClient().warm();
  }

  #drop(link: SocketLink): void {
    this.#sockets.drop(link);
    this.#chains.forget(link);
  }

  #transmit(run: ResponseRun, link: SocketLink): void {
    this.#awaiting = undefined;
    this.#warmUp = undefined;
    const { input, ...fields } = run.request;
    const continued = this.#continuation(run, link);
    const hasLanes = this.#settings.capabilities.stop === "lanes";
    const lane = hasLanes ? link.laneFor(continued.chain?.lane ?? 0, run.draft && continued.chain !== undefined) : 0;
    const { request, bytesSent } = link.request(
      { type: "response.create", ...fields, ...this.#metadata(run), ...continued.fields, input: continued.input ?? input },
      run,
      lane,
    );
    run.sent({ transport: "websocket", link, lane, request }, { bytesSent, continued: continued.input !== undefined });
    // Behind `requested`.
    queueMicrotask(() => this.#tellLimits(run));
  }

  #metadata({ traceparent }: ResponseRun): { readonly client_metadata?: JsonObject } {
    if (traceparent === undefined || !this.#settings.capabilities.clientMetadata) return {};
    return { client_metadata: { traceparent } };
  }

  #post(run: ResponseRun): void {
    const { input, ...fields } = run.request;
    const continued = this.#continuation(run, undefined);
    const body = Buffer.from(encodePost({ ...fields, input: continued.input ?? input }, continued.fields));
    const stream = this.#httpClient().post(body, run, run.traceparent === undefined ? {} : { traceparent: run.traceparent });
    run.sent({ transport: "sse", stream }, { bytesSent: body.length, continued: continued.input !== undefined });
  }

  /** `input` only where the request continues the last response: what is new. */
  #continuation(run: ResponseRun, link: SocketLink | undefined): Continuation {
    const { store } = this.#settings.capabilities;
    const found = this.#chains.find(run.request, link);
    if (found === undefined) return { fields: { store }, input: undefined, chain: undefined };
    return { fields: { store, previous_response_id: found.chain.responseId }, ...found };
  }

  #sendWarmUp(link: SocketLink): void {
    const warmUp = this.#warmUp;
    this.#warmUp = undefined;
    if (warmUp === undefined || this.#warmed === link || !this.#chains.isEmpty) return;
    this.#warmed = link;
    const { request } = link.request(
      { type: "response.create", ...warmUp, store: this.#settings.capabilities.store, generate: false },
      { receive: (event) => this.#onWarm(event, () => link.finish(request), { link, warmUp }), fail: () => {} },
    );
  }

  #onWarm(
    event: ServerEvent,
    finish: () => void,
    { link, warmUp }: { readonly link: SocketLink; readonly warmUp: CreateRequest },
  ): void {
    if (event.kind !== "terminal" && event.kind !== "error") return;
    finish();
    if (event.kind === "error" || event.status !== "completed" || !this.#sockets.isCurrent(link) || !this.#chains.isEmpty) return;
    const { input } = warmUp;
    this.#chains.add({ link, lane: 0, responseId: event.response.id, request: warmUp, input, output: [], deferred: [] });
  }

  #onOver(run: ResponseRun, { status, response }: TerminalEvent): void {
    const lane = run.exchange?.transport === "websocket" ? run.exchange.lane : 0;
    const link = this.#release(run);
    const { id: responseId, usage } = response;
    this.#limit.open();
    const { request, input, output } = run;
    this.#chains.add({ link, lane, responseId, request, input, output, deferred: run.steers.deferred });
    // A successor may still come, which nobody expects any more.
    if (link !== undefined && run.steers.outstanding > 0) this.#drop(link);
    const used = usage === undefined ? {} : { usage };
    this.#finish(run, () => {
      if (run.phase === "stopping") run.end({ status: "interrupted", ...used });
      else if (status === "incomplete") run.end({ status, reason: response.incompleteReason ?? "unknown", ...used });
      else run.end({ status: "completed", ...used });
    });
  }

  /** The caller may ask for the next response while it hears of the end of this one. */
  #finish(run: ResponseRun, end: () => void): void {
    const next = this.#run === run ? this.#next : undefined;
    if (this.#run === run) {
      this.#run = undefined;
      this.#next = undefined;
    }
    end();
    if (next?.phase === "running") this.#begin(next);
  }

  /** Takes the request out of the table, or lets go of its stream. */
  #release(run: ResponseRun): SocketLink | undefined {
    const { exchange } = run;
    run.exchange = undefined;
    run.pause();
    if (exchange?.transport === "sse") exchange.stream.release();
    if (exchange?.transport !== "websocket") return undefined;
    exchange.link.finish(exchange.request);
    return exchange.link;
  }

  #onTrouble(run: ResponseRun, trouble: Trouble): void {
    if (this.#awaiting === run) this.#awaiting = undefined;
    if (run.phase === "stopping") return this.#disconnect(run);
    const { exchange } = run;
    const transport = exchange?.transport ?? this.#transport;
    const reaction = reactTo(trouble, { transport, answered: run.answered, retried: run.retried });
    // A refused request may have cost the server its memory of what came before. A socket in an unknown state is not used again.
    this.#chains.clear();
    const link = this.#release(run);
    if (exchange?.transport === "sse" && trouble.at !== "event") exchange.stream.abort();
    if (link !== undefined && (trouble.at !== "event" || reaction.do === "reconnect")) this.#drop(link);
    switch (reaction.do) {
      case "resend-full":
      case "reconnect":
        return this.#retry(run, trouble);
      case "fall-back-to-sse":
        this.#fallBack(reaction.remember);
        if (exchange !== undefined) return this.#retry(run, trouble);
        return this.#post(run);
      case "wait-until":
        return this.#wait(run, trouble, reaction.resetAt);
      case "truncate":
        return this.#finish(run, () => run.end({ status: "truncated", message: describeTrouble(trouble) }));
      case "give-up":
        return this.#fail(run, trouble, reaction.kind);
    }
  }

  #retry(run: ResponseRun, trouble: Trouble): void {
    run.retried = true;
    const forgotten = trouble.at === "event" && trouble.error.code === "previous_response_not_found";
    run.emit({ kind: "retrying", message: describeTrouble(trouble), ...(forgotten && { forgotten }) });
    if (run.phase === "running") this.#launch(run);
  }

  #wait(run: ResponseRun, trouble: Trouble, resetAt: number): void {
    const ms = Math.max(resetAt - this.#settings.now(), 0);
    if (ms > this.#settings.timeouts.limitWait) return this.#fail(run, trouble, "limit");
    run.retried = true;
    run.after(ms, () => this.#launch(run));
    run.emit({ kind: "retrying", message: describeTrouble(trouble), at: resetAt });
  }

  #fail(run: ResponseRun, trouble: Trouble, kind: ErrorKind): void {
    const error = errorOfTrouble(trouble, kind);
    if (kind === "limit" && error.resetAt !== undefined)
      this.#limit.close(trouble, { until: error.resetAt, retried: run.retried });
    this.#finish(run, () => run.end({ status: "failed", error }));
  }

  #fallBack(remember: boolean): void {
    this.#refused = remember;
    this.#transport = "sse";
    this.#sockets.close();
  }

  #httpClient(): HttpClient {
    this.#http ??= new HttpClient(this.#settings);
    return this.#http;
  }

  #stop(run: ResponseRun): void {
    if (run.phase !== "running") return;
    const { writing, responseId, exchange } = run;
    run.mute();
    if (this.#next === run) {
      this.#next = undefined;
      return queueMicrotask(() => run.end({ status: "interrupted" }));
    }
    const { stop } = this.#settings.capabilities;
    if (exchange?.transport !== "websocket") return this.#disconnect(run);
    const { link, lane, request } = exchange;
    if (stop === "interrupt" && writing && responseId !== undefined) {
      link.tell({ type: "response.interrupt", response_id: responseId, mode: "discard_partial_items" });
      return run.after(this.#settings.timeouts.interrupt, () => this.#disconnect(run));
    }
    if (stop !== "lanes" || !link.canFork) return this.#disconnect(run);
    // Whenever it is over, the server has forgotten what it kept of that lane before.
    link.leave(request, () => this.#chains.forget(link, lane));
    run.exchange = undefined;
    this.#interrupted(run);
  }

  /** Ends a response with its connection and has the next one ready. */
  #disconnect(run: ResponseRun): void {
    const { exchange } = run;
    run.exchange = undefined;
    if (exchange?.transport === "sse") {
      exchange.stream.abort();
      this.#httpClient().warm();
    } else if (exchange !== undefined) {
      this.#drop(exchange.link);
      this.#sockets.current();
    }
    this.#interrupted(run);
  }

  #interrupted(run: ResponseRun): void {
    run.pause();
    if (this.#awaiting === run) this.#awaiting = undefined;
    queueMicrotask(() => this.#finish(run, () => run.end({ status: "interrupted" })));
  }

  #steer(run: ResponseRun, text: string): boolean {
    const { exchange, responseId } = run;
    if (!this.#settings.capabilities.steer || exchange?.transport !== "websocket" || !run.writing || responseId === undefined)
      return false;
    run.steers.sent(text);
    exchange.link.tell({ type: "response.steer", previous_response_id: responseId, input: text });
    return true;
  }
}

/** Opens a session. Connects at the first `prewarm` or `respond`, not before. */
export function openResponsesSession(options: ResponsesOptions): ResponsesSession {
  return new Session(options);
}
