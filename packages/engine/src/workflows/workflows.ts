/** The table of workflows by name; each is loaded when it is begun. */
import type { HunkId, WorkflowName } from "@twolane/protocol";
import type { Workflow, WorkflowInput, WorkflowStart, WorkflowStep } from "./workflow.ts";

/** A workflow that runs: what comes next, with its state kept inside. */
export interface RunningWorkflow {
  begin(): WorkflowStep<unknown>["effects"];
  take(input: WorkflowInput): WorkflowStep<unknown>["effects"];
  /** Hunks that do not outlive it, where it is ended now; undefined: all that it did stays. */
  unproven(): readonly HunkId[] | undefined;
}

type Open = (start: WorkflowStart) => RunningWorkflow;

const table: Readonly<Partial<Record<WorkflowName, () => Promise<Open>>>> = {
  debug: async () => opening((await import("./debug.ts")).debug),
  refactor: async () => opening((await import("./refactor.ts")).refactor),
  scaffold: async () => opening((await import("./scaffold.ts")).scaffold),
  review: async () => opening((await import("./review.ts")).review),
  test: async () => opening((await import("./test-first.ts")).testFirst),
};

/** Undefined: there is none of that name yet. */
export const openWorkflow = async (name: WorkflowName, start: WorkflowStart): Promise<RunningWorkflow | undefined> =>
  (await table[name]?.())?.(start);

const opening =
  <State>(workflow: Workflow<State>): Open =>
  (start) =>
    running(workflow, start);

function running<State>(workflow: Workflow<State>, start: WorkflowStart): RunningWorkflow {
  let state: State;
  const enter = (step: WorkflowStep<State>): WorkflowStep<State>["effects"] => {
    ({ state } = step);
    return step.effects;
  };
  return {
    begin: () => enter(workflow.begin(start)),
    take: (input) => enter(workflow.take(state, input)),
    unproven: () => workflow.unproven?.(state),
  };
}
