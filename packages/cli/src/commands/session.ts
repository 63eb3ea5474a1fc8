/** `twolane` without a command: the loop in the terminal, or line by line where there is none. */
import type { ReadStream, WriteStream } from "node:tty";
import { type Failure, type Result, type ReviewMode, type Session, fail, reviewModes, succeed } from "@twolane/protocol";
import { canDraw } from "../screen/terminal-sequences.ts";
import type { CommandHelp, CommandIo } from "./command.ts";
import { refuse } from "./refuse.ts";
import { readWords } from "./usage.ts";
import { workerArgv } from "./worker-argv.ts";

export const help: CommandHelp = {
  name: "",
  usage: "[REQUEST] [options]",
  summary: "The loop in the terminal: ask, watch hunks land, stop, steer, review, commit.",
  options: [
    { form: "-c, --continue", text: "go on with the last session of this folder" },
    {
      form: "-m, --model NAME",
      text: "provider/name, or `instant` (no model). Default: what is configured or found, else instant",
    },
    {
      form: "-s, --scope PATH",
      text: "only these paths may change, as seen from here; a file, folder or glob, `!` takes out; repeatable",
    },
    { form: "--mode MODE", text: "flow (hunks land, default), step (each waits for a yes) or plan (nothing lands)" },
    { form: "--plain", text: "line by line without a live region: for screen readers, logs and simple terminals" },
    { form: "--trust", text: "let the workspace's own TypeScript be loaded by instant requests" },
    { form: "-C, --cwd FOLDER", text: "work there" },
  ],
  examples: ["twolane", 'twolane "make the quantity optional in src/price.ts"', "twolane --continue", "twolane resume"],
};

export interface SessionOptions {
  readonly prompt: string;
  /** Id of an earlier session, or `latest`. */
  readonly resume?: string;
  readonly model?: string;
  readonly scope: readonly string[];
  readonly mode: ReviewMode;
  readonly plain: boolean;
  readonly trust: boolean;
  readonly cwd: string;
}

export async function run(argv: readonly string[], io: CommandIo): Promise<number> {
  const options = readOptions(argv, io);
  return options.ok ? openSession(options.value, io) : refuse(options.failure, { io });
}

/** Opens the session and stays until the person leaves. */
export async function openSession(options: SessionOptions, io: CommandIo): Promise<number> {
  const { resume, model, scope, trust, cwd, mode, prompt } = options;
  const refuseWith = (reason: Failure): number => refuse(reason, { io });
  const engine = import("@twolane/engine");
  const open = async (): Promise<Result<Session>> => {
    const { openEngine } = await engine;
    const wishes = { ...(resume !== undefined && { resume }), ...(model !== undefined && { model }) };
    const place = { scope, trust, cwd, env: io.env, worker: workerArgv() };
    const opened = await openEngine({ ...wishes, ...place, landing: "hunk", dryRun: false, asks: true });
    if (opened.ok && mode !== "flow") opened.value.send({ type: "mode.set", mode });
    return opened;
  };
  const { stdin, stdout, env } = io;
  const drawn = !options.plain && canDraw(env, { input: stdin.isTTY === true, output: stdout.isTTY === true });
  if (!drawn || !isKeyboard(stdin) || !isScreen(stdout)) {
    const { runPlain } = await import("../screen/plain.ts");
    const { onInterrupt, onHangup } = io;
    return runPlain({ prompt, env, input: stdin, output: stdout, open, refuse: refuseWith, onInterrupt, onHangup });
  }
  const { runScreen } = await import("../screen/start.ts");
  const readSettings = async () => (await engine).readTerminalSettings({ cwd, env });
  return runScreen({
    prompt,
    modelAsked: model !== undefined || resume !== undefined,
    cwd,
    env,
    input: stdin,
    output: stdout,
    open,
    readSettings,
    refuse: refuseWith,
  });
}

export const isKeyboard = (stream: CommandIo["stdin"]): stream is ReadStream => stream.isTTY === true;
export const isScreen = (stream: CommandIo["stdout"]): stream is WriteStream => stream.isTTY === true;

function readOptions(argv: readonly string[], io: CommandIo): Result<SessionOptions> {
  const parsed = readWords("", argv, {
    allowPositionals: true,
    options: {
      continue: { type: "boolean", short: "c" },
      model: { type: "string", short: "m" },
      scope: { type: "string", short: "s", multiple: true },
      mode: { type: "string" },
      plain: { type: "boolean" },
      trust: { type: "boolean" },
      cwd: { type: "string", short: "C" },
    },
  });
  if ("code" in parsed) return { ok: false, failure: parsed };
  const { values, positionals } = parsed;
  const mode = reviewModes.find((name) => name === (values.mode ?? "flow"));
  if (mode === undefined) return fail("USAGE", `--mode ${values.mode} is not one of ${reviewModes.join(", ")}.`);
  return succeed({
    prompt: positionals.join(" ").trim(),
    ...(values.continue === true && { resume: "latest" }),
    ...(values.model !== undefined && { model: values.model }),
    scope: values.scope ?? [],
    mode,
    plain: values.plain ?? false,
    trust: values.trust ?? false,
    cwd: values.cwd ?? io.cwd,
  });
}
