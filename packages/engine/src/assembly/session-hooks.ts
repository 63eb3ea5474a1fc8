/**
 * A person's hooks in a running session: asks them before a prompt, tells them of what has happened, and gives on to the model what they say of it.
 * Only what asks before something is waited for.
 */
import path from "node:path";
import type { Command, EventBody, HookFileState, McpAnswer } from "@twolane/protocol";
import { answerEntry } from "../guard/entry-approvals.ts";
import type { HookEntry } from "../agent-hooks/hooks-file.ts";
import type { HookSaid } from "../agent-hooks/hook-outcome.ts";
import type { SessionDoor } from "./companion.ts";
import { type HookGate, toolFields } from "./hook-gate.ts";
import { askedHooks, hookNote, hookStage } from "./hook-files.ts";
import type { LiveParts } from "./live-parts.ts";
import { noticeOf } from "./notice.ts";

type Said = Extract<Command, { type: "prompt" | "steer" | "queue" }>;

/** Behind the bytes of the first request; ms. */
const behindStartMs = 100;
/** A hook that always finds something to do is told that it has been heard; this often is enough. */
const mostGoingOn = 5;
/** Whoever leaves does not wait longer; ms. */
const leaveMs = 1500;

export class SessionHooks {
  private readonly live: LiveParts;
  private readonly gate: HookGate | undefined;
  private readonly send: SessionDoor["send"];
  /** Have been asked about. */
  private readonly passed = new WeakSet<Command>();
  private readonly editCalls = new Set<string>();
  private readonly landed = new Set<string>();
  private readonly timer: NodeJS.Timeout | undefined;
  private prompts = Promise.resolve();
  private goneOn = 0;
  private lastReason: string | undefined;

  constructor(live: LiveParts, { send }: SessionDoor) {
    this.live = live;
    this.gate = live.hooks;
    this.send = send;
    if (this.gate === undefined) return;
    this.timer = setTimeout(() => this.begin(), behindStartMs).unref();
  }

  takes(command: Command): boolean {
    switch (command.type) {
      case "prompt":
      case "steer":
      case "queue":
        return this.takesPrompt(command);
      case "command.answer":
        return this.gate?.answer(command.call, command.answer) ?? false;
      case "trust.look":
        this.gate?.lookAgain();
        return false;
      case "hooks.look":
        this.tell();
        return true;
      case "hooks.answer":
        this.answerFile(command.file, command.answer);
        return true;
      default:
        return false;
    }
  }

  observe(event: EventBody): void {
    const { gate } = this;
    if (gate === undefined) return;
    switch (event.type) {
      case "stop.requested":
        return gate.stop();
      case "tool.started":
        if (event.summary === "edit") this.editCalls.add(event.call);
        return;
      case "hunk.landed":
        return void this.landed.add(event.hunk.movedTo ?? event.hunk.path);
      case "tool.ended":
        if (this.editCalls.delete(event.call)) this.afterEdits(event.call);
        return;
      case "context.compacted":
        // It is made in the background, so that there is no moment before it at which anybody could wait.
        return this.later(gate.of("PreCompact", "auto"), { trigger: "auto", custom_instructions: "" }, (said) =>
          this.inform(said),
        );
      case "turn.started":
        if (event.prompt !== this.lastReason) this.goneOn = 0;
        return;
      case "turn.ended":
        if (event.ending === "completed")
          this.later(gate.of("Stop"), { stop_hook_active: this.goneOn > 0 }, (said) => this.goOn(said));
        return;
      default:
        return;
    }
  }

  async idle(): Promise<void> {
    if (this.gate === undefined) return;
    // What they say may begin another turn.
    do {
      await this.prompts;
      await this.live.loop.idle();
      await this.gate.idle();
    } while (!this.live.loop.isIdle);
  }

