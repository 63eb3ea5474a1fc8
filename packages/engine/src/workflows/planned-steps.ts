/** A plan as a model writes it → steps: numbered or bulleted lines with files, a title and a risk. Forgiving; what is no step is left out. */
import type { PlannedStep } from "@twolane/protocol";

/** How a plan is asked for. */
export const planForm = [
  "Answer with the plan alone, without edits, one line for each change, at most five, in exactly this form:",
  "1. path/one.ts, path/two.ts — what changes — risk: low, because …",
].join("\n");

/** More than that is no plan but a project. */
const stepsTaken = 12;
const item = /^\s{0,3}(?:\d{1,2}[.)]|[-*•])\s+(.+)$/;
const separator = /\s+[—–-]{1,2}\s+/;
const pathLike = /^[\w.@()[\]$+-]*(?:\/[\w.@()[\]$+-]+)+\/?$|^[\w@$+-][\w.@$+-]*\.\w{1,8}$/;

export function plannedSteps(text: string): readonly PlannedStep[] {
  return text
    .split(/\r?\n/)
    .flatMap((line) => {
      const [, body] = item.exec(line) ?? [];
      return body === undefined ? [] : [stepOf(body)];
    })
    .filter(({ title }) => title !== "")
    .slice(0, stepsTaken);
}

function stepOf(body: string): PlannedStep {
  const parts = body.split(separator).map((part) => part.trim());
  const risk = parts.find((part) => /^\(?risk\b/i.test(part)) ?? "";
  const rest = parts.filter((part) => part !== risk);
  const named = filesIn(rest[0] ?? "");
  const words = named.length > 0 ? rest.slice(1) : rest;
  const title = plain(words.join(" — "));
  return {
    title: title === "" ? plain(rest.join(" — ")) : title,
    files: named.length > 0 ? named : mentioned(body),
    risk: plain(risk.replace(/^\(?risk\s*:?\s*/i, "").replace(/\)$/, "")),
  };
}

/** A list of nothing but paths. */
function filesIn(text: string): readonly string[] {
  const words = text
    .split(/\s*,\s*|\s+and\s+|\s+/)
    .map(bare)
    .filter((word) => word !== "");
  return words.length > 0 && words.every((word) => pathLike.test(word)) ? words : [];
}

/** Paths in a sentence: only those in backticks. */
const mentioned = (text: string): readonly string[] => [
  ...new Set([...text.matchAll(/`([^`]+)`/g)].map(([, word = ""]) => word).filter((word) => pathLike.test(word))),
];

const bare = (word: string): string => word.replace(/^[`*"']+|[`*"':]+$/g, "");
const plain = (text: string): string => text.replace(/\*\*/g, "").trim();
