/** The header in which a model's key travels. */
import type { ResolvedModel } from "./catalog.ts";
import type { KeyHeader, Wire } from "./providers.ts";

export function keyHeaderOf({ key, keyHeader, wire }: Pick<ResolvedModel, "key" | "keyHeader" | "wire">): Record<string, string> {
  if (key === undefined) return {};
  const name = keyHeader ?? usual(wire);
  return name === "bearer" ? { authorization: `Bearer ${key}` } : { [name]: key };
}

const usual = (wire: Wire): KeyHeader => (wire === "messages" ? "x-api-key" : "bearer");
