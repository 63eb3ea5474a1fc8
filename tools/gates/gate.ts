/** What every gate is: it looks at files, counts them and names faults. Also how a gate runs a program. */
import { spawn } from "node:child_process";
import path from "node:path";

export interface Findings {
  /** How many files the gate looked at. A gate that saw none has failed, whatever it says. */
  readonly seen: number;
  /** One line each, `file:line: what is wrong` where there is a place. */
  readonly faults: readonly string[];
}

export interface Gate {
  readonly name: string;
  /** What to do about its faults. */
  readonly cure: string;
  readonly run: (root: string) => Promise<Findings>;
}

export function passed({ seen, faults }: Findings): boolean {
  return seen > 0 && faults.length === 0;
}

export interface Ended {
  readonly status: number;
  readonly output: string;
}

/** Runs a program that npm has installed beside this file, with `root` as its folder. Output is both streams, as they came. */
export function runTool(program: string, options: { readonly root: string; readonly args: readonly string[] }): Promise<Ended> {
  const script = path.join(import.meta.dirname, "../../node_modules", program);
  const child = spawn(process.execPath, [script, ...options.args], { cwd: options.root, stdio: ["ignore", "pipe", "pipe"] });
  let output = "";
  const collect = (chunk: Buffer): void => {
    output += chunk.toString();
  };
  child.stdout.on("data", collect);
  child.stderr.on("data", collect);
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (status) => resolve({ status: status ?? 1, output }));
  });
}

/** Lines of a program's output that say something. */
export function linesOf(output: string): string[] {
  return output.split("\n").filter((line) => line.trim() !== "");
}

/** The number that a pattern's first group catches; 0 when the pattern is not there, so that a changed output fails the gate. */
export function countIn(output: string, pattern: RegExp): number {
  return Number(pattern.exec(output)?.[1] ?? 0);
}
