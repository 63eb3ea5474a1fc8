/**
 * Tasks: what a person wanted, from its first prompt to the commit. Where one ends and the next begins is told by what is open, and in doubt
 * against ourselves (docs/kpis.md says how).
 */
import { continuePrompt, planPrompt } from "../commands.ts";
import { dayMs } from "../days.ts";
import type { Hunk, HunkId, TurnId } from "../hunk.ts";
import type { JobId } from "../jobs.ts";
import { type KpiInput, type KpiFold, type Scene, dimensionsOfHunk, isPlayed } from "./fold.ts";
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

/** `answered`: it asked for no change. `handed`: the deep lane goes on with it, and nothing of it was taken. */
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
  /** Its job was handed over in another session: nobody here knows when. */
  readonly isFromElsewhere: boolean;
  readonly hunks: Map<HunkId, HunkStand>;
  readonly paths: Set<string>;
  readonly commits: string[];
  prompts: number;
  steers: number;
  takenBack: number;
  latest: Moment;
  committed?: Moment;
  /** Its last turn has not come to an end by itself. */
  isCut: boolean;
  /** Its last turn was in plan mode: there is a plan that waits. */
  isPlan: boolean;
  isHanded: boolean;
}

/** A turn that has not yet asked anybody anything: one that only shows what a job offers never does, and is nobody's prompt. */
interface Starting {
  readonly turn: TurnId;
  readonly prompt: string;
  readonly scene: Scene;
}

export class Tasks implements KpiFold {
  private readonly tasks: Task[] = [];
  private readonly byTurn = new Map<TurnId, Task>();
  private readonly byHunk = new Map<HunkId, Task>();
  private readonly byJob = new Map<JobId, Task>();
  private readonly inCommit = new Set<HunkId>();
  private starting: Starting | undefined;
  private current: Task | undefined;
  /** A turn behind a task whose hunks are all gone: its first hunk tells which of the two it is. */
  private undecided: { readonly before: Task; readonly now: Task } | undefined;
  /** The conversation was taken back to before this task's prompt: the next one is said in its place. */
  private rewound: Task | undefined;
  private workflow: "none" | "starting" | "running" = "none";
  private inPlanMode = false;

  take(event: KpiInput, scene: Scene): void {
    if (this.starting !== undefined && isWork(event)) this.prompt(this.starting);
    switch (event.type) {
      case "session.started":
      case "session.resumed":
        // A prompt that a crash took was a prompt.
        return this.starting && this.prompt(this.starting);
      case "mode.changed":
        this.inPlanMode = event.mode === "plan";
        return;
      case "workflow.started":
        this.workflow = "starting";
        return;
      case "workflow.answered":
        // In words of the person's own.
        return this.change(this.current, scene, (task) => void (task.steers += event.text === undefined ? 0 : 1));
      case "workflow.ended":
        this.workflow = "none";
        return;
      case "turn.started":
        this.starting = { turn: event.turn, prompt: event.prompt, scene };
        return;
      case "turn.steered":
        return this.change(this.byTurn.get(event.turn), scene, (task) => void task.steers++);
      case "turn.ended":
        this.starting = undefined;
        return this.change(this.byTurn.get(event.turn), scene, (task) => void (task.isCut = event.ending !== "completed"));
      case "turn.rewound":
        if (event.conversation) this.rewound = event.forward === true ? undefined : this.byTurn.get(event.turn);
        return;
      case "job.handed":
        return this.handOver(event.job, scene);
      default:
        return this.takeHunks(event, scene);
    }
  }

