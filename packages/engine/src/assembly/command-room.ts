/** Where the commands of a session's model are decided and run: the policy, trust and the sandbox put together. Loaded by the first of them. */
import path from "node:path";
import { openCommandDesk } from "../guard/commands/command-desk.ts";
import { openAnswers } from "../guard/commands/remembered-answers.ts";
import { systemProcesses } from "../host/process.ts";
import { stateHome } from "../journal/state-folder.ts";
import { keepEndedCall } from "../journal/ended-calls.ts";
import { runResult } from "../tools/run.ts";
import { systemClock } from "../std/clock.ts";
import { yesTo } from "./allowed-commands.ts";
import { CommandChanges } from "./command-changes.ts";
import type { CommandParts, SessionCommands } from "./command-parts.ts";
import { configFolder } from "./place.ts";

export function openCommandRoom(parts: CommandParts): SessionCommands {
  const { workspace, state, policy, isTrusted, options, emit, mode, telemetry } = parts;
  const { env, asks = false, dryRun, lane = "fast" } = options;
  const isUnreadable = (name: string): boolean =>
    policy.read(name, { lane, provider: "", keepsNothing: false }).decision !== "allow";
  const watch = new CommandChanges({ ...parts, root: workspace.root, isUnreadable });
  const desk = openCommandDesk({
    ...{ root: workspace.root, env, emit, asks, isUnreadable, watch, yields: lane === "deep" },
    ...(options.bound && { bound: options.bound }),
    processes: systemProcesses,
    clock: systemClock,
    judge: (facts) => policy.command(facts),
    // In a repository's own files even a hook would be in the workspace.
    isTrusted: () => workspace.kind !== "bare" && isTrusted(),
    hasYes: yesTo(options.allowCommands ?? []),
    onlyLooks: () => dryRun || mode() === "plan",
    ownPlaces: [path.join(stateHome(env), "twolane"), configFolder(env)],
    environmentOf: telemetry && ((call) => telemetry.environmentOf(call)),
    answers: openAnswers(path.join(state.path, "allowed-commands.jsonl")),
  });
  return {
    prepare: () => desk.prepare(),
    trustChanged: () => desk.trustChanged(),
    async run(request, call) {
      const outcome = await desk.run(request, call);
      // Before the model hears of it: whoever goes on for a process that was killed knows what it said.
      if (lane === "deep") keepEndedCall(parts.journal.folder, { call: call.call, text: runResult(request, outcome).text });
      return outcome;
    },
    answer: (call, answer) => desk.answer(call, answer),
    idle: () => desk.idle(),
    async close() {
      await desk.idle();
      watch.close();
    },
  };
}
