/** Share, outcome and cost of each kind of work, and the mix that follows by a rule which the page states. Pure. */
import { dollarsOf, tokensOf } from "@twolane/protocol";
import { type Interval, type ReportGroup, type TaskRecord, shareInterval } from "@twolane/protocol/kpis";

/** One lane and model at one kind of work. */
export interface Outcome {
  readonly workflow: string;
  readonly lane: string;
  readonly model: string;
  /** That have come to an end; what is open is no case yet. */
  readonly tasks: number;
  readonly committed: number;
  readonly abandoned: number;
  readonly handed: number;
  /** Of the tasks, those that ended with a commit: 0 to 1. */
  readonly success?: { readonly share: number; readonly interval: Interval };
  /** Dollars; undefined where the price of some of it is unknown, or nothing was committed. */
  readonly dollars?: number;
  readonly dollarsPerCommit?: number;
  readonly tokens: number;
}

/** With fewer ended tasks a lane and model takes no part in the comparison. */
export const fewestTasks = 20;

export const mixRule = `For each kind of work, lanes and models with at least ${fewestTasks} ended tasks are compared by the share of them that came to a commit. Those whose 95 % interval reaches the best one's share count as equally good; of these the one with the lowest cost for each committed task is suggested, where every price is known, else the one with the highest share. With fewer than two to compare nothing is suggested.`;

const withoutWorkflow = "prompts";

export function outcomesOf({ tasks, spend }: Pick<ReportGroup, "tasks" | "spend">): readonly Outcome[] {
  const ended = tasks.filter(({ outcome }) => outcome !== "open" && outcome !== "answered");
  const groups = new Map<string, TaskRecord[]>();
  for (const task of ended) {
    const key = JSON.stringify([task.workflow ?? withoutWorkflow, task.lane, task.model]);
    const group = groups.get(key) ?? [];
    groups.set(key, group);
    group.push(task);
  }
  const outcomes = [...groups].map(([key, own]) =>
    outcomeOf(
      own,
      spend.filter((row) => keyOf(row) === key),
    ),
  );
  return outcomes.sort((one, other) =>
    one.workflow < other.workflow ? -1 : one.workflow > other.workflow ? 1 : other.tasks - one.tasks,
  );
}

const keyOf = ({ workflow = withoutWorkflow, lane, model }: Pick<TaskRecord, "workflow" | "lane" | "model">): string =>
  JSON.stringify([workflow, lane, model]);

function outcomeOf(tasks: readonly TaskRecord[], spend: ReportGroup["spend"]): Outcome {
  const { workflow = withoutWorkflow, lane, model } = tasks[0]!;
  const count = (outcome: TaskRecord["outcome"]): number => tasks.filter((task) => task.outcome === outcome).length;
  const committed = count("committed");
  const isPriced = spend.length > 0 && spend.every(({ unpriced }) => unpriced === 0);
  const dollars = isPriced ? spend.reduce((sum, { cost }) => sum + dollarsOf(cost), 0) : undefined;
  return {
    ...{ workflow, lane, model, tasks: tasks.length, committed, abandoned: count("abandoned"), handed: count("handed") },
    success: { share: committed / tasks.length, interval: shareInterval(committed, tasks.length) },
    tokens: spend.reduce((sum, { usage }) => sum + tokensOf(usage), 0),
    ...(dollars !== undefined && { dollars }),
    ...(dollars !== undefined && committed > 0 && { dollarsPerCommit: dollars / committed }),
  };
}

export interface Suggestion {
  readonly workflow: string;
  /** Absent: too few cases. */
  readonly choice?: Outcome;
  /** It is better than the others by more than chance explains, not only cheaper or first among alike ones. */
  readonly isClear?: boolean;
  readonly why: string;
}

export function suggestMix(outcomes: readonly Outcome[]): readonly Suggestion[] {
  return [...new Set(outcomes.map(({ workflow }) => workflow))].map((workflow) =>
    suggestionFor(
      workflow,
      outcomes.filter((outcome) => outcome.workflow === workflow),
    ),
  );
}

function suggestionFor(workflow: string, all: readonly Outcome[]): Suggestion {
  const enough = all.filter(({ tasks }) => tasks >= fewestTasks);
  if (enough.length < 2) {
    const what = enough.length === 0 ? "No lane and model has" : `Only ${nameOf(enough[0]!)} has`;
    return { workflow, why: `${what} at least ${fewestTasks} ended tasks here, so there is nothing to compare.` };
  }
  const shareOf = ({ success }: Outcome): number => success?.share ?? 0;
  const best = enough.reduce((one, other) => (shareOf(other) > shareOf(one) ? other : one));
  const equal = enough.filter(({ success }) => success !== undefined && success.interval[1] >= shareOf(best));
  if (equal.length === 1)
    return { workflow, choice: best, isClear: true, why: "Its share of committed tasks is beyond what chance would explain." };
  const isPriced = equal.every(({ dollarsPerCommit }) => dollarsPerCommit !== undefined);
  if (!isPriced)
    return {
      workflow,
      choice: best,
      why: `It has the highest share of ${equal.length}, by a difference that may be chance; not every price is known.`,
    };
  const costOf = ({ dollarsPerCommit = 0 }: Outcome): number => dollarsPerCommit;
  const cheapest = equal.reduce((one, other) => (costOf(other) < costOf(one) ? other : one));
  return {
    workflow,
    choice: cheapest,
    why: `It is the cheapest for each commit of ${equal.length} whose shares differ by no more than chance may make.`,
  };
}

export const nameOf = ({ lane, model }: Pick<Outcome, "lane" | "model">): string => `${lane} · ${model}`;
