/**
 * What a job changed becomes hunks of the person's own session, each held until somebody says yes: a turn of its own that no model answers.
 * Writes nothing into the workspace.
 */
import { type Hunk, type JobId, type Result, fail, succeed } from "@twolane/protocol";
import { type OfferedChange, type OfferedHunk, offer } from "../edits/review/offer.ts";
import { offeredEvents, waitsFor } from "../edits/review/offered-desk.ts";
import { takeLock } from "../host/lock-file.ts";
import { type Workspace, resolveTarget } from "../host/workspace.ts";
import { isJobRunning, jobFolder, readJobLog } from "../journal/job-folder.ts";
import { knownJob } from "../lanes/job-summary.ts";
import { lookFirst } from "../lanes/look-first.ts";
import type { FileDifference, FileState } from "../host/tree-difference.ts";
import { type RepositoryChanges, readJobChanges } from "./job-changes.ts";
import type { LiveParts } from "./live-parts.ts";

/** JOB_MISSING, JOB_RUNNING, JOB_UNCHANGED; what could not be read of its copy. */
export async function takeJob(live: LiveParts, job: JobId): Promise<Result<void>> {
  const { parts, loop, journal } = live;
  const folder = jobFolder(parts.state, job);
  const known = knownJob(readJobLog(folder));
  if (known === undefined) return fail("JOB_MISSING", `There is no job ${job}.`);
  if (isJobRunning(folder)) return fail("JOB_RUNNING", `${job} still works; what it changed can be taken when it has ended.`);
  if (known.started.kind === "research")
    return fail(
      "JOB_UNCHANGED",
      `${job} has only an answer, nothing to take.`,
      `\`/jobs ${job}\` or \`twolane deep show ${job}\` shows it.`,
    );
  const changes = await readJobChanges(folder);
  if (!changes.ok) return changes;
  const { root } = parts.workspace;
  const own = changes.value.repositories.find(({ workspace }) => workspace === root);
  const elsewhere = changes.value.repositories.filter((one) => one !== own && one.files.length > 0);
  const { files, left } = own ? sorted(parts.workspace, own) : { files: [], left: [] };
  tellLeft(live, job, { left, elsewhere });
  const first = lookFirst(readJobLog(folder), files);
  if (files.length === 0) return fail("JOB_UNCHANGED", `${job} has changed nothing that could be taken here.`);
  const offered = await offer(
    { journal, lock: () => takeLock(parts.state.lockPath) },
    { job, changes: first.files, nextHunk: () => loop.name("hunk") },
  );
  if (!offered.ok) return offered;
  await tell(live, job, offered.value);
  if (first.named.length > 0)
    live.emit({
      type: "notice.given",
      code: "JOB_LOOK_FIRST",
      message: `Look first at ${first.named.join(", ")}: the job says so.`,
    });
  return succeed(undefined);
}

/** All in one go, so that nothing of another turn comes in between. */
async function tell(live: LiveParts, job: JobId, offered: readonly OfferedHunk[]): Promise<void> {
  const { loop, reviewer, emit } = live;
  const outcomes = await reviewer.foresee(offered.map(({ hunk }) => ({ ...hunk, turn: "" })));
  while (!loop.isIdle) await loop.idle();
  const turn = loop.name("turn");
  emit({ type: "turn.started", turn, prompt: `/take ${job}` });
  const before = [...reviewer.review.values()].filter(({ hunk, state }) => hunk.job === job && state === "held");
  for (const { hunk } of before) emit({ type: "hunk.superseded", hunk: hunk.id });
  for (const one of offered) {
    const hunk: Hunk = { ...one.hunk, turn };
    const outcome = outcomes.get(hunk.id);
    emit({ type: "hunk.closed", hunk, lines: one.lines });
    if (outcome === undefined || outcome.state === "failed" || outcome.state === "landed")
      emit({ type: "hunk.held", hunk, verdict: waitsFor(hunk) });
    else for (const event of offeredEvents(hunk, outcome)) emit(event);
  }
  emit({ type: "turn.ended", turn, ending: "completed" });
}

interface Sorted {
  readonly files: readonly OfferedChange[];
  readonly left: RepositoryChanges["left"];
}

function sorted(workspace: Workspace, { files, left }: RepositoryChanges): Sorted {
  const usable: OfferedChange[] = [];
  const others = [...left];
  for (const file of files) {
    const why = obstacle(workspace, file);
    if (why === undefined) usable.push({ path: file.path, before: contentOf(file.before), after: contentOf(file.after) });
    else others.push({ path: file.path, why });
    const { before, after } = file;
    if (why === undefined && before && after && before.mode !== after.mode)
      others.push({ path: file.path, why: `its lines are, its permissions are not: ${before.mode} → ${after.mode}` });
  }
  return { files: usable, left: others };
}

/** The path was written in a copy; here it may lead elsewhere. */
function obstacle(workspace: Workspace, { path, before, after }: FileDifference): string | undefined {
  const target = resolveTarget(workspace, path);
  if (!target.ok) return target.failure.message;
  if (target.value.link || target.value.real !== path) return "it lies behind a link here";
  if (before?.mode === "120000" || after?.mode === "120000") return "it is a symbolic link";
  const isSame = before && after && Buffer.compare(before.bytes, after.bytes) === 0;
  return isSame ? `only its permissions changed, ${before.mode} → ${after.mode}` : undefined;
}

const contentOf = (state: FileState | undefined) =>
  state && { bytes: state.bytes, mode: state.mode === "100755" ? 0o755 : 0o644 };

interface Untaken {
  readonly left: RepositoryChanges["left"];
  readonly elsewhere: readonly RepositoryChanges[];
}

const named = 5;

function tellLeft({ emit }: LiveParts, job: JobId, { left, elsewhere }: Untaken): void {
  if (left.length > 0) {
    const some = left.slice(0, named).map(({ path, why }) => `${path} (${why})`);
    const more = left.length > named ? [`${left.length - named} more`] : [];
    const message = `Not taken from ${job}: ${[...some, ...more].join(", ")}.`;
    emit({ type: "notice.given", code: "JOB_LEFT", message });
  }
  for (const { workspace, files } of elsewhere) {
    const message = `${job} changed ${files.length} files of ${workspace} too: take them there.`;
    emit({ type: "notice.given", code: "JOB_ELSEWHERE", message });
  }
}
