/** All KPIs of one session, and what else the report tells of it: one fold over its events, the same live, after a resume and in a replay. */
import type { TwolaneEvent } from "../events.ts";
import type { JobId } from "../jobs.ts";
import { Acceptance, type LandedHunk } from "./acceptance.ts";
import { Corrections } from "./corrections.ts";
import { FirstOutput } from "./first-output.ts";
import { type JobKnown, type KpiFold, type KpiInput, type Scene, isPlayed } from "./fold.ts";
import { momentOf } from "./moment.ts";
import { ReviewEffort } from "./review-effort.ts";
import type { KpiSample } from "./sample.ts";
import type { VerdictCount, WorkSpend } from "./report-data.ts";
import { type TaskRecord, Tasks } from "./tasks.ts";
import { type TurnTrace, TurnTraces } from "./turn-traces.ts";
import { Verdicts } from "./verdicts.ts";
import { WorkSpending } from "./work-spend.ts";

export class SessionKpis {
  private readonly tasks = new Tasks();
  private readonly acceptance = new Acceptance();
  private readonly review = new ReviewEffort();
  private readonly folds: readonly KpiFold[] = [new FirstOutput(), new Corrections(), this.tasks, this.acceptance, this.review];
  private readonly turns = new TurnTraces();
  private readonly rules = new Verdicts();
  /** What becomes of hunks, whoever they are from. */
  private readonly later = [this.tasks, this.acceptance, this.review, this.rules];
  private readonly spending = new WorkSpending();
  private readonly all = [...this.folds, this.turns, this.rules, this.spending];
  private readonly jobs = new Map<JobId, JobKnown>();
  private scene: Scene;

  /** `jobs`: what is known of jobs whose hunks the session may have taken. */
  constructor(jobs: readonly JobKnown[] = []) {
    for (const job of jobs) this.jobs.set(job.job, job);
    this.scene = { lane: "fast", model: "", repository: "", now: { at: 0, mono: 0, process: -1 }, jobs: this.jobs };
  }

  take(event: KpiInput): void {
    if (event.type !== "commit.found") this.scene = sceneAt(this.scene, event);
    for (const fold of isPlayed(this.scene) ? this.later : this.all) fold.take(event, this.scene);
  }

  /** `now`: ms since 1970. By KPI in the order of the folds. */
  samples(now: number): readonly KpiSample[] {
    return this.folds.flatMap((fold) => fold.samples(now));
  }

  landed(): readonly LandedHunk[] {
    return this.acceptance.landed();
  }

  traces(): readonly TurnTrace[] {
    return this.turns.traces();
  }

  verdicts(): readonly VerdictCount[] {
    return this.rules.counts();
  }

  spend(): readonly WorkSpend[] {
    return this.spending.rows();
  }

  taskRecords(now: number): readonly TaskRecord[] {
    return this.tasks.records(now);
  }
}

function sceneAt(scene: Scene, event: TwolaneEvent): Scene {
  const isOpening = event.type === "session.started" || event.type === "session.resumed";
  const process = scene.now.process + (isOpening ? 1 : 0);
  const next = { ...scene, lane: event.lane, now: momentOf(event, Math.max(0, process)) };
  if (isOpening) return { ...next, model: event.model, repository: event.workspace };
  if (event.type === "model.changed") return { ...next, model: event.model };
  if (event.type === "workflow.started") return { ...next, workflow: event.workflow };
  if (event.type !== "workflow.ended") return next;
  const { workflow: _, ...rest } = next;
  return rest;
}
