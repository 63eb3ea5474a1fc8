/**
 * What the screen knows of a session: a fold over its events. Costs the same for the first event and the ten thousandth; what has
 * been printed is not kept. Figures of the turn stand in `turn-figures.ts`.
 */
import {
  type Evidence,
  type Failure,
  type HunkId,
  type JobId,
  type JobSummary,
  type ModelPrice,
  type NearLimit,
  type QueueHalt,
  type QueuedMessage,
  type Review,
  type ReviewMode,
  type ReviewedHunk,
  type TwolaneEvent,
  reviewEvent,
} from "@twolane/protocol";
import { type Broken, nothingBroken, reduceBroken } from "./broken.ts";
import { type LimitsInSight, noLimits, reduceLimits } from "./limits-in-sight.ts";
import { type ModelCommands, noCommands, reduceCommands } from "./held-commands.ts";
import { type WorkflowInSight, reduceWorkflow } from "./workflow-state.ts";
import { type TurnFigures, countHunk, noFigures, reduceFigures } from "./turn-figures.ts";

/** `waiting`: asked, and nothing has come yet. `stopping`: the key was pressed, the last write is under way. */
export type Phase = "idle" | "waiting" | "answering" | "stopping";

interface StreamingHunk {
  readonly hunk: HunkId;
  readonly path: string;
  readonly line: number;
  readonly lines: number;
  /** It will be held. */
  readonly verdict?: NonNullable<ReviewedHunk["verdict"]>;
}

export interface SessionState {
  readonly model: string;
  /** Who really answered the last request, and in which tier, where the provider says so. */
  readonly served?: { readonly model: string; readonly tier?: string };
  readonly contextWindow: number;
  readonly price?: ModelPrice;
  readonly mode: ReviewMode;
  readonly scope: readonly string[];
  readonly queue: readonly QueuedMessage[];
  readonly halted?: QueueHalt;
  readonly phase: Phase;
  readonly streaming?: StreamingHunk;
  /** Every hunk of the session; changed in place. */
  readonly review: Review;
  /** Hunks for whose yes the running turn waits, oldest first; changed in place. */
  readonly waitingForYes: Set<HunkId>;
  /** The first of them. */
  readonly waiting?: HunkId;
  readonly figures: TurnFigures;
  /** Hunks of the session for which something is still to be done: on disk and undecided, held, accepted and not yet committed. */
  readonly open: OpenHunks;
  readonly commands: ModelCommands;
  /** What hunks broke and is not mended. */
  readonly broken: Broken;
  readonly limits: LimitsInSight;
  /** The one that runs. */
  readonly workflow?: WorkflowInSight;
  /** Tokens that the last request and its answer took. */
  readonly contextUsed?: number;
  readonly workspace: string;
  /** Of the deep lane, the newest first. */
  readonly jobs: readonly JobSummary[];
  /** Those whose page was looked at, or which are no news. */
  readonly shownJobs: ReadonlySet<JobId>;
  /** Those whose hunks are in the review. */
  readonly offeredJobs: ReadonlySet<JobId>;
  /** Other sessions that are open in the same folder. */
  readonly neighbours: number;
  readonly failure?: Failure;
  /** What has landed is near this limit on the size of a diff. */
  readonly large?: NearLimit;
  /** The impacted tests: how many files run, or what they said of what is on disk now. */
  readonly tests?: { readonly running: number } | Pick<Evidence, "outcome" | "counts">;
}

export type OpenHunks = Readonly<Record<"landed" | "held" | "accepted", number>>;

/** Why the queue does not go on by itself. */
export const parkedBy: Readonly<Record<QueueHalt, string>> = {
  stop: "parked by the stop",
  limit: "parked by the limit",
  failure: "parked by a failure",
};

