/** `twolane run`: one request, edits on disk while the answer still streams. */
import {
  type Command,
  type Failure,
  type LandingMode,
  type Result,
  exitStatus,
  fail,
  failure,
  landingModes,
  succeed,
} from "@twolane/protocol";
import { exitReason } from "../state/run-state.ts";
import { watchUnanswered } from "../state/unanswered.ts";
import type { CommandHelp, CommandIo } from "./command.ts";
import { readText } from "./read-text.ts";
import { workerArgv } from "./worker-argv.ts";
import { refuse } from "./refuse.ts";
import { type Reporter, createReporter, refusal } from "./reporter.ts";
import { readWords } from "./usage.ts";

export const help: CommandHelp = {
  name: "run",
  usage: "[REQUEST] [-] [options]",
  summary: "Carry out one request; edits land hunk by hunk while the answer streams.",
  options: [
    { form: "-", text: "add standard input to the request; without a request it is read anyway" },
    {
      form: "-m, --model NAME",
      text: "provider/name, or `instant` (no model). Default: what is configured or found, else instant",
    },
    {
      form: "-s, --scope PATH",
      text: "only these paths may change, as seen from here; a file, folder or glob, `!` takes out; repeatable",
    },
    { form: "--landing MODE", text: "hunk (default), file (all hunks of a file together) or turn (all or nothing)" },
    { form: "-n, --dry-run", text: "show what would land, line by line; write nothing" },
    { form: "-C, --cwd FOLDER", text: "work there" },
    {
      form: "-p, --prompt NAME",
      text: "the team's own prompt .twolane/prompts/NAME.md; the request goes into its place (docs/prompts.md)",
    },
    { form: "--json", text: "one event a line (docs/events.md)" },
    { form: "--input jsonl", text: "take prompts, steers and stops from standard input, one JSON object a line" },
    { form: "--allow-command PATTERN", text: "your yes to commands that a rule would hold, e.g. 'npm test **'; repeatable" },
    { form: "--trust", text: "let the workspace's own TypeScript be loaded by instant requests" },
  ],
  examples: [
    'twolane run -m instant "rename oldName to newName in src/names.ts"',
    'twolane run -m cerebras/gpt-oss-120b "parse the token once in src/session.ts"',
    'twolane run --prompt api-errors "all handlers of src/api"',
    'git diff | twolane run --scope src/api "fix what this diff breaks" -',
  ],
};

interface RunOptions {
  /** What is said in the arguments. */
  readonly words: string;
  /** Standard input adds to it. */
  readonly piped: boolean;
  readonly model?: string;
  readonly scope: readonly string[];
  readonly landing: LandingMode;
  readonly dryRun: boolean;
  readonly allowCommands: readonly string[];
  readonly json: boolean;
  readonly jsonlInput: boolean;
  /** Name of a saved prompt. */
  readonly saved?: string;
  readonly trust: boolean;
  readonly cwd: string;
}

export async function run(argv: readonly string[], io: CommandIo): Promise<number> {
  // The engine loads while the arguments are read.
  const loading = import("@twolane/engine");
  const options = readOptions(argv, io);
  if (!options.ok) return refuse(options.failure, { io });
  const { words, piped, json, dryRun, jsonlInput, saved, ...rest } = options.value;
  const prompt = piped ? [words, (await readText(io.stdin)).trim()].join("\n\n").trim() : words;
  const refuseWith = (reason: Failure): number => refuse(reason, { io, json: json ? refusal(reason) : undefined });
  if (!jsonlInput && saved === undefined && prompt === "") return refuseWith(failure("REQUEST_EMPTY", "The request is empty."));
  const { openEngine } = await loading;
  const engine = await openEngine({ ...rest, dryRun, env: io.env, asks: jsonlInput, worker: workerArgv() });
  if (!engine.ok) return refuseWith(engine.failure);
  const request = saved === undefined ? succeed({ text: prompt }) : await engine.value.savedRequest(saved, prompt);
  if (!request.ok) {
    await engine.value.close();
    return refuseWith(request.failure);
  }
  const reporter = createReporter({ io, json, dryRun });
  engine.value.subscribe(reporter.observe);
  if (!jsonlInput && !json && !dryRun) void hint(engine.value, request.value.text, io);
  const status = jsonlInput
    ? await takeCommands(engine.value, reporter, io)
    : await runOnce(engine.value, { type: "prompt", ...request.value }, io);
  const seen = reporter.finish();
  // Who leaves with a second Ctrl-C does not wait; the next start settles what was open.
  if (status !== undefined) return status;
  await engine.value.close();
  return exitStatus[exitReason(seen)];
}

