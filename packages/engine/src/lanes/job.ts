/**
 * One job of the deep lane as a state machine: plan, work step by step, check, mend, report. Pure: what happened in, the next state and what
 * is to be done out. The same fold over a job's kept events gives the state in which it goes on.
 */
import type {
  EventBody,
  Evidence,
  JobBudget,
  JobEnding,
  JobKind,
  JobReport,
  JobSpend,
  JobStage,
  PlannedStep,
} from "@twolane/protocol";

export interface JobState {
  readonly kind: JobKind;
  readonly stage: JobStage;
  readonly steps: readonly PlannedStep[];
  /** 1-based step that is worked on; 0 before there is a plan. */
  readonly step: number;
  /** How often it was asked to mend what the tests said, in this stage. */
  readonly mends: number;
  /** Whether what is checked is all of it. */
  readonly whole: boolean;
  readonly evidence?: Evidence;
  readonly untested?: string;
  readonly budget: JobBudget;
  readonly spend: JobSpend;
  readonly ending?: JobEnding;
}

/** Kept in the job's log, and what the fold is made of. */
export type JobEvent = Extract<EventBody, { type: `job.${string}` }>;

/** What the runner found out. */
export type JobInput =
  | { readonly type: "begin" }
  /** The model's last words of the turn that was asked for. */
  | { readonly type: "answered"; readonly text: string; readonly steps: readonly PlannedStep[] }
  | { readonly type: "checked"; readonly evidence?: Evidence; readonly untested?: string }
  | { readonly type: "spent"; readonly spend: JobSpend }
  | { readonly type: "stop" }
  | { readonly type: "failed"; readonly reason: string };

export type JobAsk =
  | { readonly kind: "plan" }
  | { readonly kind: "step"; readonly step: number }
  | { readonly kind: "mend"; readonly evidence: Evidence; readonly whole: boolean }
  | { readonly kind: "answer" }
  | { readonly kind: "report"; readonly evidence?: Evidence; readonly untested?: string };

export type JobEffect =
  | { readonly type: "tell"; readonly event: JobEvent }
  | { readonly type: "ask"; readonly ask: JobAsk }
  | { readonly type: "check"; readonly scope: "impacted" | "whole" }
  | { readonly type: "halt" };

export type JobMove = readonly [JobState, readonly JobEffect[]];

/** Tries to mend one thing before it goes on and says so. */
const mendsAtMost = 3;

const noSpend: JobSpend = { ms: 0, input: 0, cachedInput: 0, output: 0, steps: 0, dollars: 0 };

export function newJob(kind: JobKind, budget: JobBudget): JobState {
  return { kind, stage: "preparing", steps: [], step: 0, mends: 0, whole: false, budget, spend: noSpend };
}

/** A kept event, as it is read again. */
export function foldJob(state: JobState, event: JobEvent): JobState {
  switch (event.type) {
    case "job.moved":
      return { ...state, stage: event.stage };
    case "job.planned":
      return { ...state, steps: event.steps };
    case "job.step.started":
      return { ...state, step: event.step, mends: 0 };
    case "job.checked": {
      const { evidence, untested, scope } = event;
      return { ...state, whole: scope === "whole", ...withResult(evidence, untested) };
    }
    case "job.spent":
      return { ...state, spend: event.spend };
    case "job.ended":
      return { ...state, ending: event.ending };
    case "job.resumed": {
      const { ending: _, ...rest } = state;
      return rest;
    }
    default:
      return state;
  }
}

/** From where it was last known to be. */
export function goOn(state: JobState): JobMove {
  switch (state.stage) {
    case "preparing":
    case "planning":
      return state.kind === "research" ? asks(state, "working", { kind: "answer" }) : asks(state, "planning", { kind: "plan" });
    case "working":
      return state.kind === "research"
        ? asks(state, "working", { kind: "answer" })
        : asks(state, "working", { kind: "step", step: Math.max(1, state.step) });
    case "checking":
    case "mending":
      return checks(state, state.whole ? "whole" : "impacted");
    case "reporting":
      return reports(state);
  }
}

export function moveJob(state: JobState, input: JobInput): JobMove {
  if (state.ending !== undefined) return [state, []];
  switch (input.type) {
    case "begin":
      return goOn(state);
    case "answered":
      return answered(state, input);
    case "checked":
      return checked(state, input);
    case "spent": {
      const next = { ...state, spend: input.spend };
      const over = overBudget(next);
      if (over === undefined) return [next, [{ type: "tell", event: { type: "job.spent", spend: input.spend } }]];
      return ended(next, "spent", over);
    }
    case "stop":
      return ended(state, "stopped", "a person stopped it");
    case "failed":
      return ended(state, "failed", input.reason);
  }
}