export function emptySession(): SessionState {
  return {
    ...{ model: "", contextWindow: 0, mode: "flow", scope: [], queue: [], phase: "idle", workspace: "", neighbours: 0, jobs: [] },
    ...{
      commands: noCommands,
      limits: noLimits,
      broken: nothingBroken,
      shownJobs: new Set(),
      offeredJobs: new Set(),
      review: new Map(),
      waitingForYes: new Set(),
      figures: noFigures,
      open: { landed: 0, held: 0, accepted: 0 },
    },
  };
}

/** `state` must not be used again: what grows with the session is changed in place, so that an event costs the same at any length. */
export function reduceSession(state: SessionState, event: TwolaneEvent): SessionState {
  const ids = hunksOf(event);
  const before = ids.map((id) => state.review.get(id));
  reviewEvent(state.review, event);
  let { open, figures } = { open: state.open, figures: reduceFigures(state.figures, event, state.price) };
  for (const [index, id] of ids.entries()) {
    const after = state.review.get(id);
    figures = countHunk(figures, before[index], after);
    open = countOpen(open, before[index], after);
    waitFor(state.waitingForYes, after);
  }
  const ends = event.type === "turn.ended" || event.type === "session.resumed";
  if (ends) state.waitingForYes.clear();
  const commands = reduceCommands(state.commands, event);
  const isSame = figures === state.figures && open === state.open && commands === state.commands;
  const counted = isSame ? state : { ...state, figures, open, commands };
  const broken = reduceBroken(counted.broken, event);
  const limits = reduceLimits(counted.limits, event);
  const known = broken === counted.broken && limits === counted.limits ? counted : { ...counted, broken, limits };
  const placed = withWorkflow(known, reduceWorkflow(known.workflow, event));
  return reduceBody(ids.length > 0 || ends ? withWaiting(placed) : placed, event);
}

function withWorkflow(state: SessionState, workflow: WorkflowInSight | undefined): SessionState {
  if (workflow === state.workflow) return state;
  const { workflow: _, ...rest } = state;
  return workflow === undefined ? rest : { ...rest, workflow };
}

/** The hunks that an event says something new of. */
function hunksOf(event: TwolaneEvent): readonly HunkId[] {
  switch (event.type) {
    case "hunk.landed":
    case "hunk.present":
    case "hunk.held":
    case "hunk.failed":
      return [event.hunk.id];
    case "hunk.accepted":
    case "hunk.rejected":
    case "hunk.undone":
    case "hunk.superseded":
      return [event.hunk];
    case "commit.made":
      return event.hunks;
    default:
      return [];
  }
}

function countOpen(open: OpenHunks, before: ReviewedHunk | undefined, after: ReviewedHunk | undefined): OpenHunks {
  const [from, to] = [openState(before), openState(after)];
  if (from === to) return open;
  return { ...open, ...(from && { [from]: open[from] - 1 }), ...(to && { [to]: open[to] + 1 }) };
}

function openState(one: ReviewedHunk | undefined): keyof OpenHunks | undefined {
  if (one === undefined || one.commit !== undefined) return undefined;
  return one.state === "landed" || one.state === "held" || one.state === "accepted" ? one.state : undefined;
}

function waitFor(waiting: Set<HunkId>, one: ReviewedHunk | undefined): void {
  if (one === undefined) return;
  if (one.verdict?.rule === "step") waiting.add(one.hunk.id);
  else waiting.delete(one.hunk.id);
}

function withWaiting(state: SessionState): SessionState {
  const [waiting] = state.waitingForYes;
  if (waiting === state.waiting) return state;
  const { waiting: _, ...rest } = state;
  return waiting === undefined ? rest : { ...rest, waiting };
}

