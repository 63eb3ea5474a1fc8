/** Which model answers in a session: the choices, and the change to another one between two turns. */
import { type ModelChoice, type ModelUse, type Result, fail, succeed } from "@twolane/protocol";
import { switchCost } from "../context/switch-cost.ts";
import { connectWith } from "../models/connect.ts";
import { openConnection } from "../models/connection.ts";
import type { LiveParts } from "./live-parts.ts";
import { modelChanged, modelChoices } from "./model-choices.ts";
import { readCatalogInput } from "./place.ts";
import { admitted } from "./said-files.ts";
import type { OpenedSource } from "./sources.ts";

type Live = Pick<LiveParts, "parts" | "loop" | "screen" | "emit" | "kitOf" | "pinnedOf">;

export class ModelSwitch {
  private readonly live: Live;
  /** What hangs on the model that went. */
  private readonly forget: () => Promise<void>;
  private source: OpenedSource;

  constructor(live: Live, forget: () => Promise<void>) {
    this.live = live;
    this.forget = forget;
    this.source = live.parts.source;
  }

  get model(): string {
    return this.source.session.model;
  }

  choices(): Promise<readonly ModelChoice[]> {
    const { choice, options } = this.live.parts;
    const input = readCatalogInput(options.env);
    return modelChoices({ ...input, env: { ...input.env, ...choice?.env } });
  }

  async use(typed: string): Promise<Result<ModelUse>> {
    const opened = await this.open(typed);
    return opened.ok ? succeed(opened.value.use) : opened;
  }

  /** Resolves when the next turn has that model. */
  async switchTo(typed: string): Promise<Result<ModelUse>> {
    const opened = await this.open(typed);
    if (!opened.ok) return opened;
    await opened.value.changed;
    return succeed(opened.value.use);
  }

  private async open(typed: string): Promise<Result<{ readonly use: ModelUse; readonly changed: Promise<void> }>> {
    const { choice, openSource } = this.live.parts;
    if (choice === undefined || openSource === undefined)
      return fail("MODEL_UNKNOWN", "This session has no model to change.", "Start one with `twolane`.");
    const connected = await connectWith(typed, openConnection);
    if (!connected.ok) return connected;
    const before = choice.env;
    choice.env = { ...before, ...connected.value.env };
    this.live.screen.knowEnvironment(connected.value.env);
    const opened = admitted(openSource(connected.value.model), { items: this.live.loop.items, policy: this.live.parts.policy });
    if (!opened.ok) {
      choice.env = before;
      return opened;
    }
    opened.value.session.prewarm();
    const changed = this.change(opened.value);
    const { model, keep } = connected.value;
    return succeed({ use: { model, ...(keep !== undefined && { keep }) }, changed });
  }

  tell(): void {
    this.live.emit(modelChanged(this.source.session));
  }

  /** A second session with the same model; undefined where there is none to ask. */
  openAgain() {
    const opened = this.source.reads ? this.live.parts.openSource?.(this.source.session.model) : undefined;
    return opened?.ok === true ? opened.value.session : undefined;
  }

  close(): Promise<void> {
    return this.source.session.close();
  }

  /** Of the source that answers now. */
  get limits(): OpenedSource["limits"] {
    return this.source.limits;
  }

  /** The running turn ends with the model that it began with; one that only waits for a limit goes on with the next. */
  private async change(next: OpenedSource): Promise<void> {
    const { loop, kitOf, pinnedOf } = this.live;
    const before = this.source;
    this.source = next;
    const goesOn = before.limits?.session.isWaiting() === true;
    if (goesOn) loop.send({ type: "stop" });
    await loop.idle();
    if (this.source !== next) return next.session.close();
    const cost = next.reads && before.reads ? switchCost(loop.items, before.session.model, next.session) : undefined;
    if (cost !== undefined) this.live.emit({ type: "notice.given", code: "MODEL_SWITCHED", message: cost });
    loop.setModel(kitOf(next));
    if (next.reads && !before.reads) for (const text of await pinnedOf(next)) loop.note(text);
    if (goesOn) loop.send({ type: "continue" });
    await Promise.all([before.session.close(), this.forget()]);
    this.tell();
  }
}
