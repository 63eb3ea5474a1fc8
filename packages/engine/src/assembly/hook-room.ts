/** Runs hooks: all of an event at once, each in a shell of its own with the event on its standard input, and none of them for ever. */
import type { EventBody } from "@twolane/protocol";
import { type HookEnd, type HookSaid, saidBy, together } from "../agent-hooks/hook-outcome.ts";
import type { HookEntry } from "../agent-hooks/hooks-file.ts";
import { commandEnvironment } from "../guard/commands/command-environment.ts";
import { systemProcesses } from "../host/process.ts";
import { HeldCalls } from "./held-calls.ts";
import type { SessionParts } from "./session-parts.ts";

export interface HookDeps {
  readonly parts: SessionParts;
  readonly session: string;
  /** Of what happens in the session. */
  readonly journal: string;
  readonly emit: (event: EventBody) => void;
}

/** What a hook reads beside what each of them is told. */
export type HookFields = Readonly<Record<string, unknown>>;

/** Of what nobody waits for: more at once would be felt, more waiting than that is left out. */
const atOnce = 4;
const mostWaiting = 100;
const outputLimit = 256 * 1024;
const never = new AbortController().signal;

export class HookRoom {
  readonly held: HeldCalls;
  private readonly deps: HookDeps;
  private readonly environment: Readonly<Record<string, string | undefined>>;
  private readonly waiting: (() => Promise<void>)[] = [];
  private readonly working = new Set<Promise<void>>();
  private readonly told = new Set<string>();

  constructor(deps: HookDeps) {
    this.deps = deps;
    this.held = new HeldCalls(deps);
    const { workspace, options } = deps.parts;
    const open = commandEnvironment(options.env);
    const closed = Object.fromEntries(Object.keys(process.env).map((name) => [name, undefined]));
    this.environment = { ...closed, ...open, CLAUDE_PROJECT_DIR: workspace.root, TWOLANE_PROJECT_DIR: workspace.root };
  }

  /** Resolves with what all of them say together; where the signal comes first, with nothing. */
  async run(entries: readonly HookEntry[], fields: HookFields, signal: AbortSignal = never): Promise<HookSaid> {
    const said = await Promise.all(
      entries.map(async (entry) => {
        const end = await this.runOne(entry, fields, signal);
        const takesPlainText = entry.event === "UserPromptSubmit" || entry.event === "SessionStart";
        return signal.aborted ? {} : this.warned(entry, saidBy(end, { takesPlainText }));
      }),
    );
    return together(said);
  }

  /** Nobody waits for these. */
  later(entries: readonly HookEntry[], fields: HookFields, then: (said: HookSaid) => void = () => undefined): void {
    if (entries.length === 0) return;
    if (this.waiting.length >= mostWaiting)
      return this.tell("full", `More than ${mostWaiting} hooks wait; those that come now are left out.`);
    this.waiting.push(async () => then(await this.run(entries, fields)));
    this.goOn();
  }

  async idle(): Promise<void> {
    while (this.working.size > 0) await Promise.all(this.working);
  }

  /** What the work of one leads to, e.g. to the model. */
  private goOn(): void {
    while (this.working.size < atOnce) {
      const next = this.waiting.shift();
      if (next === undefined) return;
      const work = next().finally(() => {
        this.working.delete(work);
        this.goOn();
      });
      this.working.add(work);
    }
  }

  private async runOne({ event, command, timeoutMs }: HookEntry, fields: HookFields, signal: AbortSignal): Promise<HookEnd> {
    const { parts, session, journal } = this.deps;
    const { root } = parts.workspace;
    const about = {
      session_id: session,
      transcript_path: journal,
      cwd: root,
      permission_mode: "default",
      hook_event_name: event,
    };
    const isWindows = process.platform === "win32";
    const outcome = await systemProcesses.run({
      ...(isWindows ? { command: "cmd.exe", args: ["/d", "/s", "/c", command] } : { command: "/bin/sh", args: ["-c", command] }),
      ...{ cwd: root, env: this.environment, timeoutMs, outputLimit, signal, endsWithUs: true },
      input: JSON.stringify({ ...about, ...fields }),
    });
    switch (outcome.kind) {
      case "exited":
        return outcome;
      case "killed":
        return outcome.why === "timeout" ? { kind: "timeout" } : { kind: "failed", why: `it was ended (${outcome.why})` };
      case "missing":
        return { kind: "failed", why: outcome.code };
    }
  }

  private warned({ event, command }: HookEntry, said: HookSaid): HookSaid {
    if (said.warning !== undefined)
      this.tell(`${event} ${command}`, `The ${event} hook \`${clipped(command)}\` ${said.warning}.`);
    return said;
  }

  /** Once a session. */
  private tell(key: string, message: string): void {
    if (this.told.has(key)) return;
    this.told.add(key);
    const event: EventBody = { type: "notice.given", code: "HOOK_TROUBLE", message };
    this.deps.emit(event);
  }
}

const clipped = (command: string): string => {
  const [line = ""] = command.split("\n", 1);
  return line.length > 80 || line !== command ? `${line.slice(0, 79)}…` : line;
};
