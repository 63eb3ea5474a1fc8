/** What a model may call besides editing: the shape that every tool has. One file a tool, beside the text the model reads. */
import type { Failure, HunkId, TurnId } from "@twolane/protocol";
import type { ToolDefinition } from "../models/models.ts";

export interface ToolResult {
  readonly ok: boolean;
  /** For the model. Ends with a clear mark where it was cut. */
  readonly text: string;
  /** One line for the person. */
  readonly summary: string;
}

export interface Tool {
  readonly definition: ToolDefinition;
  /** One line for the person before the call runs, from its arguments. */
  describe(input: string): string;
  /** Never rejects; a failure is a result that the model can read. */
  run(input: string, signal: AbortSignal, call: ToolCall): Promise<ToolResult>;
}

/** Which call it is, for a tool whose doings are told apart from others. */
export interface ToolCall {
  readonly call: string;
  readonly turn: TurnId;
  /** Names a hunk, where the call changes files. */
  readonly nextHunk: () => HunkId;
}

/** Arguments of a call: what is there in the right type. Unknown ones are ignored, as models invent them. */
export interface CallArguments {
  text(name: string): string | undefined;
  number(name: string): number | undefined;
  /** True only for `true`, and for the word, which some models write. */
  flag(name: string): boolean;
  list(name: string): readonly string[] | undefined;
}

/** The arguments, or a sentence for the model why they cannot be read. */
export function parseArguments(input: string): CallArguments | string {
  let value: unknown;
  try {
    value = input.trim() === "" ? {} : JSON.parse(input);
  } catch {
    return "The arguments are not valid JSON.";
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) return "The arguments must be a JSON object.";
  const fields = new Map<string, unknown>(Object.entries(value));
  return {
    text(name) {
      const field = fields.get(name);
      return typeof field === "string" ? field : undefined;
    },
    number(name) {
      const field = Number(fields.get(name) ?? Number.NaN);
      return Number.isFinite(field) ? field : undefined;
    },
    flag: (name) => fields.get(name) === true || fields.get(name) === "true",
    list(name) {
      const field = fields.get(name);
      if (!Array.isArray(field)) return undefined;
      const words = field.filter((word) => typeof word === "string");
      return words.length === field.length ? words : undefined;
    },
  };
}

export const refused = (text: string): ToolResult => ({ ok: false, text, summary: text.split("\n", 1)[0] ?? "" });
export const refusedBy = (failure: Failure): ToolResult => refused(`${failure.message} ${failure.cure}`);
