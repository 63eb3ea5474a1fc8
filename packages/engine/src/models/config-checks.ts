/**
 * The checks that sections of the user's configuration are made of: a value from JSON in, the checked value out, or a mistake that names
 * its place.
 */
import type { JsonPath } from "./json-lines.ts";

/** A mistake in what stands at `path`. */
export class ConfigMistake extends Error {
  readonly path: JsonPath;

  constructor(message: string, path: JsonPath) {
    super(message);
    this.path = path;
  }
}

export type Check<T> = (value: unknown, path: JsonPath) => T;
export type Shape = Readonly<Record<string, Check<unknown>>>;
export type Checked<S extends Shape> = { readonly [K in keyof S]?: ReturnType<S[K]> };

/** An object whose keys are all optional and all known. */
export function readKeys<S extends Shape>(value: unknown, path: JsonPath, shape: S): Checked<S> {
  const checked: { [K in keyof S]?: ReturnType<S[K]> } = {};
  for (const [key, member] of Object.entries(record(value, path))) {
    const check = Object.hasOwn(shape, key) ? shape[key] : undefined;
    if (check === undefined)
      throw new ConfigMistake(`the key "${key}" is unknown; known are ${Object.keys(shape).join(", ")}`, [...path, key]);
    Object.assign(checked, { [key]: check(member, [...path, key]) });
  }
  return checked;
}

export const nameOf = (path: JsonPath): string => (path.length === 0 ? "the file" : `"${path.join(".")}"`);

export function record(value: unknown, path: JsonPath): Record<string, unknown> {
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return { ...value };
  throw new ConfigMistake(`${nameOf(path)} must be an object`, path);
}

export const text: Check<string> = (value, path) => {
  if (typeof value === "string" && value.trim() !== "") return value;
  throw new ConfigMistake(`${nameOf(path)} must be a text`, path);
};

export const truth: Check<boolean> = (value, path) => {
  if (typeof value === "boolean") return value;
  throw new ConfigMistake(`${nameOf(path)} must be true or false`, path);
};

export const count: Check<number> = (value, path) => {
  if (typeof value === "number" && Number.isInteger(value) && value > 0) return value;
  throw new ConfigMistake(`${nameOf(path)} must be a whole number above 0`, path);
};

export const oneOf =
  <T extends string>(choices: readonly T[]): Check<T> =>
  (value, path) => {
    const choice = choices.find((candidate) => candidate === value);
    if (choice !== undefined) return choice;
    throw new ConfigMistake(`${nameOf(path)} must be one of ${choices.join(", ")}`, path);
  };

export const address: Check<string> = (value, path) => {
  const written = text(value, path);
  if (URL.canParse(written) && /^https?:$/.test(new URL(written).protocol)) return written;
  throw new ConfigMistake(`${nameOf(path)} must be an http or https address`, path);
};

export const modelName: Check<string> = (value, path) => {
  const name = text(value, path);
  if (name === "instant" || /^[^/\s]+\/\S+$/.test(name)) return name;
  throw new ConfigMistake(`${nameOf(path)} must be provider/name, or instant`, path);
};

export const variable: Check<string> = (value, path) => {
  const name = text(value, path);
  if (/^[A-Za-z_][A-Za-z0-9_]*$/.test(name)) return name;
  // A key written here by mistake must not appear in the message.
  throw new ConfigMistake(`${nameOf(path)} must be the name of an environment variable, not the key itself`, path);
};