  async close(): Promise<void> {
    clearTimeout(this.timer);
    const entries = this.gate?.of("SessionEnd", "other") ?? [];
    if (this.gate === undefined || entries.length === 0) return;
    const leave = AbortSignal.timeout(leaveMs);
    await (await this.gate.room()).run(entries, { reason: "other" }, leave);
  }

  private begin(): void {
    const source = this.live.restored === undefined ? "startup" : "resume";
    this.later(this.gate?.of("SessionStart", source), { source }, (said) => this.inform(said));
    for (const file of this.gate?.files ?? []) {
      const stage = hookStage(file, this.live.parts);
      const note = hookNote(stage, file.file);
      const message = `Hooks of ${file.file} do not run, ${note}.`;
      if (stage === "waits" && file.entries.length > 0) this.live.emit({ type: "notice.given", code: "HOOKS_WAIT", message });
      for (const fault of file.faults)
        this.live.emit({
          type: "notice.given",
          code: "HOOKS_FAULTY",
          message: `${file.file}: ${fault}; docs/hooks.md describes the file.`,
        });
    }
  }

  /** True: it is sent when its hooks have been asked. They stay in order. */
  private takesPrompt(command: Said): boolean {
    const entries = this.passed.has(command) ? [] : (this.gate?.of("UserPromptSubmit") ?? []);
    if (this.gate === undefined || entries.length === 0) return false;
    const { gate } = this;
    this.prompts = this.prompts.then(async () => {
      const said = await (await gate.room()).run(entries, { prompt: command.text });
      if (said.decision === "block") {
        const message = `A hook kept the prompt back: ${said.reason ?? "without a word"}`;
        return this.live.emit({ type: "notice.given", code: "HOOK_BLOCKED", message });
      }
      this.inform(said);
      this.passed.add(command);
      this.send(command);
    });
    return true;
  }

  private afterEdits(call: string): void {
    for (const file of this.landed) {
      const tool = { name: "Edit", input: { file_path: path.join(this.live.parts.workspace.root, file) } };
      const fields = { ...toolFields(tool), tool_response: { ok: true }, tool_use_id: call };
      this.later(this.gate?.of("PostToolUse", "Edit"), fields, (said) => this.inform(said));
    }
    this.landed.clear();
  }

  private later(entries: readonly HookEntry[] | undefined, fields: object, then: (said: HookSaid) => void): void {
    if (entries === undefined || entries.length === 0) return;
    void this.gate?.room().then((room) => room.later(entries, { ...fields }, then));
  }

  /** Said to the model before the next message. */
  private inform({ context, decision, reason }: HookSaid): void {
    const words = [
      ...(context === undefined ? [] : [context]),
      ...(decision === "block" && reason !== undefined ? [reason] : []),
    ];
    if (words.length > 0) this.live.loop.note(`A hook of the person says: ${words.join("\n")}`);
  }

  /** The turn is over, and a hook finds that it is not done. */
  private goOn({ decision, reason, context }: HookSaid): void {
    if (decision !== "block" || reason === undefined) return this.inform({ ...(context !== undefined && { context }) });
    if (!this.live.loop.isIdle || this.goneOn >= mostGoingOn) return;
    this.goneOn++;
    this.lastReason = reason;
    const command = { type: "prompt", text: reason } as const;
    this.passed.add(command);
    this.send(command);
  }

  private tell(): void {
    const files: readonly HookFileState[] = this.gate?.states() ?? [];
    this.live.emit({ type: "hooks.told", files });
  }

  private answerFile(name: string, answer: McpAnswer): void {
    const { parts, emit } = this.live;
    const file = this.gate?.files.find((one) => one.file === name);
    if (file === undefined)
      return emit({ type: "notice.given", code: "HOOKS_UNKNOWN", message: `No hooks stand in ${name}; /hooks lists the files.` });
    const said = answerEntry(parts.answers, askedHooks(file), { answer, now: new Date() });
    if (!said.ok) return emit(noticeOf(said.failure));
    this.gate?.lookAgain();
    this.tell();
  }
}
