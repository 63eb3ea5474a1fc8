/** What a person has said yes to beforehand (`--allow-command`), as patterns of commands. */
import { type CommandFacts, compilePolicy } from "@twolane/policy";

/** Whether the patterns cover all that would really be executed; what is held whatever else is allowed stays held. */
export function yesTo(patterns: readonly string[]): (facts: CommandFacts) => boolean {
  if (patterns.length === 0) return () => false;
  const rule = { name: "--allow-command", line: 0, matches: [], rejects: [], decision: "allow" as const, commands: patterns };
  const none = { scope: [], diff: [], dependencies: [], review: [], data: [] };
  const layer = { ...none, kind: "prompt" as const, path: rule.name, commands: [{ ...rule, network: false, write: [] }] };
  const judge = compilePolicy([layer]);
  return (facts) => judge.command(facts).verdict.decision === "allow";
}
