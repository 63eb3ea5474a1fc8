/**
 * One connection to one MCP server, by the protocol's own client. Runs in a thread beside the session, as that client takes tens of
 * milliseconds to load and reads what strangers send. Who may be connected to is decided before.
 */
import {
  Client,
  ReadBuffer,
  SSEClientTransport,
  StreamableHTTPClientTransport,
  type Transport,
  UnauthorizedError,
  serializeMessage,
} from "@modelcontextprotocol/client";
import type { ServedProcess, StartServed } from "../host/served-process.ts";
import { callText } from "./call-text.ts";
import { listedTools } from "./listed-tools.ts";
import type { CallAnswer, ListedTool, OpenServer, ToolCallWish } from "./thread-messages.ts";

export interface LinkDeps {
  readonly start: StartServed;
  readonly version: string;
  readonly onTools: (tools: readonly ListedTool[]) => void;
  /** It ended by itself: one line. */
  readonly onGone: (why: string) => void;
}

export interface ServerLink {
  readonly tools: readonly ListedTool[];
  /** Of the protocol. */
  readonly version: string;
  /** Never rejects; what failed is an answer that the model can read. */
  call(wish: ToolCallWish, signal: AbortSignal): Promise<CallAnswer>;
  close(): Promise<void>;
}

/** A server that is fetched before it starts takes its time. */
const connectMs = 60_000;
/** With signs of life a call may take longer than its time, though not for ever. */
const longestMs = 30 * 60_000;

export type LinkOpened = { readonly link: ServerLink } | { readonly failed: string };

export async function openLink(server: OpenServer, deps: LinkDeps): Promise<LinkOpened> {
  let said: string | undefined;
  let isOpen = false;
  let closed = false;
  const transport = transportTo(server, { ...deps, onEnd: (why) => (said ??= why) });
  const client = new Client(
    { name: "twolane", version: deps.version },
    {
      // An older server that is a program would cost a question that it may not even answer; over HTTP the question is cheap.
      versionNegotiation: { mode: server.place.kind === "http" ? "auto" : "legacy" },
      // Nobody is asked by a server: a call that needs that says so.
      inputRequired: { autoFulfill: false },
      // The model reads what is answered; no schema of a stranger is made a program of.
      jsonSchemaValidator: {
        getValidator: () => (input) => ({ valid: true, data: JSON.parse(JSON.stringify(input)), errorMessage: undefined }),
      },
      listChanged: {
        tools: { onChanged: (_, tools) => void (tools && deps.onTools(listedTools(tools))) },
      },
    },
  );
  client.onclose = () => {
    if (isOpen && !closed) deps.onGone(said ?? "the connection was closed");
    closed = true;
  };
  client.onerror = () => undefined;
  try {
    await client.connect(transport, { timeout: connectMs });
    const hasTools = client.getServerCapabilities()?.tools !== undefined;
    const { tools } = hasTools ? await client.listTools() : { tools: [] };
    isOpen = true;
    const version = client.getNegotiatedProtocolVersion() ?? "";
    const close = async (): Promise<void> => {
      closed = true;
      await client.close();
    };
    return { link: { tools: listedTools(tools), version, close, call: (wish, signal) => call(client, wish, signal) } };
  } catch (error) {
    closed = true;
    await client.close().catch(() => undefined);
    await transport.close().catch(() => undefined);
    return { failed: said ?? reasonOf(error) };
  }
}

async function call(client: Client, { tool, input, timeoutMs }: ToolCallWish, signal: AbortSignal): Promise<CallAnswer> {
  try {
    const limits = { timeout: timeoutMs, resetTimeoutOnProgress: true, maxTotalTimeout: longestMs, onprogress: () => undefined };
    return callText(await client.callTool({ name: tool, arguments: { ...input } }, { signal, ...limits }));
  } catch (error) {
    return { ok: false, text: reasonOf(error) };
  }
}

/** One line for a person and for the model. */
function reasonOf(error: unknown): string {
  const isLogin = error instanceof UnauthorizedError || (error instanceof Error && /\bHTTP 401\b/.test(error.message));
  if (isLogin) return "it wants a login; put a token into the headers of its entry";
  if (!(error instanceof Error)) return "it failed without a word";
  const code = "code" in error ? error.code : undefined;
  if (code === "REQUEST_TIMEOUT") return "it did not answer in time";
  if (code === "UNSUPPORTED_RESULT_TYPE") return "it wants to ask the person something, which is not possible here";
  const cause = error.cause instanceof Error && error.cause.message !== "" ? ` (${error.cause.message})` : "";
  return `${error.message.split("\n", 1)[0] ?? ""}${cause}`.slice(0, 400);
}

interface TransportDeps extends LinkDeps {
  readonly onEnd: (why: string) => void;
}

function transportTo({ place, cwd, env }: OpenServer, deps: TransportDeps): Transport {
  if (place.kind === "stdio") return new ProgramTransport(place, { cwd, env, ...deps });
  // A redirection could lead the headers of an entry to somebody whom nobody has approved.
  const options = { requestInit: { headers: { ...place.headers }, redirect: "error" as const } };
  const url = new URL(place.url);
  return place.kind === "sse" ? new SSEClientTransport(url, options) : new StreamableHTTPClientTransport(url, options);
}

interface ProgramDeps extends TransportDeps {
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
}

/** A message a line, over a program whose whole group ends with us. */
class ProgramTransport implements Transport {
  onclose?: () => void;
  onerror?: (error: Error) => void;
  onmessage?: Transport["onmessage"];
  private readonly program: { readonly command: string; readonly args: readonly string[] };
  private readonly deps: ProgramDeps;
  private readonly buffer = new ReadBuffer();
  private served: ServedProcess | undefined;

  constructor(program: ProgramTransport["program"], deps: ProgramDeps) {
    this.program = program;
    this.deps = deps;
  }

  async start(): Promise<void> {
    const { command, args } = this.program;
    const { start, cwd, env, onEnd } = this.deps;
    this.served = start(
      { command, args, cwd, env },
      {
        onOutput: (bytes) => this.take(bytes),
        onEnd: (why) => {
          onEnd(why);
          this.onclose?.();
        },
      },
    );
  }

  async send(message: Parameters<Transport["send"]>[0]): Promise<void> {
    await this.served?.write(serializeMessage(message));
  }

  async close(): Promise<void> {
    this.served?.end();
    this.onclose?.();
  }

  private take(bytes: Buffer): void {
    try {
      this.buffer.append(bytes);
    } catch (error) {
      this.deps.onEnd("it sent more than 10 MB in one message");
      this.served?.end();
      throw error;
    }
    for (;;) {
      try {
        const message = this.buffer.readMessage();
        if (message === null) return;
        this.onmessage?.(message);
      } catch (error) {
        // A line that is no message, as programs print that were not made for this.
        this.onerror?.(error instanceof Error ? error : new Error(String(error)));
      }
    }
  }
}
