/**
 * One job of the deep lane as a state machine: plan, work step by step, check, mend, report. Pure: what happened in, the next state and what
 * is to be done out. The same fold over a job's kept events gives the state in which it goes on.
 */
import type {
  EventBody,
  Evidence,
  Failure,
  JobBudget,
  JobEdit,
  JobEnding,
  JobKind,
  JobReport,
  JobSpend,
  JobStage,
  PlannedStep,
} from "@twolane/protocol";
import { missedAfter } from "./job-edits.ts";

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
  /** Edits of its steps that are not in the copy. */
  readonly missed: readonly JobEdit[];
  readonly budget: JobBudget;
  readonly spend: JobSpend;
  /** What it had used when its budget began to count: one that is resumed after it was used up gets it once more. */
  readonly before: JobSpend;
  /** Tries in a row that nobody answered, and since when. */
  readonly waits: number;
  readonly waitingSince?: number;
  readonly ending?: JobEnding;
}

/** Kept in the job's log, and what the fold is made of. */
export type JobEvent = Extract<EventBody, { type: `job.${string}` }>;

/** What the runner found out. */
export type JobInput =
  | { readonly type: "begin" }
  /** The model's last words of the turn that was asked for. */
  | {
      readonly type: "answered";
      readonly text: string;
      readonly steps: readonly PlannedStep[];
      readonly unknown?: readonly string[];
    }
  /** The provider did not answer, or broke off. `at`, `until`: ms since 1970; until when it said that it will not. */
  | { readonly type: "held"; readonly failure: Pick<Failure, "code" | "message">; readonly at: number; readonly until?: number }
  | { readonly type: "again" }
  | { readonly type: "checked"; readonly evidence?: Evidence; readonly untested?: string }
  | { readonly type: "edited"; readonly edit: JobEdit }
  | { readonly type: "spent"; readonly spend: JobSpend }
  | { readonly type: "stop" }
  | { readonly type: "failed"; readonly reason: string }
  /** A hard budget of the person's configuration is used up. */
  | { readonly type: "barred"; readonly reason: string };

export type JobAsk =
  | { readonly kind: "plan" }
  | { readonly kind: "step"; readonly step: number }
  | { readonly kind: "mend"; readonly evidence: Evidence; readonly whole: boolean }
  | { readonly kind: "answer" }
  | {
      readonly kind: "report";
      readonly evidence?: Evidence;
      readonly untested?: string;
      readonly missed: readonly JobEdit[];
    };

export type JobEffect =
  | { readonly type: "tell"; readonly event: JobEvent }
  | { readonly type: "ask"; readonly ask: JobAsk }
  | { readonly type: "check"; readonly scope: "impacted" | "whole" }
  /** Then it is `again`. */
  | { readonly type: "wait"; readonly ms: number }
  | { readonly type: "halt" };

export type JobMove = readonly [JobState, readonly JobEffect[]];

/** Tries to mend one thing before it goes on and says so. */
const mendsAtMost = 3;

const noSpend: JobSpend = { ms: 0, input: 0, cachedInput: 0, output: 0, steps: 0 };

export function newJob(kind: JobKind, budget: JobBudget): JobState {
  return {
    kind,
    stage: "preparing",
    steps: [],
    step: 0,
    mends: 0,
    whole: false,
    missed: [],
    budget,
    spend: noSpend,
    before: noSpend,
    waits: 0,
  };
}

/** A kept event, as it is read again. */
export function foldJob(state: JobState, event: JobEvent): JobState {
  switch (event.type) {
    case "job.moved":
      return moved(state, event);
    case "job.planned":
      return { ...state, stage: "working", steps: event.steps, step: 1 };
    case "job.step.started":
      return { ...state, stage: "working", step: event.step, mends: 0 };
    case "job.step.ended":
      // What is finished is not begun again, even where nothing after it was kept.
      return { ...state, stage: "checking", whole: false };
    case "job.checked": {
      const { evidence, untested, scope } = event;
      return { ...state, whole: scope === "whole", ...withResult(evidence, untested) };
    }
    case "job.edited":
      // What it tries while it may only talk belongs to no step.
      return state.stage === "working" || state.stage === "mending"
        ? { ...state, missed: missedAfter(state.missed, event) }
        : state;
    case "job.spent":
      return { ...state, spend: event.spend };
    case "job.ended":
      return { ...state, ending: event.ending };
    case "job.resumed": {
      const { ending, ...rest } = state;
      return ending === "spent" ? { ...rest, before: state.spend } : rest;
    }
    default:
      return state;
  }
}

