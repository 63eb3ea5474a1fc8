/**
 * For the protocol's conformance suite (tools/mcp-conformance.ts): connects to the address in the last argument with the product's own link, lists
 * the tools and calls each. What a scenario wants beyond that it says in MCP_CONFORMANCE_CONTEXT.
 */
import { startServed } from "../src/host/served-process.ts";
import { openLink } from "../src/mcp/server-link.ts";
import type { ListedTool } from "../src/mcp/thread-messages.ts";

interface WantedCall {
  readonly name: string;
  readonly arguments: Record<string, unknown>;
}

/** What the scenario names; else each tool once, with something of the right type for what must be there. */
function callsOf(tools: readonly ListedTool[]): readonly WantedCall[] {
  const { toolCalls }: { toolCalls?: readonly WantedCall[] } = JSON.parse(process.env["MCP_CONFORMANCE_CONTEXT"] ?? "{}");
  return toolCalls ?? tools.map((tool) => ({ name: tool.name, arguments: inputFor(tool) }));
}

function inputFor({ schema: { properties, required } }: ListedTool): Record<string, unknown> {
  if (typeof properties !== "object" || properties === null || !Array.isArray(required)) return {};
  const needed = Object.entries(properties).filter(([name]) => required.includes(name));
  return Object.fromEntries(needed.map(([name, one], at) => [name, valueFor(one, at)]));
}

function valueFor(schema: unknown, at: number): unknown {
  const type = typeof schema === "object" && schema !== null && "type" in schema ? schema.type : "string";
  if (type === "number" || type === "integer") return at + 2;
  if (type === "boolean") return true;
  return type === "array" ? [] : type === "object" ? {} : "text";
}

async function main(url: string): Promise<number> {
  const opened = await openLink(
    { name: "conformance", cwd: process.cwd(), env: {}, place: { kind: "http", url, headers: {} } },
    { start: startServed, version: "0.0.0", onTools: () => undefined, onGone: () => undefined },
  );
  if ("failed" in opened) {
    process.stderr.write(`${opened.failed}\n`);
    return 1;
  }
  const { link } = opened;
  for (const { name, arguments: input } of callsOf(link.tools)) {
    const { ok, text } = await link.call({ tool: name, input, timeoutMs: 20_000 }, new AbortController().signal);
    process.stderr.write(`${name}: ${ok ? "" : "failed, "}${text}\n`);
  }
  await link.close();
  return 0;
}

const url = process.argv.at(-1) ?? "";
if (/^https?:/.test(url)) process.exitCode = await main(url);
