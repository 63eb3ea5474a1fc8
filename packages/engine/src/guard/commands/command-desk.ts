/**
 * Where commands of a model are decided, asked about, run and told. What the policy holds waits for a person's answer, while everything
 * else goes on; a stop answers it. Who changed what in the workspace is found by others (`CommandWatch`).
 */
import os from "node:os";
import path from "node:path";
import type { CommandAnswer, EventBody, Failure } from "@twolane/protocol";
import type { CommandFacts, CommandVerdict } from "@twolane/policy";
import type { Processes } from "../../host/process.ts";
import type { BoundPlace } from "../../host/sandbox/confinement.ts";
import { type ConfinedEnd, runConfined } from "../../host/sandbox/confined-process.ts";
import { privatePlaces, realPlace } from "../../host/sandbox/private-places.ts";
import { type SandboxState, findSandbox } from "../../host/sandbox/find-sandbox.ts";
import type { Clock } from "../../std/clock.ts";
import { commandEnvironment } from "./command-environment.ts";
import { keepEnds } from "./command-output.ts";
import { type CommandRequest, type Surroundings, commandArgv, commandText, grantedPlace, placeOf } from "./command-request.ts";
import { type Refusal, refusalOf, untrusted } from "./command-verdict.ts";
import { onlyReads } from "./read-only.ts";
import type { RememberedAnswers } from "./remembered-answers.ts";
import type { CommandWatch, WatchedCall } from "./command-watch.ts";
import { type DiskTurns, createDiskTurns } from "./turns-at-disk.ts";
import { WallBuilder, type Walls, policyFolder } from "./walls.ts";

export interface CommandDeps {
  /** Real path of the workspace. */
  readonly root: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly processes: Processes;
  readonly clock: Clock;
  readonly judge: (facts: CommandFacts) => CommandVerdict;
  readonly isTrusted: () => boolean;
  /** Our own: the state folder and the configuration. */
  readonly ownPlaces: readonly string[];
  /** Whether the policy lets nobody read a path of the workspace. */
  readonly isUnreadable: (path: string) => boolean;
  readonly bound?: readonly BoundPlace[];
  readonly answers: RememberedAnswers;
  /** A yes that was given beforehand to what a rule of the policy holds. */
  readonly hasYes: (facts: CommandFacts) => boolean;
  /** False: nobody is there who could answer, so that what is held is told as that at once. */
  readonly asks: boolean;
  /** What they run lets everybody else on the machine go first. */
  readonly yields: boolean;
  readonly emit: (event: EventBody) => void;
  /** Finds what a command changes. */
  readonly watch: CommandWatch;
  /** Nothing may change now, as in plan mode: commands only look. */
  readonly onlyLooks: () => boolean;
  /** What a command finds in its environment beside the rest. */
  readonly environmentOf?: ((call: string) => Readonly<Record<string, string>>) | undefined;
}

export interface CommandCall extends WatchedCall {
  readonly signal: AbortSignal;
}

export type CommandOutcome =
  /** `said`: whether a person was asked and said no. */
  | { readonly kind: "refused"; readonly refusal: Refusal; readonly said: "held" | "no" }
  | { readonly kind: "impossible"; readonly why: string }
  | {
      readonly kind: "ended";
      readonly end: ConfinedEnd;
      readonly output: string;
      readonly ms: number;
      readonly changed: readonly string[];
    };

export interface CommandDesk {
  run(request: CommandRequest, call: CommandCall): Promise<CommandOutcome>;
  /** To a command that is held. */
  answer(call: string, answer: CommandAnswer): void;
  /** Somebody may have trusted the workspace: what waited for that goes on. */
  trustChanged(): void;
  /** What the first command would wait for, done before. Never fails. */
  prepare(): Promise<void>;
  /** Resolves when nothing runs any more and what it changed is known. */
  idle(): Promise<void>;
}

export function openCommandDesk(deps: CommandDeps): CommandDesk {
  return new Desk(deps);
}

/** Of one command as events; what comes after it only counts for the result. */
const shownLimit = 256 * 1024;

interface Prepared {
  readonly request: CommandRequest;
  readonly text: string;
  readonly cwd: string;
  readonly write: readonly string[];
  readonly network: boolean;
  readonly reads: boolean;
  readonly sandbox: SandboxState;
}

class Desk implements CommandDesk {
  private readonly deps: CommandDeps;
  private readonly turns: DiskTurns = createDiskTurns();
  private readonly waiting = new Map<string, (answer: CommandAnswer) => void>();
  private readonly walls: WallBuilder;
  private readonly surroundings: Surroundings;
  /** Calls that wait for trust. */
  private readonly untrusted = new Set<string>();
  /** The person has said no to that: nobody asks again. */
  private leftUntrusted = false;
  private saidUntrusted = false;
  private readonly running = new Set<Promise<unknown>>();
  private found: Promise<SandboxState> | undefined;

