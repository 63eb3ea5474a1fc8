/** What of that which landed was taken, and what of it a person changed first. */
import type { Hunk, HunkId } from "../hunk.ts";
import { type KpiInput, type KpiFold, type Scene, dimensionsOfHunk } from "./fold.ts";
import type { KpiDefinition, KpiDimensions, KpiSample } from "./sample.ts";

export const hunksAccepted: KpiDefinition = {
  kpi: "hunks-accepted",
  title: "Acceptance, hunks",
  definition:
    "Hunks that a person or a commit took, of those that landed and were decided. What was taken back before anybody decided counts as not taken.",
  ...{ kind: "share", unit: "%", better: "more", cases: "decided hunks" },
};

export const linesAccepted: KpiDefinition = {
  kpi: "lines-accepted",
  title: "Acceptance, lines",
  definition: "The same, counted in lines added or removed.",
  ...{ kind: "share", unit: "%", better: "more", cases: "decided lines", each: "decided hunks" },
};

export const linesEdited: KpiDefinition = {
  kpi: "lines-edited",
  title: "Edited after landing",
  definition: "Lines of accepted hunks that a person changed before the commit, of all lines of accepted hunks.",
  ...{ kind: "share", unit: "%", better: "less", cases: "accepted lines", each: "accepted hunks" },
};

/** A hunk that landed, for whoever looks what became of it afterwards. */
export interface LandedHunk {
  readonly hunk: Hunk;
  readonly dimensions: KpiDimensions;
  /** ms since 1970. */
  readonly landedAt: number;
  /** Nobody took it back. */
  readonly isThere: boolean;
}

interface Landed {
  hunk: Hunk;
  landedAt: number;
  readonly dimensions: KpiDimensions;
  /** Lines that a person changed in it. */
  edited: number;
  /** Absent: nobody has decided. */
  decided?: { readonly at: number; readonly taken: boolean };
}

export class Acceptance implements KpiFold {
  private readonly hunks = new Map<HunkId, Landed>();

  take(event: KpiInput, scene: Scene): void {
    switch (event.type) {
      case "hunk.landed": {
        if (event.dryRun) return;
        const known = this.hunks.get(event.hunk.id);
        // Landed again, it is as if it had never been away.
        if (known === undefined) {
          const dimensions = dimensionsOfHunk(scene, event.hunk);
          this.hunks.set(event.hunk.id, { hunk: event.hunk, landedAt: scene.now.at, dimensions, edited: 0 });
        } else {
          known.hunk = event.hunk;
          known.landedAt = scene.now.at;
          delete known.decided;
        }
        return;
      }
      case "hunk.edited": {
        const known = this.hunks.get(event.hunk);
        if (known !== undefined) known.edited = event.lines;
        return;
      }
      case "hunk.accepted":
        return this.decide([event.hunk], scene.now.at, true);
      case "commit.made":
        return this.decide(event.hunks, scene.now.at, true);
      case "commit.found":
        return this.decide(event.hunks, event.at, true);
      case "hunk.rejected":
      case "hunk.undone":
        return this.decide([event.hunk], scene.now.at, false);
      case "hunk.superseded":
        // Another hunk stands for it, and is counted in its place.
        this.hunks.delete(event.hunk);
        return;
      default:
    }
  }

  samples(): readonly KpiSample[] {
    return [...this.hunks.values()].flatMap(({ hunk, dimensions, edited, decided }) => {
      if (decided === undefined) return [];
      const { at, taken } = decided;
      const lines = hunk.linesAdded + hunk.linesRemoved;
      const common = { ...dimensions, at };
      return [
        { ...common, kpi: "hunks-accepted" as const, hits: taken ? 1 : 0, of: 1 },
        { ...common, kpi: "lines-accepted" as const, hits: taken ? lines : 0, of: lines },
        ...(taken ? [{ ...common, kpi: "lines-edited" as const, hits: Math.min(edited, lines), of: lines }] : []),
      ];
    });
  }

  landed(): readonly LandedHunk[] {
    return [...this.hunks.values()].map(({ hunk, dimensions, landedAt, decided }) => ({
      ...{ hunk, dimensions, landedAt },
      isThere: decided?.taken !== false,
    }));
  }

  private decide(ids: readonly HunkId[], at: number, taken: boolean): void {
    for (const id of ids) {
      const one = this.hunks.get(id);
      // A commit of what was accepted says nothing new.
      if (one !== undefined && !(taken && one.decided?.taken === true)) one.decided = { at, taken };
    }
  }
}
