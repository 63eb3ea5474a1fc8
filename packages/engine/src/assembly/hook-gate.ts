/**
 * Where a person's hooks stand in a session: before and after each call of a tool, before the first hunk of a file, before a prompt. Where no
 * file names any there is no gate, and nothing costs anything. What runs them is loaded by the first that does (`hook-room.ts`).
 */
import path from "node:path";
import type { CommandAnswer, HookFileState } from "@twolane/protocol";
import { type HookTool, hookTool, toolInput } from "../agent-hooks/hook-input.ts";
import type { HookSaid } from "../agent-hooks/hook-outcome.ts";
import { type HookEntry, type HookEvent, type HookFile, matches } from "../agent-hooks/hooks-file.ts";
import type { Refusal } from "../guard/commands/command-verdict.ts";
import { isThere } from "../host/user-files.ts";
import { type Tool, type ToolCall, type ToolResult, refused } from "../tools/tools.ts";
import { hasHookFiles, hookFileState, hookStage, readHookFiles } from "./hook-files.ts";
import type { HookDeps, HookRoom } from "./hook-room.ts";

/** What stands in front of the landing of a file. */
export interface EditGate {
  /** By its path in the workspace: resolves when it may be judged. */
  ask(real: string): Promise<void>;
  refusals(real: string): readonly Refusal[];
}

export function openHookGate(deps: HookDeps): HookGate | undefined {
  return hasHookFiles(deps.parts, deps.parts.options.env) ? new HookGate(deps) : undefined;
}

export class HookGate {
  readonly edits: EditGate = { ask: (real) => this.askEdit(real), refusals: (real) => this.ofEdits.get(real) ?? [] };
  /** As they were when the session began: nothing that it writes becomes a hook of it. */
  readonly files: readonly HookFile[];
  private readonly deps: HookDeps;
  private readonly ofEdits = new Map<string, readonly Refusal[]>();
  private entries: readonly HookEntry[] = [];
  private running = new AbortController();
  private loading: Promise<HookRoom> | undefined;
  private opened: HookRoom | undefined;

  constructor(deps: HookDeps) {
    this.deps = deps;
    this.files = readHookFiles(deps.parts, deps.parts.options.env);
    this.lookAgain();
  }

  /** Trust or a yes may have come, or gone. */
  lookAgain(): void {
    this.entries = this.files.filter((file) => hookStage(file, this.deps.parts) === "runs").flatMap(({ entries }) => entries);
  }

  states(): readonly HookFileState[] {
    return this.files.map((file) => hookFileState(file, this.deps.parts));
  }

  of(event: HookEvent, name = ""): readonly HookEntry[] {
    return this.entries.filter((entry) => entry.event === event && matches(entry, name));
  }

  room(): Promise<HookRoom> {
    return (this.loading ??= import("./hook-room.ts").then(({ HookRoom: Room }) => (this.opened = new Room(this.deps))));
  }

  /** To a call that waits. False: none of ours does by that name. */
  answer(call: string, answer: CommandAnswer): boolean {
    return this.opened?.held.answer(call, answer) ?? false;
  }

  /** Nothing waits for a hook any more. */
  stop(): void {
    this.running.abort();
    this.running = new AbortController();
  }

  async idle(): Promise<void> {
    await (await this.loading)?.idle();
  }

  wrap(tool: Tool): Tool {
    return {
      definition: tool.definition,
      describe: (input) => tool.describe(input),
      run: (input, signal, call) => this.around(tool, { ...call, input, signal }),
    };
  }

  private async around(tool: Tool, call: ToolCall & { input: string; signal: AbortSignal }): Promise<ToolResult> {
    const { root } = this.deps.parts.workspace;
    const { name } = tool.definition;
    const shown = hookTool(name, call.input, root);
    const before = this.of("PreToolUse", shown.name);
    const said: HookSaid | ToolResult = before.length === 0 ? {} : await this.before(before, { ...call, tool: shown });
    if ("ok" in said) return said;
    const input = said.input === undefined ? call.input : toolInput(name, call.input, said.input);
    if (input === undefined) return refused("A hook changed this call into one that the tool does not have.");
    const result = await tool.run(input, call.signal, call);
    const after = this.of("PostToolUse", shown.name);
    if (after.length > 0) {
      const done = input === call.input ? shown : hookTool(name, input, root);
      const response = { ok: result.ok, text: result.text };
      void this.room().then((room) =>
        room.later(after, { ...toolFields(done), tool_response: response, tool_use_id: call.call }),
      );
    }
    return said.context === undefined ? result : { ...result, text: `${result.text}\n${said.context}` };
  }

  /** A result: the call is not made. */
  private async before(
    entries: readonly HookEntry[],
    { tool, signal, call }: { readonly tool: HookTool; readonly signal: AbortSignal; readonly call: string },
  ): Promise<HookSaid | ToolResult> {
    const room = await this.room();
    const said = await room.run(entries, { ...toolFields(tool), tool_use_id: call }, signal);
    if (signal.aborted) return refused("It was stopped before it ran.");
    if (said.decision === "block") return refused(`A hook of the person refused this call: ${said.reason ?? "without a word"}`);
    if (said.decision !== "ask") return said;
    const command = `${tool.name} ${JSON.stringify(tool.input)}`;
    const answer = await room.held.ask({ call, signal, command, of: command, refusal: holding(said, command) });
    if (answer === undefined) return said;
    return refused(
      answer === "no" ? "The person said no to this call." : `A hook wants a yes to this call first: ${said.reason ?? ""}`,
    );
  }

  /** Once a turn: what it is about is the file, of which nothing has landed yet. */
  private async askEdit(real: string): Promise<void> {
    const { root } = this.deps.parts.workspace;
    const file = path.join(root, real);
    const tool = { name: isThere(file) ? "Edit" : "Write", input: { file_path: file } };
    this.ofEdits.delete(real);
    const entries = this.of("PreToolUse", tool.name);
    if (entries.length === 0) return;
    const room = await this.room();
    const said = await room.run(entries, toolFields(tool), this.running.signal);
    if (said.decision === "block" || said.decision === "ask") this.ofEdits.set(real, [holding(said, real)]);
  }
}

export const toolFields = ({ name, input }: HookTool): Record<string, unknown> => ({ tool_name: name, tool_input: input });

function holding({ decision, reason }: HookSaid, subject: string): Refusal {
  return {
    ...{ decision: decision === "block" ? "block" : "hold", rule: "hook", subject },
    reason: `A hook says: ${(reason ?? "nothing more").split("\n", 1)[0] ?? ""}`,
    wayOut: decision === "block" ? "Do it as the hook wants it, or leave it." : "The person may say yes to it.",
  };
}
