/** A workflow that has a model of its own begins with it, and the session goes back behind it. */
import type { EventBody, Result, WorkflowName } from "@twolane/protocol";
import type { WorkflowsConfig } from "../models/config-lanes.ts";
import { noticeOf } from "./notice.ts";

export interface WorkflowModelsDeps {
  /** As the configuration stands when a workflow begins. */
  readonly config: () => WorkflowsConfig;
  readonly model: () => string;
  /** Resolves when the next turn has that model. */
  readonly switchTo: (model: string) => Promise<Result<unknown>>;
  readonly emit: (event: EventBody) => void;
}

export class WorkflowModels {
  private readonly deps: WorkflowModelsDeps;
  private own: { readonly wanted: string; readonly before: string } | undefined;

  constructor(deps: WorkflowModelsDeps) {
    this.deps = deps;
  }

  /** Where its model cannot be opened, the workflow goes on with the one that is there. */
  async begin(workflow: WorkflowName): Promise<void> {
    const { config, model, switchTo, emit } = this.deps;
    const wanted = config()[workflow]?.model;
    const before = model();
    if (wanted === undefined || wanted === before) return;
    const used = await switchTo(wanted);
    if (used.ok) this.own = { wanted, before };
    else emit(noticeOf(used.failure));
  }

  /** A model that the person chose meanwhile stays. */
  end(): void {
    const { own } = this;
    this.own = undefined;
    if (own !== undefined && this.deps.model() === own.wanted) void this.deps.switchTo(own.before);
  }
}
