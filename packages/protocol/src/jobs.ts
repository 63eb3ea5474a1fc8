/**
 * A job of the deep lane as every surface sees it: what it is to do, where it stands, what it used, what it says at its end. It works in a
 * private copy of the workspace; what it changed comes back hunk by hunk, and only when somebody takes it.
 */
import type { Evidence } from "./evidence.ts";
import type { PlannedStep } from "./workflows.ts";

/** Unique within a workspace: `d1`, `d2`, … */
export type JobId = string;

/** What a job is to do. Written down for the model as it stands: never a summary of a summary. */
export interface JobBrief {
  readonly goal: string;
  /** When it is done, a sentence each. */
  readonly criteria: readonly string[];
  /** What its changes are held to, in words. */
  readonly constraints: readonly string[];
  /** What has been decided already, and what was refused and why. */
  readonly decisions: readonly string[];
  /** Where to begin. `hash`: SHA-256 of the content that was meant. */
  readonly files: readonly { readonly path: string; readonly hash: string }[];
  /** Changes of the person's session that are on disk and not decided yet; one diff, may be empty. */
  readonly openHunks: string;
  /** Failing output or evidence, as it was; may be empty. */
  readonly evidence: string;
}

/** `change`: it edits and comes back with hunks. `research`: it only reads, and answers with file and line. */
export const jobKinds = ["change", "research"] as const;
export type JobKind = (typeof jobKinds)[number];

/** Absent: without that limit. */
export interface JobBudget {
  readonly minutes?: number;
  /** Input that was not cached, and output. */
  readonly tokens?: number;
  /** Counts only where the model's price is known. */
  readonly dollars?: number;
  /** Answers of the model. */
  readonly steps?: number;
}

const budgetKeys: ReadonlySet<string> = new Set(["minutes", "tokens", "dollars", "steps"]);

export function isJobBudget(value: unknown): value is JobBudget {
  return (
    isRecord(value) && Object.entries(value).every(([key, most]) => budgetKeys.has(key) && typeof most === "number" && most > 0)
  );
}

export function isJobBrief(value: unknown): value is JobBrief {
  if (!isRecord(value) || typeof value["goal"] !== "string" || value["goal"].trim() === "") return false;
  const { files } = value;
  return (
    [value["criteria"], value["constraints"], value["decisions"]].every(isTexts) &&
    [value["openHunks"], value["evidence"]].every((text) => typeof text === "string") &&
    Array.isArray(files) &&
    files.every((file) => isRecord(file) && typeof file["path"] === "string" && typeof file["hash"] === "string")
  );
}

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value);
const isTexts = (value: unknown): boolean => Array.isArray(value) && value.every((text) => typeof text === "string");

export interface JobSpend {
  /** ms in which it worked, pauses left out. */
  readonly ms: number;
  readonly input: number;
  readonly cachedInput: number;
  readonly output: number;
  /** Answers of the model. */
  readonly steps: number;
  /** Undefined where a price is not known. */
  readonly dollars?: number;
}

/** Where a job stands. */
export const jobStages = ["preparing", "planning", "working", "checking", "mending", "reporting"] as const;
export type JobStage = (typeof jobStages)[number];

/**
 * `ready`: done, to be taken. `stopped`: by a person. `spent`: its budget is used up. `failed`: it could not go on, e.g. without a model. Of the
 * last three what was done so far can be taken all the same, and each can be resumed.
 */
export const jobEndings = ["ready", "stopped", "spent", "failed"] as const;
export type JobEnding = (typeof jobEndings)[number];

/** An edit of a job. `landed`: it is in its copy. `held`, `failed`: it is not. `superseded`: a later one has made it good. */
export interface JobEdit {
  /** Unique within the job. */
  readonly hunk: string;
  /** The turn of its session. */
  readonly turn: string;
  readonly path: string;
  readonly line: number;
  readonly added: number;
  readonly removed: number;
  /** 1-based; 0 before there is a plan. */
  readonly step: number;
  readonly state: "landed" | "held" | "failed" | "superseded";
  /** Why it is not in the copy. */
  readonly reason?: string;
}

/** What a job says of itself at its end; the words are the model's, the rest was measured. */
export interface JobReport {
  /** What was done, why, what is unsure, what to look at first: the model's own text. */
  readonly text: string;
  /** Files to look at first, the model's choice; may be empty. */
  readonly lookFirst: readonly string[];
  /** Places as `path:line` that it names and that are not there. */
  readonly unknown?: readonly string[];
  /** Edits that were to be and are not in its copy. */
  readonly missed?: readonly JobEdit[];
  /** What the whole tests said; absent where there are none or they could not run. */
  readonly evidence?: Evidence;
  /** Why there is no evidence. */
  readonly untested?: string;
}

