/** `twolane demo`: the person's own last commit lands again, on a copy of what was before it. */
import { parseArgs } from "node:util";
import { type Failure, type Result, exitStatus, fail, failure, succeed } from "@twolane/protocol";
import type { ReplayedCommit } from "@twolane/engine";
import { autoplay } from "../demo/autoplay.ts";
import { planTyping, typeAlong } from "../demo/type-along.ts";
import { type SampleProject, makeSample } from "../demo/sample.ts";
import { canDraw } from "../screen/terminal-sequences.ts";
import type { CommandHelp, CommandIo } from "./command.ts";
import { refuse } from "./refuse.ts";
import { isKeyboard, isScreen } from "./session.ts";
import { usageFailure } from "./usage.ts";

export const help: CommandHelp = {
  name: "demo",
  usage: "[options]",
  summary: "Watch your own last commit land again, on a copy: stop it, steer it, reject a hunk, undo. Offline, no model.",
  options: [
    { form: "--commit REF", text: "another commit than the last one" },
    { form: "--pace N", text: "tokens a second (65, 300, 1000, 2000; default 300, and 1000 without a terminal)" },
    { form: "--plain", text: "play it and print what happens; so it is anyway where there is no terminal" },
    { form: "-C, --cwd FOLDER", text: "the repository; elsewhere a small project is used that comes along" },
  ],
  examples: ["twolane demo", "twolane demo --commit HEAD~3 --pace 1000", "twolane demo --plain"],
};

interface DemoOptions {
  readonly cwd: string;
  readonly plain: boolean;
  readonly commit?: string;
  readonly pace?: number;
}

/** More is not watched by anybody; without a terminal only what ends in ten seconds. */
function limitOf(pace: number, isWatched: boolean): { readonly hunks: number; readonly characters: number } {
  if (isWatched) return { hunks: 200, characters: 100_000 };
  return { hunks: 40, characters: Math.min(12_000, pace * charactersPerToken * 10) };
}
const charactersPerToken = 4;

export async function run(argv: readonly string[], io: CommandIo): Promise<number> {
  const options = readOptions(argv, io);
  const refuseWith = (reason: Failure): number => refuse(reason, { io });
  if (!options.ok) return refuseWith(options.failure);
  const { stdin, stdout, env } = io;
  const drawn = !options.value.plain && canDraw(env, { input: stdin.isTTY === true, output: stdout.isTTY === true });
  const opened = await openCommit(options.value, io, drawn);
  if (!opened.ok) return refuseWith(opened.failure);
  const { replayed, sample } = opened.value;
  try {
    if (drawn && isKeyboard(stdin) && isScreen(stdout)) return await guided(replayed, { io, input: stdin, output: stdout });
    return await Promise.race([played(replayed, { io, isSample: sample !== undefined }), interrupted(io)]);
  } finally {
    await replayed.remove();
    sample?.remove();
  }
}

/** Who leaves early leaves nothing behind either. */
const interrupted = (io: CommandIo): Promise<number> =>
  new Promise((leave) => void io.onInterrupt(() => leave(exitStatus.interrupted)));

function readOptions(argv: readonly string[], io: CommandIo): Result<DemoOptions> {
  try {
    const { values } = parseArgs({
      args: [...argv],
      options: {
        commit: { type: "string" },
        pace: { type: "string" },
        plain: { type: "boolean" },
        cwd: { type: "string", short: "C" },
      },
    });
    const pace = values.pace === undefined ? undefined : Number(values.pace);
    if (pace !== undefined && !(pace > 0)) return fail("USAGE", `--pace ${values.pace} is no number of tokens a second.`);
    return succeed({
      cwd: values.cwd ?? io.cwd,
      plain: values.plain ?? false,
      ...(values.commit !== undefined && { commit: values.commit }),
      ...(pace !== undefined && { pace }),
    });
  } catch (error) {
    return { ok: false, failure: usageFailure(error, "demo") };
  }
}

interface OpenedCommit {
  readonly replayed: ReplayedCommit;
  readonly sample?: SampleProject;
}

/** The person's commit; outside of a repository, or where it has nothing to show, the sample's. */
async function openCommit(
  { cwd, commit, ...options }: DemoOptions,
  io: CommandIo,
  isWatched: boolean,
): Promise<Result<OpenedCommit>> {
  const { openReplay } = await import("@twolane/engine");
  const pace = options.pace ?? (isWatched ? 300 : 1000);
  const wish = { env: io.env, pace, limit: limitOf(pace, isWatched) };
  const own = await openReplay({ ...wish, cwd, ...(commit !== undefined && { commit }) });
  if (own.ok && (own.value.facts.played > 0 || commit !== undefined)) return succeed({ replayed: own.value });
  if (own.ok) await own.value.remove();
  else if (commit !== undefined || own.failure.code === "TOOL_FAILED") return own;
  let sample: SampleProject;
  try {
    sample = makeSample();
  } catch {
    return {
      ok: false,
      failure: failure("NO_REPOSITORY", "The demo needs git.", 'Install git, or try twolane run -m instant "rename a to b".'),
    };
  }
  const replayed = await openReplay({ ...wish, cwd: sample.folder });
  if (replayed.ok) return succeed({ replayed: replayed.value, sample });
  sample.remove();
  return replayed;
}

async function played(
  replayed: ReplayedCommit,
  { io, isSample }: { readonly io: CommandIo; readonly isSample: boolean },
): Promise<number> {
  const print = (line: string): void => void io.stdout.write(`${line}\n`);
  const { commit, facts, folder, session } = replayed;
  print(
    `twolane demo · the text is ${isSample ? "a commit of a small project that comes along" : `your commit ${commit.short}`} "${commit.subject}"; only the pace is simulated`,
  );
  print(`on a copy of what was before it: ${folder} (your repository is not written)`);
  if (facts.played < facts.hunks) print(`of its ${facts.hunks} hunks ${facts.played} are played, so that it ends soon`);
  print("");
  const good = await autoplay({ session, folder, paths: facts.paths, hunks: facts.played, print });
  print("with a real model: CEREBRAS_API_KEY=… twolane   (or OPENAI_API_KEY, GROQ_API_KEY, a local server; twolane doctor)");
  return good ? exitStatus.ok : exitStatus.failed;
}

async function guided(
  replayed: ReplayedCommit,
  {
    io,
    input,
    output,
  }: {
    readonly io: CommandIo;
    readonly input: Parameters<typeof isKeyboard>[0] & import("node:tty").ReadStream;
    readonly output: import("node:tty").WriteStream;
  },
): Promise<number> {
  const { runScreen } = await import("../screen/start.ts");
  const { readTerminalSettings } = await import("@twolane/engine");
  const { session, folder, commit, facts } = replayed;
  const typing = planTyping(folder, facts.paths);
  if (typing !== undefined) typeAlong(session, folder, typing);
  return runScreen({
    ...{ prompt: "start", modelAsked: true, cwd: folder, env: io.env, input, output },
    open: () => Promise.resolve(succeed(session)),
    readSettings: () => Promise.resolve(readTerminalSettings({ cwd: folder, env: io.env })),
    refuse: (reason) => refuse(reason, { io }),
    tour: { commit: commit.short, lastPath: facts.paths.at(-1) ?? "PATH", ...(typing && { typing }) },
    setPace: replayed.setPace,
  });
}
