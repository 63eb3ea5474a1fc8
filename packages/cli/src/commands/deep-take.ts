/** `twolane deep take`: takes what a job changed into the tree, without a terminal; what does not fit is said, and waits in the session. */
import {
  type HunkConflict,
  type HunkId,
  type Review,
  type ReviewedHunk,
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
  const [{ openJobs }, { openEngine }] = await Promise.all([import("@twolane/engine/deep"), import("@twolane/engine")]);
  const place = { cwd: values.cwd ?? io.cwd, env: io.env };
  const jobs = openJobs({ ...place, worker: [] });
  if (!jobs.ok) return refuseWith(jobs.failure);
  const job = positionals[0] ?? jobs.value.list().find(({ state }) => state !== "running")?.job;
  if (job === undefined) return refuseWith(failure("JOB_MISSING", "There is no job here that has ended."));
  const known = jobs.value.list().find((one) => one.job === job);
  if (known === undefined) return refuseWith(failure("JOB_MISSING", `There is no job ${job}.`));
  if (known.state === "running")
    return refuseWith(failure("JOB_RUNNING", `${job} still works; it can be taken when it has ended.`));
  const engine = await openEngine({ ...place, model: "instant", scope: [], landing: "hunk", dryRun: false, asks: false });
  if (!engine.ok) return refuseWith(engine.failure);
  const session = engine.value;
  const review: Review = new Map();
  const conflicts = new Map<HunkId, HunkConflict>();
  const notices: { readonly code: string; readonly message: string }[] = [];
  session.subscribe((event) => {
    if (json) io.stdout.write(`${JSON.stringify(event)}\n`);
    reviewEvent(review, event);
    if (event.type === "hunk.conflicted") conflicts.set(event.hunk, event.conflict);
    if (event.type === "notice.given") notices.push(event);
  });
  session.send({ type: "job.take", job });
  await session.idle();
  const files = values.file ?? [];
  const isDry = values["dry-run"] === true || (values.all !== true && files.length === 0);
  const wanted = new Set(
    [...review.values()]
      .filter(({ hunk }) => files.length === 0 || files.some((file) => isIn(hunk.path, file)))
      .map(({ hunk }) => hunk.id),
  );
  const waiting = [...wanted].filter((hunk) => review.get(hunk)?.state === "held");
  if (!isDry && waiting.length > 0) {
    session.send({ type: "hunk.accept", hunks: waiting });
    await session.idle();
  }
  await session.close();
  const style = styleOf(io);
  if (!json) {
    for (const { code, message } of notices) io.stderr.write(`${style.warn("!")} ${message} ${style.dim(`[${code}]`)}\n`);
    if (review.size > 0)
      io.stdout.write(`${takeLines({ job, review, conflicts, wanted, session: session.id, dryRun: isDry }, style).join("\n")}\n`);
  }
  if (review.size === 0) return exitStatus.failed;
  return [...wanted].some((hunk) => isStuck(review.get(hunk), isDry)) ? exitStatus.held : exitStatus.ok;
}

function isStuck(known: ReviewedHunk | undefined, isDry: boolean): boolean {
  return known?.state === "held" && !(isDry && known.verdict?.rule === "deep");
}

/** A file or a folder, as it is seen from the workspace. */
function isIn(path: string, wanted: string): boolean {
  const name = wanted.replace(/^\.\//, "").replace(/\/+$/, "");
  return path === name || path.startsWith(`${name}/`) || name === ".";
}
