/**
 * The git command as a port: arguments in, bytes or a failure out. It always means the repository that the folder itself lies in. What is
 * asked of it is decided elsewhere.
 */
import fs from "node:fs";
import path from "node:path";
import { type Result, fail, succeed } from "@twolane/protocol";
import { errorCode, systemFailure } from "./errors.ts";
import { readable, sentence } from "../std/text.ts";
import type { Processes } from "./process.ts";

export interface GitCall {
  readonly args: readonly string[];
  readonly input?: string | Uint8Array;
  /** Added to the environment, e.g. another index; `undefined` takes a variable out. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** As of a process. */
  readonly onOutput?: (piece: string) => void;
  /** Hooks may be started: language, locks and settings are the person's own, and there is time for them. */
  readonly forPerson?: boolean;
}

export interface GitAnswer {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Git {
  /** NO_REPOSITORY where git is missing, TOOL_FAILED where it was killed or said too much. A status other than 0 is an answer. */
  ask(call: GitCall): Promise<Result<GitAnswer>>;
  /** As `ask`; a status other than 0 is TOOL_FAILED with git's own first line. */
  demand(call: GitCall): Promise<Result<string>>;
  /** Puts a copy of the repository's index at an absolute path; nothing is there where it has none yet. */
  copyIndex(to: string): Promise<Result<void>>;
}

const timeoutMs = 120_000;
/** A hook may run all the tests. */
const hooksTimeoutMs = 3_600_000;
const outputLimit = 64 * 1024 * 1024;

/** Set where git or another tool started us, e.g. in a hook: they would lead to another repository or index than the folder's own. */
const elsewhere: Readonly<Record<string, undefined>> = Object.fromEntries(
  [
    ...["GIT_DIR", "GIT_WORK_TREE", "GIT_COMMON_DIR", "GIT_INDEX_FILE", "GIT_OBJECT_DIRECTORY"],
    ...["GIT_ALTERNATE_OBJECT_DIRECTORIES", "GIT_NAMESPACE", "GIT_PREFIX"],
    ...["GIT_LITERAL_PATHSPECS", "GIT_GLOB_PATHSPECS", "GIT_NOGLOB_PATHSPECS", "GIT_ICASE_PATHSPECS"],
  ].map((name) => [name, undefined]),
);

/** For reading: nobody's lock is taken, nobody is asked for a password, and messages are those that we know. */
const quiet = { GIT_OPTIONAL_LOCKS: "0", GIT_TERMINAL_PROMPT: "0", LC_ALL: "C" };

/** Text is read as Latin-1, one character a byte, so that file contents come through whole. */
export function openGit(root: string, processes: Processes): Git {
  const git: Git = {
    async ask({ args, input, env, onOutput, forPerson = false }) {
      const command = args.find((arg) => !arg.startsWith("-")) ?? "";
      const outcome = await processes.run({
        command: "git",
        // Settings of the repository name programs; asking it starts none.
        args: forPerson ? args : ["-c", "core.quotepath=off", "-c", "core.fsmonitor=false", ...args],
        cwd: root,
        env: { ...elsewhere, ...(forPerson ? { GIT_TERMINAL_PROMPT: "0" } : quiet), ...env },
        ...(input !== undefined && { input }),
        ...(onOutput !== undefined && { onOutput }),
        encoding: "latin1",
        timeoutMs: forPerson ? hooksTimeoutMs : timeoutMs,
        outputLimit,
      });
      if (outcome.kind === "missing") return fail("NO_REPOSITORY", "git is not installed.", "Install git, then try again.");
      if (outcome.kind === "killed") return fail("TOOL_FAILED", `git ${command} did not end and was killed.`);
      if (outcome.cut && !forPerson) return fail("TOOL_FAILED", `git ${command} said more than 64 MB.`);
      return succeed({ status: outcome.status, stdout: outcome.stdout, stderr: outcome.stderr });
    },
    async demand(call) {
      const answer = await git.ask(call);
      if (!answer.ok) return answer;
      const { status, stdout, stderr } = answer.value;
      if (status === 0) return succeed(stdout);
      const command = call.args.find((arg) => !arg.startsWith("-")) ?? "";
      return fail("TOOL_FAILED", `git ${command} failed: ${complaint(stderr)}`, "See what git says, and try again.");
    },
    async copyIndex(to) {
      const named = await git.demand({ args: ["rev-parse", "--git-path", "index"] });
      return named.ok ? copyOlder(path.resolve(root, readable(named.value).replace(/\n$/, "")), to) : named;
    },
  };
  return git;
}

/**
 * The copy counts as written in the second in which the index was: git looks again at files that changed as late as the index, and would
 * trust them without a look if the index were younger.
 */
function copyOlder(from: string, to: string): Result<void> {
  try {
    fs.copyFileSync(from, to);
    const written = Math.floor(fs.statSync(from).mtimeMs / 1000);
    fs.utimesSync(to, written, written);
    return succeed(undefined);
  } catch (error) {
    return errorCode(error) === "ENOENT" ? succeed(undefined) : systemFailure(error, "The index of the repository", "read");
  }
}

/** What git complains of, as a sentence. */
function complaint(said: string): string {
  return sentence(
    readable(said)
      .trim()
      .replace(/^(?:fatal|error): /, ""),
  );
}
