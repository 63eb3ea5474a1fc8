/** Refactor: a plan that the person agrees to, then one change at a time, each with its evidence; at its end what stayed the same. */
import type { Constraint, HunkId, PlannedStep, WorkflowChoice } from "@twolane/protocol";
import { evidenceLine } from "./evidence-lines.ts";
import { planForm, plannedSteps } from "./planned-steps.ts";
import type { TurnResult, Workflow, WorkflowEffect, WorkflowInput, WorkflowStart, WorkflowStep } from "./workflow.ts";

interface RefactorState {
  readonly start: WorkflowStart;
  readonly stage: "planning" | "agreeing" | "changing" | "testing" | "deciding" | "undoing" | "comparing";
  readonly steps: readonly PlannedStep[];
  /** Index of the step that is worked on. */
  readonly at: number;
  /** Landed in it so far. */
  readonly landed: readonly HunkId[];
  /** It was asked to mend its own step already. */
  readonly mended: boolean;
  readonly report: readonly string[];
  readonly ending: "done" | "stopped";
}

type Step = WorkflowStep<RefactorState>;

export const refactor: Workflow<RefactorState> = {
  begin(start) {
    const state: RefactorState = {
      ...{ start, stage: "planning", steps: [], at: 0, landed: [], mended: false, report: [], ending: "done" },
    };
    const text = `Plan a refactoring; external behaviour stays the same.\n\n${start.text}\n\n${planForm}`;
    return go(
      state,
      { type: "move", stage: "plan", text: "making a plan" },
      { type: "ask", text, shown: `/refactor ${start.text}`.trim(), constraints: [...start.constraints, { kind: "no-edits" }] },
    );
  },
  take(state, input) {
    switch (input.type) {
      case "turn.ended":
        return state.stage === "planning" ? planned(state, input.turn) : changed(state, input.turn);
      case "tests.ended":
        return tested(state, input);
      case "answered":
        return state.stage === "agreeing" ? agreed(state, input) : decided(state, input.answer);
      case "undone":
        return next({ ...state, report: [...state.report, `step ${state.at + 1}: taken back`] });
      case "api.compared":
        return finish({ ...state, report: [...state.report, ...apiLines(input.changes)] });
      default:
        return go(state);
    }
  },
};

const go = (state: RefactorState, ...effects: readonly WorkflowEffect[]): Step => ({ state, effects });

function planned(state: RefactorState, turn: TurnResult): Step {
  if (turn.ending !== "completed") return end(state, turn.ending === "interrupted" ? "stopped" : "failed", [notPlanned(turn)]);
  const steps = plannedSteps(turn.text);
  if (steps.length === 0) return end(state, "failed", ["The answer held no plan: no numbered line with a change."]);
  return agree({ ...state, steps });
}

const notPlanned = ({ failure }: TurnResult): string => failure?.message ?? "It was stopped before there was a plan.";

const planChoices: readonly WorkflowChoice[] = [
  { answer: "yes", label: "carry it out, one change at a time" },
  { answer: "edit", label: "change the plan first", takesText: true },
  { answer: "no", label: "nothing is changed" },
];

function agree(state: RefactorState): Step {
  const count = state.steps.length === 1 ? "1 change" : `${state.steps.length} changes`;
  return go(
    { ...state, stage: "agreeing" },
    {
      type: "question",
      question: `A plan of ${count}. Carry it out?`,
      detail: { kind: "plan", steps: state.steps },
      choices: planChoices,
      otherwise: "yes",
    },
  );
}

function agreed(state: RefactorState, { answer, text }: Extract<WorkflowInput, { type: "answered" }>): Step {
  if (answer === "yes") return change({ ...state, at: 0 });
  if (answer !== "edit") return end(state, "stopped", ["The plan was refused; nothing was changed."]);
  const steps = plannedSteps(text);
  // Who takes every line out does not want the plan.
  return steps.length === 0 ? end(state, "stopped", ["Nothing is left of the plan."]) : agree({ ...state, steps });
}

