/** One workflow without a terminal: what its commands share. Where it would ask, it goes on as it says itself. */
import { type Failure, type Result, type WorkflowName, exitStatus, failure, succeed } from "@twolane/protocol";
import { exitReason } from "../state/run-state.ts";
import { watchUnanswered } from "../state/unanswered.ts";
import type { CommandIo, OptionHelp } from "./command.ts";
import { readText } from "./read-text.ts";
import { refuse } from "./refuse.ts";
import { createReporter, refusal } from "./reporter.ts";
import { readWords } from "./usage.ts";

/** Of every workflow. */
export const workflowOptions: readonly OptionHelp[] = [
  { form: "-m, --model NAME", text: "provider/name. Default: what is configured or found" },
  {
    form: "-s, --scope PATH",
    text: "only these paths may change, as seen from here; a file, folder or glob, `!` takes out; repeatable",
  },
  { form: "--plan", text: "stop at the first question and show what it is about; nothing is changed after it" },
  { form: "-C, --cwd FOLDER", text: "work there" },
  { form: "--json", text: "one event a line (docs/events.md)" },
  { form: "--allow-command PATTERN", text: "your yes to commands that a rule would hold, e.g. 'npm test **'; repeatable" },
  { form: "--trust", text: "this workspace may run its tests and checks in the sandbox, this once" },
];

const parsedOptions = {
  model: { type: "string", short: "m" },
  scope: { type: "string", short: "s", multiple: true },
  plan: { type: "boolean" },
  cwd: { type: "string", short: "C" },
  json: { type: "boolean" },
  "allow-command": { type: "string", multiple: true },
  trust: { type: "boolean" },
  staged: { type: "boolean" },
} as const;

export interface WorkflowKind {
  readonly workflow: WorkflowName;
  /** When standard input is what it works on: for `-`, wherever it is no terminal, or there only where no words are given. */
  readonly reads: "dash" | "piped" | "wordless";
  /** It can do without words. */
  readonly wordless?: boolean;
}

interface Wishes {
  readonly text: string;
  readonly reads: boolean;
  readonly planOnly: boolean;
  readonly json: boolean;
  readonly engine: {
    readonly model?: string;
    readonly scope: readonly string[];
    readonly allowCommands: readonly string[];
    readonly trust: boolean;
    readonly cwd: string;
  };
}

export async function runWorkflow(kind: WorkflowKind, argv: readonly string[], io: CommandIo): Promise<number> {
  const loading = import("@twolane/engine");
  const wishes = readWishes(kind, argv, io);
  if (!wishes.ok) return refuse(wishes.failure, { io });
  const { text, json, planOnly } = wishes.value;
  const refuseWith = (reason: Failure): number => refuse(reason, { io, json: json ? refusal(reason) : undefined });
  const input = wishes.value.reads ? await readText(io.stdin) : undefined;
  if (text === "" && (input ?? "").trim() === "" && kind.wordless !== true)
    return refuseWith(failure("REQUEST_EMPTY", "It is not said what is wanted.", `See \`twolane help ${kind.workflow}\`.`));
  const { openEngine } = await loading;
  const opened = await openEngine({ ...wishes.value.engine, env: io.env, landing: "hunk", dryRun: false, asks: planOnly });
  if (!opened.ok) return refuseWith(opened.failure);
  const engine = opened.value;
  // A diff that is empty is one.
  const isGiven = input !== "" || kind.workflow === "review";
  // What a review says is its comments.
  const reporter = createReporter({ io, json, dryRun: false, showsText: kind.workflow !== "review" });
  engine.subscribe(reporter.observe);
  // Nobody is here who could say yes to a command.
  if (planOnly) watchUnanswered(engine, "commands")();
  const { workflow } = kind;
  const { constraintsIn } = await import("@twolane/policy");
  const given = input !== undefined && isGiven ? { input } : {};
  engine.send({ type: "workflow.start", workflow, text, ...given, constraints: constraintsIn(text) });
  const left = await carryOut(engine, io);
  const wasAsked = planOnly && !left.interrupted;
  if (wasAsked) engine.send({ type: "workflow.end" });
  const seen = reporter.finish();
  if (left.hurried) return exitStatus.interrupted;
  await engine.close();
  if (left.interrupted) return exitStatus.interrupted;
  const isPlan = wasAsked && seen.workflow === "stopped" && seen.failure === undefined;
  if (seen.workflow === undefined) return exitStatus.failed;
  return isPlan ? exitStatus.ok : exitStatus[exitReason(seen)];
}

type Engine = Extract<Awaited<ReturnType<typeof import("@twolane/engine").openEngine>>, { ok: true }>["value"];

interface Left {
  readonly interrupted: boolean;
  /** By a second Ctrl-C, with something still running. */
  readonly hurried: boolean;
}

/** To its end, or to the question that it waits with. The first Ctrl-C ends it, and what is done stays; the second leaves at once. */
async function carryOut(engine: Engine, io: CommandIo): Promise<Left> {
  let interrupts = 0;
  let leave = (): void => {};
  const leaving = new Promise<void>((resolve) => void (leave = resolve));
  const forget = io.onInterrupt(() => {
    if (++interrupts > 1) return leave();
    engine.send({ type: "workflow.end" });
    engine.send({ type: "tests.stop" });
  });
  await Promise.race([leaving, engine.idle()]);
  forget();
  return { interrupted: interrupts > 0, hurried: interrupts > 1 };
}

function readWishes({ workflow, reads }: WorkflowKind, argv: readonly string[], io: CommandIo): Result<Wishes> {
  const { staged: stagedOption, ...others } = parsedOptions;
  const options = workflow === "review" ? { ...others, staged: stagedOption } : others;
  const parsed = readWords(workflow, argv, { allowPositionals: true, options });
  if ("code" in parsed) return { ok: false, failure: parsed };
  const { values, positionals } = parsed;
  const words = positionals.filter((word) => word !== "-").join(" ");
  const text = `${"staged" in values && values.staged === true ? "--staged " : ""}${words}`.trim();
  const isPiped = (reads === "piped" || (reads === "wordless" && text === "")) && io.stdin.isTTY !== true;
  return succeed({
    ...{ text, reads: positionals.includes("-") || isPiped, planOnly: values.plan ?? false, json: values.json ?? false },
    engine: {
      ...(values.model !== undefined && { model: values.model }),
      scope: values.scope ?? [],
      allowCommands: values["allow-command"] ?? [],
      trust: values.trust ?? false,
      cwd: values.cwd ?? io.cwd,
    },
  });
}
