/**
 * Everything that happens in a session, as one stream of events: noun, then verb in the past (or `delta`).
 * Everything shown or measured is derived from it. Events marked transient are not written to the journal,
 * because they carry file or model text.
 */
import type { HookFileState } from "./agent-hooks.ts";
import type { ModelPrice } from "./capabilities.ts";
import type { AllowFor, CommandAnswer, PressedFor, ReviewMode } from "./commands.ts";
import type { CodeProblem } from "./diagnostics.ts";
import type { ContextFill } from "./context.ts";
import type { Evidence, TestChoiceSummary } from "./evidence.ts";
import type { Failure } from "./failures.ts";
import type { Lane, LaneWish, PastRequests } from "./lane.ts";
import type { McpServerState } from "./mcp.ts";
import type { Hunk, HunkConflict, HunkId, HunkLine, MatchRung, SessionId, TurnId } from "./hunk.ts";
import type { LimitWindow, RequestDelay } from "./limits.ts";
import type { JobDetail, JobEventBodies, JobId, JobKind, JobSummary } from "./jobs.ts";
import type { Verdict } from "./verdict.ts";
import type { Constraint, ReviewComment, WorkflowChoice, WorkflowDetail, WorkflowName } from "./workflows.ts";

/** How a model's response, a step or a turn came to its end. */
export type Ending = "completed" | "incomplete" | "failed" | "interrupted" | "truncated";

export interface TokenUsage {
  /** All of it, cached or not. */
  readonly input: number;
  /** Read from the provider's cache. */
  readonly cachedInput: number;
  /** Written to the provider's cache, where that has a price of its own. */
  readonly cacheWritten?: number;
  readonly output: number;
  readonly reasoning: number;
}

export type Transport = "websocket" | "sse" | "in-process";

/** One message that waits for the end of the turn. */
export interface QueuedMessage {
  /** Unique within a session: `q1`, `q2`, … */
  readonly id: string;
  readonly text: string;
  /** What its turn is held to; absent: what its words say. */
  readonly constraints?: readonly Constraint[];
}

/** Why the queue does not go on by itself. */
export type QueueHalt = "stop" | "limit" | "failure";

/** What a person's answer to a rule is remembered for. */
export interface RuleSubject {
  readonly rule: string;
  readonly subject?: string;
}

interface SessionOpening {
  readonly workspace: string;
  readonly model: string;
  readonly version: string;
  /** Checked out when it was opened. */
  readonly branch?: string;
}

export interface EventBodies extends JobEventBodies {
  "session.started": SessionOpening;
  /** An earlier session goes on; what comes next happens now. */
  "session.resumed": SessionOpening;
  /** What the start found half done after a crash, and what became of it. */
  "session.recovered": { readonly finished: readonly HunkId[]; readonly reverted: readonly HunkId[] };
  /** No session came about, or a line of its input was not understood. */
  "session.refused": { readonly failure: Failure };
  "session.ended": Record<never, never>;

  "turn.started": { readonly turn: TurnId; readonly prompt: string };
  /** `delivered`: the running answer was given it at once; no request of its own follows. */
  "turn.steered": { readonly turn: TurnId; readonly text: string; readonly delivered?: true };
  "turn.ended": { readonly turn: TurnId; readonly ending: Ending; readonly failure?: Failure };
  /** The person's stop, stamped when the key or signal was seen. */
  "stop.requested": { readonly turn: TurnId };
  /** Nothing lands any more; what was finished stays. */
  "stop.finished": { readonly turn: TurnId; readonly kept: readonly HunkId[] };
  /**
   * The conversation, the files or both are as they were before this turn began; `forward`: as they were at its end, on a path that was
   * left. The path that is left now can be taken again. `undone`: what it took off the disk.
   */
  "turn.rewound": {
    readonly turn: TurnId;
    readonly conversation: boolean;
    readonly files: boolean;
    readonly undone?: readonly HunkId[];
    readonly forward?: boolean;
  };

