/** `twolane demo`: the person's own last commit lands again, on a copy of what was before it. */
import type { ReadStream, WriteStream } from "node:tty";
import { type Failure, type Result, exitStatus, fail, succeed } from "@twolane/protocol";
import type { ReplayedCommit } from "@twolane/engine";
import { autoplay } from "../demo/autoplay.ts";
import { isStillTyped, planTyping, typeAlong } from "../demo/type-along.ts";
import { canDraw } from "../screen/terminal-sequences.ts";
import { connectLine, reduceTour, startTour, tourSummary } from "../state/tour.ts";
import type { CommandHelp, CommandIo } from "./command.ts";
import { refuse } from "./refuse.ts";
import { isKeyboard, isScreen } from "./session.ts";
import { readWords } from "./usage.ts";
import { counted } from "../state/grouped.ts";

export const help: CommandHelp = {
  name: "demo",
  usage: "[options]",
  summary: "Watch your own last commit land again, on a copy: stop it, steer it, reject a hunk, undo. Offline, no model.",
  options: [
    { form: "--commit REF", text: "another commit than the last one" },
    {
      form: "--pace N",
      text: "tokens a second (65, 300, 1000, 2000: also the keys 1 to 4); default: so that there is time to act",
    },
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

/** Where nobody watches it is over soon, and the disk is waited for: what is shown does not depend on how fast the machine is. */
const playedPace = 1000;
/** Who watches must have the time to act: of fewer hunks it is slower. */
const watchedPaces = { few: 65, many: 300 } as const;
const fewHunks = 20;

export async function run(argv: readonly string[], io: CommandIo): Promise<number> {
  const options = readOptions(argv, io);
  if (!options.ok) return refuse(options.failure, { io });
  const { stdin, stdout, env } = io;
  const drawn = !options.value.plain && canDraw(env, { input: stdin.isTTY === true, output: stdout.isTTY === true });
  const end = awaitEnd(io);
  const opened = await openCommit({ ...options.value, env, signal: end.signal, isWatched: drawn });
  if (end.signal.aborted && opened.ok) await opened.value.replayed.remove();
  if (end.signal.aborted) return exitStatus.interrupted;
  if (!opened.ok) return refuse(opened.failure, { io });
  const { replayed } = opened.value;
  try {
    const shown =
      drawn && isKeyboard(stdin) && isScreen(stdout)
        ? guided(opened.value, { io, input: stdin, output: stdout, onScreen: end.forget })
        : played(opened.value, io);
    return await Promise.race([shown, end.ended]);
  } finally {
    end.forget();
    await replayed.remove();
  }
}

interface End {
  readonly signal: AbortSignal;
  readonly ended: Promise<number>;
  /** From now on the screen hears of it. */
  readonly forget: () => void;
}

/** Who leaves early leaves nothing behind either. */
function awaitEnd(io: CommandIo): End {
  const abort = new AbortController();
  const ended = new Promise<number>((leave) =>
    abort.signal.addEventListener("abort", () => leave(exitStatus.interrupted), { once: true }),
  );
  const forget = [io.onInterrupt(() => abort.abort()), io.onHangup(() => abort.abort())];
  return { signal: abort.signal, ended, forget: () => forget.forEach((each) => each()) };
}

function readOptions(argv: readonly string[], io: CommandIo): Result<DemoOptions> {
  const parsed = readWords("demo", argv, {
    options: {
      commit: { type: "string" },
      pace: { type: "string" },
      plain: { type: "boolean" },
      cwd: { type: "string", short: "C" },
    },
  });
  if ("code" in parsed) return { ok: false, failure: parsed };
  const { values } = parsed;
  const pace = values.pace === undefined ? undefined : Number(values.pace);
  if (pace !== undefined && !(pace > 0)) return fail("USAGE", `--pace ${values.pace} is no number of tokens a second.`);
  return succeed({
    cwd: values.cwd ?? io.cwd,
    plain: values.plain ?? false,
    ...(values.commit !== undefined && { commit: values.commit }),
    ...(pace !== undefined && { pace }),
  });
}

interface OpenedCommit {
  readonly replayed: ReplayedCommit;
  /** As the first words of a sentence. */
  readonly subject: string;
  /** What is not as one would expect. */
  readonly notes: readonly string[];
}

interface OpeningWish extends DemoOptions {
  readonly env: CommandIo["env"];
  readonly signal: AbortSignal;
  readonly isWatched: boolean;
}

/** The person's last commit that can be shown; where there is none, the sample's, and why. What was asked for by name is never replaced. */
async function openCommit({ cwd, commit, env, signal, isWatched, pace }: OpeningWish): Promise<Result<OpenedCommit>> {
  const { openReplay } = await import("@twolane/engine/replay");
  const chosen = pace ?? (isWatched ? watchedPaces.many : playedPace);
  const wish = { env, pace: chosen, limit: limitOf(chosen, isWatched), ...(!isWatched && { ahead: 0 }) };
  const own = await openReplay({ ...wish, cwd, signal, ...(commit !== undefined && { commit }) });
  if (!own.ok && (commit !== undefined || signal.aborted || own.failure.code === "FOLDER_MISSING")) return own;
  const opened: Result<OpenedCommit> = own.ok
    ? succeed({ replayed: own.value, subject: `Your commit ${own.value.commit.short}`, notes: passedOverNotes(own.value) })
    : await openSample(wish, own.failure);
  if (opened.ok && isWatched && pace === undefined && opened.value.replayed.facts.played < fewHunks)
    opened.value.replayed.setPace(watchedPaces.few);
  return opened;
}

async function openSample(
  wish: { readonly env: CommandIo["env"]; readonly pace: number; readonly ahead?: number },
  why: Failure,
): Promise<Result<OpenedCommit>> {
  const { makeSample } = await import("../demo/sample.ts");
  const { openBroughtReplay } = await import("@twolane/engine/replay");
  const sample = makeSample();
  const replayed = await openBroughtReplay({ ...wish, ...sample });
  if (!replayed.ok) return replayed;
  const notes = [
    `${why.message} A small project is used that comes along.${why.cure === undefined ? "" : ` For your own: ${why.cure}`}`,
    ...(sample.isRepository ? [] : ["Without git there is no /commit in it; all else works."]),
  ];
  return succeed({ replayed: replayed.value, subject: "A sample commit", notes });
}

function passedOverNotes({ passedOver, commit, longer }: ReplayedCommit): readonly string[] {
  const [last] = passedOver;
  const more =
    longer === undefined
      ? []
      : [`It is short. More to see: twolane demo --commit ${longer.short}  (${longer.hunks} hunks “${longer.subject}”)`];
  return [...(last === undefined ? [] : [passedOverNote(last, { passedOver, commit })]), ...more];
}

type PassedOver = ReplayedCommit["passedOver"][number];

function passedOverNote(last: PassedOver, { passedOver, commit }: Pick<ReplayedCommit, "passedOver" | "commit">): string {
  const reason =
    last.reasons.length === 0 ? "changes no text" : `holds nothing that an edit can say (${last.reasons.join(", ")})`;
  const more = passedOver.length === 1 ? "" : `, nor ${counted(passedOver.length - 1, "commit")} before it`;
  return `Your last commit ${last.short} ${reason}${more}: ${commit.short} is the latest that can be shown.`;
}

async function played({ replayed, subject, notes }: OpenedCommit, io: CommandIo): Promise<number> {
  const print = (line: string): void => void io.stdout.write(`${line}\n`);
  const { commit, facts, folder, session } = replayed;
  print(`twolane demo · ${subject} “${commit.subject}” lands again; the text is real, only the pace is simulated`);
  print(`on a copy of what was before it: ${folder} (nothing of yours is written)`);
  for (const note of notes) print(note);
  if (facts.played < facts.hunks) print(`of its ${facts.hunks} hunks ${facts.played} are played, so that it ends soon`);
  print("");
  const good = await autoplay({ session, folder, paths: facts.paths, hunks: facts.played, print });
  print(connectLine);
  return good ? exitStatus.ok : exitStatus.failed;
}

interface Stage {
  readonly io: CommandIo;
  readonly input: ReadStream;
  readonly output: WriteStream;
  /** The screen is about to be there. */
  readonly onScreen: () => void;
}

async function guided({ replayed, subject, notes }: OpenedCommit, { io, input, output, onScreen }: Stage): Promise<number> {
  const { runScreen } = await import("../screen/start.ts");
  const { readTerminalSettings } = await import("@twolane/engine");
  const { session, folder, facts, env } = replayed;
  const typing = planTyping(folder, facts);
  if (typing !== undefined) typeAlong(session, folder, typing);
  const plan = {
    subject,
    pace: replayed.pace(),
    hunks: facts.played,
    lastPath: facts.paths.at(-1) ?? "PATH",
    ...(typing && { typing }),
  };
  let tour = startTour(plan);
  session.subscribe((event) => void (tour = reduceTour(tour, event)));
  const status = await runScreen({
    ...{ prompt: "start", modelAsked: true, cwd: folder, env, input, output, notes },
    open() {
      onScreen();
      return Promise.resolve(succeed(session));
    },
    readSettings: () => Promise.resolve(readTerminalSettings({ cwd: folder, env })),
    refuse: (reason) => refuse(reason, { io }),
    tour: plan,
    setPace: replayed.setPace,
  });
  const summary = tourSummary(tour);
  const isTyped = typing !== undefined && tour.figures.landed >= typing.after;
  const typed = isTyped
    ? [`Your line in ${typing.path} is ${isStillTyped(folder, typing) ? "still there" : "not there any more"}.`]
    : [];
  for (const line of [...summary.slice(0, -1), ...typed, ...summary.slice(-1)]) output.write(`${line}\n`);
  return status;
}
