/** What it takes to stop or steer, and from there to the corrected course. */
import type { TwolaneEvent } from "../events.ts";
import { type CommitFound, type KpiFold, type Scene, dimensionsOf } from "./fold.ts";
import { type Moment, between } from "./moment.ts";
import type { KpiDefinition, KpiDimensions, KpiName, KpiSample } from "./sample.ts";

export const stopTime: KpiDefinition = {
  kpi: "stop",
  title: "Stop time",
  definition: "From the stop key to quiet: nothing lands any more and nothing more is shown.",
  ...{ kind: "duration", unit: "ms", better: "less", cases: "stops" },
};

export const steerTime: KpiDefinition = {
  kpi: "steer",
  title: "Steer time",
  definition: "From the key that sends a message into a running turn to the corrected request on the wire.",
  ...{ kind: "duration", unit: "ms", better: "less", cases: "steers" },
};

export const correction: KpiDefinition = {
  kpi: "correction",
  title: "Interruption to correction",
  definition:
    "From a stop or steer key to the first hunk of the corrected course on disk, or to its first token where it edits nothing. After a stop the person's own typing is in it, told apart as a part. A stop that no prompt follows is no case.",
  ...{ kind: "duration", unit: "ms", better: "less", cases: "corrections" },
  parts: ["person", "system"],
};

interface Interruption {
  readonly by: "stop" | "steer";
  /** When the key was pressed. */
  key: Moment;
  readonly dimensions: KpiDimensions;
  /** When the corrected course was asked for: the prompt behind a stop, the steer itself. */
  asked?: Moment;
  /** Its request is on the wire: what lands or is said before belongs to the course that was left. */
  isSent: boolean;
  token?: Moment;
}

export class Corrections implements KpiFold {
  private open: Interruption | undefined;
  private readonly done: KpiSample[] = [];

  take(event: TwolaneEvent | CommitFound, scene: Scene): void {
    const { open } = this;
    const { now } = scene;
    switch (event.type) {
      case "stop.requested":
        this.close(scene);
        this.open = { by: "stop", key: now, dimensions: dimensionsOf(scene), isSent: false };
        return;
      case "turn.steered":
        this.close(scene);
        this.open = { by: "steer", key: now, dimensions: dimensionsOf(scene), asked: now, isSent: false };
        return;
      case "key.pressed":
        if (open?.by === event.for && open.key.process === now.process)
          open.key = { ...open.key, mono: Math.min(open.key.mono, event.pressedAt) };
        return;
      case "stop.finished":
        if (open?.by === "stop") this.put("stop", open, now);
        return;
      case "turn.started":
        if (open?.by === "stop") open.asked ??= now;
        return;
      case "step.requested":
        if (open?.asked === undefined || open.isSent) return;
        open.isSent = true;
        if (open.by === "steer") this.put("steer", open, now);
        return;
      case "step.answered":
        if (open?.isSent === true) open.token ??= now;
        return;
      case "hunk.landed":
        if (open?.isSent !== true || event.dryRun) return;
        return this.end(now);
      case "turn.ended":
        if (open?.isSent === true) this.close(scene);
        return;
      case "session.started":
      case "session.resumed":
        return this.close(scene);
      default:
    }
  }

  samples(): readonly KpiSample[] {
    return this.done;
  }

  /** No hunk came: the first token is what there is. */
  private close({ now }: Scene): void {
    const { open } = this;
    if (open === undefined) return;
    if (open.token !== undefined) return this.end(open.token);
    this.open = undefined;
    // The corrected course was asked for, and nothing came of it.
    if (open.asked !== undefined)
      this.done.push({ ...open.dimensions, kpi: "correction", at: now.at, missing: open.isSent ? "failed" : "unsent" });
  }

  private end(corrected: Moment): void {
    const { open } = this;
    this.open = undefined;
    if (open?.asked === undefined) return;
    const [value, person, system] = [between(open.key, corrected), between(open.key, open.asked), between(open.asked, corrected)];
    const parts = {
      ...(open.by === "stop" && person !== undefined && { person }),
      ...(system !== undefined && { system: open.by === "stop" ? system : (value ?? system) }),
    };
    const measured = value === undefined ? { missing: "clock" } : { value, parts };
    this.done.push({ ...open.dimensions, kpi: "correction", at: corrected.at, ...measured });
  }

  private put(kpi: KpiName, { key, dimensions }: Interruption, now: Moment): void {
    const value = between(key, now);
    this.done.push({ ...dimensions, kpi, at: now.at, ...(value === undefined ? { missing: "clock" } : { value }) });
  }
}
