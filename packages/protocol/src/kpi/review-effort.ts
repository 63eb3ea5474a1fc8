/** How long a person takes to decide on what they see. */
import type { Hunk, HunkId } from "../hunk.ts";
import { type KpiInput, type KpiFold, type Scene, dimensionsOfHunk } from "./fold.ts";
import { type Moment, between } from "./moment.ts";
import type { KpiDefinition, KpiDimensions, KpiSample } from "./sample.ts";

export const reviewPerHunk: KpiDefinition = {
  kpi: "review-hunk",
  title: "Review effort, per hunk",
  definition:
    "From a hunk being looked at to the person's first yes or no. Hunks that nobody looked at, or that a commit decided, are missing.",
  ...{ kind: "duration", unit: "s", better: "less", cases: "decided hunks" },
};

export const reviewPerLines: KpiDefinition = {
  kpi: "review-lines",
  title: "Review effort, per 100 lines",
  definition: "The same for each 100 lines that a hunk adds or removes.",
  ...{ kind: "duration", unit: "s", better: "less", cases: "decided hunks" },
};

interface Undecided {
  readonly hunk: Hunk;
  readonly dimensions: KpiDimensions;
  seen?: Moment;
}

export class ReviewEffort implements KpiFold {
  /** `decided`: what comes later is a second thought. */
  private readonly hunks = new Map<HunkId, Undecided | "decided">();
  private readonly done: KpiSample[] = [];

  take(event: KpiInput, scene: Scene): void {
    switch (event.type) {
      case "hunk.landed":
        if (event.dryRun) return;
        return this.meet(event.hunk, scene);
      case "hunk.held":
        return this.meet(event.hunk, scene);
      case "hunk.seen":
        for (const id of event.hunks) {
          const hunk = this.hunks.get(id);
          if (hunk !== undefined && hunk !== "decided") hunk.seen ??= scene.now;
        }
        return;
      case "hunk.accepted":
        return this.decide(event.hunk, scene, event.by === "person");
      case "hunk.rejected":
      case "hunk.undone":
        return this.decide(event.hunk, scene, true);
      default:
    }
  }

  samples(): readonly KpiSample[] {
    return this.done;
  }

  private meet(hunk: Hunk, scene: Scene): void {
    const known = this.hunks.get(hunk.id);
    if (known === "decided") return;
    this.hunks.set(hunk.id, { ...known, hunk, dimensions: dimensionsOfHunk(scene, hunk) });
  }

  private decide(id: HunkId, { now }: Scene, byPerson: boolean): void {
    const one = this.hunks.get(id);
    if (one === undefined || one === "decided") return;
    this.hunks.set(id, "decided");
    const ms = byPerson && one.seen !== undefined ? between(one.seen, now) : undefined;
    const lines = one.hunk.linesAdded + one.hunk.linesRemoved;
    const common = { ...one.dimensions, at: now.at };
    const missing: Pick<KpiSample, "missing"> = { missing: !byPerson ? "commit" : one.seen === undefined ? "unseen" : "clock" };
    this.done.push({ ...common, kpi: "review-hunk", ...(ms === undefined ? missing : { value: ms / 1000 }) });
    if (lines > 0)
      this.done.push({ ...common, kpi: "review-lines", ...(ms === undefined ? missing : { value: (ms / 1000 / lines) * 100 }) });
  }
}
