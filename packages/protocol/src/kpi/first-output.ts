/** From the prompt to what the person sees of it: the first token, and the first hunk on disk. */
import type { Ending } from "../events.ts";
import type { Hunk, HunkId, TurnId } from "../hunk.ts";
import { type KpiInput, type KpiFold, type Scene, dimensionsOf } from "./fold.ts";
import { type Moment, between } from "./moment.ts";
import type { KpiDefinition, KpiDimensions, KpiSample, MissingReason } from "./sample.ts";
import { dayMs } from "../days.ts";

/** `network` ends with the provider's first word, so that its own front is in it; nobody outside can tell them apart. */
const firstTokenParts = ["input", "client", "queue", "network", "model", "screen"] as const;
type Part = (typeof firstTokenParts)[number];

export const firstToken: KpiDefinition = {
  kpi: "first-token",
  title: "Time to first token",
  definition:
    "From the key that sends a prompt to the first character of the answer on the screen. Where no screen was there, from the prompt to the model's first output. Turns that ask no model are no cases.",
  ...{ kind: "duration", unit: "ms", better: "less", cases: "turns" },
  parts: firstTokenParts,
};

export const firstHunk: KpiDefinition = {
  kpi: "first-hunk",
  title: "Time to first hunk",
  definition:
    "From the prompt to the first hunk of its turn on disk, while the turn runs. Turns that land nothing are no cases; where every hunk waited for a person's yes it is missing.",
  ...{ kind: "duration", unit: "ms", better: "less", cases: "turns that landed something" },
};

interface OpenTurn {
  readonly turn: TurnId;
  readonly started: Moment;
  readonly dimensions: KpiDimensions;
  readonly parts: Partial<Record<Part, number>>;
  /** What is waited for, and since when. */
  phase: Part;
  since: Moment;
  answered?: Moment;
  landed?: Moment;
  /** Hunks that waited for a yes: when they land, the person's time is in it. */
  readonly held: Set<HunkId>;
  hasLandedHeld: boolean;
  /** A turn that ends well without it only shows something, as what a job offers. */
  isAsked: boolean;
  /** What is told of it stays open for what the screen has still to say. */
  ended?: { readonly at: number; readonly missing: MissingReason };
  /** The request was under way before the prompt: what is measured from there says nothing about the source. */
  isAhead: boolean;
  isModelless: boolean;
}

export class FirstOutput implements KpiFold {
  private open: OpenTurn | undefined;
  private readonly done: KpiSample[] = [];

  take(event: KpiInput, scene: Scene): void {
    const { open } = this;
    switch (event.type) {
      case "session.started":
      case "session.resumed":
        // Its process is gone; what it did not tell is not known.
        this.end(scene, "crashed");
        return this.close();
      case "turn.started": {
        this.end(scene, "failed");
        this.close();
        const { now: started } = scene;
        const measured = { parts: {}, phase: "client" as const, since: started, held: new Set<HunkId>() };
        const truths = { isAhead: false, isModelless: scene.model === "instant", isAsked: false, hasLandedHeld: false };
        this.open = { turn: event.turn, started, dimensions: dimensionsOf(scene), ...measured, ...truths };
        return;
      }
      case "key.pressed":
        if (open === undefined || event.for !== "prompt" || event.turn !== open.turn) return;
        // A later key is of a prompt that waits for the end of this turn.
        if (event.pressedAt <= open.started.mono) open.parts.input ??= open.started.mono - event.pressedAt;
        return;
      case "output.shown":
        if (open?.answered !== undefined && event.turn === open.turn)
          open.parts.screen ??= Math.max(0, event.shownAt - open.answered.mono);
        return;
      case "step.requested":
        if (open !== undefined && event.ahead === true) open.isAhead = true;
        return this.move("network", scene);
      case "step.delayed":
      case "step.queued":
        return this.move("queue", scene);
      case "step.started":
        if (open !== undefined) open.isModelless ||= event.model === "instant";
        return this.move("model", scene);
      case "step.answered":
        if (open === undefined || open.answered !== undefined || open.ended !== undefined) return;
        this.move("screen", scene);
        open.answered = scene.now;
        return;
      case "step.ended":
        return this.move("client", scene);
      case "hunk.landed":
        if (!event.dryRun) this.land(event.hunk, scene);
        return;
      case "hunk.held":
        open?.held.add(event.hunk.id);
        return;
      case "turn.ended":
        return this.end(scene, missingOf[event.ending]);
      default:
    }
  }

