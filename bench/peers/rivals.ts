/**
 * The rivals: how each is started on a simulated model without a key, in a home of its own, with its default settings. What is set is
 * only what keeps it from asking a person first (trust, theme, way to sign in) or from asking the network.
 */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { ClientPlace, Command, PeerClient } from "./client.ts";
import { sideModel } from "./scenario.ts";

export interface Rival extends PeerClient {
  readonly package: string;
}

const key = "none";
const escape = "\u001b";

function write(file: string, value: object | string): void {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, typeof value === "string" ? value : JSON.stringify(value));
}

const inside = ({ installed }: ClientPlace, path: string): string => join(installed, "node_modules", path);

/** The native program itself: its shim of Node would only cost it time. */
const native = (place: ClientPlace, path: string): string =>
  inside(place, path.replace("PLATFORM", `${process.platform}-${process.arch}`));

const musl = process.arch === "arm64" ? "aarch64-unknown-linux-musl" : "x86_64-unknown-linux-musl";

/** The exact version that its pin names. */
function pinned(name: string): { readonly package: string; readonly version: string } {
  const pin: { readonly dependencies: Record<string, string> } = JSON.parse(
    readFileSync(new URL(`pins/${name}/package.json`, import.meta.url), "utf8"),
  );
  const [[packageName, version] = ["", ""]] = Object.entries(pin.dependencies);
  return { package: packageName, version };
}

const codexProgram = (place: ClientPlace): string => native(place, `@openai/codex-PLATFORM/vendor/${musl}/bin/codex`);

const codex: Rival = {
  name: "codex",
  title: "Codex",
  ...pinned("codex"),
  wire: "WebSocket",
  tool: "exec_command",
  // It has no tool that reads; the comment makes every call another one.
  reads: (file, lines) => ({ cmd: `cat ${file} #${lines}` }),
  headless: (place, prompt) => [
    codexProgram(place),
    "exec",
    "--dangerously-bypass-approvals-and-sandbox",
    "--skip-git-repo-check",
    prompt,
  ],
  terminal: (place) => [codexProgram(place), "--dangerously-bypass-approvals-and-sandbox"],
  env: () => ({}),
  prepare({ home, url, folder }) {
    const sim = [`name = "sim"`, `base_url = "${url}/v1"`, `wire_api = "responses"`, "requires_openai_auth = false"];
    const provider = ["[model_providers.sim]", ...sim, "supports_websockets = true"];
    const settings = ['model_provider = "sim"', "check_for_update_on_startup = false"];
    write(
      join(home, ".codex/config.toml"),
      [...settings, ...provider, `[projects."${folder}"]`, 'trust_level = "trusted"', ""].join("\n"),
    );
  },
  mark: "›",
  stop: [escape],
};

const piProgram = (place: ClientPlace): Command => [process.execPath, inside(place, ".bin/pi")];

const pi: Rival = {
  name: "pi",
  title: "pi",
  ...pinned("pi"),
  wire: "Responses",
  tool: "read",
  reads: (file, lines) => ({ path: file, limit: lines }),
  headless: (place, prompt) => [...piProgram(place), "-p", prompt, "--provider", "sim", "--model", "scripted"],
  terminal: (place) => [...piProgram(place), "--provider", "sim", "--model", "scripted"],
  env: () => ({ PI_OFFLINE: "1", PI_SKIP_VERSION_CHECK: "1" }),
  prepare({ home, url }) {
    const free = { input: 0, output: 0, cacheRead: 0, cacheWrite: 0 };
    const size = { contextWindow: 1_000_000, maxTokens: 64_000 };
    const model = { id: "scripted", name: "scripted", reasoning: false, input: ["text"], cost: free, ...size };
    const sim = { baseUrl: `${url}/v1`, api: "openai-responses", apiKey: key, models: [model] };
    write(join(home, ".pi/agent/models.json"), { providers: { sim } });
  },
  mark: "escape",
  stop: [escape],
};

const opencodeProgram = (place: ClientPlace): string => native(place, "opencode-PLATFORM/bin/opencode");