function moved(state: JobState, { stage, whole = false }: Extract<JobEvent, { type: "job.moved" }>): JobState {
  if (stage === "mending") return { ...state, stage, mends: state.stage === "mending" ? state.mends : state.mends + 1 };
  if (stage !== "checking") return { ...state, stage };
  return { ...state, stage, whole, mends: whole && !state.whole ? 0 : state.mends };
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
  const { waitingSince: _, ...heard } = { ...state, waits: 0 };
  switch (input.type) {
    case "begin":
      return goOn(state);
    case "answered":
      return answered(heard, input);
    case "checked":
      return checked(heard, input);
    case "held":
      return held(state, input);
    case "again":
      return goOn(state);
    case "edited": {
      const event = { type: "job.edited", ...input.edit } as const;
      return [foldJob(state, event), [{ type: "tell", event }]];
    }
    case "spent": {
      const next = { ...state, spend: input.spend };
      const over = overBudget(next);
      if (over === undefined) return [next, [{ type: "tell", event: { type: "job.spent", spend: input.spend } }]];
      return told(ended(next, "spent", over), { type: "job.spent", spend: input.spend });
    }
    case "stop":
      return ended(state, "stopped", "a person stopped it");
    case "failed":
      return ended(state, "failed", input.reason);
    case "barred":
      return ended(state, "spent", input.reason);
  }
}

function answered(state: JobState, { text, steps, unknown }: Extract<JobInput, { type: "answered" }>): JobMove {
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
      if (state.kind === "research") return finished(state, text, unknown);
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
      { type: "tell", event: { type: "job.moved", stage: "checking", doing, ...(scope === "whole" && { whole: true }) } },
      { type: "check", scope },
    ],
  ];
}

function reports(state: JobState): JobMove {
  return asks(state, "reporting", {
    ...{ kind: "report", missed: state.missed },
    ...withResult(state.evidence, state.untested),
  });
}

/** Longer than that nobody waits for an answer. */
const waitsAtMostMs = 12 * 3600_000;
const longestWaitMs = 60_000;
/** Whoever answers so may answer so for ever. */
const brokenAtMost = 5;

function held(state: JobState, { failure: { code, message }, at, until }: Extract<JobInput, { type: "held" }>): JobMove {
  const since = state.waitingSince ?? at;
  const waits = state.waits + 1;
  const isAway = code === "PROVIDER_UNREACHABLE" || code === "PROVIDER_SILENT" || code === "PROVIDER_LIMIT";
  if (at - since > waitsAtMostMs || (!isAway && waits > brokenAtMost)) return ended(state, "failed", message);
  const ms = until !== undefined && until > at ? until - at : Math.min(longestWaitMs, 1000 * 2 ** (waits - 1));
  const reset = until === undefined ? "" : `, until ${timeOf(until)}`;
  const doing =
    code === "PROVIDER_LIMIT"
      ? `waiting for the provider's limit since ${timeOf(since)}${reset}`
      : isAway
        ? `waiting for the network since ${timeOf(since)}`
        : `asking again: ${message}`;
  return [
    { ...state, waits, waitingSince: since },
    [
      { type: "tell", event: { type: "job.moved", stage: state.stage, doing, ...(state.whole && { whole: true }) } },
      { type: "wait", ms },
    ],
  ];
}

const timeOf = (at: number): string => new Date(at).toTimeString().slice(0, 5);

function finished(state: JobState, text: string, unknown: readonly string[] = []): JobMove {
  const report: JobReport = {
    text,
    lookFirst: placesIn(text),
    ...(unknown.length > 0 && { unknown }),
    ...(state.missed.length > 0 && { missed: state.missed }),
    ...withResult(state.evidence, state.untested),
  };
  return told(ended(state, "ready", ""), { type: "job.reported", report });
}

function ended(state: JobState, ending: JobEnding, reason: string): JobMove {
  return [{ ...state, ending }, [{ type: "tell", event: { type: "job.ended", ending, reason } }, { type: "halt" }]];
}

/** The move with these told before everything else. */
function told([state, effects]: JobMove, ...events: readonly JobEvent[]): JobMove {
  return [state, [...events.map((event) => ({ type: "tell", event }) as const), ...effects]];
}

function overBudget({ budget, spend: all, before }: JobState): string | undefined {
  const spend = sinceThen(all, before);
  const used = spend.input - spend.cachedInput + spend.output;
  if (budget.minutes !== undefined && spend.ms >= budget.minutes * 60_000) return `its ${budget.minutes} minutes are used up`;
  if (budget.tokens !== undefined && used >= budget.tokens) return `its ${budget.tokens} tokens are used up`;
  if (budget.steps !== undefined && spend.steps >= budget.steps) return `its ${budget.steps} answers are used up`;
  if (budget.dollars !== undefined && spend.dollars !== undefined && spend.dollars >= budget.dollars)
    return `its ${budget.dollars} dollars are used up`;
  return undefined;
}

function sinceThen(all: JobSpend, { ms, input, cachedInput, output, steps, dollars }: JobSpend): JobSpend {
  return {
    ...{ ms: all.ms - ms, input: all.input - input, cachedInput: all.cachedInput - cachedInput, output: all.output - output },
    ...{ steps: all.steps - steps, ...(all.dollars !== undefined && { dollars: all.dollars - (dollars ?? 0) }) },
  };
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
