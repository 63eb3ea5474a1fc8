/** How hooks ended → what follows from it: each for itself, and all of an event together, in the order in which they stand. Pure. */
import { cutToBytes } from "../std/text.ts";

export type HookEnd =
  | { readonly kind: "exited"; readonly status: number; readonly stdout: string; readonly stderr: string }
  | { readonly kind: "timeout" }
  | { readonly kind: "failed"; readonly why: string };

export interface HookSaid {
  /** `block`: exit status 2, or words that mean the same. */
  readonly decision?: "block" | "ask" | "allow";
  /** For the model and the person. */
  readonly reason?: string;
  /** For the model. */
  readonly context?: string;
  /** In the place of the call's own. */
  readonly input?: Readonly<Record<string, unknown>>;
  /** Something went wrong that decides nothing: one line. */
  readonly warning?: string;
}

const longest = 16 * 1024;
const cut = (text: string): string => cutToBytes(text.trim(), longest);
const firstLine = (text: string): string => (text.trim().split("\n", 1)[0] ?? "").slice(0, 200);

export function saidBy(end: HookEnd, { takesPlainText = false }: { readonly takesPlainText?: boolean } = {}): HookSaid {
  if (end.kind === "timeout") return { warning: "did not end in time and was ended" };
  if (end.kind === "failed") return { warning: `could not be run: ${end.why}` };
  const { status, stdout, stderr } = end;
  if (status === 2) return { decision: "block", reason: cut(stderr) || "A hook refused it without a word." };
  if (status !== 0) return { warning: `ended with status ${status}${stderr.trim() === "" ? "" : `: ${firstLine(stderr)}`}` };
  const words = stdout.trim();
  if (words.startsWith("{")) return inJson(words);
  return takesPlainText && words !== "" ? { context: cut(words) } : {};
}

const decisions: Readonly<Record<string, "block" | "ask" | "allow">> = {
  deny: "block",
  block: "block",
  ask: "ask",
  allow: "allow",
  approve: "allow",
};

function inJson(text: string): HookSaid {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return { warning: "said something that begins as JSON and is none" };
  }
  const top = record(value);
  const own = record(top["hookSpecificOutput"]);
  const wanted = wordsOf(own["permissionDecision"]) ?? wordsOf(top["decision"]);
  const decision = top["continue"] === false ? "block" : wanted === undefined ? undefined : decisions[wanted];
  const reason = wordsOf(own["permissionDecisionReason"]) ?? wordsOf(top["reason"]) ?? wordsOf(top["stopReason"]);
  const context = wordsOf(own["additionalContext"]);
  const { updatedInput } = own;
  return {
    ...(decision !== undefined && { decision }),
    ...(reason !== undefined && { reason: cut(reason) }),
    ...(context !== undefined && { context: cut(context) }),
    ...(updatedInput !== undefined && { input: record(updatedInput) }),
  };
}

/** The strictest decides; words stand in the order of the files; of changed inputs the first counts. */
export function together(all: readonly HookSaid[]): HookSaid {
  const decision = (["block", "ask", "allow"] as const).find((one) => all.some((said) => said.decision === one));
  const reasons = all.filter((said) => said.decision === decision).flatMap(({ reason }) => reason ?? []);
  const contexts = all.flatMap(({ context }) => context ?? []);
  const input = all.find((said) => said.input !== undefined)?.input;
  return {
    ...(decision !== undefined && { decision }),
    ...(decision !== undefined && reasons.length > 0 && { reason: reasons.join("\n") }),
    ...(contexts.length > 0 && { context: contexts.join("\n") }),
    ...(input !== undefined && { input }),
  };
}

function record(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? { ...value } : {};
}

const wordsOf = (value: unknown): string | undefined => (typeof value === "string" && value.trim() !== "" ? value : undefined);
