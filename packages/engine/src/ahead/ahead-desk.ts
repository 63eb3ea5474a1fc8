/**
 * The turn before Enter: decides which drafts are worked on while a person types, and counts what came of them. Everything happens in
 * memory: no tool runs, nothing lands and nothing is kept in the journal before the prompt is sent (docs/decisions/0008-before-enter.md).
 */
import type { EventBody } from "@twolane/protocol";
import { understand } from "../code/instant/words.ts";
import type { EditStream } from "../edits/landing/edit-stream.ts";
import type { ModelKit } from "../loop/loop.ts";
import type { ModelRequest } from "../models/models.ts";
import { createDraftPreview } from "./draft-preview.ts";
import { type DraftSession, createDraftSession } from "./draft-session.ts";

export interface AheadWishes {
  readonly drafts: "off" | "instant" | "on";
  /** Tokens that may go to drafts which are not sent in the end. */
  readonly wasted: number;
}

export interface AheadDeps {
  readonly wishes: AheadWishes;
  /** Nothing runs that a prompt would wait for or that asks something else, and what is asked for may land. */
  readonly isFree: () => boolean;
  readonly holdsSecret: (text: string) => boolean;
  readonly requestFor: (text: string) => Promise<ModelRequest>;
  /** An edit stream whose hunks are placed and judged in memory. */
  readonly openPreview: (kit: ModelKit, onEvent: (event: EventBody) => void) => EditStream;
  readonly emit: (event: EventBody) => void;
}

/** A model is asked when nobody has typed for so long; ms. */
const modelPause = 600;

/** Four characters are about a token. */
const tokensOf = (text: string): number => text.length / 4;

export class AheadDesk {
  private readonly deps: AheadDeps;
  private kit: ModelKit | undefined;
  private session: DraftSession | undefined;
  /** What stands on the line and may be worked on. */
  private wanted: string | undefined;
  /** What was begun last. */
  private busy: object | undefined;
  private timer: NodeJS.Timeout | undefined;
  private workflow = false;
  private made = 0;
  private used = 0;
  private tokens = 0;
  private allTokens = 0;

  constructor(deps: AheadDeps) {
    this.deps = deps;
  }

  /** The kit, whose answers may have begun before they are asked for. Drafts go to the last one given. */
  use(kit: ModelKit): ModelKit {
    this.drop();
    this.session = undefined;
    // What is neither a model nor plans from files, e.g. a replay, answers in its own order.
    const isReplay = kit.attach === undefined && kit.model.unchanged === undefined;
    if (this.deps.wishes.drafts === "off" || isReplay) return kit;
    this.session = createDraftSession(kit.model, (outcome) => {
      if (outcome.used) this.used++;
      this.tokens += outcome.tokens;
      this.allTokens += outcome.tokens;
    });
    this.kit = { ...kit, model: this.session };
    return this.kit;
  }

  /** What stands on the line, after a pause. */
  set(text: string): void {
    const { session } = this;
    if (session === undefined || text === this.wanted || !this.isFree()) return;
    clearTimeout(this.timer);
    this.wanted = undefined;
    session.throwAway();
    if (text.trim() === "" || this.deps.holdsSecret(text)) return;
    if (this.isInstant()) return this.wantPlan(text);
    if (this.deps.wishes.drafts !== "on" || this.allTokens >= this.deps.wishes.wasted) return;
    this.wanted = text;
    session.prewarm();
    this.timer = setTimeout(() => void this.begin(text), modelPause).unref();
  }

  /** The prompt is sent, with this text or another: nothing new is begun. What is ready waits for its request. */
  enter(): void {
    clearTimeout(this.timer);
    this.wanted = undefined;
    this.busy = undefined;
  }

  /** What is there is of no use any more: the model, the mode or the scope is another one. */
  drop(): void {
    this.enter();
    this.session?.throwAway();
  }

  /** After the event has been told. */
  observe(event: EventBody): void {
    if (event.type === "workflow.started") this.drop();
    if (event.type === "workflow.started" || event.type === "workflow.ended") this.workflow = event.type === "workflow.started";
    if (event.type === "turn.ended") this.tell();
  }

  /** What was counted since, if anything. */
  tell(): void {
    const { made, used, tokens } = this;
    if (made === 0 && tokens === 0) return;
    [this.made, this.used, this.tokens] = [0, 0, 0];
    this.deps.emit({ type: "drafts.counted", made, used, tokens });
  }

  close(): void {
    this.drop();
    this.tell();
    this.session = undefined;
  }

  private isInstant(): boolean {
    return this.kit?.model.unchanged !== undefined;
  }

  private isFree(): boolean {
    return !this.workflow && this.deps.isFree();
  }

  private wantPlan(text: string): void {
    if ("failure" in understand(text)) return;
    this.wanted = text;
    void this.begin(text);
  }

  private async begin(text: string): Promise<void> {
    const { kit, session } = this;
    if (kit === undefined || session === undefined) return;
    const work = {};
    this.busy = work;
    const request = await this.deps.requestFor(text);
    if (this.busy !== work) return;
    if (this.wanted !== text || !this.isFree()) return;
    let left = this.isInstant() ? Infinity : this.deps.wishes.wasted - this.allTokens - tokensOf(JSON.stringify(request));
    if (left <= 0) return;
    this.made++;
    const preview = createDraftPreview({
      ...(kit.edits.tool && { editTool: kit.edits.tool.name }),
      openStream: (onEvent) => this.deps.openPreview(kit, onEvent),
      speaks: this.isInstant(),
      onPrepared: (prepared) => {
        if (this.wanted === text && this.isFree()) this.deps.emit({ type: "draft.prepared", text, ...prepared });
      },
    });
    session.draft(request, (event) => {
      preview.take(event);
      // Nobody has asked for it yet: it stands in no queue.
      if (event.kind === "delayed") return session.throwAway();
      if ("text" in event) left -= tokensOf(event.text);
      if (left <= 0) session.throwAway();
    });
  }
}
