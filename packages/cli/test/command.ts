/** Runs the built command as a process of its own, in folders of its own, the way a person's shell does. */
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { createHash } from "node:crypto";
import {
  cpSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  readlinkSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const binary = fileURLToPath(new URL("../bin/twolane.cjs", import.meta.url));
export const exampleShop = fileURLToPath(new URL("../../../examples/shop", import.meta.url));

export interface Sandbox {
  readonly folder: string;
  readonly env: Record<string, string>;
  write(path: string, text: string): void;
  read(path: string): string;
  /** SHA-256 over every path, mode and byte below the folder. */
  hash(): string;
  run(args: readonly string[], options?: { input?: string; env?: Record<string, string> }): Promise<Finished>;
  start(args: readonly string[], options?: { env?: Record<string, string> }): Running;
  remove(): void;
}

export interface Finished {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Running {
  readonly process: ChildProcess;
  readonly done: Promise<Finished>;
  /** Resolves as soon as standard output holds the text. */
  until(text: string): Promise<void>;
  say(line: string): void;
}

/** An empty workspace (or a copy of a folder) with state, cache and configuration folders of its own. */
export function openSandbox(copyOf?: string): Sandbox {
  const root = mkdtempSync(join(tmpdir(), "twolane-test-"));
  const folder = join(root, "work");
  if (copyOf === undefined) mkdirSync(folder);
  else cpSync(copyOf, folder, { recursive: true });
  const env = {
    PATH: process.env["PATH"] ?? "",
    HOME: root,
    XDG_STATE_HOME: join(root, "state"),
    XDG_CACHE_HOME: join(tmpdir(), "twolane-test-cache"),
    XDG_CONFIG_HOME: join(root, "config"),
    NO_COLOR: "1",
  };
  const start: Sandbox["start"] = (args, options = {}) => startProcess(args, { cwd: folder, env: { ...env, ...options.env } });
  return {
    folder,
    env,
    write(path, text) {
      mkdirSync(dirname(join(folder, path)), { recursive: true });
      writeFileSync(join(folder, path), text);
    },
    read: (path) => readFileSync(join(folder, path), "utf8"),
    hash: () => hashTree(folder),
    run(args, options = {}) {
      const running = start(args, options);
      running.process.stdin?.end(options.input ?? "");
      return running.done;
    },
    start,
    remove: () => removeWhole(root),
  };
}

/** The process of a job may still write its last files: whoever waits for the job does not wait for that. */
function removeWhole(root: string): void {
  for (let left = 100; ; left--) {
    try {
      return rmSync(root, { recursive: true, force: true });
    } catch (error) {
      if (left === 0 || !(error instanceof Error && "code" in error && error.code === "ENOTEMPTY")) throw error;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 50);
    }
  }
}

function startProcess(args: readonly string[], options: { cwd: string; env: Record<string, string> }): Running {
  const child = spawn(process.execPath, [binary, ...args], { ...options, stdio: ["pipe", "pipe", "pipe"] });
  let stdout = "";
  let stderr = "";
  const waiting: (() => void)[] = [];
  child.stdout.on("data", (text: Buffer) => {
    stdout += text.toString();
    for (const check of waiting) check();
  });
  child.stderr.on("data", (text: Buffer) => void (stderr += text.toString()));
  const done = new Promise<Finished>((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (status) => resolve({ status, stdout, stderr }));
  });
  return {
    process: child,
    done,
    until: (text) =>
      new Promise((resolve, reject) => {
        const check = (): void => void (stdout.includes(text) && resolve());
        waiting.push(check);
        check();
        void done.then(() => reject(new Error(`ended without ${JSON.stringify(text)}: ${stdout}${stderr}`)));
      }),
    say: (line) => void child.stdin.write(`${line}\n`),
  };
}

function hashTree(folder: string): string {
  const hash = createHash("sha256");
  const visit = (path: string): void => {
    for (const name of readdirSync(join(folder, path)).toSorted()) {
      const relative = join(path, name);
      const stats = lstatSync(join(folder, relative));
      hash.update(`${relative}\0${stats.mode}\0`);
      if (stats.isDirectory()) visit(relative);
      else hash.update(stats.isSymbolicLink() ? readlinkSync(join(folder, relative)) : readFileSync(join(folder, relative)));
    }
  };
  visit("");
  return hash.digest("hex");
}

export function git(folder: string, ...args: readonly string[]): string {
  return execFileSync("git", ["-C", folder, "-c", "user.name=test", "-c", "user.email=test@example.org", ...args], {
    encoding: "utf8",
  });
}
