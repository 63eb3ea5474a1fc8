/** Starts a client as a process of its own and measures it from outside. */
import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";

export interface ClientOptions {
  readonly cwd: string;
  readonly env?: Readonly<Record<string, string>>;
  /** Measure processor time and memory; costs the client a little at its start. */
  readonly usage?: boolean;
}

export interface Client {
  readonly startedAt: number;
  readonly process: ChildProcess;
  /** Lines of standard output as they come. */
  readonly lines: string[];
  /** Resolves with the first line for which the test holds. */
  line(test: (line: string) => boolean): Promise<string>;
  say(line: string): void;
  /** Resolves when the process has ended. */
  readonly done: Promise<ClientEnd>;
}

export interface ClientEnd {
  readonly status: number | null;
  readonly wallMs: number;
  readonly usage?: { readonly cpuMs: number; readonly rssMb: number };
}

const usageModule = new URL("./floor/usage.cjs", import.meta.url).pathname;

export function startClient(command: readonly string[], options: ClientOptions): Client {
  const folder = options.usage === true ? mkdtempSync(join(tmpdir(), "bench-usage-")) : undefined;
  const usageFile = folder === undefined ? undefined : join(folder, "usage.json");
  const { NODE_EXTRA_CA_CERTS: _unset, ...inherited } = process.env;
  const env = {
    ...inherited,
    ...options.env,
    ...(usageFile !== undefined && { NODE_OPTIONS: `--require ${usageModule}`, BENCH_USAGE_FILE: usageFile }),
  };
  const [program = "", ...args] = command;
  const startedAt = performance.now();
  const child = spawn(program, args, { cwd: options.cwd, env, stdio: ["pipe", "pipe", "pipe"] });
  const lines: string[] = [];
  const waiting: { test: (line: string) => boolean; resolve: (line: string) => void }[] = [];
  createInterface({ input: child.stdout }).on("line", (line) => {
    lines.push(line);
    for (const wait of waiting.filter(({ test }) => test(line))) {
      waiting.splice(waiting.indexOf(wait), 1);
      wait.resolve(line);
    }
  });
  let complaint = "";
  child.stderr.on("data", (text: Buffer) => void (complaint += text.toString()));
  const done = new Promise<ClientEnd>((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (status) => {
      const wallMs = performance.now() - startedAt;
      try {
        if (status !== 0 && status !== 130 && status !== null)
          throw new Error(`${command.join(" ")} ended with ${status}: ${complaint}${lines.join("\n")}`);
        resolve({ status, wallMs, ...(usageFile !== undefined && { usage: JSON.parse(readFileSync(usageFile, "utf8")) }) });
      } catch (error) {
        reject(error);
      }
      if (folder !== undefined) rmSync(folder, { recursive: true, force: true });
    });
  });
  // A run whose end nobody waits for must still not end the bench silently.
  done.catch((error: unknown) => console.error(String(error)));
  return {
    startedAt,
    process: child,
    lines,
    line: (test) => {
      const seen = lines.find(test);
      return seen === undefined ? new Promise((resolve) => void waiting.push({ test, resolve })) : Promise.resolve(seen);
    },
    say: (line) => void child.stdin.write(`${line}\n`),
    done,
  };
}
