/** The commands of a session's model: the policy, trust and the sandbox put together. */
import path from "node:path";
import type { EventBody } from "@twolane/protocol";
import { type CommandDesk, openCommandDesk } from "../guard/commands/command-desk.ts";
import { openAnswers } from "../guard/commands/remembered-answers.ts";
import { systemProcesses } from "../host/process.ts";
import { stateHome } from "../journal/state-folder.ts";
import { systemClock } from "../std/clock.ts";
import { type LandingOptions, type LandingPlace, configFolder } from "./place.ts";

export interface CommandParts extends Pick<LandingPlace, "workspace" | "state" | "isTrusted" | "policy"> {
  readonly options: LandingOptions;
  readonly emit: (event: EventBody) => void;
}

export function openCommands({ workspace, state, policy, isTrusted, options, emit }: CommandParts): CommandDesk {
  const { env, asks = false } = options;
  return openCommandDesk({
    ...{ root: workspace.root, env, emit, asks },
    processes: systemProcesses,
    clock: systemClock,
    judge: (facts) => policy.command(facts),
    isUnreadable: (name) => policy.read(name, { lane: "fast", provider: "", keepsNothing: false }).decision !== "allow",
    isTrusted,
    ownPlaces: [path.join(stateHome(env), "twolane"), configFolder(env)],
    answers: openAnswers(path.join(state.path, "allowed-commands.jsonl")),
  });
}
