/**
 * MCP in a running session: offers the tools that are known from last time with the first request, and has the servers connected behind it,
 * never before. What reads entries, connects and asks is loaded then (`mcp-room.ts`).
 */
import type { Command, EventBody } from "@twolane/protocol";
import type { ToolShelf } from "../tools/tool-shelf.ts";
import type { LiveParts } from "./live-parts.ts";
import { type KnownServer, readKnown } from "./mcp-known.ts";
import type { McpRoom } from "./mcp-room.ts";
import { type CarryOut, mcpTools } from "./mcp-tool.ts";

/** Behind the bytes of the first request; ms. */
const behindRequestMs = 50;
/** Where nobody asks anything yet: behind the first frame and what else a start loads. ms */
const atRestMs = 1500;

/** Before the first request is made: what needs no look at a server. */
function shelveKnown({ parts, shelf }: Pick<LiveParts, "parts" | "shelf">, carryOut: CarryOut): readonly KnownServer[] {
  if (!shelf.isWanted) return [];
  const known = readKnown(parts, parts.options.env);
  if (known.length === 0) return [];
  shelf.offer(mcpTools(known, parts.options.lane ?? "fast", carryOut).tools);
  shelf.turn();
  return known;
}

export class SessionMcp {
  private readonly live: LiveParts;
  private readonly shelf: ToolShelf;
  private readonly known: readonly KnownServer[];
  private readonly mode: { plan: boolean };
  private loading: Promise<McpRoom> | undefined;
  private timer: NodeJS.Timeout | undefined;
  private isBegun = false;
  private isClosed = false;

  constructor(live: LiveParts) {
    this.live = live;
    this.shelf = live.shelf;
    this.mode = { plan: live.restored?.mode === "plan" };
    this.known = shelveKnown(live, async (call) => (await this.room()).carryOut(call));
    this.timer = setTimeout(() => this.begin(), atRestMs).unref();
  }

  observe(event: EventBody): void {
    switch (event.type) {
      case "turn.started":
        return this.shelf.turn();
      case "step.requested":
        if (!this.isBegun) this.beginIn(behindRequestMs);
        return;
      case "turn.ended":
        // Files may name other servers by now.
        if (this.loading !== undefined) void this.room().then((room) => room.look());
        else this.beginIn(behindRequestMs);
        return;
      case "mode.changed":
        this.mode.plan = event.mode === "plan";
        return;
      case "model.changed":
        return this.beginIn(behindRequestMs);
      default:
        return;
    }
  }

  takes(command: Command): boolean {
    switch (command.type) {
      case "command.answer":
        return this.opened?.answer(command.call, command.answer) ?? false;
      case "mcp.look":
        void this.room().then((room) => room.tell());
        return true;
      case "mcp.answer":
        void this.room().then((room) => room.answerEntry(command.server, command.answer));
        return true;
      case "trust.look":
        // Others look as well.
        if (this.loading !== undefined) void this.room().then((room) => room.look({ again: true }));
        return false;
      default:
        return false;
    }
  }

  async close(): Promise<void> {
    this.isClosed = true;
    clearTimeout(this.timer);
    await (await this.loading)?.close();
  }

  private opened: McpRoom | undefined;

  private beginIn(ms: number): void {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.begin(), ms).unref();
  }

  /** A model that takes no tools needs no servers. */
  private begin(): void {
    if (this.isClosed || this.isBegun || !this.shelf.isWanted) return;
    this.isBegun = true;
    void this.room().then((room) => room.look());
  }

  private room(): Promise<McpRoom> {
    this.loading ??= import("./mcp-room.ts").then(({ McpRoom: Room }) => {
      const { parts, shelf, loop, emit } = this.live;
      this.opened = new Room({
        parts,
        shelf,
        emit,
        known: this.known,
        isIdle: () => loop.isIdle,
        onlyLooks: () => this.onlyLooks(),
      });
      return this.opened;
    });
    return this.loading;
  }

  private onlyLooks(): boolean {
    return this.mode.plan || this.live.parts.options.dryRun;
  }
}
