/**
 * Tasks: what a person wanted, from its first prompt to the commit. Where one ends and the next begins is told by what is open, and in doubt
 * against ourselves: a prompt that comes while hunks of the last one wait for a decision goes on with that task, and so does one that
 * touches a file again whose hunks were all taken back.
 */
import type { TwolaneEvent } from "../events.ts";
import type { Hunk, HunkId, TurnId } from "../hunk.ts";
import type { JobId } from "../jobs.ts";
import { type CommitFound, type KpiFold, type Scene, dimensionsOf } from "./fold.ts";
import { type Moment, between } from "./moment.ts";
import type { KpiDefinition, KpiDimensions, KpiSample } from "./sample.ts";

export const acceptedCommit: KpiDefinition = {
  kpi: "accepted-commit",
  title: "Prompt to accepted commit",
  definition:
    "From a task's first prompt to the commit that holds its accepted hunks, whoever made it; found by content where no event names it. Accepted tasks that are in no commit are missing.",
  ...{ kind: "duration", unit: "s", better: "less", cases: "accepted tasks" },
};

export const oneLoop: KpiDefinition = {
  kpi: "one-loop",
  title: "One-loop rate",
  definition:
    "Accepted tasks that took a single prompt, without a steer, a second prompt, or a hunk undone or rejected, of all accepted tasks.",
  ...{ kind: "share", unit: "%", better: "more", cases: "accepted tasks" },
};

/** `answered`: it asked for no change. `handed`: the deep lane goes on with it. */
export type TaskOutcome = "open" | "accepted" | "committed" | "abandoned" | "handed" | "answered";

export interface TaskRecord extends KpiDimensions {
  readonly outcome: TaskOutcome;
  /** ms since 1970. */
  readonly startedAt: number;
  readonly endedAt: number;
  readonly prompts: number;
  readonly steers: number;
  /** Hunks that were undone or rejected. */
  readonly takenBack: number;
  readonly hunks: readonly HunkId[];
  /** Names of commits, as they were when they were made. */
  readonly commits: readonly string[];
  readonly job?: JobId;
}

type HunkStand = "open" | "taken" | "committed" | "gone";

interface Task {
  readonly dimensions: KpiDimensions;
  readonly started: Moment;
  readonly job?: JobId;
  readonly hunks: Map<HunkId, HunkStand>;
  readonly paths: Set<string>;
  readonly commits: string[];
  prompts: number;
  steers: number;
  takenBack: number;
  latest: Moment;
  committed?: Moment;
  /** Its last turn did not come to an end by itself. */
  isCut: boolean;
  isHanded: boolean;
}

const dayMs = 24 * 60 * 60 * 1000;

export class Tasks implements KpiFold {
  private readonly tasks: Task[] = [];
  private readonly byTurn = new Map<TurnId, Task>();
  private readonly byHunk = new Map<HunkId, Task>();
  private readonly byJob = new Map<JobId, Task>();
  private current: Task | undefined;
  /** A turn behind a task whose hunks are all gone: its first hunk tells which of the two it is. */
  private undecided: { readonly before: Task; readonly now: Task } | undefined;
  /** The next turn is no prompt of a person's: a plan is carried out, or a workflow goes on. */
  private byMachine = false;
  private inWorkflow = false;

  take(event: TwolaneEvent | CommitFound, scene: Scene): void {
    switch (event.type) {
      case "workflow.started":
        this.inWorkflow = true;
        return;
      case "workflow.ended":
        this.inWorkflow = false;
        this.byMachine = false;
        return;
      case "turn.started":
        return this.prompt(event.turn, scene);
      case "turn.steered":
        return this.change(this.byTurn.get(event.turn), scene, (task) => void task.steers++);
      case "turn.ended":
        return this.change(this.byTurn.get(event.turn), scene, (task) => void (task.isCut = event.ending !== "completed"));
      case "job.handed":
        this.handOver(event.job, scene);
        return;
      case "hunk.landed":
        if (event.dryRun) return;
        return this.hold(event.hunk, scene);
      case "hunk.held":
      case "hunk.failed":
        return this.hold(event.hunk, scene, event.type === "hunk.failed" ? "gone" : "open");
      case "hunk.accepted":
        return this.stand(event.hunk, scene, event.by === "commit" ? "committed" : "taken");
      case "hunk.rejected":
      case "hunk.undone":
        return this.stand(event.hunk, scene, "gone");
      case "hunk.superseded":
        // A plan that is carried out; or another hunk stands for it.
        this.byMachine ||= event.by === undefined;
        return this.change(this.byHunk.get(event.hunk), scene, (task) => void task.hunks.delete(event.hunk));
      case "commit.made":
        return this.commit(event.hunks, scene.now, event.commit);
      case "commit.found":
        return this.commit(event.hunks, { at: event.at, mono: 0, process: -1 }, event.commit);
      default:
    }
  }

  samples(now: number): readonly KpiSample[] {
    return this.tasks.flatMap((task) => {
      const outcome = outcomeOf(task, now);
      if (outcome !== "committed" && outcome !== "accepted") return [];
      const { dimensions, started, committed, latest } = task;
      const common = { ...dimensions, at: (committed ?? latest).at };
      const ms = committed && between(started, committed);
      const isOne = task.prompts === 1 && task.steers === 0 && task.takenBack === 0;
      const time = ms === undefined ? { missing: committed === undefined ? "uncommitted" : "clock" } : { value: ms / 1000 };
      const loop = { ...common, kpi: "one-loop" as const, hits: isOne ? 1 : 0, of: 1 };
      // What was accepted just now may still be committed.
      if (outcome === "accepted" && now - latest.at < dayMs) return [loop];
      return [loop, { ...common, kpi: "accepted-commit" as const, ...time }];
    });
  }

