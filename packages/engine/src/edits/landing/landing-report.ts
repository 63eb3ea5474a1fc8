/** What an edit call answers to the model: one line a hunk, as short as it can be acted on. */
import type { MatchRung } from "@twolane/protocol";
import type { LandOutcome } from "./lander.ts";

const rungNotes: Readonly<Record<MatchRung, string>> = {
  exact: "",
  "trailing-blanks": "; matched apart from trailing blanks",
  indentation: "; matched with different indentation, new lines were re-indented",
  typography: "; matched apart from typographic signs",
};

export function reportForModel(outcomes: readonly LandOutcome[], malformed: readonly string[]): string {
  const lines = [...outcomes.map(outcomeLine), ...malformed.map((reason) => `unreadable: ${reason}`)];
  return lines.length > 0 ? lines.join("\n") : "No edit was found in this call.";
}

/** It stands in front already. */
const withoutPath = (message: string, path: string): string =>
  message.startsWith(`${path}: `) || message.startsWith(`${path} `) ? message.slice(path.length).replace(/^:? /, "") : message;

function outcomeLine(outcome: LandOutcome): string {
  const { hunk } = outcome;
  const place = hunk.line > 0 ? `${hunk.path}:${hunk.line}` : hunk.path;
  switch (outcome.state) {
    case "landed": {
      const merged = outcome.merged ? "; merged with a change that the user made meanwhile" : "";
      if (hunk.operation === "delete") return `deleted ${hunk.path}`;
      if (hunk.operation === "move") return `moved ${hunk.path} to ${hunk.movedTo ?? ""}`;
      if (hunk.operation === "create") return `created ${hunk.path} +${hunk.linesAdded}`;
      return `landed ${place} +${hunk.linesAdded} -${hunk.linesRemoved}${rungNotes[outcome.rung]}${merged}`;
    }
    case "present":
      return `already there ${place}: the file holds these lines; nothing was changed.`;
    case "rejected":
      return `rejected ${place} by the user; it is not on disk. Do not propose it again.`;
    case "held":
      return heldLine(outcome, place);
    case "failed": {
      const candidates = outcome.candidates.length > 0 ? ` Candidate lines: ${outcome.candidates.join(", ")}.` : "";
      const excerpt = outcome.excerpt === "" ? "" : `\nThe file now reads:\n${outcome.excerpt.replace(/\n$/, "")}`;
      return `failed ${place}: ${withoutPath(outcome.failure.message, hunk.path)} ${outcome.failure.cure}${candidates}${excerpt}`;
    }
  }
}

/** Said once of a change; whoever repeats it is told no more than that. Only a rule of the policy knows what it is about. */
function heldLine({ verdict, again }: Extract<LandOutcome, { state: "held" }>, place: string): string {
  const { decision, rule, reason, wayOut, subject } = verdict;
  const word = decision === "block" ? "blocked" : "held";
  if (again === true) return `${word} again ${place} by rule ${rule}: the same change. Do not repeat it; go on with the rest.`;
  if (subject === undefined) return `held ${place} by rule ${rule}: ${reason}. ${wayOut}`;
  const what = decision === "block" ? "It will not land" : "It waits for the user";
  return `${word} ${place} by rule ${rule}: ${reason}. ${wayOut} ${what}; go on with the rest.`;
}