  /** What the changes of this turn are held to, where it is anything. */
  "constraints.set": { readonly turn: TurnId; readonly constraints: readonly Constraint[] };
  "workflow.started": { readonly workflow: WorkflowName; readonly text: string };
  /** `text`: one line that says where it stands. `step` of `of`, where it has steps. */
  "workflow.moved": {
    readonly workflow: WorkflowName;
    readonly stage: string;
    readonly text: string;
    readonly step?: number;
    readonly of?: number;
  };
  /** It waits for a person. `otherwise`: what is answered where nobody is there. */
  "workflow.asked": {
    readonly workflow: WorkflowName;
    readonly question: string;
    readonly detail: WorkflowDetail;
    readonly choices: readonly WorkflowChoice[];
    readonly otherwise: string;
  };
  "workflow.answered": { readonly workflow: WorkflowName; readonly answer: string; readonly text?: string };
  /** `report`: what was done, what stayed the same, what is not sure, a line each. */
  "workflow.ended": {
    readonly workflow: WorkflowName;
    readonly ending: "done" | "stopped" | "failed";
    readonly report: readonly string[];
  };
  /** A remark of a review. */
  "comment.made": { readonly comment: ReviewComment };

  /** When the key was read that sent this prompt or steer, or that stopped; same clock as `mono`. Said right behind what came of it. */
  "key.pressed": { readonly turn: TurnId; readonly for: PressedFor; readonly pressedAt: number };
  /** When the first visible output of this turn had been written to the screen; same clock as `mono`. */
  "output.shown": { readonly turn: TurnId; readonly shownAt: number };

  /** Transient. What Enter would land as things are; `held`: hunks that a rule would hold. `note`: one line more, e.g. why nothing. */
  "draft.prepared": {
    readonly text: string;
    readonly hunks: number;
    readonly files: number;
    readonly held: number;
    readonly note?: string;
  };
  /** Drafts that were worked on before Enter since this was told last. `tokens`: of those that nobody asked for in the end. */
  "drafts.counted": { readonly made: number; readonly used: number; readonly tokens: number };

  /** The whole queue as it now is. */
  "queue.changed": { readonly queue: readonly QueuedMessage[]; readonly halted?: QueueHalt };
  "mode.changed": { readonly mode: ReviewMode };
  "scope.changed": { readonly scope: readonly string[] };
  /** Another model answers from now on. `contextWindow` in tokens; 0 where it has none. */
  "model.changed": { readonly model: string; readonly contextWindow: number; readonly price?: ModelPrice };

  "aside.asked": { readonly text: string };
  /** Transient. */
  "aside.delta": { readonly text: string };
  "aside.answered": { readonly text: string; readonly failure?: Failure };

  "step.requested": {
    readonly step: number;
    readonly bytesSent: number;
    readonly transport: Transport;
    readonly continued: boolean;
    /** It was on its way before the prompt was sent: what is measured from here says nothing about the source. */
    readonly ahead?: true;
  };
  /** The request is not sent yet: a limit would refuse it. Said again when its place or its time is another. */
  "step.delayed": { readonly step: number } & RequestDelay;
  /** The provider has it in its own queue: neither the network nor the model is waited for. */
  "step.queued": { readonly step: number };
  /** Transient. What is left of the provider's limits, as it said with this answer. */
  "limits.changed": { readonly model: string; readonly windows: readonly LimitWindow[] };
  "step.started": { readonly step: number; readonly model: string; readonly serviceTier?: string };
  /** First visible output of the model: text or tool input. */
  "step.answered": { readonly step: number };
  /** `estimated`: what it took, where it was cut off before the provider counted; never beside `usage`. */
  "step.ended": {
    readonly step: number;
    readonly ending: Ending;
    readonly usage?: TokenUsage;
    readonly estimated?: TokenUsage;
    readonly failure?: Failure;
  };

  /** Transient. */
  "text.delta": { readonly text: string };
  /** Transient. All of the text so far has been told as deltas, also what was held back as the beginning of a possible secret. */
  "text.settled": Record<never, never>;
  /** Transient. */
  "reasoning.delta": { readonly text: string };
  /** The whole text of one message, when it is complete. */
  "text.finished": { readonly text: string };

  "tool.started": { readonly call: string; readonly tool: string; readonly summary: string };
  "tool.ended": {
    readonly call: string;
    readonly tool: string;
    readonly ok: boolean;
    readonly summary: string;
    readonly ms: number;
  };

