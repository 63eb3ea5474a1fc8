/**
 * `instant`: a session that answers without a network and without a model. It understands a documented set of requests
 * (words.ts) and answers with an edit call whose patch comes from the language service; it says of itself that it is no
 * model. Not responsible for writing: the patch takes the way of every model's edits.
 */
import { failure, type Failure, type ModelCapabilities } from "@twolane/protocol";
import { createParser } from "../../edits/dialects/dialects.ts";
import type { ConversationItem, ModelEvent, ModelRequest, ModelRun, ModelSession } from "../../models/models.ts";
import type { InstantAnswer, InstantRequest, PlanState, WorkerReply, WorkerTask } from "./requests.ts";
import { understand } from "./words.ts";
import type { InstantWorker, SpawnInstantWorker } from "./worker-thread.ts";

export interface InstantOptions {
  readonly workspaceRoot: string;
  /** False: only the bundled TypeScript is loaded, never code of the workspace. */
  readonly trusted: boolean;
  readonly spawn: SpawnInstantWorker;
  /** May this path, relative to the workspace, change? A refactoring is done whole or not at all. */
  readonly allows: (path: string) => boolean;
}

const instantCapabilities: ModelCapabilities = {
  dialect: "unified-diff",
  editForm: "freeform",
  tools: true,
  parallelCalls: false,
  stop: "disconnect",
  steer: false,
  // It reads the last message only.
  contextWindow: Number.MAX_SAFE_INTEGER,
};

const tool = "edit";

export function createInstantSession(options: InstantOptions): ModelSession {
  const service = createServiceClient(options);
  const memory: Memory = {};
  return {
    model: "instant",
    capabilities: instantCapabilities,
    prewarm: () => service.start(),
    respond: (request, onEvent) => startAnswer({ request, onEvent, service, memory, allows: options.allows }),
    unchanged: () =>
      new Promise((resolve) =>
        service.ask({ task: "compare" }, (reply) => resolve("task" in reply && reply.task === "compare" && reply.same)),
      ),
    close: () => {
      service.end();
      return Promise.resolve();
    },
  };
}

/** What is remembered between a plan and the outcome of its call. */
interface Memory {
  last?: {
    readonly call: string;
    readonly request: InstantRequest;
    readonly summary: string;
    readonly notes: readonly string[];
    readonly replanned: boolean;
  };
}

interface Answering {
  readonly request: ModelRequest;
  readonly onEvent: (event: ModelEvent) => void;
  readonly service: ServiceClient;
  readonly memory: Memory;
  readonly allows: (path: string) => boolean;
}

function startAnswer(answering: Answering): ModelRun {
  let over = false;
  const emit = (event: ModelEvent): void => {
    if (over) return;
    if (event.kind === "ended") over = true;
    answering.onEvent(event);
  };
  const run = { ...answering, emit, isOver: () => over };
  // Nothing is delivered from inside this call.
  setImmediate(() => {
    emit({ kind: "requested", bytesSent: 0, transport: "in-process", continued: false });
    emit({ kind: "started", model: "instant" });
    const last = answering.request.items.at(-1);
    const planned = answering.memory.last;
    if (over) return;
    if (last?.kind === "output" && planned?.call === last.call) checkOutcome(run, planned);
    else understandPrompt(run);
  });
  return {
    stop: () => {
      if (over) return;
      answering.service.cancel();
      emit({ kind: "ended", ending: "interrupted" });
    },
    steer: () => false,
  };
}

interface Run extends Answering {
  readonly emit: (event: ModelEvent) => void;
  readonly isOver: () => boolean;
}

function understandPrompt(run: Run): void {
  const prompt = run.request.items.findLast((item) => item.kind === "user");
  const { text = "", own } = prompt?.kind === "user" ? prompt : {};
  // Around it stands what is told to models.
  const understood = understand(own === undefined ? text : text.slice(own.start, own.end));
  if ("failure" in understood) return endFailed(run, understood.failure);
  makePlan(run, understood.request, false);
}

function makePlan(run: Run, request: InstantRequest, replanned: boolean): void {
  run.service.ask({ task: "plan", request }, (reply) => {
    if (run.isOver()) return;
    if ("failure" in reply) return endFailed(run, reply.failure);
    if (reply.task !== "plan") return;
    const { answer } = reply;
    if (answer.kind === "failure") return endFailed(run, answer.failure);
    if (answer.kind === "nothing") return endWithText(run, answer.text);
    const outside = pathsOf(answer.patches).filter((path) => !run.allows(path));
    if (outside.length > 0) return endFailed(run, outOfScope(outside));
    const call = `instant-${run.request.items.filter(({ kind }) => kind === "output").length + 1}`;
    run.memory.last = { call, request, replanned, summary: answer.summary, notes: answer.notes };
    streamCall(run, call, answer);
  });
}

