/** How the formatter is started: a shell line in the sandbox, without network, with the workspace read-only, for a bounded time. */
import path from "node:path";
import { commandEnvironment } from "../guard/commands/command-environment.ts";
import { WallBuilder } from "../guard/commands/walls.ts";
import { systemProcesses } from "../host/process.ts";
import { runConfined } from "../host/sandbox/confined-process.ts";
import { findSandbox } from "../host/sandbox/find-sandbox.ts";
import { realPlace } from "../host/sandbox/private-places.ts";
import { stateHome } from "../journal/state-folder.ts";
import { configFolder } from "./place.ts";
import type { SessionParts } from "./session-parts.ts";

type Answer = { readonly text: string; readonly failed?: undefined } | { readonly failed: string };
/** `file` is relative to the workspace. */
export type Format = (file: string, text: string) => Promise<Answer>;

interface FormatRun {
  readonly command: string;
  /** On the monotonic clock. */
  readonly until: number;
}

const perFileMs = 10_000;

export async function openFormat(
  { workspace: { root }, policy, options: { env } }: Pick<SessionParts, "workspace" | "policy" | "options">,
  { command, until }: FormatRun,
): Promise<Format> {
  const state = await findSandbox(systemProcesses);
  if ("missing" in state) return () => Promise.resolve({ failed: `there is no sandbox: ${state.missing}` });
  const [home = "/nowhere"] = realPlace(env["HOME"] ?? "/nowhere");
  const walls = new WallBuilder({
    ...{ root, home, env, ownPlaces: [path.join(stateHome(env), "twolane"), configFolder(env)] },
    isUnreadable: (name) => policy.read(name, { lane: "fast", provider: "", keepsNothing: false }).decision !== "allow",
  });
  return async (file, text) => {
    const around = await walls.around({ cwd: root, write: [], network: false, writable: false });
    if (!around.ok) return { failed: around.failure.message.replace(/\.$/, "") };
    const line = command.replaceAll("{file}", () => shellWord(file));
    const output = { out: "", error: "" };
    const end = await runConfined({
      ...{ wrapped: state.sandbox.wrap(["/bin/sh", "-c", line], around.value.confinement), cwd: root },
      ...{ env: commandEnvironment(env), input: text, signal: new AbortController().signal },
      timeoutMs: Math.max(1, Math.min(perFileMs, until - performance.now())),
      onOutput: (piece) => void (output.out += piece),
      onError: (piece) => void (output.error += piece),
    });
    if (end.ended === "timeout") return { failed: "the formatter took too long" };
    if (end.fault !== undefined) return { failed: `the formatter could not be started (${end.fault})` };
    if (end.status !== 0) return { failed: endedWith(end.status ?? end.signal, output.error) };
    // One that says nothing has not formatted.
    return output.out === "" ? { failed: "the formatter wrote nothing" } : { text: output.out };
  };
}

/** One word to the shell, and no option to the formatter. */
const shellWord = (file: string): string => `'${(file.startsWith("-") ? `./${file}` : file).replaceAll("'", String.raw`'\''`)}'`;

function endedWith(status: number | string | undefined, error: string): string {
  const [first = ""] = error.trim().split("\n", 1);
  const why = first
    .replaceAll(/\p{Cc}/gu, " ")
    .slice(0, 160)
    .replace(/[.:]+$/, "");
  return `the formatter ended with ${status ?? "nothing"}${why === "" ? "" : `: ${why}`}`;
}
