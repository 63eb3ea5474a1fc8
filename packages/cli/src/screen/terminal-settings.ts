/** What the configuration says of the terminal, checked: keys, vim, corrections. Pure; the file is read by the engine. */
import { type Result, fail, succeed } from "@twolane/protocol";
import { type Bindings, readBindings } from "../keys/bindings.ts";
import type { Settings } from "../state/app.ts";

export interface TerminalSettings {
  readonly bindings: Bindings;
  readonly settings: Settings;
}

/** CONFIG_INVALID names what cannot be, rather than passing it over. */
export function readTerminalSettings(stored: Readonly<Record<string, unknown>>): Result<TerminalSettings> {
  const { keys, vim = false, corrections = "offer", ...unknown } = stored;
  const [stranger] = Object.keys(unknown);
  if (stranger !== undefined)
    return fail("CONFIG_INVALID", `"terminal.${stranger}" is unknown; known are keys, vim, corrections.`);
  if (typeof vim !== "boolean") return fail("CONFIG_INVALID", '"terminal.vim" must be true or false.');
  if (corrections !== "offer" && corrections !== "tell")
    return fail("CONFIG_INVALID", '"terminal.corrections" must be "offer" or "tell".');
  const bindings = readBindings(keys);
  if (!bindings.ok) return bindings;
  return succeed({ bindings: bindings.value, settings: { vim, tellCorrections: corrections === "tell" } });
}
