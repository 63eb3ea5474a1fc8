/** What it takes to stop or steer, and from there to the corrected course. */
import { continuePrompt } from "../commands.ts";
import { type KpiInput, type KpiFold, type Scene, dimensionsOf } from "./fold.ts";
import { type Moment, between } from "./moment.ts";
import type { KpiDefinition, KpiDimensions, KpiSample, MissingReason } from "./sample.ts";

export const stopTime: KpiDefinition = {
  kpi: "stop",
  title: "Stop time",
  definition: "From the stop key to quiet: nothing lands any more and nothing more is shown.",
  ...{ kind: "duration", unit: "ms", better: "less", cases: "stops" },
};

export const steerTime: KpiDefinition = {
  kpi: "steer",
  title: "Steer time",
  definition:
    "From the key that sends a message into a running turn to its being on the wire: in the running answer, where that takes it, or in a request of its own. Where the turn ends before that it is missing.",
  ...{ kind: "duration", unit: "ms", better: "less", cases: "steers" },
};

export const correction: KpiDefinition = {
  kpi: "correction",
  title: "Interruption to correction",
  definition:
    "From a stop or steer key to the first hunk of the corrected course on disk, or to its first token where it edits nothing. After a stop the person's own typing is in it, told apart as a part. A stop that no prompt follows, or that is taken back, is no case.",
  ...{ kind: "duration", unit: "ms", better: "less", cases: "corrections" },
  parts: ["person", "system"],
};

interface Interruption {
  readonly by: "stop" | "steer";
  /** When the key was pressed. */
  key: Moment;
  readonly dimensions: KpiDimensions;
  /** Of a stop: when nothing landed any more. */
  quiet?: Moment;
  /** When the corrected course was asked for: the prompt behind a stop, the steer itself. */
  asked?: Moment;
  /** When its request was on the wire: what lands or is said before belongs to the course that was left. */
  sent?: Moment;
  token?: Moment;
}

/** How the corrected course came to its end. */
interface Outcome {
  readonly at: number;
  readonly corrected?: Moment;
  readonly missing?: MissingReason;
}

export class Corrections implements KpiFold {
  private open: Interruption | undefined;
  private readonly done: KpiSample[] = [];

  take(event: KpiInput, scene: Scene): void {
    const { open } = this;
    const { now } = scene;
    switch (event.type) {
      case "stop.requested":
        this.close(now);
        this.open = { by: "stop", key: now, dimensions: dimensionsOf(scene) };
        return;
      case "turn.steered":
        this.close(now);
        this.open = { by: "steer", key: now, dimensions: dimensionsOf(scene), asked: now };
        if (event.delivered === true) this.open.sent = now;
        return;
      case "key.pressed":
        // It comes right behind what came of it, perhaps with something in between.
        if (open?.by === event.for && open.key.process === now.process)
          open.key = { ...open.key, mono: Math.min(open.key.mono, event.pressedAt) };
        return;
      case "stop.finished":
        if (open?.by === "stop") open.quiet ??= now;
        return;
      case "turn.started":
        if (open?.by !== "stop") return;
        if (event.prompt === continuePrompt) this.close(now);
        else open.asked ??= now;
        return;
      case "step.requested":
        if (open?.asked !== undefined) open.sent ??= now;
        return;
      case "step.answered":
        if (open?.sent !== undefined) open.token ??= now;
        return;
      case "hunk.landed":
        if (open?.sent === undefined || event.dryRun || event.hunk.job !== undefined) return;
        return this.end(open, { at: now.at, corrected: now });
      case "turn.ended":
        if (open?.asked === undefined) return;
        // It asked nobody: it was no prompt, as when what a job offers was looked at.
        if (open.by === "stop" && open.sent === undefined && event.ending === "completed") delete open.asked;
        else this.close(now);
        return;
      case "session.started":
      case "session.resumed":
        return this.close(now, "crashed");
      default:
    }
  }

  /** What is known of the interruption that is still open is told already. */
  samples(): readonly KpiSample[] {
    return this.open === undefined ? this.done : [...this.done, ...keyTimesOf(this.open)];
  }

  /** No hunk came: the first token is what there is. `why`: it ended in another way than by an end of the turn. */
  private close({ at }: Moment, why?: MissingReason): void {
    const { open } = this;
    if (open === undefined) return;
    const missing = why ?? missingOf(open);
    this.end(open, open.token === undefined ? { at, missing } : { at: open.token.at, corrected: open.token });
  }

  private end(open: Interruption, outcome: Outcome): void {
    this.open = undefined;
    this.done.push(...keyTimesOf(open, outcome));
    if (open.asked !== undefined)
      this.done.push({ ...open.dimensions, kpi: "correction", at: outcome.at, ...correctionOf(open, open.asked, outcome) });
  }
}

/** `unmarked`: the running answer took the message, and nothing says where in its text it turned. */
function missingOf({ sent, asked }: Interruption): MissingReason {
  if (sent === undefined) return "unsent";
  return sent === asked ? "unmarked" : "failed";
}

/** Stop time or steer time, once it is known or, with an outcome, once it is not. */
function keyTimesOf({ by, key, dimensions, quiet, sent }: Interruption, outcome?: Outcome): readonly KpiSample[] {
  const reached = by === "stop" ? quiet : sent;
  if (reached !== undefined) return [{ ...dimensions, kpi: by, at: reached.at, ...valueOf(between(key, reached)) }];
  return outcome === undefined
    ? []
    : [{ ...dimensions, kpi: by, at: outcome.at, missing: by === "steer" ? "unsent" : "crashed" }];
}

function correctionOf({ by, key }: Interruption, asked: Moment, { corrected, missing }: Outcome): Measured {
  if (corrected === undefined) return { missing: missing ?? "failed" };
  const value = between(key, corrected);
  if (value === undefined) return { missing: "clock" };
  if (by === "steer") return { value, parts: { system: value } };
  const [person, system] = [between(key, asked), between(asked, corrected)];
  return { value, ...(person !== undefined && system !== undefined && { parts: { person, system } }) };
}

type Measured = Pick<KpiSample, "value" | "missing" | "parts">;
const valueOf = (value: number | undefined): Measured => (value === undefined ? { missing: "clock" } : { value });