  /** A command of the model waits for a person, or is blocked. `write`: paths that it wants to write beyond the workspace. */
  "command.held": {
    readonly call: string;
    readonly command: string;
    readonly verdict: Extract<Verdict, { reason: string }>;
    readonly network: boolean;
    readonly write: readonly string[];
  };
  /** What the person said to it. */
  "command.answered": { readonly call: string; readonly answer: CommandAnswer };
  "command.started": {
    readonly call: string;
    readonly command: string;
    readonly sandbox: "bubblewrap" | "sandbox-exec" | "none";
    readonly network: boolean;
    readonly write: readonly string[];
  };
  /** Transient. Both streams, in the order in which it came; of much only the first 256 KB. */
  "command.output": { readonly call: string; readonly text: string };
  /** `ended`: why we ended it. `signal`: name of the one that killed it. `fault`: why it could not be started. */
  "command.ended": {
    readonly call: string;
    readonly ms: number;
    readonly status?: number;
    readonly signal?: string;
    readonly ended?: "timeout" | "stopped" | "flood";
    readonly fault?: string;
  };

  /**
   * Transient. The path is known and lines arrive; `line` is 0 until a place is known. `received`: characters of the call so far; absent
   * where the edit stands in the text of a message. `verdict`: it is certain that it will be held.
   */
  "hunk.streaming": {
    readonly hunk: HunkId;
    readonly path: string;
    readonly line: number;
    readonly lines: number;
    readonly received?: number;
    readonly verdict?: Extract<Verdict, { reason: string }>;
  };
  /** Transient. The hunk is closed; its text for the screen. */
  "hunk.closed": { readonly hunk: Hunk; readonly lines: readonly HunkLine[]; readonly received?: number };
  /** On disk. `merged`: somebody had changed the file meanwhile and both changes stand. */
  "hunk.landed": { readonly hunk: Hunk; readonly rung: MatchRung; readonly merged: boolean; readonly dryRun: boolean };
  /** The file holds its new lines already; nothing was written. It counts neither as landed nor as failed. */
  "hunk.present": { readonly hunk: Hunk };
  "hunk.held": { readonly hunk: Hunk; readonly verdict: Extract<Verdict, { reason: string }> };
  /** Transient. Behind `hunk.held` of a job's hunk: what the person and the job both changed. */
  "hunk.conflicted": { readonly hunk: HunkId; readonly path: string; readonly conflict: HunkConflict };
  "hunk.failed": { readonly hunk: Hunk; readonly failure: Failure; readonly candidates: readonly number[] };
  "hunk.undone": { readonly hunk: HunkId; readonly path: string };
  /** It may be committed. `by: commit`: somebody's own commit contains it. */
  "hunk.accepted": { readonly hunk: HunkId; readonly by: "person" | "commit" };
  /** It is not on disk, and no request carries its text again. */
  "hunk.rejected": { readonly hunk: HunkId; readonly path: string; readonly reason?: string };
  /** A person has answered the rules that held it. */
  "hunk.allowed": { readonly hunk: HunkId; readonly for: AllowFor; readonly rules: readonly RuleSubject[] };
  "hunk.seen": { readonly hunks: readonly HunkId[] };
  /** Transient. The person changed lines that the hunk brought; `lines` is their change; none: it is gone again. */
  "hunk.corrected": { readonly hunk: HunkId; readonly path: string; readonly lines: readonly HunkLine[] };
  /** So many lines of what the hunk brought a person has changed on disk; 0: it is as it came again. Said when it is another number. */
  "hunk.edited": { readonly hunk: HunkId; readonly lines: number };
  /** Transient. The whole hunk as it is on disk since a person changed it, or what goes with a file that is deleted. */
  "hunk.revised": { readonly hunk: HunkId; readonly lines: readonly HunkLine[] };
  /** `by` is absent for a hunk of a plan: the turn that carries it out writes it again. */
  "hunk.superseded": { readonly hunk: HunkId; readonly by?: HunkId };

  /** A commit of exactly these hunks. */
  "commit.made": { readonly commit: string; readonly subject: string; readonly hunks: readonly HunkId[] };

  /** Impacted tests run. */
  "tests.started": { readonly choice: TestChoiceSummary };
  /** They were stopped before their end: more changes came, or the person said so. */
  "tests.stopped": { readonly why: "changed" | "person" };
  /** `files` holds those that did not pass, the first hundred. */
  "tests.ended": { readonly evidence: Evidence };

