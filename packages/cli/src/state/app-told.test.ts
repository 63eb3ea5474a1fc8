/** MCP servers and hooks of a session in the terminal: what the slash commands send, and what is printed of the answer. */
import type { Command, EventBody, McpServerState } from "@twolane/protocol";
import { describe, expect, it } from "vitest";
import { createStyle } from "../views/style.ts";
import { finalLines } from "../views/transcript-view.ts";
import type { AppInput } from "./app.ts";
import { firstState } from "./app-first.ts";
import { reduceApp } from "./app-reduce.ts";
import { runSlash } from "./app-slash.ts";
import { mcpLines } from "./mcp-lines.ts";
import { at } from "./session-state-samples.ts";

const start = firstState([], { settings: { vim: false, tellCorrections: false }, entries: [], columns: 100, rows: 24 });
const page = { width: 200, style: createStyle({ NO_COLOR: "1" }, false) };

function sent(line: string): Command | string {
  const { state, effects } = runSlash(start, { line }, 0);
  const [effect] = effects;
  if (effect?.type === "send") return effect.command;
  return state.printing.flatMap((block) => finalLines(block, page)).join("\n");
}

function printed(body: EventBody): string {
  const input: AppInput = { type: "event", event: at(1000, body), at: 1000 };
  return reduceApp(start, input)
    .state.printing.flatMap((block) => finalLines(block, page))
    .join("\n");
}

const server = (more: Partial<McpServerState>): McpServerState => ({
  ...{ name: "docs", file: ".mcp.json", runs: "npx docs", lanes: ["fast", "deep"], stage: "ready", tools: [] },
  ...more,
});

describe("what is typed", () => {
  it.each([
    ["/mcp", { type: "mcp.look" }],
    ["/mcp approve my docs", { type: "mcp.answer", server: "my docs", answer: "approve" }],
    ["/mcp deny docs", { type: "mcp.answer", server: "docs", answer: "deny" }],
    ["/hooks", { type: "hooks.look" }],
    ["/hooks approve .twolane/hooks.json", { type: "hooks.answer", file: ".twolane/hooks.json", answer: "approve" }],
  ])("%s", (line, command) => {
    expect(sent(line)).toEqual(command);
  });

  it("what is not understood says the forms", () => {
    expect(sent("/mcp remove docs")).toContain("/mcp approve NAME");
    expect(sent("/hooks approve")).toContain("/hooks approve FILE");
  });
});

describe("what is told", () => {
  it("servers with their stage, their tools and what is left out", () => {
    const tools = [
      { name: "find", readOnly: true },
      { name: "write", readOnly: false },
      { name: "extra", readOnly: false, left: "24 tools are offered in the fast lane" },
      { name: "more", readOnly: false, left: "24 tools are offered in the fast lane" },
    ];
    const text = printed({ type: "mcp.told", servers: [server({ tools, lanes: ["deep"], note: "MCP 2025-11-25" })] });
    expect(text).toContain("docs · ready: MCP 2025-11-25");
    expect(text).toContain(".mcp.json · npx docs · deep lane only");
    expect(text).toContain("2 tools: find (only reads), write");
    expect(text).toContain("left out, 24 tools are offered in the fast lane: extra, more");
  });

  it("that there is none, and where one would be named", () => {
    expect(mcpLines([]).join("\n")).toContain(".mcp.json");
    expect(printed({ type: "hooks.told", files: [] })).toContain(".twolane/hooks.json");
  });

  it("files of hooks with their commands and what is not run", () => {
    const hooks = [{ event: "PreToolUse", matcher: "Edit", command: "./check.sh" }];
    const text = printed({
      type: "hooks.told",
      files: [{ file: "h.json", stage: "waits", note: "say yes", hooks, faults: ["Notification is no event here"] }],
    });
    expect(text).toContain("h.json · does not run: say yes");
    expect(text).toContain("PreToolUse (Edit): ./check.sh");
    expect(text).toContain("left out: Notification is no event here");
  });
});