  records(now: number): readonly TaskRecord[] {
    return this.tasks.map((task) => ({
      ...task.dimensions,
      outcome: outcomeOf(task, now),
      startedAt: task.started.at,
      endedAt: (task.committed ?? task.latest).at,
      ...{
        prompts: task.prompts,
        steers: task.steers,
        takenBack: task.takenBack,
        commits: [...task.commits],
        hunks: [...task.hunks.keys()],
      },
      ...(task.job !== undefined && { job: task.job }),
    }));
  }

  private prompt(turn: TurnId, scene: Scene): void {
    const { current } = this;
    const machine = this.byMachine && current !== undefined;
    this.byMachine = this.inWorkflow;
    this.undecided = undefined;
    if (current !== undefined && (machine || goesOn(current))) {
      if (!machine) current.prompts++;
      current.latest = scene.now;
      this.byTurn.set(turn, current);
      return;
    }
    const next = this.begin(scene);
    next.prompts = 1;
    this.byTurn.set(turn, next);
    if (current !== undefined && current.hunks.size > 0 && stands(current).every((stand) => stand === "gone"))
      this.undecided = { before: current, now: next };
    this.current = next;
  }

  private begin(scene: Scene, job?: JobId): Task {
    const { now } = scene;
    const dimensions = { ...dimensionsOf(scene), ...(job !== undefined && { lane: "deep" as const }) };
    const counts = { prompts: 0, steers: 0, takenBack: 0, isCut: false, isHanded: false };
    const holds = { hunks: new Map<HunkId, HunkStand>(), paths: new Set<string>(), commits: [] };
    const task: Task = { dimensions, started: now, latest: now, ...holds, ...counts, ...(job !== undefined && { job }) };
    this.tasks.push(task);
    return task;
  }

  private handOver(job: JobId, scene: Scene): void {
    const { current } = this;
    if (current !== undefined && goesOn(current)) {
      current.isHanded = true;
      this.current = undefined;
    }
    this.jobTask(job, scene).prompts = 1;
  }

  private jobTask(job: JobId, scene: Scene): Task {
    const known = this.byJob.get(job) ?? this.begin(scene, job);
    this.byJob.set(job, known);
    return known;
  }

  private hold(hunk: Hunk, scene: Scene, stand: HunkStand = "open"): void {
    let task = this.byHunk.get(hunk.id) ?? (hunk.job === undefined ? this.byTurn.get(hunk.turn) : this.jobTask(hunk.job, scene));
    if (task === undefined) return;
    if (task === this.undecided?.now && !this.byHunk.has(hunk.id)) task = this.decideWhich(hunk);
    task.latest = scene.now;
    task.paths.add(hunk.path);
    task.hunks.set(hunk.id, stand);
    this.byHunk.set(hunk.id, task);
  }

  /** The first hunk behind a task that was taken back whole: in one of its files it is the same task once more. */
  private decideWhich(hunk: Hunk): Task {
    const { before, now } = this.undecided!;
    this.undecided = undefined;
    if (!before.paths.has(hunk.path)) return now;
    before.prompts += now.prompts;
    before.steers += now.steers;
    for (const [turn, task] of this.byTurn) if (task === now) this.byTurn.set(turn, before);
    this.tasks.splice(this.tasks.indexOf(now), 1);
    this.current = before;
    return before;
  }

  private stand(id: HunkId, scene: Scene, stand: HunkStand): void {
    this.change(this.byHunk.get(id), scene, (task) => {
      const before = task.hunks.get(id);
      if (stand === "gone" && before !== "gone") task.takenBack++;
      if (stand === "taken" && before === "committed") return;
      task.hunks.set(id, stand);
      if (stand === "committed") task.committed = scene.now;
    });
  }

  private commit(ids: readonly HunkId[], when: Moment, commit: string): void {
    for (const task of new Set(ids.flatMap((id) => this.byHunk.get(id) ?? []))) {
      for (const id of ids) if (task.hunks.has(id)) task.hunks.set(id, "committed");
      task.committed = when;
      if (!task.commits.includes(commit)) task.commits.push(commit);
    }
  }

  private change(task: Task | undefined, scene: Scene, make: (task: Task) => void): void {
    if (task === undefined) return;
    make(task);
    task.latest = scene.now;
  }
}

const stands = (task: Task): readonly HunkStand[] => [...task.hunks.values()];

/** Something of it waits for a decision, or it was cut off before there was anything to decide on. */
function goesOn(task: Task): boolean {
  if (task.isHanded) return false;
  return task.hunks.size === 0 ? task.isCut : stands(task).includes("open");
}

function outcomeOf(task: Task, now: number): TaskOutcome {
  if (task.isHanded) return "handed";
  const all = stands(task);
  const isOld = now - task.latest.at >= dayMs;
  if (all.includes("open") && !isOld) return "open";
  if (all.includes("committed")) return "committed";
  if (all.includes("taken")) return "accepted";
  if (all.length === 0 && !task.isCut && task.job === undefined) return "answered";
  return all.length > 0 || isOld ? "abandoned" : "open";
}