  constructor(deps: CommandDeps) {
    this.deps = deps;
    const [home = "/nowhere"] = realPlace(deps.env["HOME"] ?? os.homedir());
    this.walls = new WallBuilder({ ...deps, home });
    const never = (): readonly string[] => [
      ...deps.ownPlaces,
      ...privatePlaces({ home, env: deps.env }),
      path.join(deps.root, policyFolder),
    ];
    this.surroundings = { root: deps.root, home, own: deps.ownPlaces, never };
  }

  answer(call: string, answer: CommandAnswer): void {
    const settle = this.waiting.get(call);
    if (settle !== undefined) return settle(answer);
    this.deps.emit({ type: "notice.given", code: "COMMAND_GONE", message: "No such command waits for an answer any more." });
  }

  run(request: CommandRequest, call: CommandCall): Promise<CommandOutcome> {
    const outcome = this.decide(request, call);
    this.running.add(outcome);
    return outcome.finally(() => this.running.delete(outcome));
  }

  trustChanged(): void {
    this.leftUntrusted = false;
    if (!this.deps.isTrusted()) return;
    for (const call of this.untrusted) this.waiting.get(call)?.("once");
    void this.prepare();
  }

  async prepare(): Promise<void> {
    if (!this.deps.isTrusted()) return;
    this.found ??= findSandbox(this.deps.processes);
    await this.deps.watch.prepare(await this.walls.look());
  }

  async idle(): Promise<void> {
    await Promise.allSettled(this.running);
  }

  private async decide(request: CommandRequest, call: CommandCall): Promise<CommandOutcome> {
    const { root } = this.deps;
    if (root === "/") return { kind: "impossible", why: "The whole disk is the workspace; commands are not run in it." };
    const { surroundings } = this;
    const place = placeOf(request, surroundings);
    if (!place.ok) return impossible(place.failure);
    const facts = { ...request.facts, cwd: path.relative(root, place.value.cwd).split(path.sep).join("/") };
    const left = await this.askTrust(request, { ...call, facts });
    if (left !== undefined) return left;
    // Behind the question: with trust the policy may allow more.
    const judged = this.deps.judge(facts);
    const granted = judged.write.flatMap((named) => {
      const real = grantedPlace(named, surroundings);
      return real.ok ? [real.value] : [];
    });
    const sandbox = await (this.found ??= findSandbox(this.deps.processes));
    const text = commandText(request.facts);
    const write = place.value.write.map((real, at) => ({ named: request.write[at] ?? real, real }));
    const asked = { text, network: request.network, write };
    const refusal = refusalOf(asked, { judged, granted, sandbox });
    const prepared: Prepared = {
      ...{ request, text, cwd: place.value.cwd, sandbox, network: request.network || judged.network },
      write: [...new Set([...place.value.write, ...granted])],
      reads:
        this.deps.onlyLooks() ||
        request.onlyLooks === true ||
        (request.write.length === 0 && onlyReads(request.facts, judged.executed)),
    };
    const said = refusal === undefined ? undefined : await this.ask(prepared, { ...call, refusal });
    if (refusal !== undefined && said !== undefined) return { kind: "refused", refusal, said };
    return this.turns.take(!prepared.reads, () => this.start(prepared, call));
  }

  /** Undefined: trust does not stand against it. A yes to one command is none to the workspace, nor to what the policy says of it. */
  private async askTrust(
    request: CommandRequest,
    { call, signal, facts }: CommandCall & { facts: CommandFacts },
  ): Promise<CommandOutcome | undefined> {
    const { isTrusted, judge, answers, asks, emit } = this.deps;
    const key = JSON.stringify(["trust", facts]);
    if (isTrusted() || answers.has(key) || judge(facts).verdict.decision === "block") return undefined;
    const mayAsk = asks && !this.leftUntrusted;
    const command = commandText(request.facts);
    const refusal = untrusted(command, mayAsk ? "hold" : "block");
    emit({ type: "command.held", call, command, verdict: refusal, network: request.network, write: request.write });
    if (!mayAsk) this.sayUntrusted();
    if (!mayAsk || signal.aborted) return { kind: "refused", refusal, said: "held" };
    this.untrusted.add(call);
    const answer = await this.answered(call, signal);
    this.untrusted.delete(call);
    if (answer === undefined) return { kind: "refused", refusal, said: "held" };
    emit({ type: "command.answered", call, answer });
    if (answer === "session" || answer === "always") answers.add(key, false);
    if (answer !== "no") return undefined;
    this.leftUntrusted = true;
    for (const other of this.untrusted) this.waiting.get(other)?.("no");
    return { kind: "refused", refusal, said: "no" };
  }