function reduceBody(state: SessionState, event: TwolaneEvent): SessionState {
  switch (event.type) {
    case "session.started":
    case "session.resumed":
      return { ...state, model: event.model, workspace: event.workspace };
    case "model.changed": {
      const { served: _served, price: _price, contextUsed: _used, ...rest } = state;
      const { model, contextWindow, price } = event;
      return { ...rest, model, contextWindow, ...(price && { price }) };
    }
    case "mode.changed":
      return { ...state, mode: event.mode };
    case "size.changed": {
      const { large: _, ...rest } = state;
      return event.near === undefined ? rest : { ...rest, large: event.near };
    }
    case "neighbours.changed":
      return { ...state, neighbours: event.open };
    case "scope.changed":
      return { ...state, scope: event.scope };
    case "queue.changed": {
      const { halted: _, ...rest } = state;
      return { ...rest, queue: event.queue, ...(event.halted && { halted: event.halted }) };
    }
    case "turn.started": {
      const { failure: _, ...rest } = state;
      return { ...rest, phase: "waiting" };
    }
    case "step.requested":
      return state.phase === "stopping" ? state : { ...state, phase: "waiting" };
    case "step.started":
      return { ...state, served: { model: event.model, ...(event.serviceTier !== undefined && { tier: event.serviceTier }) } };
    case "step.answered":
      return state.phase === "stopping" ? state : { ...state, phase: "answering" };
    case "step.ended": {
      const { streaming: _, ...rest } = state;
      return event.usage === undefined ? rest : { ...rest, contextUsed: event.usage.input + event.usage.output };
    }
    case "stop.requested":
      return { ...state, phase: "stopping" };
    case "turn.ended": {
      const { streaming: _, ...rest } = state;
      return { ...rest, phase: "idle", ...(event.failure && { failure: event.failure }) };
    }
    case "turn.rewound": {
      const { contextUsed: _, ...rest } = state;
      // How much of it is left is known again after the next answer.
      return event.conversation ? rest : state;
    }
    case "hunk.streaming": {
      const { hunk, path, line, lines, verdict } = event;
      return { ...state, streaming: { hunk, path, line, lines, ...(verdict && { verdict }) } };
    }
    case "hunk.closed":
    case "hunk.failed": {
      const known = withOffered(state, event.hunk.job);
      const { streaming, ...rest } = known;
      return streaming?.hunk === event.hunk.id ? rest : known;
    }
    default:
      return reduceTests(state, event);
  }
}

const withOffered = (state: SessionState, job: JobId | undefined): SessionState =>
  job === undefined || state.offeredJobs.has(job) ? state : { ...state, offeredJobs: new Set(state.offeredJobs).add(job) };

function reduceTests(state: SessionState, event: TwolaneEvent): SessionState {
  switch (event.type) {
    case "tests.started":
      return { ...state, tests: { running: event.choice.tests } };
    case "tests.ended": {
      const { outcome, counts } = event.evidence;
      return { ...state, tests: { outcome, counts } };
    }
    case "tests.stopped":
    case "hunk.landed":
    case "hunk.rejected":
    case "hunk.undone": {
      // What they said was said of other bytes.
      const { tests, ...rest } = state;
      return tests === undefined || (event.type !== "tests.stopped" && "running" in tests) ? state : rest;
    }
    default:
      return state;
  }
}

/** Something on the screen changes with time alone. */
export const isMoving = ({ phase }: SessionState): boolean => phase !== "idle";

/** What waits for the person, in a few words for a notification; undefined: nothing. The same words as long as it is the same. */
export function needsPerson({ waiting, phase, failure, queue, halted, commands, workflow }: SessionState): string | undefined {
  if (commands.held.length > 0 && phase !== "stopping") return "twolane: a command waits for your answer";
  if (waiting !== undefined && phase !== "stopping") return "twolane: a hunk waits for your yes";
  if (phase !== "idle") return undefined;
  if (workflow?.asked !== undefined) return `twolane: /${workflow.name} asks you something`;
  if (failure?.code === "INSTANT_QUESTION") return "twolane asks you something";
  // Whoever stopped it knows that it waits.
  return queue.length > 0 && halted !== undefined && halted !== "stop" ? "twolane: the queue waits for you" : undefined;
}