function change(state: RefactorState): Step {
  const { steps, at, start } = state;
  const step = steps[at];
  if (step === undefined) return go({ ...state, stage: "comparing" }, { type: "compare-api" });
  const place = { step: at + 1, of: steps.length };
  const files = step.files.length > 0 ? ` Only these files: ${step.files.join(", ")}.` : "";
  const text = `Carry out change ${place.step} of ${place.of} of the plan, and nothing of the others: ${step.title}.${files} External behaviour stays the same.`;
  return go(
    { ...state, stage: "changing", landed: [], mended: false },
    { type: "move", stage: "change", text: step.title, ...place },
    { type: "ask", text, shown: `${place.step}/${place.of} ${step.title}`, constraints: constraintsOf(start, step) },
  );
}

function constraintsOf({ constraints }: WorkflowStart, { files }: PlannedStep): readonly Constraint[] {
  const api = constraints.some(({ kind }) => kind === "public-api") ? [] : [{ kind: "public-api" } as const];
  return [...constraints, ...(files.length > 0 ? [{ kind: "only", paths: files } as const] : []), ...api];
}

function changed(state: RefactorState, turn: TurnResult): Step {
  const landed = [...state.landed, ...turn.landed];
  const next = { ...state, landed };
  if (turn.ending === "completed") return go({ ...next, stage: "testing" }, { type: "test" });
  const why = turn.ending === "interrupted" ? "was stopped" : (turn.failure?.message ?? "did not come to its end");
  return decide(next, { question: `Change ${state.at + 1} ${why}. What now?`, otherwise: "end" });
}

function tested(state: RefactorState, input: Extract<WorkflowInput, { type: "tests.ended" }>): Step {
  const line = `step ${state.at + 1}: ${state.steps[state.at]?.title ?? ""} · ${evidenceLine(input)}`;
  if (input.evidence?.outcome === "failed") {
    const { failure } = input.evidence;
    const first = failure === undefined ? "" : `: ${failure.name} in ${failure.path}`;
    const question = `Tests fail after change ${state.at + 1}${first}. What now?`;
    return decide(state, { question, otherwise: state.mended ? "end" : "fix", line });
  }
  return next({ ...state, report: [...state.report, line] });
}

const next = (state: RefactorState): Step =>
  state.ending === "stopped" ? compare(state) : change({ ...state, at: state.at + 1 });

const compare = (state: RefactorState): Step => go({ ...state, stage: "comparing" }, { type: "compare-api" });

interface Decision {
  readonly question: string;
  /** Where nobody can be asked. */
  readonly otherwise: "fix" | "end";
  /** For the report. */
  readonly line?: string;
}

function decide(state: RefactorState, { question, otherwise, line }: Decision): Step {
  const choices: WorkflowChoice[] = [
    { answer: "fix", label: "the model mends this change" },
    { answer: "next", label: "keep it and go on" },
    { answer: "undo", label: "take this change back and go on" },
    { answer: "end", label: "keep what is accepted and end here" },
  ];
  const lines = line === undefined ? [] : [line];
  const noted = { ...state, stage: "deciding" as const, report: [...state.report, ...lines] };
  return go(noted, { type: "question", question, detail: { kind: "text", lines }, choices, otherwise });
}

function decided(state: RefactorState, answer: string): Step {
  const step = state.steps[state.at];
  switch (answer) {
    case "fix": {
      const shown = `mend change ${state.at + 1}`;
      const text = `Tests fail since this change. Mend it within the same limits: ${step?.title ?? ""}.`;
      const constraints = step === undefined ? state.start.constraints : constraintsOf(state.start, step);
      return go({ ...state, stage: "changing", mended: true }, { type: "ask", text, shown, constraints });
    }
    case "next":
      return next(state);
    case "undo":
      return go({ ...state, stage: "undoing" }, { type: "undo", hunks: state.landed });
    default:
      return compare({ ...state, ending: "stopped" });
  }
}

const apiLines = (changes: readonly string[]): readonly string[] =>
  changes.length === 0 ? ["exported declarations: unchanged"] : ["exported declarations changed:", ...changes];

const finish = (state: RefactorState): Step => end(state, state.ending, state.report);

const end = (state: RefactorState, ending: "done" | "stopped" | "failed", report: readonly string[]): Step =>
  go(state, { type: "end", ending, report });
