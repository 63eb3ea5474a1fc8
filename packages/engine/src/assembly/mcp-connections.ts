/**
 * The connections to MCP servers: opened two at a time in the background, again on a call but at most once a minute, each trouble told in one
 * line. Which servers may be connected to is decided by whoever wants them.
 */
import path from "node:path";
import type { EventBody, McpServerStage } from "@twolane/protocol";
import { commandEnvironment } from "../guard/commands/command-environment.ts";
import { type Environment, type ServerEntry, readyPlace } from "../mcp/servers-file.ts";
import type { CallAnswer, ListedTool, OpenServer, ToolCallWish } from "../mcp/thread-messages.ts";
import { McpThread, type Opened } from "./mcp-thread.ts";

export interface ConnectionDeps {
  /** Real path of the workspace. */
  readonly root: string;
  readonly env: Environment;
  readonly emit: (event: EventBody) => void;
  readonly onTools: (entry: ServerEntry, tools: readonly ListedTool[]) => void;
}

interface Connection {
  readonly entry: ServerEntry;
  stage: Extract<McpServerStage, "known" | "starting" | "ready" | "gone" | "faulty">;
  note?: string;
  opening?: Promise<void>;
  /** When it was tried last; monotonic ms. */
  tried: number;
  /** Its trouble has been told, and it has not been well since. */
  told: boolean;
}

/** They are processes, and somebody types. */
const atOnce = 2;
const slowMs = 10_000;
const againMs = 60_000;

export class McpConnections {
  private readonly deps: ConnectionDeps;
  private readonly all = new Map<string, Connection>();
  private readonly queue: Connection[] = [];
  private thread: McpThread | undefined;
  private busy = 0;
  private closed = false;

  constructor(deps: ConnectionDeps) {
    this.deps = deps;
  }

  /** It is connected to when others have had their turn. */
  want(entry: ServerEntry): void {
    if (this.all.has(entry.name)) return;
    const connection: Connection = { entry, stage: "known", tried: Number.NEGATIVE_INFINITY, told: false };
    this.all.set(entry.name, connection);
    this.queue.push(connection);
    this.goOn();
  }

  drop(name: string): void {
    const known = this.all.get(name);
    if (known === undefined) return;
    this.all.delete(name);
    if (this.queue.includes(known)) this.queue.splice(this.queue.indexOf(known), 1);
    if (known.stage !== "known") void this.thread?.closeServer(name);
  }

  stateOf(name: string): { readonly stage: McpServerStage; readonly note?: string | undefined } {
    const known = this.all.get(name);
    return known === undefined ? { stage: "known" } : { stage: known.stage, note: known.note };
  }

  async call(entry: ServerEntry, wish: ToolCallWish, signal: AbortSignal): Promise<CallAnswer> {
    this.want(entry);
    const connection = this.all.get(entry.name)!;
    const isLost = connection.stage === "gone" || connection.stage === "faulty";
    const left = connection.tried + againMs - performance.now();
    if (isLost && left > 0)
      return {
        ok: false,
        text: `the server is not there (${connection.note}); it is tried again in ${Math.ceil(left / 1000)} s`,
      };
    if (connection.stage !== "ready") await unlessStopped(this.open(connection), signal);
    if (signal.aborted) return { ok: false, text: "it was stopped" };
    if (connection.stage !== "ready" || this.thread === undefined)
      return { ok: false, text: `the server is not there (${connection.note ?? "it did not start"})` };
    return this.thread.call(entry.name, wish, signal);
  }

  async close(): Promise<void> {
    this.closed = true;
    const told = [...this.all.values()].filter(({ stage, entry }) => stage === "ready" && entry.place.kind !== "stdio");
    await this.thread?.close(told.map(({ entry }) => entry.name));
  }

  private goOn(): void {
    while (this.busy < atOnce) {
      const next = this.queue.shift();
      if (next === undefined) return;
      this.busy++;
      void this.open(next).then(() => {
        this.busy--;
        this.goOn();
      });
    }
  }

  private open(connection: Connection): Promise<void> {
    connection.opening ??= this.openNow(connection).finally(() => delete connection.opening);
    return connection.opening;
  }

  private async openNow(connection: Connection): Promise<void> {
    const { entry } = connection;
    if (this.closed || connection.stage === "ready") return;
    connection.tried = performance.now();
    const server = this.serverOf(entry);
    if (typeof server === "string") return this.trouble(connection, { stage: "faulty", why: server });
    connection.stage = "starting";
    const slow = setTimeout(
      () =>
        this.trouble(connection, { stage: "starting", why: `is not there after ${slowMs / 1000} s; twolane goes on without it` }),
      slowMs,
    );
    slow.unref();
    const opened = await this.reached().open(server);
    clearTimeout(slow);
    if (this.closed || this.all.get(entry.name) !== connection) return;
    if ("failed" in opened) return this.trouble(connection, { stage: "gone", why: opened.failed });
    this.welcome(connection, opened);
  }

  private welcome(connection: Connection, { tools, version }: Exclude<Opened, { failed: string }>): void {
    connection.stage = "ready";
    connection.told = false;
    connection.note = `MCP ${version}`;
    this.deps.onTools(connection.entry, tools);
  }

  /** One line, until it has been well again. */
  private trouble(
    connection: Connection,
    { stage, why }: { readonly stage: "faulty" | "gone" | "starting"; readonly why: string },
  ): void {
    const { name, file } = connection.entry;
    connection.stage = stage;
    connection.note = why;
    if (connection.told || this.closed) return;
    connection.told = true;
    const cure = stage === "faulty" ? `see ${file}` : `\`twolane mcp test ${name}\` shows more`;
    const code = stage === "starting" ? "MCP_SLOW" : "MCP_GONE";
    const said = stage === "starting" ? why : `cannot be used: ${why.replace(/\.$/, "")}`;
    this.deps.emit({ type: "notice.given", code, message: `MCP server ${name} ${said}; ${cure}.` });
  }

  private reached(): McpThread {
    this.thread ??= new McpThread({
      onTools: (name, tools) => {
        const known = this.all.get(name);
        if (known !== undefined) this.deps.onTools(known.entry, tools);
      },
      onGone: (name, why) => this.lose(name, why),
      onEnd: (why) => {
        this.thread = undefined;
        for (const [name, { stage }] of this.all) if (stage === "ready" || stage === "starting") this.lose(name, why);
      },
    });
    return this.thread;
  }

  private lose(name: string, why: string): void {
    const known = this.all.get(name);
    if (known !== undefined) this.trouble(known, { stage: "gone", why });
  }

  private serverOf({ name, place }: ServerEntry): OpenServer | string {
    return openServerOf({ name, place }, this.deps);
  }
}

/** With its variables replaced; one line where that cannot be. */
export function openServerOf(
  { name, place }: Pick<ServerEntry, "name" | "place">,
  { root, env }: Pick<ConnectionDeps, "root" | "env">,
): OpenServer | string {
  const open = commandEnvironment(env);
  const ready = readyPlace(place, { env, open });
  if (typeof ready === "string") return ready;
  const cwd = ready.kind === "stdio" ? path.resolve(root, ready.cwd ?? ".") : root;
  return { name, place: ready, cwd, env: ready.kind === "stdio" ? { ...open, ...ready.env } : {} };
}

function unlessStopped(work: Promise<void>, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    signal.addEventListener("abort", () => resolve(), { once: true });
    if (signal.aborted) resolve();
    void work.then(resolve);
  });
}
