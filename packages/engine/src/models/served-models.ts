/** What a server says of its models: names, and window and price where it tells them. Servers differ in the fields; nothing is made up. */
import type { ModelPrice } from "@twolane/protocol";

export interface ServedModel {
  readonly name: string;
  readonly contextWindow?: number;
  /** US dollars for a million tokens. */
  readonly price?: ModelPrice;
}

type Fields = Readonly<Record<string, unknown>>;

/** Undefined for what is no list of models. */
export function readServedModels(text: string): readonly ServedModel[] | undefined {
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch {
    return undefined;
  }
  const { data, models } = fieldsOf(body);
  // A server without any model says null.
  if (data === null) return [];
  const list: unknown = Array.isArray(data) ? data : models;
  if (!Array.isArray(list)) return undefined;
  return list.flatMap((entry: unknown) => readOne(fieldsOf(entry)));
}

function readOne(fields: Fields): readonly ServedModel[] {
  const name = [fields["id"], fields["name"]].find((one): one is string => typeof one === "string" && one !== "");
  if (name === undefined) return [];
  const window = ["context_length", "max_model_len", "context_window", "max_context_length", "max_input_tokens"]
    .map((key) => fields[key])
    .concat(fieldsOf(fields["meta"])["n_ctx"], fieldsOf(fields["meta"])["n_ctx_train"])
    .find((value): value is number => typeof value === "number" && Number.isSafeInteger(value) && value > 0);
  const price = readPrice(fieldsOf(fields["pricing"]));
  return [{ name, ...(window !== undefined && { contextWindow: window }), ...(price && { price }) }];
}

/** Written as dollars for one token, as a text. */
function readPrice(pricing: Fields): ModelPrice | undefined {
  const million = (key: string): number | undefined => {
    const value = typeof pricing[key] === "string" ? Number(pricing[key]) : Number.NaN;
    return Number.isFinite(value) && value >= 0 ? Number((value * 1e6).toPrecision(12)) : undefined;
  };
  const [input, output] = [million("prompt"), million("completion")];
  if (input === undefined || output === undefined) return undefined;
  return { input, output, cachedInput: million("input_cache_read") ?? input };
}

const fieldsOf = (value: unknown): Fields => (typeof value === "object" && value !== null ? { ...value } : {});
