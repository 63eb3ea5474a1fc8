/** The thread that speaks to MCP servers, as the session sees it: questions in, answers out. Decides nothing; ends with the session. */
import { fileURLToPath } from "node:url";
import type { Worker } from "node:worker_threads";
import packageJson from "../../package.json" with { type: "json" };
import type { CallAnswer, ListedTool, OpenServer, ThreadReply, ThreadRequest, ToolCallWish } from "../mcp/thread-messages.ts";

export interface ThreadListener {
  readonly onTools: (server: string, tools: readonly ListedTool[]) => void;
  readonly onGone: (server: string, why: string) => void;
  /** The thread itself is gone, and every server with it. */
  readonly onEnd: (why: string) => void;
}

export type Opened = { readonly tools: readonly ListedTool[]; readonly version: string } | { readonly failed: string };

type Asked = ThreadRequest extends infer One ? (One extends { id: number } ? Omit<One, "id"> : never) : never;
type Answer = Extract<ThreadReply, { id: number }>;

/** Megabytes: answers of servers, and nothing else. */
const heapLimit = 512;
/** A server over HTTP is told that its session ends; nobody waits longer for that. ms */
const closeMs = 200;
const gone = "what speaks to MCP servers has ended";

export class McpThread {
  private readonly listener: ThreadListener;
  private readonly worker: Worker;
  private readonly waiting = new Map<number, (answer: Answer) => void>();
  private last = 0;
  private ended = false;

  constructor(listener: ThreadListener) {
    this.listener = listener;
    // Loading it takes a millisecond that most starts do not need.
    const { Worker: Thread } = process.getBuiltinModule("node:worker_threads");
    const file = fileURLToPath(new URL("./mcp-worker.ts", import.meta.url));
    const resourceLimits = { maxOldGenerationSizeMb: heapLimit };
    this.worker = new Thread(file, { workerData: { version: packageJson.version }, resourceLimits });
    this.worker.unref();
    this.worker.on("message", (reply: ThreadReply) => this.take(reply));
    this.worker.on("error", (error: Error) => this.end(error.message.split("\n", 1)[0] ?? gone));
    this.worker.on("exit", () => this.end(gone));
  }

  /** `isWaitedFor`: the process lives until it is known. */
  async open(server: OpenServer, { isWaitedFor = false }: { readonly isWaitedFor?: boolean } = {}): Promise<Opened> {
    if (isWaitedFor) this.worker.ref();
    const answer = await this.ask({ do: "open", server }).reply;
    return "tools" in answer || "failed" in answer ? answer : { failed: gone };
  }

  /** A stop is an answer at once, and the server is told. */
  async call(server: string, wish: ToolCallWish, signal: AbortSignal): Promise<CallAnswer> {
    const { id, reply } = this.ask({ do: "call", server, wish });
    const cancel = (): void => {
      this.post({ do: "cancel", id });
      this.settle({ id, failed: "it was stopped" });
    };
    signal.addEventListener("abort", cancel, { once: true });
    if (signal.aborted) cancel();
    const answer = await reply.finally(() => signal.removeEventListener("abort", cancel));
    if ("answer" in answer) return answer.answer;
    return { ok: false, text: "failed" in answer ? answer.failed : gone };
  }

  async closeServer(server: string): Promise<void> {
    await this.ask({ do: "close", server }).reply;
  }

  /** Programs see their input end, and end by themselves or are made to. */
  async close(servers: readonly string[]): Promise<void> {
    if (servers.length > 0 && !this.ended) {
      const closing = Promise.all(servers.map((server) => this.closeServer(server)));
      await Promise.race([closing, new Promise((resolve) => void setTimeout(resolve, closeMs).unref())]);
    }
    this.ended = true;
    for (const id of this.waiting.keys()) this.settle({ id, failed: gone });
    await this.worker.terminate();
  }

  private ask(question: Asked): { readonly id: number; readonly reply: Promise<Answer> } {
    const id = ++this.last;
    const reply = new Promise<Answer>((resolve) => void this.waiting.set(id, resolve));
    if (this.ended) this.settle({ id, failed: gone });
    else this.post({ ...question, id });
    return { id, reply };
  }

  private post(request: ThreadRequest): void {
    // Who waits for an answer must not find the process at its end.
    if (request.do === "call") this.worker.ref();
    this.worker.postMessage(request);
  }

  private take(reply: ThreadReply): void {
    if ("id" in reply) return this.settle(reply);
    if (reply.told === "tools") this.listener.onTools(reply.server, reply.tools);
    else this.listener.onGone(reply.server, reply.why);
  }

  private settle(answer: Answer): void {
    this.waiting.get(answer.id)?.(answer);
    this.waiting.delete(answer.id);
    if (this.waiting.size === 0) this.worker.unref();
  }

  private end(why: string): void {
    if (this.ended) return;
    this.ended = true;
    for (const id of this.waiting.keys()) this.settle({ id, failed: why });
    this.listener.onEnd(why);
  }
}
