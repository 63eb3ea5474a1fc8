/** What a person or another program may say to a session. One JSON object a line in `run --input jsonl`. */
import type { HunkId } from "./hunk.ts";
import type { JobBrief, JobBudget, JobId, JobKind } from "./jobs.ts";
import type { McpAnswer } from "./mcp.ts";
import type { Constraint, WorkflowName } from "./workflows.ts";

/** How hunks reach the disk: one by one, all of a file together, or all of a turn or nothing. */
export const landingModes = ["hunk", "file", "turn"] as const;
export type LandingMode = (typeof landingModes)[number];

/** `flow`: hunks land as they come. `step`: each waits for a yes. `plan`: nothing lands. */
export const reviewModes = ["flow", "step", "plan"] as const;
export type ReviewMode = (typeof reviewModes)[number];

/** What a person says to a command that is held: this once, until the session ends, always when it is exactly the same, or no. */
export const commandAnswers = ["once", "session", "always", "no"] as const;
export type CommandAnswer = (typeof commandAnswers)[number];

/** `once`: this hunk lands. `session`: nobody is asked again about this rule and its subject. `never`: it is rejected, and so is what is like it. */
export const allowances = ["once", "session", "never"] as const;
export type AllowFor = (typeof allowances)[number];

/** What stands in the place of lines that a job and the person have both changed. */
export const conflictAnswers = ["yours", "theirs", "both", "text"] as const;
export type ConflictAnswer = (typeof conflictAnswers)[number];

/** What a key was pressed for whose time counts. */
export const pressedFor = ["prompt", "steer", "stop"] as const;
export type PressedFor = (typeof pressedFor)[number];

/** Stands as the prompt of a turn that takes a stop back. */
export const continuePrompt = "Go on where you were cut off.";
/** Stands as the prompt of a turn that carries a plan out. */
export const planPrompt = "Carry out the plan.";

