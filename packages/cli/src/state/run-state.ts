/** What the `run` and `apply` screens know: a pure fold over the session's events. */
import {
  type Ending,
  type Evidence,
  type ExitReason,
  type Failure,
  type Hunk,
  type HunkId,
  type TokenUsage,
  type TwolaneEvent,
  failure,
  failureKinds,
} from "@twolane/protocol";

export interface RunState {
  /** Monotonic ms of the first prompt, the first visible output, the first landed hunk and the latest event. */
  readonly promptedAt: number;
  readonly answeredAt?: number;
  readonly firstLandedAt?: number;
  readonly lastAt: number;
  readonly model: string;
  /** Hunks on disk, and the files that they are in. Counted, not kept: a rename can have thousands. */
  readonly landed: number;
  /** Of those, taken back by a workflow. */
  readonly undone: number;
  readonly files: ReadonlySet<string>;
  readonly failed: ReadonlyMap<HunkId, Failure>;
  readonly held: ReadonlySet<HunkId>;
  /** Of those the ones that no yes can land. */
  readonly blocked: ReadonlySet<HunkId>;
  /** Of those the ones of a turn that was only to talk. */
  readonly unasked: ReadonlySet<HunkId>;
  /** Calls of commands that were held or blocked, and have not run. */
  readonly heldCommands: ReadonlySet<string>;
  readonly inTurn: boolean;
  /** `rule`: by which it will be held. */
  readonly streaming?: { readonly path: string; readonly lines: number; readonly rule?: string };
  readonly steps: number;
  readonly usage: TokenUsage;
  readonly ending?: Ending;
  readonly failure?: Failure;
  /** What the impacted tests said last. */
  readonly tested?: Evidence["outcome"];
  /** How the workflow ended, where one did. */
  readonly workflow?: "done" | "stopped" | "failed";
  /** Remarks that must be answered. */
  readonly musts: number;
}

/** The rule that holds what a turn changes which was to say something only. */
const talkOnly = "prompt:no-edits";

const noUsage: TokenUsage = { input: 0, cachedInput: 0, output: 0, reasoning: 0 };

export const emptyRun: RunState = {
  promptedAt: 0,
  lastAt: 0,
  model: "",
  landed: 0,
  undone: 0,
  files: new Set(),
  failed: new Map(),
  held: new Set(),
  blocked: new Set(),
  unasked: new Set(),
  heldCommands: new Set(),
  inTurn: false,
  steps: 0,
  musts: 0,
  usage: noUsage,
};

export function reduceRun(state: RunState, event: TwolaneEvent): RunState {
  return reduceBody({ ...state, lastAt: event.mono }, event);
}

function reduceBody(state: RunState, event: TwolaneEvent): RunState {
  switch (event.type) {
    case "session.started":
      return { ...state, model: event.model };
    case "turn.started":
      return { ...state, inTurn: true, promptedAt: state.promptedAt === 0 ? event.mono : state.promptedAt };
    case "step.requested":
      return { ...state, steps: state.steps + 1 };
    case "step.answered":
      return { ...state, answeredAt: state.answeredAt ?? event.mono };
    case "step.ended":
      return event.usage ? { ...state, usage: addUsage(state.usage, event.usage) } : state;
    case "hunk.streaming":
      return {
        ...state,
        streaming: { path: event.path, lines: event.lines, ...(event.verdict && { rule: event.verdict.rule }) },
      };
    case "hunk.landed":
      return {
        ...state,
        firstLandedAt: state.firstLandedAt ?? event.mono,
        landed: state.landed + 1,
        files: including(state.files, landedPath(event.hunk)),
      };
    case "hunk.undone":
      return { ...state, undone: state.undone + 1 };
    case "hunk.failed":
      return { ...state, failed: new Map(state.failed).set(event.hunk.id, event.failure) };
    case "hunk.superseded": {
      const failed = new Map(state.failed);
      failed.delete(event.hunk);
      return { ...state, failed };
    }
    case "command.held":
      // Between turns only a workflow runs commands: its checks, of which its report tells.
      return state.inTurn ? { ...state, heldCommands: new Set(state.heldCommands).add(event.call) } : state;
    case "command.answered":
    case "command.started": {
      if (event.type === "command.answered" && event.answer === "no") return state;
      const heldCommands = new Set(state.heldCommands);
      heldCommands.delete(event.call);
      return { ...state, heldCommands };
    }
    case "hunk.held":
      return {
        ...state,
        held: new Set(state.held).add(event.hunk.id),
        ...(event.verdict.decision === "block" && { blocked: new Set(state.blocked).add(event.hunk.id) }),
        ...(event.verdict.rule === talkOnly && { unasked: new Set(state.unasked).add(event.hunk.id) }),
      };
    case "notice.given":
      // Nothing was asked.
      return event.code === "SECRET_BLOCKED" || event.code === "HOOK_BLOCKED"
        ? { ...state, failure: failure(event.code, event.message) }
        : state;
    case "workflow.ended":
      return { ...state, workflow: event.ending };
    case "comment.made":
      return event.comment.severity === "must" ? { ...state, musts: state.musts + 1 } : state;
    case "tests.ended":
      return { ...state, tested: event.evidence.outcome };
    case "turn.ended":
      return { ...state, inTurn: false, ending: event.ending, ...(event.failure && { failure: event.failure }) };
    default:
      return state;
  }
}

const landedPath = (hunk: Hunk): string => hunk.movedTo ?? hunk.path;
const including = (files: ReadonlySet<string>, path: string): ReadonlySet<string> =>
  files.has(path) ? files : new Set(files).add(path);

function addUsage(a: TokenUsage, b: TokenUsage): TokenUsage {
  return {
    input: a.input + b.input,
    cachedInput: a.cachedInput + b.cachedInput,
    output: a.output + b.output,
    reasoning: a.reasoning + b.reasoning,
  };
}

/** Why the command exits as it does; the worst of what happened. */
export function exitReason(state: RunState): ExitReason {
  const ended = ofWorkflow(state);
  if (ended !== undefined) return ended;
  if (state.ending === "interrupted") return "interrupted";
  if (state.failure) return failureKinds[state.failure.code].exit;
  if (state.ending === "truncated" || state.ending === "incomplete") return "truncated";
  return ofHunks(state);
}

/** A workflow that came to its end has dealt with what went wrong in its turns; one that did not says why by them. */
function ofWorkflow(state: RunState): ExitReason | undefined {
  if (state.workflow === undefined) return undefined;
  // What a turn changes that a workflow asked to talk waits for nobody.
  const held = new Set([...state.held].filter((hunk) => !state.unasked.has(hunk)));
  if (state.workflow === "done") return state.musts > 0 ? "remarks" : ofHunks({ ...state, held });
  if (state.ending === "interrupted") return "interrupted";
  return state.failure === undefined ? "failed" : failureKinds[state.failure.code].exit;
}

function ofHunks(state: RunState): ExitReason {
  const [failed] = state.failed.values();
  if (failed || state.tested === "failed") return "failed";
  return state.held.size + state.heldCommands.size > 0 ? "held" : "ok";
}
