/** Puts a provider into the text of the user's configuration; all else of it, order, blanks and line ends included, stays as it is. Pure. */
import { type Result, fail, succeed } from "@twolane/protocol";
import { applyEdits, findNodeAtLocation, modify, parseTree } from "jsonc-parser";
import { type ProviderConfig, parseModelConfig } from "./config.ts";

export interface ProviderEdit {
  readonly name: string;
  readonly provider: Pick<ProviderConfig, "baseUrl" | "wire" | "keyEnv" | "keyHeader">;
  /** For messages. */
  readonly path: string;
}

/** CONFIG_INVALID where the text is not valid before, USAGE for a name that cannot be one. */
export function withProvider(written: string | undefined, { name, provider, path }: ProviderEdit): Result<string> {
  const before = written === undefined || written.trim() === "" ? "{}\n" : written;
  const valid = parseModelConfig(before, path);
  if (!valid.ok) return valid;
  const kept = valid.value.providers[name];
  // Key by key, so that what a person wrote beside stays.
  const changed = (): string =>
    Object.entries({ keyEnv: undefined, keyHeader: undefined, ...provider }).reduce(
      (text, [key, value]) =>
        value === undefined && !Object.hasOwn(kept ?? {}, key) ? text : set(text, ["providers", name, key], value),
      before,
    );
  const after =
    kept === undefined ? (behindLast(before, name, provider) ?? set(before, ["providers", name], { ...provider })) : changed();
  const checked = parseModelConfig(after, path);
  if (checked.ok) return succeed(after);
  return fail("USAGE", `"${name}" cannot be a provider's name.`, "Use small letters, digits, . _ and -.");
}

function layoutOf(text: string): { readonly eol: string; readonly indent: string } {
  return { eol: text.includes("\r\n") ? "\r\n" : "\n", indent: /\n([ \t]+)"/.exec(text)?.[1] ?? "  " };
}

function set(text: string, place: readonly string[], value: unknown): string {
  const { eol, indent } = layoutOf(text);
  const formattingOptions = { insertSpaces: !indent.startsWith("\t"), tabSize: indent.length, eol };
  return applyEdits(text, modify(text, [...place], value, { formattingOptions }));
}

/** The library would lay out the last provider's line anew as well. Undefined: there is no other provider. */
function behindLast(text: string, name: string, value: object): string | undefined {
  const tree = parseTree(text);
  const last = tree && findNodeAtLocation(tree, ["providers"])?.children?.at(-1);
  if (last === undefined) return undefined;
  const { eol, indent } = layoutOf(text);
  const pretty = JSON.stringify(value, undefined, indent).replaceAll("\n", `${eol}${indent}${indent}`);
  const end = last.offset + last.length;
  return `${text.slice(0, end)},${eol}${indent}${indent}${JSON.stringify(name)}: ${pretty}${text.slice(end)}`;
}
