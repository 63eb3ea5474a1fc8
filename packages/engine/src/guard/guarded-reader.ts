/**
 * What tools may see of the machine: files of the workspace and ripgrep in it. Every path is resolved against the real tree
 * first; what leads out of it, or into `.git`, is refused here, and so is what the policy keeps out of prompts. Secrets have
 * stand-ins in all that is read.
 */
import { type Failure, type Result, type Verdict, fail, failure, strictest, succeed } from "@twolane/protocol";
import type { Files } from "../host/files.ts";
import type { Processes } from "../host/process.ts";
import { type Target, type Workspace, resolveTarget } from "../host/workspace.ts";
import { sha256 } from "../std/hash.ts";
import { sentence, withWholePath, textOf } from "../std/text.ts";
import type { SecretScreen } from "./secret-screen.ts";

export interface GuardedReader {
  readFile(path: string): Promise<Result<ReadFile>>;
  /** Judges a folder or file without reading it; gives its path relative to the workspace, `.` for the workspace itself. */
  admit(path: string): Result<string>;
  /** Paths of files as ripgrep lists them, relative to the workspace. */
  list(options: RipgrepOptions): Promise<Result<Listed>>;
  /** Lines as ripgrep finds them, `path:line:text`. */
  search(options: RipgrepOptions): Promise<Result<RipgrepOutput>>;
}

export interface RipgrepOptions {
  readonly arguments: readonly string[];
  readonly lineLimit: number;
  readonly signal: AbortSignal;
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

export interface Listed extends RipgrepOutput {
  /** Of the lines, those that nobody may read. */
  readonly unreadable: ReadonlySet<string>;
}

export interface ReaderDeps {
  readonly workspace: Workspace;
  readonly files: Files;
  readonly processes: Processes;
  /** Path of the ripgrep binary; resolved when the first search needs it. */
  readonly ripgrep: () => string;
  /** Content that landing holds back from the disk (landing by turn, dry run); undefined where the disk is current. */
  readonly pending: (relative: string) => Uint8Array | undefined;
  /** Whether a path may be read into a prompt. */
  readonly mayRead: (path: string) => Verdict;
  /** Globs of what may not, as far as they can be told to ripgrep. */
  readonly unreadable: () => readonly string[];
  readonly screen: SecretScreen;
}

const searchTimeoutMs = 20_000;
const outputLimit = 1024 * 1024;

/** Larger files are not looked through as a whole: what is shown of them is. */
const wholeLimit = 2 * 1024 * 1024;

export function createGuardedReader(deps: ReaderDeps): GuardedReader {
  return new Reader(deps);
}

class Reader implements GuardedReader {
  private readonly deps: ReaderDeps;

  constructor(deps: ReaderDeps) {
    this.deps = deps;
  }

  async readFile(path: string): Promise<Result<ReadFile>> {
    const { deps } = this;
    const target = resolveTarget(deps.workspace, path);
    if (!target.ok) return target;
    const { relative } = target.value;
    const verdict = this.judge(target.value);
    if (verdict.decision !== "allow") return { ok: false, failure: unreadable(verdict) };
    const pending = deps.pending(target.value.real);
    if (pending !== undefined) return this.screened(relative, { bytes: pending, hash: sha256(pending) });
    const read = await deps.files.read(target.value.absolute);
    if (read.ok) return this.screened(relative, read.value);
    const { code, message, cure } = read.failure;
    return fail(code, withWholePath(message, relative), cure);
  }

  admit(path: string): Result<string> {
    const plain = path.replace(/(?<=.)\/+$/, "");
    if (plain === "" || plain === ".") return succeed(".");
    const target = resolveTarget(this.deps.workspace, plain);
    return target.ok ? succeed(target.value.relative) : target;
  }

  async list(options: RipgrepOptions): Promise<Result<Listed>> {
    const found = await this.ripgrep(options);
    if (!found.ok) return found;
    const lines = found.value.lines.map((line) => line.replace(/^\.\//, ""));
    return succeed({ lines, cut: found.value.cut, unreadable: new Set(lines.filter((path) => !this.mayShow(path))) });
  }

  async search(options: RipgrepOptions): Promise<Result<RipgrepOutput>> {
    const withheld = this.deps.unreadable().flatMap((glob) => [`--iglob=!${glob}`, `--iglob=!${glob}/**`]);
    const found = await this.ripgrep({ ...options, arguments: ["--null", ...withheld, ...options.arguments] });
    if (!found.ok) return found;
    const hits = found.value.lines.map(readHit).filter(({ path }) => path === "" || this.mayShow(path));
    await this.lookAround(hits);
    const lines = hits.map(({ path, text }) => (path === "" ? text : `${path}:${text}`));
    return succeed({
      lines: this.deps.screen.hide(lines.join("\n"), "a search").split("\n").slice(0, lines.length),
      cut: found.value.cut,
    });
  }

  private mayShow(path: string): boolean {
    const target = resolveTarget(this.deps.workspace, path);
    return target.ok && this.judge(target.value).decision === "allow";
  }

  /** By its name and by what it really is. */
  private judge({ relative, real }: Target): Verdict {
    return strictest([...new Set([relative, real])].map(this.deps.mayRead));
  }

  /** What a line is part of, e.g. a private key, shows only in its file. */
  private async lookAround(hits: readonly Hit[]): Promise<void> {
    const paths = new Set(hits.filter(({ text }) => opaque.test(text)).map(({ path }) => path));
    await Promise.all([...paths].slice(0, aroundLimit).map((path) => this.readFile(path)));
  }

  private screened(path: string, file: ReadFile): Result<ReadFile> {
    const { bytes } = file;
    if (bytes.byteLength > wholeLimit || bytes.subarray(0, 8192).includes(0)) return succeed(file);
    const text = textOf(bytes);
    const admitted = this.deps.screen.admit(text, path);
    if (!admitted.ok) return admitted;
    return succeed(admitted.value === text ? file : { bytes: Buffer.from(admitted.value), hash: file.hash });
  }

  private async ripgrep({ arguments: args, lineLimit, signal }: RipgrepOptions): Promise<Result<RipgrepOutput>> {
    const { deps } = this;
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
  }
}

interface Hit {
  /** Empty for what is no line of a file. */
  readonly path: string;
  /** With the line's number. */
  readonly text: string;
}

function readHit(line: string): Hit {
  const end = line.indexOf("\0");
  return { path: end < 0 ? "" : line.slice(0, end).replace(/^\.\//, ""), text: line.slice(end + 1) };
}

/** Files around hits that are looked at as a whole. */
const aroundLimit = 20;
const opaque = /[A-Za-z0-9+/=_-]{20}/;

function unreadable({ reason, wayOut }: Extract<Verdict, { reason: string }>): Failure {
  return failure("PATH_UNREADABLE", sentence(reason), wayOut);
}
