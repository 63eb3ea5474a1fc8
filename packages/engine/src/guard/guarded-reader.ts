/**
 * What tools may see of the machine: files of the workspace and ripgrep in it. Every path is resolved against the real tree
 * first; what leads out of it, or into `.git`, is refused here.
 */
import { type Result, fail, succeed } from "@twolane/protocol";
import type { Files } from "../host/files.ts";
import type { Processes } from "../host/process.ts";
import { type Workspace, resolveTarget } from "../host/workspace.ts";
import { sha256 } from "../std/hash.ts";
import { sentence, withWholePath } from "../std/text.ts";

export interface GuardedReader {
  readFile(path: string): Promise<Result<ReadFile>>;
  /** Judges a folder or file without reading it; gives its path relative to the workspace, `.` for the workspace itself. */
  admit(path: string): Result<string>;
  /** Runs ripgrep in the workspace; gives its first lines. */
  ripgrep(options: {
    readonly arguments: readonly string[];
    readonly lineLimit: number;
    readonly signal: AbortSignal;
  }): Promise<Result<RipgrepOutput>>;
}

export interface ReadFile {
  readonly bytes: Uint8Array;
  /** SHA-256, hex. */
  readonly hash: string;
}

export interface RipgrepOutput {
  readonly lines: readonly string[];
  /** There were more lines than the limit. */
  readonly cut: boolean;
}

export interface ReaderDeps {
  readonly workspace: Workspace;
  readonly files: Files;
  readonly processes: Processes;
  /** Path of the ripgrep binary; resolved when the first search needs it. */
  readonly ripgrep: () => string;
  /** Content that landing holds back from the disk (landing by turn, dry run); undefined where the disk is current. */
  readonly pending: (relative: string) => Uint8Array | undefined;
}

const searchTimeoutMs = 20_000;
const outputLimit = 1024 * 1024;

export function createGuardedReader(deps: ReaderDeps): GuardedReader {
  return {
    async readFile(path) {
      const target = resolveTarget(deps.workspace, path);
      if (!target.ok) return target;
      const pending = deps.pending(target.value.real);
      if (pending !== undefined) return succeed({ bytes: pending, hash: sha256(pending) });
      const read = await deps.files.read(target.value.absolute);
      if (read.ok) return read;
      const { code, message, cure } = read.failure;
      return fail(code, withWholePath(message, target.value.relative), cure);
    },
    admit(path) {
      const plain = path.replace(/(?<=.)\/+$/, "");
      if (plain === "" || plain === ".") return succeed(".");
      const target = resolveTarget(deps.workspace, plain);
      return target.ok ? succeed(target.value.relative) : target;
    },
    async ripgrep({ arguments: args, lineLimit, signal }) {
      const outcome = await deps.processes.run({
        command: deps.ripgrep(),
        args: ["--no-config", ...args],
        cwd: deps.workspace.root,
        timeoutMs: searchTimeoutMs,
        outputLimit,
        signal,
      });
      if (outcome.kind === "missing") return fail("TOOL_FAILED", "ripgrep could not be started.", "Run `twolane doctor`.");
      if (outcome.kind === "killed")
        return fail(
          "TOOL_FAILED",
          outcome.why === "timeout" ? "The search took too long." : "The search was stopped.",
          "Narrow it.",
        );
      // 1: nothing found; 2: an error, e.g. a pattern that is none, possibly beside results.
      if (outcome.status > 1 && outcome.stdout === "")
        return fail("TOOL_FAILED", sentence(outcome.stderr.trim().split("\n").slice(0, 4).join(" ")), "Change the arguments.");
      const lines = outcome.stdout.split("\n");
      lines.pop();
      return succeed({ lines: lines.slice(0, lineLimit), cut: outcome.cut || lines.length > lineLimit });
    },
  };
}
