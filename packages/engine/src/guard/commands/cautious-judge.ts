/** Judges commands where no policy does: what plainly only looks may run, everything else is held. Pure. */
import type { CommandFacts, CommandVerdict } from "@twolane/policy";
import { commandText } from "./command-request.ts";
import { onlyReads } from "./read-only.ts";

export function cautiousJudge(facts: CommandFacts): CommandVerdict {
  const executed = wordsOf(facts);
  if (onlyReads(facts, executed)) return { verdict: { decision: "allow" }, executed, network: false, write: [] };
  const reason = "Commands that change something need a yes";
  const wayOut = "The person may run it once, for the session, or always.";
  return {
    verdict: { decision: "hold", rule: "commands", reason, wayOut, subject: commandText(facts) },
    ...{ executed: [], network: false, write: [] },
  };
}

/** None where a shell would do more with the line than to cut it into words. */
function wordsOf(facts: CommandFacts): readonly (readonly string[])[] {
  if ("argv" in facts) return [facts.argv];
  return /^[\w\s./=,:@%+-]+$/.test(facts.line) && !facts.line.includes("\n") ? [facts.line.trim().split(/\s+/)] : [];
}