export type Command =
  /** `constraints`: what its turn is held to; absent: what its words say. */
  | { readonly type: "prompt"; readonly text: string; readonly constraints?: readonly Constraint[] }
  /** Right behind a prompt, steer or stop: so many ms ago its key was read. */
  | { readonly type: "key.tell"; readonly for: PressedFor; readonly msAgo: number }
  /** So many ms ago the first visible output of the running or last turn had been written to the screen. */
  | { readonly type: "output.tell"; readonly msAgo: number }
  /** What stands on the line while the person thinks: may be worked on in memory. Empty: nothing does. */
  | { readonly type: "draft.set"; readonly text: string }
  /** A team's own prompt, `.twolane/prompts/NAME.md`, with what is typed behind its name; may be empty. */
  | { readonly type: "prompt.saved"; readonly name: string; readonly text: string }
  /** Stop now; finished hunks stay. */
  | { readonly type: "stop" }
  /** Take a stop back: the model goes on where it was cut off. */
  | { readonly type: "continue" }
  /** Say this now, into the running turn. */
  | { readonly type: "steer"; readonly text: string }
  /** Say this after the running turn. */
  | { readonly type: "queue"; readonly text: string }
  /** An empty text takes the message out of the queue. */
  | { readonly type: "queue.edit"; readonly id: string; readonly text: string }
  /** Send what a stop or a failure has parked. `open`: when the limit opens that parked it, behind what it cut off. */
  | { readonly type: "queue.resume"; readonly when?: "open" }
  /** Send the request that waits for a limit now; once for each closing. */
  | { readonly type: "limit.try" }
  /** Ask something beside the running turn; neither question nor answer joins the conversation. */
  | { readonly type: "aside"; readonly text: string }
  /** Yes: what is on disk may be committed; what is held, rejected or undone lands first. */
  | { readonly type: "hunk.accept"; readonly hunks: readonly HunkId[] }
  /** No: it leaves the disk, and what depends on it is held. */
  | { readonly type: "hunk.reject"; readonly hunks: readonly HunkId[]; readonly reason?: string }
  /** Back to before the hunk; says nothing about whether it was good. */
  | { readonly type: "hunk.undo"; readonly hunks: readonly HunkId[] }
  /** An answer to the rules that hold these: yes once, or the same answer for the rest of the session wherever it is about the same. */
  | { readonly type: "hunk.allow"; readonly hunks: readonly HunkId[]; readonly for: AllowFor }
  /** The new side of the hunk, instead of what the model wrote; it is accepted with it. */
  | { readonly type: "hunk.edit"; readonly hunk: HunkId; readonly text: string }
  /**
   * What is to stand where a job's hunk and the person have changed the same lines: the person's (the hunk is rejected), the job's, both one
   * behind the other, or `text`, which is empty where it is absent. Then the hunk is accepted.
   */
  | { readonly type: "conflict.resolve"; readonly hunk: HunkId; readonly with: ConflictAnswer; readonly text?: string }
  /** A steer about this hunk. */
  | { readonly type: "hunk.comment"; readonly hunk: HunkId; readonly text: string }
  /** A person has looked at these. */
  | { readonly type: "hunk.see"; readonly hunks: readonly HunkId[] }
  /** What the person changed in this landed hunk becomes a steer. */
  | { readonly type: "correction.tell"; readonly hunk: HunkId }
  /** What this hunk broke becomes a steer. */
  | { readonly type: "diagnostics.tell"; readonly hunk: HunkId }
  /** To a command that is held, by the call that asks for it. */
  | { readonly type: "command.answer"; readonly call: string; readonly answer: CommandAnswer }
  /** Run the tests that the session's changes reach, now. */
  | { readonly type: "tests.run" }
  | { readonly type: "tests.stop" }
  /** Whether the workspace is trusted may have changed: look again. Gives no trust. */
  | { readonly type: "trust.look" }
  /** How the MCP servers stand: answered by `mcp.told`. */
  | { readonly type: "mcp.look" }
  /** To the entry of a server as it is now. */
  | { readonly type: "mcp.answer"; readonly server: string; readonly answer: McpAnswer }
  /** Which hooks of a session are named, and whether they run: answered by `hooks.told`. */
  | { readonly type: "hooks.look" }
  /** To the hooks of a file as they were when the session began. */
  | { readonly type: "hooks.answer"; readonly file: string; readonly answer: McpAnswer }
  /** `input`: what it works on, e.g. failing output or a diff. */
  | {
      readonly type: "workflow.start";
      readonly workflow: WorkflowName;
      readonly text: string;
      readonly input?: string;
      readonly constraints?: readonly Constraint[];
    }
  /** To the question that the workflow asks. */
  | { readonly type: "workflow.answer"; readonly answer: string; readonly text?: string }
  /** What is done stays; nothing more is begun. */
  | { readonly type: "workflow.end" }
  /** Hand this to the deep lane: a job of its own, in a private copy of the workspace as it is now. */
  | {
      readonly type: "job.start";
      /** `written`: a whole brief as Markdown, which goes as it stands. Else a request, and what the session knows goes with it. */
      readonly text: string;
      readonly written?: boolean;
      /** Absent: `change`. */
      readonly kind?: JobKind;
      readonly budget?: JobBudget;
      /** Absent: what the session knows goes with the text. */
      readonly brief?: JobBrief;
    }
  /** What would be handed over for this request; empty: all that the session was about. Answered with `brief.drafted`. */
  | { readonly type: "job.brief"; readonly text: string; readonly kind?: JobKind }
  /** Answered with `jobs.shown`. */
  | { readonly type: "job.show"; readonly job: JobId }
  /** What it does is told with `job.heard` from now on until it ends; said once more: not any more. */
  | { readonly type: "job.tail"; readonly job: JobId }
  /** Have hunks looked at by the deep lane, which only reads; its remarks come as `comment.made`. Empty: those that look risky. */
  | { readonly type: "job.check"; readonly hunks: readonly HunkId[] }
  /** To a running job; the model meets it as soon as it can. */
  | { readonly type: "job.steer"; readonly job: JobId; readonly text: string }
  /** What is done stays; it can go on later. */
  | { readonly type: "job.stop"; readonly job: JobId }
  /** One that was stopped, failed, spent its budget or crashed goes on. */
  | { readonly type: "job.resume"; readonly job: JobId; readonly budget?: JobBudget }
  /** Its hunks join the review, each held until somebody says yes. */
  | { readonly type: "job.take"; readonly job: JobId }
  /** It and its copy are removed. */
  | { readonly type: "job.drop"; readonly job: JobId }
  /** What the choice of a lane goes by: answered by `lanes.told`. */
  | { readonly type: "lanes.look" }
  /** Whether lanes are suggested in this workspace, until it is said otherwise. */
  | { readonly type: "lanes.suggest"; readonly on: boolean }
  /** Asks for `context.listed`. */
  | { readonly type: "context.list" }
  /** Leaves a part out of what goes to the model; it can be read again. */
  | { readonly type: "context.drop"; readonly part: string }
  | { readonly type: "mode.set"; readonly mode: ReviewMode }
  /** A turn that does what was planned, in flow mode: what the plan holds is written again. */
  | { readonly type: "plan.take" }
  /** Patterns of paths that may change, from now on; none: all. */
  | { readonly type: "scope.set"; readonly scope: readonly string[] }
  /** `provider/name` or `instant`, from the next request on. */
  | { readonly type: "model.set"; readonly model: string };

export type CommandType = Command["type"];

/** To the deep lane. */
export type JobCommand = Extract<Command, { type: `job.${string}` }>;
export const isJobCommand = (command: Command): command is JobCommand => command.type.startsWith("job.");

/** Those that no part of a session itself carries out. */
type CompanionCommand = Extract<
  Command,
  { type: `${"job" | "mcp" | "hooks" | "conflict" | "context" | "limit" | "lanes" | "key" | "output"}.${string}` }
>;
export const isCompanionCommand = (command: Command): command is CompanionCommand =>
  /^(job|mcp|hooks|conflict|context|limit|lanes|key|output)\./.test(command.type);
