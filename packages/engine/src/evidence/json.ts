/** Reads JSON that others wrote: each field is looked at before it is believed. */

export type JsonRecord = Readonly<Record<string, unknown>>;

export function parseJson(text: string | undefined): unknown {
  if (text === undefined) return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

const isRecord = (value: unknown): value is JsonRecord => typeof value === "object" && value !== null && !Array.isArray(value);

export const recordOf = (value: unknown): JsonRecord => (isRecord(value) ? value : {});
export const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);
export const textOf = (value: unknown): string | undefined => (typeof value === "string" ? value : undefined);
export const numberOf = (value: unknown): number => (typeof value === "number" ? value : 0);
export const textsOf = (value: unknown): readonly string[] =>
  (typeof value === "string" ? [value] : listOf(value)).filter((one) => typeof one === "string");
