/**
 * Other harnesses on the simulated model, each with a home of its own and no key: how they are started and which tool they read a file
 * with. They are not installed here; BENCH_PEERS names a folder with their `node_modules`.
 */
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

export interface PeerPlace {
  /** Holds `node_modules/.bin`. */
  readonly installed: string;
  readonly url: string;
  readonly folder: string;
  readonly home: string;
}

export interface Peer {
  readonly name: string;
  readonly wire: "chat" | "messages";
  /** Arguments of its tool that reads a file; `lines` makes every call another one. */
  readonly reads: (file: string, lines: number) => object;
  readonly tool: string;
  /** The program in `node_modules/.bin`. */
  readonly program: string;
  readonly args: (prompt: string) => readonly string[];
  readonly env: (place: PeerPlace) => Readonly<Record<string, string>>;
  readonly prepare?: (place: PeerPlace) => void;
}

const key = "none";

const pi = (wire: Peer["wire"]): Peer => ({
  name: "pi",
  wire,
  tool: "read",
  reads: (file, lines) => ({ path: file, limit: lines }),
  program: "pi",
  args: (prompt) => ["-p", prompt, "--provider", "sim", "--model", "scripted", "--no-session"],
  env: () => ({ PI_OFFLINE: "1", PI_SKIP_VERSION_CHECK: "1" }),
  prepare({ home, url }) {
    const place = join(home, ".pi/agent");
    mkdirSync(place, { recursive: true });
    const free = { input: 0, output: 0, cacheRead: 0, cacheWrite: 0 };
    const size = { contextWindow: 128_000, maxTokens: 8000 };
    const model = { id: "scripted", name: "scripted", reasoning: false, input: ["text"], cost: free, ...size };
    const api = wire === "chat" ? "openai-completions" : "anthropic-messages";
    const sim = { baseUrl: wire === "chat" ? `${url}/v1` : url, api, apiKey: key, models: [model] };
    writeFileSync(join(place, "models.json"), JSON.stringify({ providers: { sim } }));
  },
});

const peers: readonly Peer[] = [
  pi("chat"),
  {
    name: "qwen",
    wire: "chat",
    tool: "read_file",
    reads: (file, lines) => ({ file_path: file, absolute_path: file, offset: 0, limit: lines }),
    program: "qwen",
    args: (prompt) => ["-p", prompt, "--yolo", "--auth-type", "openai", "--model", "scripted"],
    env: ({ url }) => ({ OPENAI_BASE_URL: `${url}/v1`, OPENAI_API_KEY: key, OPENAI_MODEL: "scripted" }),
  },
  pi("messages"),
  {
    name: "claude",
    wire: "messages",
    tool: "Read",
    reads: (file, lines) => ({ file_path: file, limit: lines }),
    program: "claude",
    args: (prompt) => ["-p", prompt, "--allowedTools", "Read", "--model", "scripted"],
    env: ({ url }) => ({
      ANTHROPIC_BASE_URL: url,
      ANTHROPIC_API_KEY: key,
      CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: "1",
      DISABLE_TELEMETRY: "1",
      DISABLE_AUTOUPDATER: "1",
    }),
  },
];

/** Those that are installed. */
export function peersOf(wire: Peer["wire"], installed: string | undefined): readonly Peer[] {
  if (installed === undefined) return [];
  return peers.filter((peer) => peer.wire === wire && existsSync(join(installed, "node_modules/.bin", peer.program)));
}