  samples(now: number): readonly KpiSample[] {
    const { open } = this;
    const isLost = open !== undefined && now - open.since.at >= dayMs;
    const ended = open?.ended ?? (isLost ? { at: open.since.at, missing: "crashed" } : undefined);
    return open === undefined || ended === undefined ? this.done : [...this.done, ...samplesOf(open, ended)];
  }

  private land({ id, turn, job }: Hunk, { now }: Scene): void {
    const { open } = this;
    if (open === undefined || open.turn !== turn || job !== undefined || open.ended !== undefined) return;
    if (open.held.has(id)) open.hasLandedHeld = true;
    else open.landed ??= now;
  }

  /** Something else is waited for from now on; after the first output nothing is. */
  private move(phase: Part, { now }: Scene): void {
    const { open } = this;
    if (open === undefined || open.answered !== undefined || open.ended !== undefined) return;
    open.isAsked = true;
    open.parts[open.phase] = (open.parts[open.phase] ?? 0) + (between(open.since, now) ?? 0);
    open.phase = phase;
    open.since = now;
  }

  private end({ now }: Scene, missing: MissingReason): void {
    if (this.open !== undefined) this.open.ended ??= { at: now.at, missing };
  }

  private close(): void {
    if (this.open?.ended !== undefined) this.done.push(...samplesOf(this.open, this.open.ended));
    this.open = undefined;
  }
}

const missingOf: Readonly<Record<Ending, MissingReason>> = {
  ...{ completed: "silent", incomplete: "failed", failed: "failed", interrupted: "stopped", truncated: "failed" },
};

function samplesOf(turn: OpenTurn, { at, missing }: NonNullable<OpenTurn["ended"]>): readonly KpiSample[] {
  const { dimensions, started, answered, landed, isModelless, isAsked, hasLandedHeld } = turn;
  const common = { ...dimensions, at };
  const hunk = landed && between(started, landed);
  const why: MissingReason = landed === undefined ? "held" : "clock";
  return [
    ...(isModelless || (!isAsked && missing === "silent")
      ? []
      : [{ ...common, kpi: "first-token" as const, ...(answered ? felt(turn, answered) : { missing }) }]),
    ...(landed !== undefined || hasLandedHeld
      ? [{ ...common, kpi: "first-hunk" as const, ...(hunk === undefined ? { missing: why } : { value: hunk }) }]
      : []),
  ];
}

/** All that the person waited. */
function felt({ started, parts, isAhead }: OpenTurn, answered: Moment): Pick<KpiSample, "value" | "parts" | "missing"> {
  const inside = between(started, answered);
  if (inside === undefined) return { missing: "clock" };
  const { input, screen, client, queue, network, model } = parts;
  const seen = { ...(input !== undefined && { input }), ...(screen !== undefined && { screen }) };
  // Of a request that was on its way already, only the whole is known.
  const split = isAhead ? {} : defined({ client, queue, network, model });
  return { value: inside + (input ?? 0) + (screen ?? 0), parts: { ...seen, ...split } };
}

const defined = (parts: Readonly<Record<string, number | undefined>>): Readonly<Record<string, number>> =>
  Object.fromEntries(Object.entries(parts).flatMap(([name, ms]) => (ms === undefined ? [] : [[name, ms]])));