const opencode: Rival = {
  name: "opencode",
  title: "opencode",
  ...pinned("opencode"),
  wire: "Responses",
  tool: "read",
  reads: (file, lines) => ({ filePath: file, limit: lines }),
  headless: (place, prompt) => [opencodeProgram(place), "run", prompt],
  terminal: (place) => [opencodeProgram(place)],
  env: () => ({}),
  prepare({ home, url }) {
    const models = { scripted: { name: "scripted" }, [sideModel]: { name: sideModel } };
    const sim = { npm: "@ai-sdk/openai", name: "sim", options: { baseURL: `${url}/v1`, apiKey: key }, models };
    const names = { model: "sim/scripted", small_model: `sim/${sideModel}` };
    write(join(home, ".config/opencode/opencode.json"), { autoupdate: false, share: "disabled", ...names, provider: { sim } });
  },
  mark: "Ask anything",
  // The first asks, the second stops.
  stop: [escape, escape],
};

const claudeProgram = (place: ClientPlace): string => native(place, "@anthropic-ai/claude-code-PLATFORM/claude");

const claude: Rival = {
  name: "claude",
  title: "Claude Code",
  ...pinned("claude"),
  wire: "Messages",
  tool: "Read",
  reads: (file, lines) => ({ file_path: file, limit: lines }),
  headless: (place, prompt) => [claudeProgram(place), "-p", prompt, "--allowedTools", "Read", "--model", "scripted"],
  terminal: (place) => [claudeProgram(place), "--model", "scripted"],
  env: ({ url }) => ({
    ANTHROPIC_BASE_URL: url,
    ANTHROPIC_API_KEY: key,
    ANTHROPIC_DEFAULT_HAIKU_MODEL: sideModel,
    CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: "1",
    DISABLE_AUTOUPDATER: "1",
    DISABLE_TELEMETRY: "1",
  }),
  prepare({ home, folder }) {
    const projects = { [folder]: { hasTrustDialogAccepted: true, hasCompletedProjectOnboarding: true } };
    const customApiKeyResponses = { approved: [key], rejected: [] };
    write(join(home, ".claude.json"), { hasCompletedOnboarding: true, theme: "dark", customApiKeyResponses, projects });
  },
  mark: "❯",
  stop: [escape],
};

const geminiProgram = (place: ClientPlace): Command => [process.execPath, inside(place, ".bin/gemini")];

const gemini: Rival = {
  name: "gemini",
  title: "Gemini CLI",
  ...pinned("gemini"),
  wire: "Gemini",
  tool: "read_file",
  reads: (file, lines) => ({ file_path: file, start_line: 1, end_line: lines }),
  headless: (place, prompt) => [...geminiProgram(place), "-p", prompt, "--yolo", "-m", "gemini-2.5-flash"],
  terminal: (place) => [...geminiProgram(place), "--yolo", "-m", "gemini-2.5-flash"],
  env: ({ url }) => ({ GOOGLE_GEMINI_BASE_URL: url, GEMINI_API_KEY: key, GEMINI_CLI_TRUST_WORKSPACE: "true" }),
  prepare({ home, folder }) {
    const privacy = { usageStatisticsEnabled: false };
    const security = { auth: { selectedType: "gemini-api-key" } };
    write(join(home, ".gemini/settings.json"), { security, privacy, general: { enableAutoUpdate: false } });
    write(join(home, ".gemini/trustedFolders.json"), { [folder]: "TRUST_FOLDER" });
  },
  mark: "Type your message",
  stop: [escape],
};

const qwenProgram = (place: ClientPlace): Command => [process.execPath, inside(place, ".bin/qwen")];

const qwen: Rival = {
  name: "qwen",
  title: "Qwen Code",
  ...pinned("qwen"),
  wire: "Chat",
  tool: "read_file",
  reads: (file, lines) => ({ file_path: file, absolute_path: file, offset: 0, limit: lines }),
  headless: (place, prompt) => [...qwenProgram(place), "-p", prompt, "--yolo", "--auth-type", "openai", "--model", "scripted"],
  terminal: (place) => [...qwenProgram(place), "--yolo", "--auth-type", "openai", "--model", "scripted"],
  env: ({ url }) => ({ OPENAI_BASE_URL: `${url}/v1`, OPENAI_API_KEY: key, OPENAI_MODEL: "scripted" }),
  prepare({ home }) {
    const privacy = { usageStatisticsEnabled: false };
    write(join(home, ".qwen/settings.json"), {
      security: { auth: { selectedType: "openai" } },
      privacy,
      general: { disableAutoUpdate: true },
    });
  },
  mark: "Qwen Code",
  stop: [escape],
};

export const rivals: readonly Rival[] = [codex, pi, opencode, claude, gemini, qwen];
