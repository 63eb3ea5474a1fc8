/** What a surface may do with MCP servers outside of a session: see how each entry stands, say yes or no to it, try one. */
import { type McpAnswer, type McpServerState, type Result, fail, failure, succeed } from "@twolane/protocol";
import { answerEntry } from "../guard/entry-approvals.ts";
import { type ServerEntry, runsOf } from "../mcp/servers-file.ts";
import type { ListedTool } from "../mcp/thread-messages.ts";
import { openServerOf } from "./mcp-connections.ts";
import { askedOf, lookedAt, readServerFiles, standingNote, standingOf } from "./mcp-files.ts";
import { keepKnown, readKnown } from "./mcp-known.ts";
import { McpThread } from "./mcp-thread.ts";
import { type Place, type PlaceOptions, openPlace } from "./place.ts";

export interface McpTrial {
  readonly server: McpServerState;
  /** Of the protocol. */
  readonly version: string;
  /** Until its tools were known; ms. */
  readonly ms: number;
}

export interface McpDesk {
  list(): readonly McpServerState[];
  /** MCP_MISSING, STATE_UNWRITABLE. */
  answer(name: string, answer: McpAnswer): Result<McpServerState>;
  /** Connects, asks for its tools, and keeps them for the next session. MCP_MISSING, MCP_HELD, MCP_BROKEN. */
  test(name: string): Promise<Result<McpTrial>>;
}

export function openMcp(options: PlaceOptions): Result<McpDesk> {
  const opened = openPlace(options);
  return opened.ok ? succeed(new Desk(opened.value, options)) : opened;
}

class Desk implements McpDesk {
  private readonly place: Place;
  private readonly options: PlaceOptions;

  constructor(place: Place, options: PlaceOptions) {
    this.place = place;
    this.options = options;
  }

  list(): readonly McpServerState[] {
    const { entries, faults } = readServerFiles(this.place, this.options.env);
    const place = lookedAt(this.place);
    const known = new Map(readKnown(place, this.options.env).map(({ entry, tools }) => [entry.name, tools]));
    const faulty = faults.map(({ name = "?", file, why }): McpServerState => {
      return { name, file, runs: "", lanes: [], stage: "faulty", note: why, tools: [] };
    });
    return [...entries.map((entry) => stateOf(entry, place, known.get(entry.name) ?? [])), ...faulty];
  }

  answer(name: string, answer: McpAnswer): Result<McpServerState> {
    const entry = this.find(name);
    if (entry === undefined) return missing(name);
    const said = answerEntry(this.place.answers, askedOf(entry), { answer, now: new Date() });
    return said.ok ? succeed(stateOf(entry, this.place, [])) : said;
  }

  async test(name: string): Promise<Result<McpTrial>> {
    const entry = this.find(name);
    if (entry === undefined) return missing(name);
    const stage = standingOf(entry, this.place);
    if (stage !== "known") {
      const note = standingNote(stage, entry, this.place) ?? stage;
      return { ok: false, failure: failure("MCP_HELD", `MCP server ${name} is not started: ${note}.`) };
    }
    const { root } = this.place.workspace;
    const server = openServerOf(entry, { root, env: this.options.env });
    if (typeof server === "string")
      return fail("MCP_BROKEN", `MCP server ${name} cannot be started: ${server}.`, `See ${entry.file}.`);
    const listener = { onTools: () => undefined, onGone: () => undefined, onEnd: () => undefined };
    const thread = new McpThread(listener);
    const began = performance.now();
    const trial = await thread.open(server, { isWaitedFor: true });
    const ms = performance.now() - began;
    await thread.close(entry.place.kind === "stdio" || "failed" in trial ? [] : [name]);
    if ("failed" in trial) return fail("MCP_BROKEN", `MCP server ${name} cannot be used: ${trial.failed.replace(/\.$/, "")}.`);
    keepKnown(this.place, { entry, tools: trial.tools });
    return succeed({ server: { ...stateOf(entry, this.place, trial.tools), stage: "ready" }, version: trial.version, ms });
  }

  private find(name: string): ServerEntry | undefined {
    return readServerFiles(this.place, this.options.env).entries.find((entry) => entry.name === name);
  }
}

const missing = (name: string): Result<never> => fail("MCP_MISSING", `No MCP server is named ${name}.`);

function stateOf(entry: ServerEntry, place: Place, tools: readonly ListedTool[]): McpServerState {
  const { name, file, lanes } = entry;
  const stage = standingOf(entry, place);
  const note = standingNote(stage, entry, place);
  const shown = tools.map(({ name: tool, readOnly, fault }) => ({
    name: tool,
    readOnly,
    ...(fault !== undefined && { left: fault }),
  }));
  return { name, file, runs: runsOf(entry.place), lanes, stage, ...(note !== undefined && { note }), tools: shown };
}