  /** Transient. What has landed comes near a limit on the size of a diff, the one that is used up most; absent: near none. */
  "size.changed": { readonly near?: NearLimit };
  /**
   * Transient. What is wrong now and was not before this hunk, in its file and in those that import it: the first few, and how many `more`.
   * Said again when it is another list. `steer`: a file that imports it does not fit any more while the model still writes, and
   * `diagnostics.tell` says it to it now.
   */
  "diagnostics.found": {
    readonly hunk: HunkId;
    readonly problems: readonly CodeProblem[];
    readonly more: number;
    readonly steer?: boolean;
  };
  /** Transient. Nothing of it is left. */
  "diagnostics.cleared": { readonly hunk: HunkId };

  /** Another tenth of the window is filled. `ratio`: so many tokens of this model for each that is guessed from a text's length. */
  "context.filled": { readonly model: string; readonly tokens: number; readonly window: number; readonly ratio: number };
  /**
   * What goes to the model is shorter from here on; what was said stays kept. `by`: the provider, the model that was asked for a summary, or
   * rules, which leave out what is old. `before`, `after`: tokens, guessed. `usage`: of the request for it.
   */
  "context.compacted": {
    readonly by: "provider" | "model" | "rules";
    readonly before: number;
    readonly after: number;
    readonly usage?: TokenUsage;
  };
  /** Transient. What fills the window, as it would go now. */
  "context.listed": ContextFill;

  /** Transient. The jobs of the deep lane that are not dropped, the newest first. */
  "jobs.changed": { readonly jobs: readonly JobSummary[] };

  /** What the person wanted was handed to the deep lane. */
  "job.handed": { readonly job: JobId };
  /** Transient. What a job does, in a line, while somebody wants to know. */
  "job.heard": { readonly job: JobId; readonly text: string };
  /** Transient. What a suggestion of a lane goes by: rules, own numbers by kind of request, and whether the person wants any. */
  "lanes.told": {
    readonly wishes: readonly LaneWish[];
    readonly past: Readonly<Record<string, PastRequests>>;
    readonly suggests: boolean;
  };
  /** Transient. A brief as it would be handed to the deep lane, as Markdown that can be edited. */
  "brief.drafted": { readonly kind: JobKind; readonly text: string };
  /** Transient. One job, as somebody asked to see it. */
  "jobs.shown": { readonly detail: JobDetail };

  /** Transient. How many other sessions are open on the workspace. */
  "neighbours.changed": { readonly open: number };

  /** Transient. The MCP servers that are named, as somebody asked for them. */
  "mcp.told": { readonly servers: readonly McpServerState[] };
  /** Transient. The files that name hooks of a session, as somebody asked for them. */
  "hooks.told": { readonly files: readonly HookFileState[] };

  /** Something the person should know that is not a failure, e.g. another model served than asked for. */
  "notice.given": { readonly code: string; readonly message: string };
}

export interface NearLimit {
  readonly per: "turn" | "change set";
  readonly unit: "files" | "lines";
  readonly now: number;
  readonly limit: number;
}

export type EventType = keyof EventBodies;

/** When and where an event happened. */
export interface EventStamp {
  /** Milliseconds since 1970. */
  readonly at: number;
  /** Milliseconds of a clock that never goes back; only differences within one process mean anything. */
  readonly mono: number;
  readonly lane: Lane;
  readonly session: SessionId;
}

export type EventBody = { [T in EventType]: { readonly type: T } & EventBodies[T] }[EventType];
export type TwolaneEvent = EventBody & EventStamp;
export type EventOf<T extends EventType> = Extract<TwolaneEvent, { type: T }>;

const transientTypes: ReadonlySet<EventType> = new Set([
  "text.delta",
  "text.settled",
  "reasoning.delta",
  "aside.delta",
  "command.output",
  "hunk.streaming",
  "hunk.closed",
  "hunk.conflicted",
  "hunk.corrected",
  "hunk.revised",
  "size.changed",
  "diagnostics.found",
  "diagnostics.cleared",
  "draft.prepared",
  "neighbours.changed",
  "jobs.changed",
  "lanes.told",
  "job.heard",
  "brief.drafted",
  "jobs.shown",
  "mcp.told",
  "hooks.told",
  "context.listed",
]);

/** True for an event that is shown and forgotten. */
export function isTransient(type: EventType): boolean {
  return transientTypes.has(type);
}
