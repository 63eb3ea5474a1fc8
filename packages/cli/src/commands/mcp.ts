/** `twolane mcp`: the MCP servers that are named here, a person's yes or no to them, and a try. */
import type { McpDesk } from "@twolane/engine/mcp";
import { type McpAnswer, type McpServerState, exitStatus, failure } from "@twolane/protocol";
import { mcpLines } from "../state/mcp-lines.ts";
import type { CommandHelp, CommandIo } from "./command.ts";
import { refuse, refuser } from "./refuse.ts";
import { readWords } from "./usage.ts";

export const help: CommandHelp = {
  name: "mcp",
  usage: "list | approve NAME | deny NAME | test NAME",
  summary: "MCP servers: what is named in .mcp.json and your configuration, your yes or no to it, and a try.",
  options: [
    { form: "-C, --cwd FOLDER", text: "the workspace there" },
    { form: "--json", text: "one object" },
  ],
  examples: ["twolane mcp list", "twolane mcp approve github", "twolane mcp test github --json"],
};

const actions = ["list", "approve", "deny", "test"] as const;

type Refuse = ReturnType<typeof refuser>;

export async function run(argv: readonly string[], io: CommandIo): Promise<number> {
  const options = { cwd: { type: "string", short: "C" }, json: { type: "boolean" } } as const;
  const parsed = readWords("mcp", argv, { options, allowPositionals: true });
  if ("code" in parsed) return refuse(parsed, { io });
  const { json = false, cwd = io.cwd } = parsed.values;
  const refuseWith = refuser(io, "mcp", json);
  const [word = "list", name = "", ...more] = parsed.positionals;
  const action = actions.find((one) => one === word);
  if (action === undefined || more.length > 0 || (action === "list") !== (name === ""))
    return refuseWith(failure("USAGE", "Say list, approve NAME, deny NAME or test NAME.", "See `twolane help mcp`."));
  const { openMcp } = await import("@twolane/engine/mcp");
  const opened = openMcp({ cwd, env: io.env });
  if (!opened.ok) return refuseWith(opened.failure);
  const page: Page = { desk: opened.value, io, json, refuseWith };
  if (action === "list") return list(page);
  return action === "test" ? test(page, name) : answer(page, name, action);
}

interface Page {
  readonly desk: McpDesk;
  readonly io: CommandIo;
  readonly json: boolean;
  readonly refuseWith: Refuse;
}

function list({ desk, io, json }: Page): number {
  const servers = desk.list();
  io.stdout.write(json ? `${JSON.stringify({ type: "mcp.servers", servers })}\n` : `${mcpLines(servers).join("\n")}\n`);
  // Both are a person's to settle: the yes to an entry, and the trust without which no yes counts.
  return servers.some(({ stage }) => stage === "waits" || stage === "untrusted") ? exitStatus.held : exitStatus.ok;
}

async function answer(page: Page, name: string, said: McpAnswer): Promise<number> {
  const { desk, io, json, refuseWith } = page;
  const answered = desk.answer(name, said);
  if (!answered.ok) return refuseWith(answered.failure);
  const server = answered.value;
  // Its tools are there with the first request then.
  if (said === "approve" && server.stage === "known") return test(page, name);
  io.stdout.write(json ? `${JSON.stringify({ type: "mcp.answered", server })}\n` : `${mcpLines([server]).join("\n")}\n`);
  return said === "approve" ? exitStatus.held : exitStatus.ok;
}

async function test({ desk, io, json, refuseWith }: Page, name: string): Promise<number> {
  const tried = await desk.test(name);
  if (!tried.ok) return refuseWith(tried.failure);
  const { server, version, ms } = tried.value;
  const shown: McpServerState = { ...server, note: `MCP ${version}, ${Math.round(ms)} ms until its tools were known` };
  io.stdout.write(
    json
      ? `${JSON.stringify({ type: "mcp.tested", server, version, ms: Math.round(ms) })}\n`
      : `${mcpLines([shown]).join("\n")}\n`,
  );
  return exitStatus.ok;
}
