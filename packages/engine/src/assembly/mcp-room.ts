/**
 * The MCP servers of a session: which may be connected to and are, what of their tools is on the shelf, and their calls from the verdict to the
 * answer. Loaded behind the first request. What is said to a server is said by a thread of its own.
 */
import type { CommandAnswer, EventBody, Lane, McpAnswer, McpServerState } from "@twolane/protocol";
import { answerEntry } from "../guard/entry-approvals.ts";
import { type Refusal, refusalLine } from "../guard/commands/command-verdict.ts";
import { callLine, callRefusal, callWords } from "../mcp/call-verdict.ts";
import { type ServerEntry, type ServerFault, runsOf } from "../mcp/servers-file.ts";
import type { ListedTool } from "../mcp/thread-messages.ts";
import { systemClock } from "../std/clock.ts";
import { counted } from "../std/text.ts";
import type { ToolShelf } from "../tools/tool-shelf.ts";
import { type ToolResult, refused } from "../tools/tools.ts";
import { yesTo } from "./allowed-commands.ts";
import { HeldCalls } from "./held-calls.ts";
import { askedOf, lookedAt, readServerFiles, serversStamp, standingNote, standingOf } from "./mcp-files.ts";
import { type KnownServer, keepKnown } from "./mcp-known.ts";
import { McpConnections } from "./mcp-connections.ts";
import { type McpCall, type SessionTools, mcpTools } from "./mcp-tool.ts";
import { noticeOf } from "./notice.ts";
import type { SessionParts } from "./session-parts.ts";

export interface RoomDeps {
  readonly parts: SessionParts;
  readonly shelf: ToolShelf;
  readonly emit: (event: EventBody) => void;
  /** What was offered before anything was connected. */
  readonly known: readonly KnownServer[];
  readonly isIdle: () => boolean;
  /** Nothing may change now. */
  readonly onlyLooks: () => boolean;
}

export class McpRoom {
  private readonly deps: RoomDeps;
  private readonly lane: Lane;
  private readonly held: HeldCalls;
  private readonly connections: McpConnections;
  private entries: readonly ServerEntry[] = [];
  private faults: readonly ServerFault[] = [];
  private tools: Map<string, { readonly hash: string; readonly tools: readonly ListedTool[] }>;
  private left: SessionTools["left"] = new Map();
  private stamp: string | undefined;
  private shelved: string;
  private readonly told = new Set<string>();

  constructor(deps: RoomDeps) {
    this.deps = deps;
    const { parts, emit, known } = deps;
    this.lane = parts.options.lane ?? "fast";
    this.held = new HeldCalls({ parts, emit });
    this.tools = new Map(known.map(({ entry, tools }) => [entry.name, { hash: entry.hash, tools }]));
    this.shelved = JSON.stringify(known.map(({ entry, tools }) => [entry.name, entry.tools, tools]));
    this.connections = new McpConnections({
      ...{ root: parts.workspace.root, env: parts.options.env, emit },
      onTools: (entry, tools) => this.learn(entry, tools),
    });
  }

  /** At the files, where they have changed, and what follows from them. */
  look({ again = false }: { readonly again?: boolean } = {}): void {
    const { parts } = this.deps;
    const stamp = serversStamp(parts, parts.options.env);
    if (stamp === this.stamp && !again) return;
    this.stamp = stamp;
    const read = readServerFiles(parts, parts.options.env);
    const kept = new Map(read.entries.map(({ name, hash }) => [name, hash]));
    for (const { name, hash } of this.entries) if (kept.get(name) !== hash) this.connections.drop(name);
    for (const [name, { hash }] of this.tools) if (kept.get(name) !== hash) this.tools.delete(name);
    this.entries = read.entries;
    this.faults = read.faults;
    this.sayFaults();
    const place = lookedAt(parts);
    for (const entry of this.here()) {
      const stage = standingOf(entry, place);
      if (stage === "known") this.connections.want(entry);
      else this.connections.drop(entry.name);
      if (stage === "waits")
        this.say(
          `wait ${entry.hash}`,
          "MCP_WAITS",
          `MCP server ${entry.name} of ${entry.file} waits, ${standingNote(stage, entry, parts)}`,
        );
    }
    this.shelve();
  }

  tell(): void {
    this.look({ again: true });
    this.deps.emit({ type: "mcp.told", servers: this.states() });
  }

  answerEntry(name: string, answer: McpAnswer): void {
    const { parts, emit } = this.deps;
    this.look();
    const entry = this.entries.find((one) => one.name === name);
    if (entry === undefined)
      return emit({ type: "notice.given", code: "MCP_UNKNOWN", message: `There is no MCP server ${name}; /mcp lists them.` });
    const said = answerEntry(parts.answers, askedOf(entry), { answer, now: new Date(systemClock.wall()) });
    if (!said.ok) return emit(noticeOf(said.failure));
    this.tell();
  }

  /** To a call that is held. False: none of ours waits by that name. */
  answer(call: string, answer: CommandAnswer): boolean {
    return this.held.answer(call, answer);
  }

