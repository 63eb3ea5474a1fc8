/** What fills the window of a session, told when somebody asks, and made less where a person leaves something out. */
import type { Command } from "@twolane/protocol";
import { fillOf, withoutPart } from "../context/fill.ts";
import type { ConversationItem } from "../models/models.ts";
import type { SessionCompanion } from "./companion.ts";
import type { LiveParts } from "./live-parts.ts";

export class SessionContext implements SessionCompanion {
  private readonly live: Pick<LiveParts, "loop" | "emit">;
  /** The parts of the last list, by the ids that were told. */
  private named = new Map<string, ConversationItem>();

  constructor(live: Pick<LiveParts, "loop" | "emit">) {
    this.live = live;
  }

  takes(command: Command): boolean {
    if (command.type === "context.list") this.list();
    else if (command.type === "context.drop") this.drop(command.part);
    else return false;
    return true;
  }

  /** A summary that nobody will need is not waited for. */
  close(): void {
    this.live.loop.window.drop();
  }

  private list(): void {
    const { conversation, window, asked } = this.live.loop;
    const { list } = conversation.sent;
    const ratio = window.ratio(asked.model.model);
    const limits = window.limits(asked.model);
    const tools = window.toolTokens(asked.tools);
    const parts = fillOf(list, { pinned: conversation.pinned, ratio, tools });
    this.named = new Map(parts.flatMap(({ id }) => (id === "" ? [] : [[id, list[Number(id.slice(1))]!]])));
    this.live.emit({
      ...{ type: "context.listed", model: asked.model.model, tokens: Math.round(window.guessed(asked.tools) * ratio) },
      ...{ window: limits?.window ?? 0, compactsAt: limits?.swapAt ?? 0, cached: window.cached, parts },
    });
  }

  private drop(part: string): void {
    const { conversation, isIdle } = this.live.loop;
    const notice = (message: string): void => this.live.emit({ type: "notice.given", code: "CONTEXT_PART", message });
    if (!isIdle) return notice("A turn is running; stop it first, then leave something out.");
    const item = this.named.get(part);
    const at = item === undefined ? -1 : conversation.sent.list.indexOf(item);
    if (item === undefined || at < conversation.pinned)
      return notice(`There is no part ${part} any more; /context lists what is there.`);
    const items = conversation.sent.list.with(at, withoutPart(item)).slice(conversation.pinned);
    conversation.shorten({ by: "rules", head: items });
    this.live.loop.window.drop();
    this.list();
  }
}
