/** A tool of an MCP server as one of a model's: what is looked at of a call before anybody is asked, and how it is told. Who carries it out is loaded by the first call. */
import type { Lane } from "@twolane/protocol";
import { offerTools } from "../mcp/offered-tools.ts";
import type { ListedTool } from "../mcp/thread-messages.ts";
import { type Tool, type ToolCall, type ToolResult, refused } from "../tools/tools.ts";
import type { KnownServer } from "./mcp-known.ts";

export interface McpCall extends ToolCall {
  readonly server: string;
  readonly tool: ListedTool;
  readonly input: Readonly<Record<string, unknown>>;
  readonly signal: AbortSignal;
}

export type CarryOut = (call: McpCall) => Promise<ToolResult>;

export interface SessionTools {
  readonly tools: readonly Tool[];
  readonly left: ReturnType<typeof offerTools>["left"];
}

export function mcpTools(servers: readonly KnownServer[], lane: Lane, carryOut: CarryOut): SessionTools {
  const { offered, left } = offerTools(servers, lane);
  const tools = offered.map(({ server, tool, definition }): Tool => {
    const shown = `${server} ${tool.name}`;
    return {
      definition,
      describe: (input) => clipped(`${shown} ${input.trim() === "{}" ? "" : input.trim()}`.trim()),
      async run(input, signal, call) {
        const value = readInput(input);
        if (typeof value === "string") return refused(value);
        return carryOut({ ...call, server, tool, input: value, signal });
      },
    };
  });
  return { tools, left };
}

const longestShown = 120;

function clipped(text: string): string {
  const line = text.replace(/\s+/g, " ");
  return line.length <= longestShown ? line : `${line.slice(0, longestShown - 1)}…`;
}

function readInput(input: string): Readonly<Record<string, unknown>> | string {
  try {
    const value: unknown = JSON.parse(input.trim() === "" ? "{}" : input);
    if (typeof value === "object" && value !== null && !Array.isArray(value)) return { ...value };
  } catch {
    return "The arguments are not valid JSON.";
  }
  return "The arguments must be a JSON object.";
}
