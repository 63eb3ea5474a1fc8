/**
 * The sections `lanes` and `workflows` of the user's configuration: which model answers in which lane and in which workflow, and what a job of
 * the deep lane may cost. Checks only; who takes the model or halts the job is not known here.
 */
import { type JobBudget, type WorkflowName, workflowNames } from "@twolane/protocol";
import { type Check, ConfigMistake, count, modelName, nameOf, readKeys, text } from "./config-checks.ts";
import type { JsonPath } from "./json-lines.ts";

/** A lane or workflow that has a model of its own. */
export interface OwnModel {
  readonly model?: string;
}

/** What is not written has no limit of the configuration's. */
export interface DeepLaneConfig extends OwnModel, JobBudget {
  /** Jobs that run side by side. */
  readonly atOnce?: number;
  /** Ignored folders that a job needs to build and test; it sees them read-only. Paths below the workspace, or plain names. */
  readonly bind?: readonly string[];
}

export interface LanesConfig {
  readonly fast: OwnModel;
  readonly deep: DeepLaneConfig;
}

export type WorkflowsConfig = Readonly<Partial<Record<WorkflowName, OwnModel>>>;

export const noLanes: LanesConfig = { fast: {}, deep: {} };

const above0: Check<number> = (value, path) => {
  if (typeof value === "number" && Number.isFinite(value) && value > 0) return value;
  throw new ConfigMistake(`${nameOf(path)} must be a number above 0`, path);
};

const folder: Check<string> = (value, path) => {
  const written = text(value, path).replace(/\/+$/, "");
  const inside = !/^[/~]|\\|^$/.test(written) && written.split("/").every((part) => !["", ".", ".."].includes(part));
  if (inside) return written;
  throw new ConfigMistake(`${nameOf(path)} must be a folder below the workspace, like node_modules`, path);
};

const folders: Check<readonly string[]> = (value, path) => {
  if (Array.isArray(value)) return value.map((one: unknown, index) => folder(one, [...path, index]));
  throw new ConfigMistake(`${nameOf(path)} must be a list`, path);
};

const ownModel: Check<OwnModel> = (value, path) => readKeys(value, path, { model: modelName });

const deepLane: Check<DeepLaneConfig> = (value, path) =>
  readKeys(value, path, {
    ...{ model: modelName, minutes: above0, tokens: count, dollars: above0, steps: count },
    ...{ atOnce: count, bind: folders },
  });

export function readLanes(value: unknown, path: JsonPath): LanesConfig {
  return { ...noLanes, ...readKeys(value, path, { fast: ownModel, deep: deepLane }) };
}

export function readWorkflows(value: unknown, path: JsonPath): WorkflowsConfig {
  return readKeys(value, path, Object.fromEntries(workflowNames.map((name) => [name, ownModel])));
}
