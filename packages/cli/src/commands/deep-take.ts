/** `twolane deep take`: takes what a job changed into the tree, without a terminal; what does not fit is said, and waits in the session. */
import {
  type HunkConflict,
  type HunkId,
  type JobId,
  type Review,
  type ReviewedHunk,
  type Session,
  type TwolaneEvent,
  exitStatus,
  failure,
  reviewEvent,
} from "@twolane/protocol";
import { takeLines } from "../views/take-view.ts";
import { type CommandIo, styleOf } from "./command.ts";
import { refuser } from "./refuse.ts";
import { readWords } from "./usage.ts";

/** `argv`: behind `take`. */
export async function take(argv: readonly string[], io: CommandIo): Promise<number> {
  const parsed = readWords("deep", argv, {
    allowPositionals: true,
    options: {
      all: { type: "boolean" },
      file: { type: "string", multiple: true },
      "dry-run": { type: "boolean", short: "n" },
      cwd: { type: "string", short: "C" },
      json: { type: "boolean" },
    },
  });
  const json = !("code" in parsed) && parsed.values.json === true;
  const refuseWith = refuser(io, "deep", json);
  if ("code" in parsed) return refuseWith(parsed);
  const { values, positionals } = parsed;
  const [{ openJobs }, { forgetSession, openEngine }] = await Promise.all([
    import("@twolane/engine/deep"),
    import("@twolane/engine"),
  ]);
  const place = { cwd: values.cwd ?? io.cwd, env: io.env };
  const jobs = openJobs({ ...place, worker: [] });
  if (!jobs.ok) return refuseWith(jobs.failure);
  const job = positionals[0] ?? jobs.value.list().find(({ state, kind }) => state !== "running" && kind === "change")?.job;
  if (job === undefined) return refuseWith(failure("JOB_MISSING", "There is no job here that has ended."));
  const known = jobs.value.list().find((one) => one.job === job);
  if (known === undefined) return refuseWith(failure("JOB_MISSING", `There is no job ${job}.`));
  if (known.state === "running")
    return refuseWith(failure("JOB_RUNNING", `${job} still works; it can be taken when it has ended.`));
  const engine = await openEngine({ ...place, model: "instant", scope: [], landing: "hunk", dryRun: false, asks: false });
  if (!engine.ok) return refuseWith(engine.failure);
  const session = engine.value;
  const wish = { job, files: values.file ?? [], all: values.all === true, dryRun: values["dry-run"] === true };
  const taken = await takeOf(session, wish, (event) => json && io.stdout.write(`${JSON.stringify(event)}\n`));
  await session.close();
  const { review, wanted, isDry, strange } = taken;
  // Who only looked has nothing to go back to.
  const isKept = !isDry && [...review.values()].some(({ state }) => state !== "superseded");
  if (!isKept) forgetSession(place, session.id);
  if (strange !== undefined && review.size > 0)
    return refuseWith(failure("USAGE", `${job} changed no ${strange}.`, `\`twolane deep show ${job}\` lists what it changed.`));
  if (!json) tell(taken, { job, asks: wish.all || wish.files.length > 0, ...(isKept && { session: session.id }) }, io);
  if (review.size === 0) return exitStatus.failed;
  return [...wanted].some((hunk) => isStuck(review.get(hunk), isDry)) ? exitStatus.held : exitStatus.ok;
}

interface Wish {
  readonly job: JobId;
  readonly files: readonly string[];
  readonly all: boolean;
  readonly dryRun: boolean;
}

interface Taken {
  readonly review: Review;
  readonly conflicts: ReadonlyMap<HunkId, HunkConflict>;
  readonly notices: readonly { readonly code: string; readonly message: string }[];
  readonly wanted: ReadonlySet<HunkId>;
  /** Nothing was written. */
  readonly isDry: boolean;
  /** A file that was asked for and that the job has not changed. */
  readonly strange: string | undefined;
}

async function takeOf(session: Session, wish: Wish, hear: (event: TwolaneEvent) => void): Promise<Taken> {
  const { job, files, all, dryRun } = wish;
  const review: Review = new Map();
  const conflicts = new Map<HunkId, HunkConflict>();
  const notices: { readonly code: string; readonly message: string }[] = [];
  session.subscribe((event) => {
    hear(event);
    reviewEvent(review, event);
    if (event.type === "hunk.conflicted") conflicts.set(event.hunk, event.conflict);
    if (event.type === "notice.given") notices.push(event);
  });
  session.send({ type: "job.take", job });
  await session.idle();
  const hunks = [...review.values()].map(({ hunk }) => hunk);
  const strange = files.find((file) => !hunks.some(({ path }) => isIn(path, file)));
  const own = hunks.filter(({ path }) => files.length === 0 || files.some((file) => isIn(path, file)));
  const wanted = new Set(own.map(({ id }) => id));
  // Of a wish that is wrong in part nothing is done.
  const isDry = dryRun || strange !== undefined || (!all && files.length === 0);
  const waiting = [...wanted].filter((hunk) => review.get(hunk)?.state === "held");
  if (!isDry && waiting.length > 0) {
    session.send({ type: "hunk.accept", hunks: waiting });
    await session.idle();
  }
  return { review, conflicts, notices, wanted, isDry, strange };
}

interface Telling {
  readonly job: JobId;
  /** Something was named that is to be taken. */
  readonly asks: boolean;
  /** Where it goes on. */
  readonly session?: string;
}

function tell({ review, conflicts, wanted, isDry, notices }: Taken, telling: Telling, io: CommandIo): void {
  const style = styleOf(io);
  for (const { code, message } of notices) io.stderr.write(`${style.warn("!")} ${message} ${style.dim(`[${code}]`)}\n`);
  if (review.size === 0) return;
  io.stdout.write(`${takeLines({ ...telling, review, conflicts, wanted, dryRun: isDry }, style).join("\n")}\n`);
}

function isStuck(known: ReviewedHunk | undefined, isDry: boolean): boolean {
  return known?.state === "held" && !(isDry && known.verdict?.rule === "deep");
}

/** A file or a folder, as it is seen from the workspace. */
function isIn(path: string, wanted: string): boolean {
  const name = wanted.replace(/^\.\//, "").replace(/\/+$/, "");
  return path === name || path.startsWith(`${name}/`) || name === ".";
}
