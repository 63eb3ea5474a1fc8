/** MCP servers and their tools in lines for a person. Pure; without colour, so that they read the same everywhere. */
import type { McpServerStage, McpServerState } from "@twolane/protocol";
import { counted } from "./grouped.ts";

const stages: Readonly<Record<McpServerStage, string>> = {
  waits: "waits",
  untrusted: "not trusted",
  denied: "denied",
  off: "off",
  faulty: "faulty",
  known: "not connected",
  starting: "starting",
  ready: "ready",
  gone: "gone",
};

export function mcpLines(servers: readonly McpServerState[]): readonly string[] {
  if (servers.length === 0)
    return ["No MCP server is named in .mcp.json, .twolane/mcp.json or your config.json; docs/mcp.md has the form."];
  return servers.flatMap(serverLines);
}

function serverLines({ name, file, runs, lanes, stage, note, tools }: McpServerState): readonly string[] {
  const lane = lanes.length === 1 ? ` · ${lanes[0]} lane only` : "";
  const head = `${name} · ${stages[stage]}${note === undefined ? "" : `: ${note}`}`;
  const offered = tools.filter(({ left }) => left === undefined);
  const words = offered.map((tool) => (tool.readOnly ? `${tool.name} (only reads)` : tool.name));
  const left = tools.filter((tool) => tool.left !== undefined);
  return [
    head,
    `  ${[file, runs].filter((word) => word !== "").join(" · ")}${lane}`,
    ...(offered.length > 0 ? [`  ${counted(offered.length, "tool")}: ${words.join(", ")}`] : []),
    ...groupedWhy(left).map(({ why, names }) => `  left out, ${why}: ${names.join(", ")}`),
  ];
}

function groupedWhy(left: McpServerState["tools"]): readonly { readonly why: string; readonly names: readonly string[] }[] {
  const groups = new Map<string, string[]>();
  for (const { name, left: why = "" } of left) groups.set(why, [...(groups.get(why) ?? []), name]);
  return [...groups].map(([why, names]) => ({ why, names }));
}