function pathsOf(patches: readonly string[]): string[] {
  const parser = createParser("unified-diff", "freeform");
  const events = [...parser.push(patches.join("")), ...parser.end(true)];
  const paths = events.flatMap((event) =>
    event.type !== "hunk" ? [] : event.draft.kind === "move" ? [event.draft.path, event.draft.to] : [event.draft.path],
  );
  return [...new Set(paths)];
}

function outOfScope(paths: readonly string[]): Failure {
  const named = `${paths.slice(0, 5).join(", ")}${paths.length > 5 ? ` and ${paths.length - 5} more` : ""}`;
  return failure("PATH_SCOPE", `This would also change ${named}, outside the scope; nothing was changed.`, "Widen --scope.");
}

/** One file's patch at a time, so that a stop between two of them stops. */
function streamCall(run: Run, call: string, { patches }: Extract<InstantAnswer, { kind: "plan" }>): void {
  run.emit({ kind: "call.started", call, tool, freeform: true });
  const next = (index: number): void => {
    if (run.isOver()) return;
    const text = patches[index];
    if (text === undefined) {
      const item: ConversationItem = { kind: "call", call, tool, input: patches.join(""), freeform: true };
      run.emit({ kind: "item", item });
      run.emit({ kind: "ended", ending: "completed" });
      return;
    }
    run.emit({ kind: "call.delta", call, text });
    setImmediate(() => next(index + 1));
  };
  next(0);
}

/** The call came back: says what is on disk now, or plans once more when somebody else wrote meanwhile. */
function checkOutcome(run: Run, planned: NonNullable<Memory["last"]>): void {
  run.service.ask({ task: "check" }, (reply) => {
    if (run.isOver()) return;
    if ("failure" in reply) return endFailed(run, reply.failure);
    if (reply.task !== "check") return;
    const { state } = reply;
    if (state.different.length > 0 && !planned.replanned) return makePlan(run, planned.request, true);
    endWithText(run, [planned.summary + remainder(state), ...planned.notes].join("\n"));
  });
}

function remainder({ done, untouched, different }: PlanState): string {
  if (done.length === 0 && different.length === 0) return " Nothing of it is on disk yet.";
  const open = [...untouched, ...different];
  return open.length === 0 ? "" : ` Not as planned on disk: ${open.slice(0, 8).join(", ")}${open.length > 8 ? " and more" : ""}.`;
}

function endWithText(run: Run, text: string): void {
  run.emit({ kind: "text", text });
  run.emit({ kind: "item", item: { kind: "assistant", text } });
  run.emit({ kind: "ended", ending: "completed" });
}

function endFailed(run: Run, reason: Failure): void {
  run.emit({ kind: "ended", ending: "failed", failure: reason });
}

type Reply = WorkerReply | { readonly failure: Failure };

interface ServiceClient {
  start(): void;
  /** One task at a time: a new one takes the place of an unanswered one, whose answer is not delivered. */
  ask(task: WorkerTask, onReply: (reply: Reply) => void): void;
  /** Gives up the task under way, with the thread that is busy with it. */
  cancel(): void;
  end(): void;
}

function createServiceClient({ workspaceRoot, trusted, spawn }: InstantOptions): ServiceClient {
  let worker: InstantWorker | undefined;
  let pending: { readonly id: number; readonly onReply: (reply: Reply) => void } | undefined;
  const latest = new SharedArrayBuffer(4);
  let ids = 0;
  const answer = (reply: Reply): void => {
    const waiting = pending;
    pending = undefined;
    waiting?.onReply(reply);
  };
  const start = (): InstantWorker =>
    spawn(
      { workspaceRoot, trusted, latest },
      {
        onReply: (reply) => {
          if (reply.id === pending?.id) answer(reply);
        },
        onGone: (reason) => {
          worker = undefined;
          answer({ failure: failure("TOOL_FAILED", reason, "Try again, or ask a model with --model.") });
        },
      },
    );
  return {
    start: () => {
      worker ??= start();
    },
    ask: (task, onReply) => {
      worker ??= start();
      pending = { id: ++ids, onReply };
      Atomics.store(new Int32Array(latest), 0, ids);
      worker.send({ ...task, id: ids });
    },
    cancel: () => {
      if (pending === undefined) return;
      pending = undefined;
      worker?.end();
      worker = undefined;
    },
    end: () => {
      pending = undefined;
      worker?.end();
      worker = undefined;
    },
  };
}
