/** A tool whose input is raw text, offered to models that only write JSON: one argument holds the text. */

/** Name of that argument. */
const rawArgument = "patch";

/** JSON Schema of the arguments. */
export const rawParameters: Record<string, unknown> = {
  type: "object",
  properties: { [rawArgument]: { type: "string" } },
  required: [rawArgument],
  additionalProperties: false,
};

/** Raw text as the arguments of such a tool. */
export const rawArguments = (text: string): string => JSON.stringify({ [rawArgument]: text });