  async carryOut(call: McpCall): Promise<ToolResult> {
    const { parts, onlyLooks } = this.deps;
    this.look();
    const entry = this.here().find(({ name }) => name === call.server);
    if (entry === undefined) return refused(`There is no MCP server ${call.server} any more.`);
    const stage = standingOf(entry, parts);
    if (stage !== "known") return refused(`MCP server ${entry.name} is not used: ${standingNote(stage, entry, parts)}.`);
    const input = JSON.stringify(call.input);
    const judged = { server: entry.name, tool: call.tool, input };
    const refusal = callRefusal(judged, { command: (facts) => parts.policy.command(facts), onlyLooks: onlyLooks() });
    const yes = yesTo(parts.options.allowCommands ?? []);
    const isGiven = refusal?.decision === "hold" && yes({ argv: callWords(entry.name, call.tool.name) });
    const said =
      refusal === undefined || isGiven
        ? undefined
        : await this.held.ask({ ...call, refusal, command: callLine(judged), of: `${entry.hash} ${call.tool.name}` });
    if (refusal !== undefined && said !== undefined) return refusedCall(refusal, said);
    const wish = { tool: call.tool.name, input: call.input, timeoutMs: entry.timeoutMs };
    const { ok, text } = await this.connections.call(entry, wish, call.signal);
    const [first = ""] = text.split("\n", 1);
    return { ok, text: ok ? text : `${entry.name}: ${text}`, summary: ok ? `${entry.name} answered` : first.slice(0, 200) };
  }

  close(): Promise<void> {
    return this.connections.close();
  }

  /** Those of this lane. */
  private here(): readonly ServerEntry[] {
    return this.entries.filter(({ lanes }) => lanes.includes(this.lane));
  }

  private learn(entry: ServerEntry, tools: readonly ListedTool[]): void {
    const { name, hash } = entry;
    this.tools.set(name, { hash, tools });
    keepKnown(this.deps.parts, { entry, tools });
    this.shelve();
  }

  /** What is offered from the next turn on, where that is anything else than before. */
  private shelve(): void {
    const { parts, shelf, isIdle } = this.deps;
    const place = lookedAt(parts);
    const servers = this.here().flatMap((entry): readonly KnownServer[] => {
      const known = this.tools.get(entry.name);
      return known !== undefined && standingOf(entry, place) === "known" ? [{ entry, tools: known.tools }] : [];
    });
    const { tools, left } = mcpTools(servers, this.lane, (call) => this.carryOut(call));
    this.left = left;
    const shelved = JSON.stringify(servers.map(({ entry: { name, tools: named }, tools: all }) => [name, named, all]));
    if (shelved === this.shelved) return;
    this.shelved = shelved;
    shelf.offer(tools);
    if (isIdle()) shelf.turn();
    // Not in each session again: /mcp tells it whenever somebody asks.
    for (const [server, named] of left) {
      const most = [...named.values()].filter((why) => why.endsWith("lane")).length;
      const cure = 'name those you want as "tools" in its entry (/mcp lists them)';
      if (most > 0)
        this.say(
          `left ${server} ${most}`,
          "MCP_LEFT",
          `MCP server ${server} has more tools than are offered (${counted(most, "tool")} left out); ${cure}`,
        );
    }
  }

  private states(): readonly McpServerState[] {
    const place = lookedAt(this.deps.parts);
    const entries = this.entries.map((entry): McpServerState => {
      const { name, file, lanes } = entry;
      const isHere = lanes.includes(this.lane);
      const stands = standingOf(entry, place);
      const { stage, note } =
        stands !== "known"
          ? { stage: stands, note: standingNote(stands, entry, this.deps.parts) }
          : isHere
            ? this.connections.stateOf(name)
            : { stage: "off" as const, note: `not for the ${this.lane} lane` };
      const left = this.left.get(name);
      const tools = (this.tools.get(name)?.tools ?? []).map(({ name: tool, readOnly }) => {
        const why = left?.get(tool);
        return { name: tool, readOnly, ...(why !== undefined && { left: why }) };
      });
      return { name, file, runs: runsOf(entry.place), lanes, stage, ...(note !== undefined && { note }), tools };
    });
    const faulty = this.faults.map(({ name = "?", file, why }): McpServerState => {
      return { name, file, runs: "", lanes: [], stage: "faulty", note: why, tools: [] };
    });
    return [...entries, ...faulty];
  }

  private sayFaults(): void {
    for (const { name, file, why } of this.faults) {
      const what = name === undefined ? file : `MCP server ${name} of ${file}`;
      this.say(`fault ${file} ${name} ${why}`, "MCP_FAULTY", `${what} is left out: ${why}; docs/mcp.md describes the file`);
    }
  }

  /** Once. */
  private say(key: string, code: string, message: string): void {
    if (this.told.has(key)) return;
    this.told.add(key);
    this.deps.emit({ type: "notice.given", code, message: `${message}.` });
  }
}

function refusedCall(refusal: Refusal, said: "held" | "no"): ToolResult {
  const { decision, reason } = refusal;
  const summary = said === "no" ? "refused by you" : `${decision === "block" ? "blocked" : "held"}: ${reason}`;
  return { ok: false, text: refusalLine(refusal, said), summary };
}
