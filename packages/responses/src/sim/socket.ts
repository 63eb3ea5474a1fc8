/**
 * One WebSocket of the simulated server: its lanes, what runs in them, what waits, and which responses can be continued.
 * A lane runs one response at a time; lanes run side by side.
 */
import type { Socket } from "node:net";
import type { RawData, WebSocket } from "ws";
import type { Emission, JsonObject } from "../server/reply.ts";
import { responseEntries } from "./conversation.ts";
import type { Entry } from "./conversation.ts";
import { badRequest, failureEvent } from "./failure.ts";
import type { Failure } from "./failure.ts";
import { parseObject } from "./http.ts";
import type { PastResponse, PlannedResponse, SimulatedModel } from "./model.ts";
import { Player } from "./pacing.ts";
import { settle } from "./recorder.ts";
import type { Outcome, RecordedRequest, Recorder } from "./recorder.ts";
import { SocketOutlet } from "./socket-outlet.ts";
import { acceptSteer, steerFailed } from "./steer.ts";
import type { Steer } from "./steer.ts";

export interface SocketContext {
  readonly socket: WebSocket;
  readonly tcp: Socket;
  readonly model: SimulatedModel;
  readonly recorder: Recorder;
  readonly connection: number;
  readonly path: string;
}

interface Lane {
  /** Undefined: the default lane. */
  readonly name: string | undefined;
  running: Run | undefined;
  latest: PastResponse | undefined;
  /** Steers that wait for the outputs of the calls on which this response ended. */
  steered: { readonly parent: string; readonly entries: readonly Entry[] } | undefined;
}

interface Create {
  readonly body: JsonObject;
  readonly lane: Lane;
  readonly entry: RecordedRequest;
}

interface Run extends Create {
  readonly plan: PlannedResponse;
  readonly player: Player;
  readonly steers: Steer[];
}

const MAX_IN_FLIGHT = 16;
const MAX_NAMED_LANES = 32;
/** Creates that wait for their lane; further ones are refused. */
const MAX_WAITING = 256;
const LANE_NAME = /^[A-Za-z0-9_.-]{1,256}$/;

export class SocketSession {
  readonly #context: SocketContext;
  readonly #outlet: SocketOutlet;
  readonly #lanes = new Map<string, Lane>();
  readonly #running = new Set<Run>();
  #waiting: Create[] = [];

  constructor(context: SocketContext) {
    this.#context = context;
    this.#outlet = new SocketOutlet(context.socket, context.tcp);
    context.socket.on("message", (data, isBinary) => this.#receive(data, isBinary));
    context.socket.on("error", () => {});
    context.socket.on("close", () => this.#closed());
  }

  /** Sends an error that belongs to no request, then closes the connection. */
  end(code: number, failure?: Failure): void {
    if (failure !== undefined) this.#fail(failure);
    this.#context.socket.close(code);
  }

  #closed(): void {
    for (const run of this.#running) {
      run.player.stop();
      settle(run.entry, "cancelled");
    }
    for (const create of this.#waiting) settle(create.entry, "cancelled");
    this.#running.clear();
    this.#waiting = [];
  }

  #receive(data: RawData, isBinary: boolean): void {
    const text = Buffer.isBuffer(data) ? data.toString() : "";
    const body = isBinary ? undefined : parseObject(text);
    const entry = this.#record(body, Buffer.byteLength(text));
    if (body === undefined) return this.#refuse(entry, badRequest("The message is not a JSON object.", "invalid_json"));
    const { features } = this.#context.model.scenario;
    if (body.type === "response.create") return this.#create(body, entry);
    if (body.type === "response.interrupt" && features.interrupt) return this.#interrupt(body, entry);
    if (body.type === "response.steer" && features.steer) return this.#steer(body, entry);
    this.#refuse(entry, badRequest(`Unknown event type '${String(body.type)}'.`, "unknown_event_type", "type"));
  }

  #record(body: JsonObject | undefined, bytes: number): RecordedRequest {
    const { recorder, connection, path } = this.#context;
    const kind = body?.type === "response.create" ? "responses" : "message";
    return recorder.add({ kind, transport: "websocket", connection, at: performance.now(), path, headers: {}, bytes, body });
  }