type Engine = Extract<Awaited<ReturnType<typeof import("@twolane/engine").openEngine>>, { ok: true }>["value"];

/** Beside the request, never before it. */
async function hint(engine: Engine, text: string, { stderr }: CommandIo): Promise<void> {
  const { hintAtLane } = await import("./lane-hint.ts");
  hintAtLane(engine, text, (line) => void stderr.write(`${line}\n`));
}

async function takeCommands(engine: Engine, { refuse: refuseLine }: Reporter, { stdin }: CommandIo): Promise<undefined> {
  const { sendCommands } = await import("./jsonl-input.ts");
  return sendCommands(engine, { input: stdin, refuse: refuseLine, ended: watchUnanswered(engine) });
}

/** Sends the prompt; the first Ctrl-C stops the turn, the second leaves at once. */
async function runOnce(engine: Engine, prompt: Extract<Command, { type: "prompt" }>, io: CommandIo): Promise<number | undefined> {
  let interrupts = 0;
  const leaving = new Promise<number>((leave) => {
    const forget = io.onInterrupt(() => {
      if (++interrupts === 1) {
        engine.send({ type: "tests.stop" });
        return engine.send({ type: "stop" });
      }
      forget();
      leave(exitStatus.interrupted);
    });
    engine.send(prompt);
    void done().then(forget);
  });
  // The tests that the edits reach belong to it, as long as nobody is in a hurry.
  async function done(): Promise<undefined> {
    await engine.idle();
    if (interrupts === 0) await engine.tested();
  }
  return Promise.race([leaving, done()]);
}

function readOptions(argv: readonly string[], io: CommandIo): Result<RunOptions> {
  const parsed = readWords("run", argv, {
    allowPositionals: true,
    options: {
      model: { type: "string", short: "m" },
      scope: { type: "string", short: "s", multiple: true },
      landing: { type: "string" },
      "dry-run": { type: "boolean", short: "n" },
      cwd: { type: "string", short: "C" },
      json: { type: "boolean" },
      input: { type: "string" },
      prompt: { type: "string", short: "p" },
      "allow-command": { type: "string", multiple: true },
      trust: { type: "boolean" },
    },
  });
  if ("code" in parsed) return { ok: false, failure: parsed };
  const { values, positionals } = parsed;
  const landing = landingModes.find((mode) => mode === (values.landing ?? "hunk"));
  if (landing === undefined)
    return fail("USAGE", `--landing ${values.landing} is not one of ${landingModes.join(", ")}.`, "See `twolane help run`.");
  if (values.input !== undefined && values.input !== "jsonl")
    return fail("USAGE", `--input ${values.input} is not known.`, "Use --input jsonl.");
  const jsonlInput = values.input === "jsonl";
  const words = positionals
    .filter((word) => word !== "-")
    .join(" ")
    .trim();
  return succeed({
    words,
    // A saved prompt says what to do by itself.
    piped: !jsonlInput && (positionals.includes("-") || (words === "" && values.prompt === undefined && io.stdin.isTTY !== true)),
    ...(values.prompt !== undefined && { saved: values.prompt }),
    ...(values.model !== undefined && { model: values.model }),
    scope: values.scope ?? [],
    landing,
    allowCommands: values["allow-command"] ?? [],
    dryRun: values["dry-run"] ?? false,
    json: values.json ?? false,
    jsonlInput,
    trust: values.trust ?? false,
    cwd: values.cwd ?? io.cwd,
  });
}
