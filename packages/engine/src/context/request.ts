/** One pattern for every prepared request: one objective, what is to be done, what it is held to, and what comes back. */
import type { Constraint } from "@twolane/protocol";
import { constraintText } from "@twolane/policy";

export interface RequestParts {
  /** One sentence; may be empty. */
  readonly objective: string;
  readonly body: string;
  readonly constraints: readonly Constraint[];
  /** `plan`: at most three bullets, then edits. `answer`: words, no edits. */
  readonly output: "plan" | "edits" | "answer";
}

const outputs: Readonly<Record<RequestParts["output"], string>> = {
  plan: "Output: a plan of at most three bullets, then the edits.",
  edits: "Output: the edits, without a plan.",
  answer: "Output: an answer in words, without edits.",
};

export function requestText({ objective, body, constraints, output }: RequestParts): string {
  const held = constraints.map(constraintText).join("; ");
  return [
    ...(objective === "" ? [] : [`Objective: ${objective}`]),
    body,
    ...(held === "" ? [] : [`Constraints: ${held}.`]),
    outputs[output],
  ].join("\n\n");
}

/** `typed` in the place of `$ARGUMENTS`; behind the text where there is no such place. */
export function withArguments(body: string, typed: string): string {
  const words = typed.trim();
  if (!body.includes("$ARGUMENTS")) return words === "" ? body : `${body}\n\n${words}`;
  return body.replaceAll("$ARGUMENTS", () => words).trim();
}
