/** The git command as a port: arguments in, bytes or a failure out. What is asked of it is decided elsewhere. */
import { type Result, fail, succeed } from "@twolane/protocol";
import type { Processes } from "./process.ts";

export interface GitCall {
  readonly args: readonly string[];
  readonly input?: string | Uint8Array;
  /** Added to the environment, e.g. another index. */
  readonly env?: Readonly<Record<string, string>>;
}

export interface GitAnswer {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Git {
  /** NO_REPOSITORY where git is missing, TOOL_FAILED where it was killed. A status other than 0 is an answer. */
  ask(call: GitCall): Promise<Result<GitAnswer>>;
  /** As `ask`; a status other than 0 is TOOL_FAILED with git's own first line. */
  demand(call: GitCall): Promise<Result<string>>;
}

const timeoutMs = 120_000;
const outputLimit = 64 * 1024 * 1024;

/** Text is read as Latin-1, one character a byte, so that file contents come through whole. */
export function openGit(root: string, processes: Processes): Git {
  const git: Git = {
    async ask({ args, input, env }) {
      const outcome = await processes.run({
        command: "git",
        args: ["-c", "core.quotepath=off", ...args],
        cwd: root,
        env: { GIT_OPTIONAL_LOCKS: "0", GIT_TERMINAL_PROMPT: "0", LC_ALL: "C", ...env },
        ...(input !== undefined && { input }),
        encoding: "latin1",
        ...{ timeoutMs, outputLimit },
      });
      if (outcome.kind === "missing") return fail("NO_REPOSITORY", "git is not installed.", "Install git, then try again.");
      if (outcome.kind === "killed") return fail("TOOL_FAILED", `git ${args[0]} did not end and was killed.`);
      return succeed({ status: outcome.status, stdout: outcome.stdout, stderr: outcome.stderr });
    },
    async demand(call) {
      const answer = await git.ask(call);
      if (!answer.ok) return answer;
      const { status, stdout, stderr } = answer.value;
      if (status === 0) return succeed(stdout);
      const line = readable(stderr).trim().split("\n", 1)[0] ?? "";
      return fail("TOOL_FAILED", `git ${call.args[0]} failed: ${line}`, "See what git says, and try again.");
    },
  };
  return git;
}

/** What git said, as text for a person. */
const readable = (latin1: string): string => Buffer.from(latin1, "latin1").toString("utf8");