  private takeHunks(event: KpiInput, scene: Scene): void {
    switch (event.type) {
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
        // Another stands for it: of the same turn, of the plan that is carried out, of the job that is looked at once more.
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
      if ((outcome !== "committed" && outcome !== "accepted") || isPlayed(task.dimensions)) return [];
      const { dimensions, latest, committed } = task;
      const common = { ...dimensions, at: (committed ?? latest).at };
      const isOne = task.prompts === 1 && task.steers === 0 && task.takenBack === 0;
      const loop = { ...common, kpi: "one-loop" as const, hits: isOne ? 1 : 0, of: 1 };
      // What was accepted just now may still be committed.
      if (outcome === "accepted" && now - latest.at < dayMs) return [loop];
      return [loop, { ...common, kpi: "accepted-commit" as const, ...timeToCommit(task) }];
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

  private prompt({ turn, prompt, scene }: Starting): void {
    const { current, rewound } = this;
    const isTyped = prompt !== planPrompt && prompt !== continuePrompt && this.workflow !== "running";
    if (this.workflow === "starting") this.workflow = "running";
    this.starting = this.undecided = this.rewound = undefined;
    const before = !isTyped ? current : rewound !== undefined && !isTaken(rewound) ? rewound : current;
    const isSame = before !== undefined && (!isTyped || before === rewound || goesOn(before, scene.now));
    const task = isSame ? before : this.begin(scene);
    if (isTyped || !isSame) task.prompts++;
    if (!isSame && current !== undefined && isGone(current)) this.undecided = { before: current, now: task };
    this.current = task;
    this.byTurn.set(turn, task);
    [task.latest, task.isCut, task.isPlan] = [scene.now, true, this.inPlanMode];
  }

  private begin(scene: Scene, job: Pick<Task, "job" | "isFromElsewhere"> = { isFromElsewhere: false }): Task {
    const { now } = scene;
    const dimensions = dimensionsOfHunk(scene, job);
    const counts = { prompts: 0, steers: 0, takenBack: 0, isCut: false, isPlan: false, isHanded: false };
    const holds = { hunks: new Map<HunkId, HunkStand>(), paths: new Set<string>(), commits: [] };
    const task: Task = { dimensions, started: now, latest: now, ...holds, ...counts, ...job };
    this.tasks.push(task);
    return task;
  }

  private handOver(job: JobId, scene: Scene): void {
    const { current } = this;
    if (current !== undefined && (goesOn(current, scene.now) || isGone(current))) {
      current.isHanded = true;
      this.current = undefined;
    }
    this.jobTask(job, scene, false);
  }

  private jobTask(job: JobId, scene: Scene, isFromElsewhere: boolean): Task {
    let task = this.byJob.get(job);
    if (task === undefined) {
      const known = scene.jobs.get(job);
      const began = known && { at: known.startedAt, mono: 0, process: -1 };
      task = this.begin({ ...scene, now: began ?? scene.now }, { job, isFromElsewhere: isFromElsewhere && known === undefined });
      task.prompts = 1;
      task.steers = known?.steers ?? 0;
      this.byJob.set(job, task);
    }
    return task;
  }

  private hold(hunk: Hunk, scene: Scene, stand: HunkStand = "open"): void {
    const known = this.byHunk.get(hunk.id);
    let task = known ?? (hunk.job === undefined ? this.byTurn.get(hunk.turn) : this.jobTask(hunk.job, scene, true));
    if (task === undefined) return;
    if (task === this.undecided?.now && known === undefined) task = this.decideWhich(hunk);
    task.latest = scene.now;
    if (hunk.path !== "") task.paths.add(hunk.path);
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
    [before.isCut, before.isPlan] = [now.isCut, now.isPlan];
    for (const [turn, task] of this.byTurn) if (task === now) this.byTurn.set(turn, before);
    this.tasks.splice(this.tasks.indexOf(now), 1);
    this.current = before;
    return before;
  }

  private stand(id: HunkId, scene: Scene, stand: HunkStand): void {
    this.change(this.byHunk.get(id), scene, (task) => {
      const before = task.hunks.get(id);
      // What becomes of it afterwards is for git to say.
      if (before === "committed") return;
      if (stand === "gone" && before !== "gone") task.takenBack++;
      task.hunks.set(id, stand);
      if (stand === "committed") task.committed = scene.now;
    });
  }

  /** The first commit that holds a hunk counts: an amended or rebased one says nothing new. */
  private commit(ids: readonly HunkId[], when: Moment, commit: string): void {
    for (const id of ids) {
      const task = this.byHunk.get(id);
      if (task === undefined || this.inCommit.has(id)) continue;
      this.inCommit.add(id);
      task.hunks.set(id, "committed");
      if (task.committed === undefined || between(task.committed, when) !== undefined) task.committed = when;
      if (!task.commits.includes(commit)) task.commits.push(commit);
    }
  }

  private change(task: Task | undefined, scene: Scene, make: (task: Task) => void): void {
    if (task === undefined) return;
    make(task);
    task.latest = scene.now;
  }
}

const working: ReadonlySet<string> = new Set(["step.requested", "step.delayed", "step.queued", "step.started", "turn.steered"]);

/** It shows that the turn is one that asks a model, or would have. */
function isWork(event: KpiInput): boolean {
  if (event.type === "turn.ended") return event.ending !== "completed";
  return working.has(event.type);
}

const stands = (task: Task): readonly HunkStand[] => [...task.hunks.values()];
const isTaken = (task: Task): boolean => stands(task).some((stand) => stand === "taken" || stand === "committed");
const isGone = (task: Task): boolean => task.hunks.size > 0 && stands(task).every((stand) => stand === "gone");
const isOld = (task: Task, at: number): boolean => at - task.latest.at >= dayMs;

/** Something of it waits for a decision, its plan waits, or it was cut off before there was anything to take. */
function goesOn(task: Task, { at }: Moment): boolean {
  if (task.isHanded || isOld(task, at)) return false;
  return task.isPlan || stands(task).includes("open") || (task.isCut && !isTaken(task));
}

function outcomeOf(task: Task, now: number): TaskOutcome {
  const all = stands(task);
  const old = isOld(task, now);
  if (all.includes("open") && !old && !task.isHanded) return "open";
  if (all.includes("committed")) return "committed";
  if (all.includes("taken")) return "accepted";
  if (task.isHanded) return "handed";
  if (all.length === 0 && !task.isCut && task.job === undefined) return "answered";
  return all.length > 0 || old ? "abandoned" : "open";
}

function timeToCommit({ started, committed, isFromElsewhere }: Task): Pick<KpiSample, "value" | "missing"> {
  if (committed === undefined) return { missing: "uncommitted" };
  if (isFromElsewhere) return { missing: "elsewhere" };
  const ms = between(started, committed);
  return ms === undefined ? { missing: "clock" } : { value: ms / 1000 };
}
