/** The table of workflows by name. */
import type { WorkflowName } from "@twolane/protocol";
import { refactor } from "./refactor.ts";
import { scaffold } from "./scaffold.ts";
import { review } from "./review.ts";
import { testFirst } from "./test-first.ts";
import type { Workflow, WorkflowInput, WorkflowStart, WorkflowStep } from "./workflow.ts";

/** A workflow that runs: what comes next, with its state kept inside. */
export interface RunningWorkflow {
  begin(): WorkflowStep<unknown>["effects"];
  take(input: WorkflowInput): WorkflowStep<unknown>["effects"];
}

const table: Readonly<Partial<Record<WorkflowName, (start: WorkflowStart) => RunningWorkflow>>> = {
  refactor: (start) => running(refactor, start),
  scaffold: (start) => running(scaffold, start),
  review: (start) => running(review, start),
  test: (start) => running(testFirst, start),
};

/** Undefined: there is none of that name yet. */
export const openWorkflow = (name: WorkflowName, start: WorkflowStart): RunningWorkflow | undefined => table[name]?.(start);

function running<State>(workflow: Workflow<State>, start: WorkflowStart): RunningWorkflow {
  let state: State;
  const enter = (step: WorkflowStep<State>): WorkflowStep<State>["effects"] => {
    ({ state } = step);
    return step.effects;
  };
  return { begin: () => enter(workflow.begin(start)), take: (input) => enter(workflow.take(state, input)) };
}
