/** The files that name hooks of a session, in lines for a person. Pure; without colour, so that they read the same everywhere. */
import type { HookFileState } from "@twolane/protocol";

export function hookFileLines(files: readonly HookFileState[]): readonly string[] {
  if (files.length === 0) return ["No hooks are named in .twolane/hooks.json or your hooks.json; docs/hooks.md has the form."];
  return files.flatMap(({ file, stage, note, hooks, faults }) => [
    `${file} · ${stage === "runs" ? "runs" : "does not run"}${note === undefined ? "" : `: ${note}`}`,
    ...hooks.map(({ event, matcher, command }) => `  ${event}${matcher === undefined ? "" : ` (${matcher})`}: ${command}`),
    ...faults.map((fault) => `  left out: ${fault}`),
  ]);
}
