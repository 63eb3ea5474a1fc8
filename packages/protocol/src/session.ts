/**
 * One conversation about one workspace, as every surface sees it: commands in, events out, and the few questions whose
 * answer belongs to whoever asks.
 */
import type { Command } from "./commands.ts";
import type { Evidence } from "./evidence.ts";
import type { TwolaneEvent } from "./events.ts";
import type { Result } from "./failures.ts";
import type { Constraint } from "./workflows.ts";
import type { HunkId, HunkLine, SessionId, TurnId } from "./hunk.ts";

export interface Session {
  readonly id: SessionId;
  /** Real path. */
  readonly workspace: string;
  /** Who answers: `provider/name`, `instant`, or another source. */
  readonly model: string;
  /** Of a resumed session: what happened before, oldest first, with the text of its hunks; not told to listeners. */
  readonly history: readonly TwolaneEvent[];
  send(command: Command): void;
  /** Resolves when no turn runs and nothing waits to be written. */
  idle(): Promise<void>;
  /** Resolves when no impacted tests run or are about to, with what the last said. */
  tested(): Promise<Evidence | undefined>;
  /** Tells every event from the first on (of this process), those before the call at once. Returns how to stop. */
  subscribe(listener: (event: TwolaneEvent) => void): () => void;
  /** A hunk as a diff with a few lines around it; undefined where its text is gone. */
  hunkLines(hunk: HunkId): readonly HunkLine[] | undefined;
  /** Paths of the workspace's files, listed once and kept up to date; for completion. */
  paths(): Promise<PathIndex>;
  models(): Promise<readonly ModelChoice[]>;
  /** The team's own prompts (`.twolane/prompts/*.md`), sorted by name. Nothing of them is kept. */
  prompts(): Promise<readonly SavedPrompt[]>;
  /** What is sent for one, with what was typed behind its name. PROMPT_MISSING, PROMPT_INVALID. */
  savedRequest(
    name: string,
    text: string,
  ): Promise<Result<{ readonly text: string; readonly constraints: readonly Constraint[] }>>;
  /** What a person typed to get a model: a name, an address, a key. From the next request on it answers. Nothing is stored. */
  useModel(typed: string): Promise<Result<ModelUse>>;
  /** What `/commit` would do, without doing it. */
  draftCommit(): Promise<Result<CommitDraft>>;
  /** Commits exactly the accepted hunks. COMMIT_REFUSED carries what git or a hook said. */
  commit(message: string): Promise<Result<CommitMade>>;
  /** Newest first; behind them the ends of paths that an earlier rewind has left. */
  rewindPoints(): readonly RewindPoint[];
  rewind(to: RewindWish): Promise<Result<RewindReport>>;
  /** Runs a person's own command line in the workspace, without a keyboard. Output is not kept. What still runs at `close` is ended. */
  runCommand(line: string, options: CommandRun): Promise<CommandEnd>;
  /** The text with stand-ins for the secrets in it, as it may be kept. */
  hideSecrets(text: string): string;
  close(): Promise<void>;
}

export interface PathIndex {
  readonly size: number;
  /** Best match first: what begins with the words of the query, then what contains its characters in order. */
  match(query: string, limit: number): readonly string[];
}

export interface SavedPrompt {
  /** `/NAME` in the terminal. */
  readonly name: string;
  /** One line. */
  readonly objective: string;
  /** What is typed behind its name has a place in it. */
  readonly takesText: boolean;
  /** Why it cannot be used, with the cure. */
  readonly problem?: string;
}

export interface ModelChoice {
  /** `provider/name` or `instant`. */
  readonly name: string;
  /** One line: where it was found, or what is missing. */
  readonly note: string;
  readonly usable: boolean;
}

export interface ModelUse {
  readonly model: string;
  /** A line for a shell's start file, without the key itself. */
  readonly keep?: string;
}

export interface CommitDraft {
  readonly hunks: readonly HunkId[];
  readonly files: readonly { readonly path: string; readonly added: number; readonly removed: number }[];
  /** Accepted hunks that cannot go into this commit, and why. */
  readonly left: readonly { readonly hunk: HunkId; readonly reason: string }[];
  readonly message: string;
  /** One line: what the repository's formatter did, or why it did nothing. */
  readonly formatting?: string;
  /** Branch, or a short hash where HEAD is detached. */
  readonly onto: string;
}

export interface CommitMade {
  readonly commit: string;
  readonly subject: string;
  /** What hooks printed. */
  readonly output: string;
}

export interface RewindPoint {
  readonly turn: TurnId;
  /** Differs for each path through the conversation that has this turn. */
  readonly point: string;
  readonly prompt: string;
  readonly at: number;
  /** Hunks that a restore of files would take back, or land again, and their files. */
  readonly hunks: number;
  readonly files: readonly string[];
  /** False: the last prompt of a path that was left, which is taken up behind it; else one goes back to before the prompt. */
  readonly current: boolean;
}

export interface RewindWish {
  readonly point: string;
  readonly conversation: boolean;
  readonly files: boolean;
}

export interface RewindReport {
  readonly undone: readonly HunkId[];
  /** Of a path that was left. */
  readonly landed: readonly HunkId[];
  /** Files that stay, and why. */
  readonly kept: readonly { readonly path: string; readonly reason: string }[];
  /** The prompt at which it goes on, to be edited and sent again; empty at the end of a path. */
  readonly prompt: string;
}

export interface CommandRun {
  /** Both streams, as text in the order in which it comes. */
  readonly onOutput: (text: string) => void;
  /** Ends it and everything it started. */
  readonly signal: AbortSignal;
}

/** One of the three. */
export interface CommandEnd {
  readonly status?: number;
  /** Name of the signal that killed it. */
  readonly signal?: string;
  /** Why it could not be started. */
  readonly fault?: string;
}

/** A session that can be gone on with. */
export interface SessionSummary {
  readonly id: SessionId;
  /** First prompt, first line. */
  readonly title: string;
  /** ms since 1970 of its last event. */
  readonly at: number;
  readonly turns: number;
  /** Hunks on disk or held that nobody has decided on. */
  readonly openHunks: number;
  readonly branch?: string;
  readonly state: "closed" | "running" | "crashed";
}
