/** Calls of tools that wait for a person: told, answered, and remembered as far as the answer says. What holds them is decided by others. */
import path from "node:path";
import type { CommandAnswer, EventBody } from "@twolane/protocol";
import type { Refusal } from "../guard/commands/command-verdict.ts";
import { type RememberedAnswers, openAnswers } from "../guard/commands/remembered-answers.ts";
import type { SessionParts } from "./session-parts.ts";

export interface HeldCall {
  readonly call: string;
  readonly signal: AbortSignal;
  readonly refusal: Refusal;
  /** All of it, as it is shown. */
  readonly command: string;
  /** What a yes for the session is about: this tool of exactly this entry. */
  readonly of: string;
}

export class HeldCalls {
  private readonly asks: boolean;
  private readonly emit: (event: EventBody) => void;
  private readonly answers: RememberedAnswers;
  private readonly session = new Set<string>();
  private readonly waiting = new Map<string, { readonly of: string; readonly settle: (answer: CommandAnswer) => void }>();

  constructor({ parts, emit }: { readonly parts: SessionParts; readonly emit: (event: EventBody) => void }) {
    this.asks = parts.options.asks ?? false;
    this.emit = emit;
    this.answers = openAnswers(path.join(parts.state.path, "allowed-calls.jsonl"));
  }

  answer(call: string, answer: CommandAnswer): boolean {
    const waits = this.waiting.get(call);
    waits?.settle(answer);
    if (waits === undefined || answer !== "session") return waits !== undefined;
    // It answers the others of that tool as well.
    for (const { of, settle } of this.waiting.values()) if (of === waits.of) settle(answer);
    return true;
  }

  /** Undefined: it may run. `always` is about exactly these words, `session` about the tool. */
  async ask({ call, signal, refusal, command, of }: HeldCall): Promise<"held" | "no" | undefined> {
    const key = `${of}\0${command}`;
    if (refusal.decision === "hold" && (this.session.has(of) || this.answers.has(key))) return undefined;
    this.emit({ type: "command.held", call, command, verdict: refusal, network: false, write: [] });
    if (refusal.decision === "block" || !this.asks || signal.aborted) return "held";
    const answer = await this.answered({ call, signal, of });
    if (answer === undefined) return "held";
    this.emit({ type: "command.answered", call, answer });
    if (answer === "session") this.session.add(of);
    if (answer === "always") this.answers.add(key, true);
    return answer === "no" ? "no" : undefined;
  }

  /** Undefined: the turn was stopped before. */
  private answered({ call, signal, of }: Pick<HeldCall, "call" | "signal" | "of">): Promise<CommandAnswer | undefined> {
    return new Promise((resolve) => {
      const settle = (answer?: CommandAnswer): void => {
        this.waiting.delete(call);
        signal.removeEventListener("abort", stop);
        resolve(answer);
      };
      const stop = (): void => settle();
      this.waiting.set(call, { of, settle });
      signal.addEventListener("abort", stop, { once: true });
    });
  }
}