  private sayUntrusted(): void {
    if (this.saidUntrusted || this.deps.asks) return;
    this.saidUntrusted = true;
    const message = "No command of the model runs, as nobody has trusted this workspace: `twolane trust`.";
    this.deps.emit({ type: "notice.given", code: "WORKSPACE_UNTRUSTED", message });
  }

  /** Undefined: it may run. */
  private async ask(
    prepared: Prepared,
    { call, signal, refusal }: CommandCall & { refusal: Refusal },
  ): Promise<"held" | "no" | undefined> {
    const { answers, asks, emit } = this.deps;
    const { text: command, network, request } = prepared;
    const isMore = request.network || request.write.length > 0;
    const key = keyOf(prepared);
    if (refusal.decision === "hold" && answers.has(key)) return undefined;
    const isRule = !ownRules.has(refusal.rule);
    if (refusal.decision === "hold" && isRule && !isMore && this.deps.hasYes(request.facts)) return undefined;
    emit({ type: "command.held", call, command, verdict: refusal, network, write: request.write });
    if (refusal.decision === "block" || !asks || signal.aborted) return "held";
    const answer = await this.answered(call, signal);
    if (answer === undefined) return "held";
    emit({ type: "command.answered", call, answer });
    if (answer === "session" || answer === "always") answers.add(key, answer === "always");
    return answer === "no" ? "no" : undefined;
  }

  /** Undefined: the turn was stopped before. */
  private answered(call: string, signal: AbortSignal): Promise<CommandAnswer | undefined> {
    return new Promise((resolve) => {
      const settle = (answer?: CommandAnswer): void => {
        this.waiting.delete(call);
        signal.removeEventListener("abort", stop);
        resolve(answer);
      };
      const stop = (): void => settle();
      this.waiting.set(call, settle);
      signal.addEventListener("abort", stop, { once: true });
    });
  }

  private async start(prepared: Prepared, call: CommandCall): Promise<CommandOutcome> {
    const { text, cwd, network, write, reads } = prepared;
    if (call.signal.aborted) return { kind: "impossible", why: "It was stopped before it ran." };
    const walls = await this.walls.around({ cwd, write, network, writable: !reads });
    if (!walls.ok) return impossible(walls.failure);
    if (reads) return { ...(await this.carryOut(prepared, call, walls.value)), changed: [] };
    const watched = await this.deps.watch.begin(walls.value.view, { ...call, command: text });
    if (!watched.ok) return impossible(watched.failure);
    const ended = await this.carryOut(prepared, call, walls.value);
    return { ...ended, changed: await watched.value.finish(this.walls.look()) };
  }

  private async carryOut(prepared: Prepared, { call, signal }: CommandCall, walls: Walls): Promise<Ended> {
    const { emit, env, clock, environmentOf, yields } = this.deps;
    const { request, text, cwd, network, write, sandbox } = prepared;
    const confined = "sandbox" in sandbox ? sandbox.sandbox : undefined;
    const argv = commandArgv(request.facts);
    const [command = "", ...args] = argv;
    const started = clock.mono();
    const kept = keepEnds();
    let shown = 0;
    emit({ type: "command.started", call, command: text, sandbox: confined?.name ?? "none", network, write });
    const end = await runConfined({
      wrapped: confined?.wrap(argv, walls.confinement) ?? { command, args, made: [] },
      ...{ cwd, signal, env: { ...commandEnvironment(env), ...environmentOf?.(call) }, timeoutMs: request.timeout * 1000 },
      yields,
      onOutput: (piece) => {
        kept.add(piece);
        if (shown < shownLimit) emit({ type: "command.output", call, text: piece });
        shown += piece.length;
      },
    });
    const ms = clock.mono() - started;
    emit({ type: "command.ended", call, ms, ...end });
    return { kind: "ended", end, output: kept.text(), ms };
  }
}

/** Not about the command itself. */
const ownRules: ReadonlySet<string> = new Set(["network", "write", "sandbox"]);

type Ended = Omit<Extract<CommandOutcome, { kind: "ended" }>, "changed">;

const impossible = ({ message, cure }: Failure): CommandOutcome => ({ kind: "impossible", why: `${message} ${cure}` });

/** The exact words, where, and all that was granted with them. */
function keyOf({ request, cwd, network, write, sandbox }: Prepared): string {
  const walls = "sandbox" in sandbox ? "" : "no sandbox";
  return JSON.stringify([request.facts, cwd, network, write.toSorted(), walls]);
}
