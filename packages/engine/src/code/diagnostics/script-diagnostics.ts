/**
 * Diagnostics of TypeScript and JavaScript: a language service in a thread of its own. On this side nothing is done but telling it; the thread
 * goes when nobody has needed it for some minutes, or when it has grown large, and comes again with the next change.
 */
import type { Worker } from "node:worker_threads";
import { isSourcePath } from "../instant/workspace-files.ts";
import type { Diagnostics, DiagnosticsEvents, FileBefore } from "./diagnostics.ts";
import type { CodeAnswer, CodeQuestion } from "./questions.ts";
import type { CheckerReply, CheckerSetup, CheckerTask } from "./messages.ts";

export interface CheckerOptions {
  readonly workspaceRoot: string;
  /** Asked when the thread starts: only a trusted workspace's own TypeScript is loaded. */
  readonly isTrusted: () => boolean;
  /** The thread's file, and one from which `typescript6` resolves. */
  readonly workerPath: string;
  readonly resolveFrom?: string;
  /** Given back after so long without a change; ms. */
  readonly idleMs?: number;
}

const defaultIdleMs = 3 * 60_000;
/** Megabytes. At the first it is given back when it has answered, at the second it ends where it stands. */
const heap = { large: 1500, most: 3000 };
/** A thread that ends by itself so often in a session is not started again. */
const failureLimit = 2;

interface Thread {
  readonly worker: Worker;
  readonly told: Int32Array;
}

export function createScriptDiagnostics(options: CheckerOptions, events: DiagnosticsEvents): Diagnostics {
  return new ScriptDiagnostics(options, events);
}

class ScriptDiagnostics implements Diagnostics {
  isWarm = false;
  private readonly options: CheckerOptions;
  private readonly events: DiagnosticsEvents;
  private thread: Thread | undefined;
  private told = 0;
  private settledAt = 0;
  private failures = 0;
  /** The workspace has no file of these languages. */
  private isUseless = false;
  private idleTimer: NodeJS.Timeout | undefined;
  private waiting: (() => void)[] = [];
  private asked = 0;
  private readonly questions = new Map<number, (answer: CodeAnswer | undefined) => void>();

  constructor(options: CheckerOptions, events: DiagnosticsEvents) {
    this.options = options;
    this.events = events;
  }

  knows(path: string): boolean {
    return isSourcePath(path);
  }

  warm(): void {
    if (!this.isUseless) this.open();
  }

  expect(path: string, was?: FileBefore): void {
    if (this.knows(path)) this.post({ task: "expect", path, ...(was && { was }) });
  }

  changed(paths: readonly string[]): void {
    const known = paths.filter((path) => this.knows(path));
    if (known.length === 0) return;
    const thread = this.open();
    if (thread === undefined) return;
    this.told++;
    Atomics.store(thread.told, 0, this.told);
    this.post({ task: "check", paths: known, told: this.told });
  }

  refresh(): void {
    if (this.thread !== undefined) this.post({ task: "refresh", asked: Date.now() });
  }

  settled(): Promise<void> {
    if (this.thread === undefined || this.settledAt === this.told) return Promise.resolve();
    return new Promise((resolve) => void this.waiting.push(resolve));
  }

  ask(question: CodeQuestion): Promise<CodeAnswer | undefined> {
    if (!this.knows(question.path) || this.open() === undefined) return Promise.resolve(undefined);
    const id = ++this.asked;
    return new Promise((resolve) => {
      this.questions.set(id, resolve);
      this.post({ task: "ask", id, question });
    });
  }

  end(): void {
    const { thread } = this;
    if (thread === undefined) return;
    this.forget();
    thread.worker.removeAllListeners();
    void thread.worker.terminate();
  }

  private post(task: CheckerTask): void {
    this.open()?.worker.postMessage(task);
    this.keep();
  }

  private open(): Thread | undefined {
    if (this.thread !== undefined || this.failures >= failureLimit) return this.thread;
    const { workspaceRoot, isTrusted, workerPath, resolveFrom = workerPath } = this.options;
    const told = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT));
    const workerData: CheckerSetup = { workspaceRoot, trusted: isTrusted(), resolveFrom, told };
    const threads = process.getBuiltinModule("node:worker_threads");
    const worker = new threads.Worker(workerPath, { workerData, resourceLimits: { maxOldGenerationSizeMb: heap.most } });
    // Nobody waits for it at the end of the process.
    worker.unref();
    worker.on("message", (reply: CheckerReply) => this.take(reply));
    worker.on("error", () => this.failed());
    worker.on("exit", () => this.failed());
    this.settledAt = this.told;
    this.keep();
    return (this.thread = { worker, told });
  }

  private take(reply: CheckerReply): void {
    if (reply.reply === "ready") {
      this.isWarm = reply.files > 0;
      this.isUseless = !this.isWarm;
      if (this.isUseless) this.end();
      return;
    }
    if (reply.reply === "answered") {
      this.questions.get(reply.id)?.(reply.answer);
      return void this.questions.delete(reply.id);
    }
    this.settledAt = reply.settled;
    this.events.onChecked(reply.files);
    if (this.settledAt === this.told) for (const wake of this.waiting.splice(0)) wake();
    if (this.settledAt === this.told && reply.heap > heap.large * 1024 * 1024) this.end();
  }

  /** Gone by itself. Both its error and its exit say so. */
  private failed(): void {
    if (this.thread === undefined) return;
    this.failures++;
    this.forget();
  }

  private forget(): void {
    clearTimeout(this.idleTimer);
    this.thread = undefined;
    this.isWarm = false;
    for (const answer of this.questions.values()) answer(undefined);
    this.questions.clear();
    for (const wake of this.waiting.splice(0)) wake();
    this.events.onForgotten();
  }

  private keep(): void {
    clearTimeout(this.idleTimer);
    this.idleTimer = setTimeout(() => this.end(), this.options.idleMs ?? defaultIdleMs).unref();
  }
}
