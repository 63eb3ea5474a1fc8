/** What each KPI's fold is given and gives. */
import type { TwolaneEvent } from "../events.ts";
import type { Hunk, HunkId } from "../hunk.ts";
import type { JobId } from "../jobs.ts";
import type { KpiDimensions, KpiSample } from "./sample.ts";
import type { Moment } from "./moment.ts";

/** What git says afterwards of hunks: the first commit that holds them, whoever made it. Not an event of the journal; it is read when asked. */
export interface CommitFound {
  readonly type: "commit.found";
  readonly hunks: readonly HunkId[];
  readonly commit: string;
  /** ms since 1970: when it was written, and not before its hunks were. */
  readonly at: number;
}

/** What a job's own log says of it; its hunks are taken in sessions that know no more than its name. */
export interface JobKnown {
  readonly job: JobId;
  /** `provider/name`. */
  readonly model: string;
  /** ms since 1970. */
  readonly startedAt: number;
  readonly steers: number;
}

/** What a fold may hear. */
export type KpiInput = TwolaneEvent | CommitFound;

/** Where the session stands at an event. */
export interface Scene extends KpiDimensions {
  readonly now: Moment;
  readonly jobs: ReadonlyMap<JobId, JobKnown>;
}

/** Changed in place, so that an event costs the same in a session of any length. Transient events change nothing. */
export interface KpiFold {
  take(event: KpiInput, scene: Scene): void;
  /** Of all that is over at this time, ms since 1970, in the order in which it ended. */
  samples(now: number): readonly KpiSample[];
}

export const dimensionsOf = ({ lane, model, workflow, repository }: KpiDimensions): KpiDimensions => ({
  ...{ lane, model, repository },
  ...(workflow !== undefined && { workflow }),
});

/** Of a hunk: what a job made is the deep lane's, by the model that its own log names. */
export const dimensionsOfHunk = (scene: Scene, { job }: Pick<Hunk, "job">): KpiDimensions =>
  job === undefined
    ? dimensionsOf(scene)
    : { lane: "deep", model: scene.jobs.get(job)?.model ?? "unknown", repository: scene.repository };

/** A patch that is applied, a commit that is replayed: nobody is asked, so that there is no loop to measure. */
export const isPlayed = ({ model }: Pick<KpiDimensions, "model">): boolean => model === "patch" || model.startsWith("replay/");
