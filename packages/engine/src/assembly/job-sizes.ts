/** How much there is to take of jobs that are ready: found out once for each, beside everything else. */
import type { JobId, JobSummary, Result } from "@twolane/protocol";
import { countOffered } from "../edits/review/offer.ts";
import type { JobChanges } from "./job-changes.ts";

type Size = NonNullable<JobSummary["changed"]>;

interface ChangeSource {
  changes(job: JobId): Promise<Result<JobChanges>>;
}

export class JobSizes {
  private readonly known = new Map<JobId, { readonly at: number | undefined; readonly size: Size | undefined }>();

  /** The same jobs, those that can be taken with their size. */
  with(jobs: ChangeSource, list: readonly JobSummary[]): Promise<readonly JobSummary[]> {
    return Promise.all(list.map((job) => this.withSize(jobs, job)));
  }

  private async withSize(jobs: ChangeSource, summary: JobSummary): Promise<JobSummary> {
    const { job, kind, state, taken, endedAt } = summary;
    if (kind !== "change" || state !== "ready" || taken === true) return summary;
    let known = this.known.get(job);
    if (known === undefined || known.at !== endedAt) {
      known = { at: endedAt, size: await sizeOf(jobs, job) };
      this.known.set(job, known);
    }
    return known.size === undefined ? summary : { ...summary, changed: known.size };
  }
}

async function sizeOf(jobs: ChangeSource, job: JobId): Promise<Size | undefined> {
  const changes = await jobs.changes(job);
  if (!changes.ok) return undefined;
  const files = changes.value.repositories.flatMap((repository) => repository.files);
  const hunks = files.reduce(
    (sum, { before, after }) => sum + countOffered({ before: contentOf(before), after: contentOf(after) }),
    0,
  );
  return { hunks, files: files.length };
}

/** Modes do not count. */
const contentOf = (state: { readonly bytes: Uint8Array } | undefined) => state && { bytes: state.bytes, mode: 0 };
