/** What the machine has of what the engine uses. Looks and tells; changes nothing. */
import type { Processes } from "./process.ts";

/** One line of an examination. */
export interface Finding {
  readonly subject: string;
  /** `missing`: something optional is not there; `broken`: the product cannot do its main job. */
  readonly state: "works" | "missing" | "broken";
  readonly text: string;
  /** One line: what to do. */
  readonly cure?: string;
}

const versionTimeoutMs = 5000;
const oldestNode: readonly [number, number] = [20, 19];

export function examineNode(version: string): Finding {
  const [major = 0, minor = 0] = version.replace(/^v/, "").split(".").map(Number);
  const works = major > oldestNode[0] || (major === oldestNode[0] && minor >= oldestNode[1]);
  const oldest = oldestNode.join(".");
  return works
    ? { subject: "node", state: "works", text: version }
    : { subject: "node", state: "broken", text: `${version} is older than ${oldest}`, cure: `Install Node ${oldest} or later.` };
}

export interface ProgramQuestion {
  readonly subject: string;
  readonly command: string;
  /** What is lost without it. */
  readonly without: string;
  readonly cure: string;
}

/** Asks a program for its version. */
export async function examineProgram(
  processes: Processes,
  { subject, command, without, cure }: ProgramQuestion,
): Promise<Finding> {
  const outcome = await processes.run({ command, args: ["--version"], cwd: "/", timeoutMs: versionTimeoutMs, outputLimit: 4096 });
  const line = outcome.kind === "exited" && outcome.status === 0 ? outcome.stdout.split("\n", 1)[0] : undefined;
  return line === undefined
    ? { subject, state: "missing", text: `not found; ${without}`, cure }
    : { subject, state: "works", text: line };
}
