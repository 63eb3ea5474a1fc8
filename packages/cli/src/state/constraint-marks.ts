/**
 * What the typed request demands, as marks below it that can be taken off. The words are understood by the policy, a moment after the last
 * key so that no key waits for it (`screen/effects.ts`); what was taken off stays off until the words that say it are others. Pure.
 */
import { constraintText, constraintsIn } from "@twolane/policy";
import type { Constraint, WorkflowName } from "@twolane/protocol";
import { readSlash } from "./slash.ts";

export interface Marks {
  /** The text in which these were found. */
  readonly of: string;
  readonly all: readonly Constraint[];
  /** The texts of those that were taken off. */
  readonly off: ReadonlySet<string>;
}

export const noMarks: Marks = { of: "", all: [], off: new Set() };

/** Longer is pasted, and what stands in it is not the person's own demand. */
const longest = 8000;

const workflows: ReadonlySet<string> = new Set<WorkflowName>(["refactor", "debug", "scaffold", "test", "review"]);

/** A line whose command begins a workflow. */
export function isForWorkflow(line: string): boolean {
  const read = readSlash(line);
  return read !== undefined && !("unknown" in read) && workflows.has(read.name);
}

/** What of a line may demand something: a prompt, or what is said to a workflow. Empty: nothing. */
export function demandingText(line: string): string {
  if (line.startsWith("!")) return "";
  if (!line.startsWith("/")) return line.slice(0, longest);
  const read = readSlash(line.slice(0, longest));
  return read === undefined || "unknown" in read || !workflows.has(read.name) ? "" : firstLine(read.argument);
}

const firstLine = (text: string): string => text.split("\n", 1)[0]?.trim() ?? "";

/** What is found in a text comes in place of what was found before. */
export function takeMarks({ off }: Marks, of: string, all: readonly Constraint[]): Marks {
  const texts = new Set(all.map(constraintText));
  return { of, all, off: new Set([...off].filter((text) => texts.has(text))) };
}

export const leftMarks = ({ all, off }: Marks): readonly Constraint[] =>
  off.size === 0 ? all : all.filter((one) => !off.has(constraintText(one)));

/** The last one goes; where none is left, all are back. */
export function takeLastOff(marks: Marks): Marks {
  const last = leftMarks(marks).at(-1);
  return { ...marks, off: last === undefined ? new Set() : new Set([...marks.off, constraintText(last)]) };
}

/** What this text is held to: the marks that are left of it, looked for now where that has not been done yet. */
export const demandsOf = (marks: Marks, text: string): readonly Constraint[] =>
  leftMarks(marks.of === text ? marks : takeMarks(marks, text, constraintsIn(text)));

/** The marks of a prompt, for the one that is sent. Undefined: they are all that its words say, and nobody has looked yet. */
export function demandsOfPrompt(marks: Marks, typed: string, sent: string): readonly Constraint[] | undefined {
  const text = demandingText(typed);
  return marks.of !== text && marks.off.size === 0 && text === sent ? undefined : demandsOf(marks, text);
}