function answered(state: JobState, { text, steps }: Extract<JobInput, { type: "answered" }>): JobMove {
  switch (state.stage) {
    case "planning": {
      // A model that plans nothing has one step: all of it.
      const planned = steps.length > 0 ? steps : [{ title: "All of it", files: [], risk: "" }];
      const next = { ...state, steps: planned, step: 1 };
      return told(
        asks(next, "working", { kind: "step", step: 1 }),
        { type: "job.planned", steps: planned },
        { type: "job.step.started", step: 1 },
      );
    }
    case "working": {
      if (state.kind === "research") return finished(state, text);
      return told(checks(state, "impacted"), { type: "job.step.ended", step: state.step, summary: text });
    }
    case "mending":
      return checks(state, state.whole ? "whole" : "impacted");
    case "reporting":
      return finished(state, text);
    default:
      return [state, []];
  }
}

function checked(state: JobState, { evidence, untested }: Extract<JobInput, { type: "checked" }>): JobMove {
  const scope = state.whole ? "whole" : "impacted";
  const seen = { ...state, ...withResult(evidence, untested) };
  const event = { type: "job.checked", scope, ...withResult(evidence, untested) } as const;
  if (evidence?.outcome === "failed" && state.mends < mendsAtMost)
    return told(asks({ ...seen, mends: state.mends + 1 }, "mending", { kind: "mend", evidence, whole: state.whole }), event);
  if (state.whole) return told(reports(seen), event);
  if (state.step < state.steps.length) {
    const step = state.step + 1;
    return told(asks({ ...seen, step, mends: 0 }, "working", { kind: "step", step }), event, { type: "job.step.started", step });
  }
  return told(checks({ ...seen, mends: 0 }, "whole"), event);
}

function asks(state: JobState, stage: JobStage, ask: JobAsk): JobMove {
  const next = { ...state, stage };
  return [
    next,
    [
      { type: "tell", event: { type: "job.moved", stage, doing: doingOf(next, ask) } },
      { type: "ask", ask },
    ],
  ];
}

function checks(state: JobState, scope: "impacted" | "whole"): JobMove {
  const next = { ...state, stage: "checking", whole: scope === "whole" } as const;
  const doing = scope === "whole" ? "running all tests" : "running the tests that its changes reach";
  return [
    next,
    [
      { type: "tell", event: { type: "job.moved", stage: "checking", doing } },
      { type: "check", scope },
    ],
  ];
}

function reports(state: JobState): JobMove {
  return asks(state, "reporting", { kind: "report", ...withResult(state.evidence, state.untested) });
}

function finished(state: JobState, text: string): JobMove {
  const report: JobReport = { text, lookFirst: placesIn(text), ...withResult(state.evidence, state.untested) };
  return told(ended(state, "ready", ""), { type: "job.reported", report });
}

function ended(state: JobState, ending: JobEnding, reason: string): JobMove {
  return [{ ...state, ending }, [{ type: "tell", event: { type: "job.ended", ending, reason } }, { type: "halt" }]];
}

/** The move with these told before everything else. */
function told([state, effects]: JobMove, ...events: readonly JobEvent[]): JobMove {
  return [state, [...events.map((event) => ({ type: "tell", event }) as const), ...effects]];
}

function overBudget({ budget, spend }: JobState): string | undefined {
  const used = spend.input - spend.cachedInput + spend.output;
  if (budget.minutes !== undefined && spend.ms >= budget.minutes * 60_000) return `its ${budget.minutes} minutes are used up`;
  if (budget.tokens !== undefined && used >= budget.tokens) return `its ${budget.tokens} tokens are used up`;
  if (budget.steps !== undefined && spend.steps >= budget.steps) return `its ${budget.steps} answers are used up`;
  if (budget.dollars !== undefined && spend.dollars !== undefined && spend.dollars >= budget.dollars)
    return `its ${budget.dollars} dollars are used up`;
  return undefined;
}

function doingOf({ steps }: JobState, ask: JobAsk): string {
  switch (ask.kind) {
    case "plan":
      return "planning";
    case "step":
      return `step ${ask.step} of ${steps.length}: ${steps[ask.step - 1]?.title ?? ""}`;
    case "mend":
      return `mending what the tests say: ${ask.evidence.counts.failed} failed`;
    case "answer":
      return "reading";
    case "report":
      return "writing its report";
  }
}

const withResult = (evidence: Evidence | undefined, untested: string | undefined) => ({
  ...(evidence && { evidence }),
  ...(untested !== undefined && { untested }),
});

/** Paths that the report names under `Look first`. */
function placesIn(text: string): readonly string[] {
  const [, behind = ""] = /look first:?\**\s*([\s\S]*?)(?:\n\s*\n|$)/i.exec(text) ?? [];
  return [
    ...new Set([...behind.matchAll(/[\w.@()[\]$+-]*(?:\/[\w.@()[\]$+-]+)+|[\w@$+-]+\.\w{1,8}\b/g)].map(([path]) => path)),
  ].slice(0, 10);
}