  #create(body: JsonObject, entry: RecordedRequest): void {
    const lane = this.#laneOf(body.stream_id);
    if ("failure" in lane) return this.#refuse(entry, lane.failure);
    if (this.#waiting.length >= MAX_WAITING) {
      const message = `More than ${MAX_WAITING} requests wait on this connection.`;
      return this.#refuse(entry, { status: 429, code: "rate_limit_exceeded", message }, lane);
    }
    this.#waiting.push({ body, lane, entry });
    this.#startWaiting();
  }

  #laneOf(streamId: unknown): Lane | { readonly failure: Failure } {
    if (streamId !== undefined && !this.#context.model.scenario.features.lanes) {
      return { failure: badRequest("Unknown parameter: 'stream_id'.", "unknown_parameter", "stream_id") };
    }
    if (streamId !== undefined && (typeof streamId !== "string" || !LANE_NAME.test(streamId))) {
      return {
        failure: badRequest("A stream_id has 1 to 256 characters of A-Z a-z 0-9 _ . -", "invalid_stream_id", "stream_id"),
      };
    }
    // No lane can be named by the empty string, so it stands for the default lane.
    const key = streamId ?? "";
    const known = this.#lanes.get(key);
    if (known !== undefined) return known;
    const named = this.#lanes.size - (this.#lanes.has("") ? 1 : 0);
    if (key !== "" && named >= MAX_NAMED_LANES) {
      const message = `A connection has at most ${MAX_NAMED_LANES} named lanes.`;
      return { failure: badRequest(message, "websocket_stream_limit_reached", "stream_id") };
    }
    const lane: Lane = { name: streamId, running: undefined, latest: undefined, steered: undefined };
    this.#lanes.set(key, lane);
    return lane;
  }

  /** Starts, in order of arrival, all whose lane is free. */
  #startWaiting(): void {
    for (let at = 0; at < this.#waiting.length && this.#running.size < MAX_IN_FLIGHT;) {
      const create = this.#waiting[at];
      if (create === undefined || create.lane.running !== undefined) {
        at += 1;
        continue;
      }
      this.#waiting.splice(at, 1);
      this.#start(create);
      // What just ended within this call may have freed a lane further up.
      at = 0;
    }
  }

  #start(create: Create): void {
    const { body, lane, entry } = create;
    const { model, socket } = this.#context;
    const parent = body.previous_response_id;
    const held = lane.steered?.parent === parent ? lane.steered : undefined;
    const made = model.planResponse({
      body,
      wire: "websocket",
      streamId: lane.name,
      find: (id) => this.#find(id),
      ...(held === undefined ? {} : { steered: held.entries }),
    });
    if (!made.ok) {
      // A continuation that fails on its own lane loses its parent.
      if (lane.latest?.id === parent) lane.latest = undefined;
      return this.#refuse(entry, made.failure, lane);
    }
    lane.steered = undefined;
    const { plan } = made;
    entry.responseId ??= plan.emitter.id;
    if (plan.fault?.kind === "slow-reader") {
      socket.pause();
      if (plan.fault.ms !== undefined) setTimeout(() => socket.resume(), plan.fault.ms).unref();
    }
    const player = new Player({
      ...plan,
      outlet: this.#outlet,
      onEnd: (how) => this.#played(run, how === "cut" ? "cut" : "completed"),
    });
    const run: Run = { ...create, plan, player, steers: [] };
    lane.running = run;
    this.#running.add(run);
    player.play();
  }

  /** The latest response of every lane, and what was stored. */
  #find(id: string): PastResponse | undefined {
    for (const lane of this.#lanes.values()) if (lane.latest?.id === id) return lane.latest;
    return this.#context.model.stored(id);
  }

  #played(run: Run, outcome: Outcome): void {
    const { fault } = run.plan;
    const stopped = run.plan.emitter.endAfterItem !== undefined;
    this.#finish(run, stopped && outcome === "completed" ? "steered" : outcome);
    if (fault?.kind === "failed" || fault?.kind === "error") run.lane.latest = undefined;
    if (fault?.kind === "no-terminal") this.#context.socket.close(1000);
    else if (outcome === "completed") this.#applySteers(run);
    this.#startWaiting();
  }

  #finish(run: Run, outcome: Outcome): void {
    const past = run.plan.past();
    run.lane.latest = past;
    run.lane.running = undefined;
    this.#running.delete(run);
    if (run.plan.stored) this.#context.model.store(past);
    settle(run.entry, outcome);
  }

  #interrupt(body: JsonObject, entry: RecordedRequest): void {
    const run = this.#runOf(body.response_id);
    if (run === undefined) {
      const message = `Response '${String(body.response_id)}' is not running.`;
      return this.#refuse(entry, badRequest(message, "response_not_found", "response_id"));
    }
    settle(entry, "completed");
    run.player.stop();
    this.#send(run.plan.emitter.end({ status: "incomplete", reason: "interrupted" }));
    this.#finish(run, "interrupted");
    this.#startWaiting();
  }

  #steer(body: JsonObject, entry: RecordedRequest): void {
    const run = this.#runOf(body.previous_response_id);
    const known = typeof body.previous_response_id === "string" && this.#find(body.previous_response_id) !== undefined;
    const accepted = acceptSteer(body, { emitter: run?.plan.emitter, waiting: run?.steers.length ?? 0, known });
    if (!accepted.ok) {
      settle(entry, "refused");
      return this.#send(steerFailed(body, accepted));
    }
    settle(entry, "completed");
    run?.steers.push(accepted.steer);
    this.#send(accepted.reply);
  }

  /** A steered response is followed by its successor, or waits for the outputs of the calls it ended on. */
  #applySteers(run: Run): void {
    const [first] = run.steers;
    const { latest } = run.lane;
    if (first === undefined || latest === undefined) return;
    const parent = latest.id;
    const input = run.steers.flatMap((steer) => steer.input);
    if (latest.conversation.openCalls.size > 0) {
      run.lane.steered = { parent, entries: responseEntries(input) };
      const required = [...latest.conversation.openCalls].map(([call_id, call]) => ({
        type: call.freeform ? "custom_tool_call_output" : "function_call_output",
        call_id,
        name: call.name,
      }));
      const steer = { id: first.id, previous_response_id: parent };
      const fields = { reason: "waiting_for_required_input", required_input: required, steer };
      return this.#send(run.plan.emitter.event("response.steer.pending", fields));
    }
    const body = { ...run.body, previous_response_id: parent, input };
    // No request of the client: it continues the one that was steered.
    this.#waiting.unshift({ body, lane: run.lane, entry: run.entry });
  }

  #runOf(id: unknown): Run | undefined {
    for (const run of this.#running) if (run.plan.emitter.id === id) return run;
    return undefined;
  }

  #send(emission: Emission): void {
    if (emission.kind === "event") this.#outlet.write(this.#outlet.encode(emission.event));
  }

  #refuse(entry: RecordedRequest, failure: Failure, lane?: Lane): void {
    settle(entry, "refused");
    this.#fail(failure, lane?.name);
  }

  #fail(failure: Failure, streamId?: string): void {
    this.#outlet.write(this.#outlet.encode(failureEvent(failure, streamId)));
  }
}
