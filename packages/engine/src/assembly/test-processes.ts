/** How test runners are started: in the sandbox where their code was just written by a model, plainly where a person asked for them. */
import path from "node:path";
import type { PolicyJudge } from "@twolane/policy";
import { commandEnvironment } from "../guard/commands/command-environment.ts";
import { WallBuilder } from "../guard/commands/walls.ts";
import type { BoundPlace } from "../host/sandbox/confinement.ts";
import { type ConfinedEnd, runConfined } from "../host/sandbox/confined-process.ts";
import { type SandboxState, findSandbox } from "../host/sandbox/find-sandbox.ts";
import { realPlace } from "../host/sandbox/private-places.ts";
import { type Processes, type RunOptions, type RunOutcome, systemProcesses } from "../host/process.ts";
import { stateHome } from "../journal/state-folder.ts";
import { type LandingPlace, type PlaceOptions, configFolder } from "./place.ts";

export interface TestProcesses extends Processes {
  /** Why there is no sandbox; undefined: there is one. */
  missing(): Promise<string | undefined>;
}

interface TestProcessesParts {
  readonly workspace: LandingPlace["workspace"];
  readonly policy: Pick<PolicyJudge, "read">;
  readonly env: PlaceOptions["env"];
  readonly bound?: readonly BoundPlace[];
}

/** Without a sandbox they are started plainly: whoever lets them start has asked `missing` before. */
export function openTestProcesses({ workspace: { root }, policy, env, bound }: TestProcessesParts): TestProcesses {
  const [home = "/nowhere"] = realPlace(env["HOME"] ?? "/nowhere");
  const walls = new WallBuilder({
    ...{ root, home, env, ownPlaces: [path.join(stateHome(env), "twolane"), configFolder(env)] },
    ...(bound && { bound }),
    isUnreadable: (name) => policy.read(name, { lane: "fast", provider: "", keepsNothing: false }).decision !== "allow",
  });
  let found: Promise<SandboxState> | undefined;
  const sandbox = (): Promise<SandboxState> => (found ??= findSandbox(systemProcesses));
  return {
    async missing() {
      const state = await sandbox();
      return "missing" in state ? state.missing : undefined;
    },
    async run(options) {
      const state = await sandbox();
      if ("missing" in state) return systemProcesses.run(options);
      const around = await walls.around({ cwd: options.cwd, write: [], network: false, writable: true });
      if (!around.ok) return { kind: "missing", code: around.failure.message };
      const wrapped = state.sandbox.wrap([options.command, ...options.args], around.value.confinement);
      return confined(wrapped, options, commandEnvironment(env));
    },
  };
}

async function confined(
  wrapped: Parameters<typeof runConfined>[0]["wrapped"],
  options: RunOptions,
  env: Readonly<Record<string, string>>,
): Promise<RunOutcome> {
  const texts = { stdout: "", stderr: "" };
  let cut = false;
  const keep = (stream: keyof typeof texts) => (text: string) => {
    if (texts[stream].length + text.length <= options.outputLimit) texts[stream] += text;
    else cut = true;
  };
  const added = Object.entries(options.env ?? {}).filter((entry): entry is [string, string] => entry[1] !== undefined);
  const gone = Object.entries(options.env ?? {}).flatMap(([name, value]) => (value === undefined ? [name] : []));
  const own = Object.entries(env).filter(([name]) => !gone.includes(name));
  const end = await runConfined({
    ...{ wrapped, cwd: options.cwd, env: Object.fromEntries([...own, ...added]), timeoutMs: options.timeoutMs },
    signal: options.signal ?? new AbortController().signal,
    onOutput: keep("stdout"),
    onError: keep("stderr"),
    yields: options.yields === true,
  });
  return outcomeOf(end, { ...texts, cut });
}

function outcomeOf(
  end: ConfinedEnd,
  output: { readonly stdout: string; readonly stderr: string; readonly cut: boolean },
): RunOutcome {
  if (end.fault !== undefined) return { kind: "missing", code: end.fault };
  if (end.ended === "timeout" || end.ended === "stopped") return { kind: "killed", why: end.ended, ...output };
  if (end.status === undefined) return { kind: "killed", why: "signal", ...output };
  return { kind: "exited", status: end.status, ...output };
}
