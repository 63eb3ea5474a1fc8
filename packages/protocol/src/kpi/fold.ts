/** What each KPI's fold is given and gives. */
import type { TwolaneEvent } from "../events.ts";
import type { Hunk, HunkId } from "../hunk.ts";
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

/** Where the session stands at an event. */
export interface Scene extends KpiDimensions {
  readonly now: Moment;
}

/** Changed in place, so that an event costs the same in a session of any length. Transient events change nothing. */
export interface KpiFold {
  take(event: TwolaneEvent | CommitFound, scene: Scene): void;
  /** Of all that is over at this time, ms since 1970, in the order in which it ended. */
  samples(now: number): readonly KpiSample[];
}

export const dimensionsOf = ({ lane, model, workflow, repository }: KpiDimensions): KpiDimensions => ({
  ...{ lane, model, repository },
  ...(workflow !== undefined && { workflow }),
});

/** Of a hunk: what a job made is the deep lane's, by a model that this session is not told. */
export const dimensionsOfHunk = (scene: KpiDimensions, { job }: Pick<Hunk, "job">): KpiDimensions =>
  job === undefined ? dimensionsOf(scene) : { lane: "deep", model: "unknown", repository: scene.repository };
