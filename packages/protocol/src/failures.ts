/**
 * Every expected failure of the product: one table, one code each. A failure is a value or an event, never an exception
 * that crosses the loop, a lane or the wire; only a bug throws.
 */

/** Exit statuses of the command, documented in docs/exit-status.md. */
export const exitStatus = {
  ok: 0,
  /** The request, a hunk or a command failed. */
  failed: 1,
  /** The command was not understood. */
  usage: 2,
  /** Something waits for a person's yes. */
  held: 3,
  /** The provider refused or could not be reached, or a key is missing. */
  provider: 4,
  /** The stream ended before its end. What was finished stays. */
  truncated: 5,
  /** The policy refuses it, and nobody's yes can change that. */
  blocked: 6,
  /** A review has found what must be mended. */
  remarks: 7,
  /** Stopped by the person. What was finished stays. */
  interrupted: 130,
} as const;

export type ExitReason = keyof typeof exitStatus;

interface FailureKind {
  readonly exit: ExitReason;
  /** What to do next, when the place that reports knows nothing better. */
  readonly cure: string;
}

const kind = (exit: ExitReason, cure: string): FailureKind => ({ exit, cure });

export const failureKinds = {
  // The command line
  USAGE: kind("usage", "See `twolane help`."),
  REQUEST_EMPTY: kind("usage", "Say what to change, as an argument or on standard input."),
  FOLDER_MISSING: kind("usage", "Give an existing folder with --cwd."),
  // Files
  PATH_OUTSIDE: kind("failed", "Name a path inside the workspace."),
  PATH_GIT: kind("failed", "twolane never writes into .git; use git itself."),
  PATH_SCOPE: kind("held", "Widen --scope, or ask for a change inside it."),
  PATH_UNREADABLE: kind("failed", "Do without it; the policy keeps it out of prompts."),
  SECRET_BLOCKED: kind("failed", "Take it out, or let the policy replace it: `secrets: { prompts: replace }`."),
  FILE_MISSING: kind("failed", "Check the path; create the file first if it should exist."),
  FILE_EXISTS: kind("failed", "Edit the existing file, or delete it first."),
  FILE_IS_DIRECTORY: kind("failed", "Name a file, not a folder."),
  FILE_IS_LINK: kind("failed", "Name the file that the link leads to."),
  FILE_BINARY: kind("failed", "Binary files are not edited."),
  FILE_TOO_LARGE: kind("failed", "Files over 32 MB are not edited."),
  FILE_CHANGED: kind("failed", "The file changed meanwhile; ask again."),
  FILE_UNREADABLE: kind("failed", "Check the permissions of the file."),
  FILE_UNWRITABLE: kind("failed", "Check the permissions of the file and its folder."),
  DISK_FULL: kind("failed", "Free some space and run again; what had landed stays and can be undone."),
  // Hunks
  HUNK_MISSING: kind("failed", "Take the old lines as they stand in the file now."),
  HUNK_AMBIGUOUS: kind("failed", "The lines to change stand in more than one place; add lines around them."),
  HUNK_EMPTY: kind("failed", "Leave it out, or say what is to differ."),
  HUNK_CONFLICT: kind("held", "Somebody changed the same lines; both texts are kept for you to choose."),
  TURN_INCOMPLETE: kind("failed", "With `--landing turn` nothing is written unless every hunk fits; see the hunk that did not."),
  PATCH_MALFORMED: kind("failed", "The patch is not in a form that twolane reads; see `twolane help apply`."),
  // State
  TRUST_IMPOSSIBLE: kind(
    "failed",
    "Set XDG_STATE_HOME outside the workspace, or make its configuration smaller; see docs/trust.md.",
  ),
  STATE_UNWRITABLE: kind("failed", "Make the state folder writable or set XDG_STATE_HOME."),
  AUDIT_BROKEN: kind(
    "failed",
    "Keep a copy of the file, find out who could write it, and hold it against the commits' `Twolane-Audit` trailers.",
  ),
  JOURNAL_CORRUPT: kind("failed", "What is damaged was set aside; take the rest back by hand or with git."),
  NOTHING_TO_UNDO: kind("failed", "Go to the folder that was changed, or name it with --cwd."),
  SESSION_MISSING: kind("failed", "`twolane resume` lists the sessions of this folder."),
  SESSION_OPEN: kind("failed", "Go on there, or start a new session with `twolane`."),
  // Jobs
  JOB_MISSING: kind("usage", "`twolane deep list` shows the jobs of this folder."),
  JOB_RUNNING: kind("failed", "Wait for it, or stop it with `twolane deep stop`."),
  JOB_UNCHANGED: kind("failed", "`twolane deep show` tells what it did; it may work on in another folder."),
  JOB_DONE: kind("failed", "Begin another job; `twolane deep show` has its report."),
  JOB_LIMIT: kind("failed", "Wait for a job to end, or stop one; `lanes.deep.atOnce` in the configuration sets the limit."),
  PRICE_UNKNOWN: kind("usage", "Limit it with --tokens, or put its price into the configuration; docs/deep.md."),
  JOB_MODEL: kind("usage", "Name one with -m, or set `lanes.deep.model` in the configuration; docs/deep.md says which fit."),
  // Review
  HUNK_UNKNOWN: kind("usage", "Name a hunk of this session, as the review list shows them."),
  HUNK_STATE: kind("failed", "Look at the hunk in the review list first."),
  REWIND_UNKNOWN: kind("usage", "Choose one of the prompts that /rewind lists."),
  // Commit
  COMMIT_NOTHING: kind("failed", "Accept a hunk first (y in the review list)."),
  COMMIT_BUSY: kind("failed", "Finish or abort the merge, rebase or other operation first."),
  COMMIT_OVERLAP: kind("failed", "Commit or unstage these lines with git first, or accept the hunks they belong to."),
  COMMIT_REFUSED: kind("failed", "Nothing was committed; do what it asks for, then commit again."),
  NO_REPOSITORY: kind("failed", "Make a repository with `git init`, or work in one."),
  // Evidence
  TESTS_MISSING: kind(
    "usage",
    "Name a command with `tests.command` in the policy; docs/evidence.md lists the runners that are found.",
  ),
  TESTS_REQUIRED: kind("held", "Run the impacted tests with /test, then commit again."),
  // The gates
  BASE_MISSING: kind("failed", "`git fetch --deepen 100` brings it, where the clone is shallow."),
  // MCP
  MCP_MISSING: kind("usage", "`twolane mcp list` names them."),
  MCP_HELD: kind("held", "Look at its entry with `twolane mcp list`, then say yes to it there."),
  MCP_BROKEN: kind("failed", "Run by hand what its entry says; docs/mcp.md says what is expected of it."),
  // Hooks of a session
  HOOK_BLOCKED: kind("blocked", "Do what the hook asks for, or change the hook; docs/hooks.md."),
  HOOKS_MISSING: kind("usage", "`twolane agent-hooks list` names the files."),
  // The terminal
  TERMINAL_NEEDED: kind("usage", "Run it in a terminal, or use `twolane run`."),
  // The policy
  POLICY_INVALID: kind("usage", "Correct the policy file; `twolane policy test` shows every fault."),
  // Prompts
  PROMPT_MISSING: kind("usage", "Write the file, or see `.twolane/prompts`; docs/prompts.md describes it."),
  PROMPT_INVALID: kind("usage", "Correct the prompt file; docs/prompts.md describes it."),
  // Models
  MODEL_UNKNOWN: kind("usage", "Use provider/name; `twolane doctor` lists the providers."),
  CONFIG_INVALID: kind("usage", "Correct the configuration file; docs/models.md describes it."),
  KEY_MISSING: kind("provider", "Set the provider's key in the environment; `twolane doctor` names the variable."),
  KEY_REFUSED: kind("provider", "Check the key in the environment variable that the provider reads."),
  PROVIDER_UNREACHABLE: kind("provider", "Check the address and the network."),
  PROVIDER_REFUSED: kind("provider", "The provider would not carry out the request."),
  PROVIDER_LIMIT: kind("provider", "Wait for the reset that the provider named, or use another model."),
  SERVED_HELD: kind("held", "Say it again to go on with what answers, or use another provider."),
  SERVED_BLOCKED: kind("blocked", "Ask for what answers, or use another provider; the rule is in the policy."),
  BUDGET_SPENT: kind("held", "Raise the budget in the configuration, or wait for the next day or week; docs/limits.md."),
  PROVIDER_BROKEN: kind("provider", "The provider answered with something that is not its protocol; try again."),
  PROVIDER_SILENT: kind("provider", "The provider did not answer in time; try again or use another model."),
  CONTEXT_FULL: kind("provider", "Leave something out with /context, name parts of files, or start a new session."),
  STREAM_TRUNCATED: kind("truncated", "Finished hunks stay. Run the request again for the rest."),
  OUTPUT_LIMIT: kind("truncated", "The model reached its output limit; finished hunks stay. Ask for the rest."),
  LOOP_REPEATED: kind("failed", "The model repeated one call without change; ask more precisely."),
  // Instant
  INSTANT_UNKNOWN: kind(
    "usage",
    "`twolane help instant` lists what works without a model; -m, or /model in the terminal, takes one.",
  ),
  INSTANT_QUESTION: kind("held", "Say which one, as the message shows."),
  INSTANT_REFUSED: kind("failed", "Change the request, or ask a model with -m."),
  // Everything else
  STOPPED: kind("interrupted", "Finished hunks stay; `twolane undo` takes them back."),
  TOOL_FAILED: kind("failed", "Try again; if it stays, report it."),
  INTERNAL: kind("failed", "This is a fault of twolane; please report it with the session's journal."),
} as const satisfies Record<string, FailureKind>;

export type FailureCode = keyof typeof failureKinds;

export interface Failure {
  readonly code: FailureCode;
  /** One line for a person, without the cure. */
  readonly message: string;
  /** One line: what to do next. */
  readonly cure: string;
}

export function failure(code: FailureCode, message: string, cure: string = failureKinds[code].cure): Failure {
  return { code, message, cure };
}

/** A value or the reason why there is none. */
export type Result<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly failure: Failure };

export const succeed = <T>(value: T): Result<T> => ({ ok: true, value });
export const fail = <T = never>(code: FailureCode, message: string, cure?: string): Result<T> => ({
  ok: false,
  failure: failure(code, message, cure),
});