/** Whose hunks a job looks at: its answer comes back to them as comments. */
export interface JobAsker {
  /** Id of a session. */
  readonly session: string;
  /** Ids of its hunks. */
  readonly hunks: readonly string[];
}

export interface JobSummary {
  readonly job: JobId;
  readonly kind: JobKind;
  /** The goal's first line. */
  readonly title: string;
  /** `running`: its process lives. `crashed`: it does not, and did not end. */
  readonly state: "running" | "crashed" | JobEnding;
  readonly stage: JobStage;
  /** One line. */
  readonly doing: string;
  /** 1-based step of its plan; 0 before there is one. */
  readonly step: number;
  readonly of: number;
  readonly spend: JobSpend;
  /** What the tests said last; `none`: none could run. */
  readonly tests?: Evidence["outcome"] | "none";
  /** Edits that are not in its copy; absent: none. */
  readonly missed?: number;
  /** The session that has its hunks checked by it. */
  readonly asker?: JobAsker;
  /** What there is to take; absent while that is not known. */
  readonly changed?: { readonly hunks: number; readonly files: number };
  readonly model: string;
  /** ms since 1970. */
  readonly startedAt: number;
  readonly endedAt?: number;
  /** Some of its hunks are in the workspace, or were. */
  readonly taken?: boolean;
}

/** All that a person may want to see of one job. */
export interface JobDetail extends JobSummary {
  readonly brief: JobBrief;
  /** In all: what was used up before it was given once more is in it. */
  readonly budget: JobBudget;
  readonly steps: readonly PlannedStep[];
  /** The model's last words on each finished step. */
  readonly summaries: readonly string[];
  /** The last result of the tests. */
  readonly evidence?: Evidence;
  readonly untested?: string;
  readonly report?: JobReport;
  readonly missedEdits: readonly JobEdit[];
  /** What a person has said to it since it began. */
  readonly steered: readonly string[];
  /** What its copy lacks, and why. */
  readonly left: readonly { readonly path: string; readonly why: string }[];
  /** Of its hunks, those that are in the workspace. */
  readonly takenHunks: readonly string[];
}

export interface JobEventBodies {
  "job.started": {
    readonly job: JobId;
    readonly kind: JobKind;
    readonly brief: JobBrief;
    readonly budget: JobBudget;
    readonly asker?: JobAsker;
    /** `provider/name`. */
    readonly model: string;
    /** Real path. */
    readonly workspace: string;
    /** A person trusts the workspace: its tests and commands may run, in the sandbox. */
    readonly trusted: boolean;
  };
  /**
   * The copy of a repository stands. `workspace`: real path of what was copied; `tree`: name of the copy's folder. `base`: commit in the copy
   * that holds the tree as it was. `left`: what was not copied, and why. `bound`: ignored folders that commands see as they are, read-only.
   */
  "job.prepared": {
    readonly workspace: string;
    readonly tree: string;
    readonly bound: readonly string[];
    readonly base: string;
    readonly files: number;
    readonly ms: number;
    readonly left: readonly { readonly path: string; readonly why: string }[];
  };
  /** The session in the copy that does the work; said again when the job goes on in it. */
  "job.opened": { readonly work: string };
  /** `whole`: all of it is checked. */
  "job.moved": { readonly stage: JobStage; readonly doing: string; readonly whole?: boolean };
  "job.planned": { readonly steps: readonly PlannedStep[] };
  "job.step.started": { readonly step: number };
  /** `summary`: the model's last words on it. */
  "job.step.ended": { readonly step: number; readonly summary: string };
  /** `impacted`: after a step. `whole`: at the end. */
  "job.checked": { readonly scope: "impacted" | "whole"; readonly evidence?: Evidence; readonly untested?: string };
  "job.edited": JobEdit;
  "job.steered": { readonly text: string };
  /** What it used until now, in all. */
  "job.spent": { readonly spend: JobSpend };
  "job.reported": { readonly report: JobReport };
  "job.ended": { readonly ending: JobEnding; readonly reason: string };
  /** Its process was gone, or it had ended, and it goes on. */
  "job.resumed": Record<never, never>;
  /** A person took these of its hunks into the workspace, or put them back. */
  "job.taken": { readonly hunks: readonly string[]; readonly back?: true };
}
