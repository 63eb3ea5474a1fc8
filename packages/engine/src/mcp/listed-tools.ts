/**
 * What a server says of its tools → what may stand in a request: names, texts and schemas of strangers, cut to size. Pure. Which of them a
 * model is offered is decided in `offered-tools.ts`.
 */
import { byteLength } from "../std/text.ts";
import type { ListedTool } from "./thread-messages.ts";

export interface ServerTool {
  readonly name: string;
  readonly title?: string | undefined;
  readonly description?: string | undefined;
  readonly inputSchema: Readonly<Record<string, unknown>>;
  readonly annotations?: { readonly readOnlyHint?: boolean | undefined } | undefined;
}

/** Of one server; what comes behind is not even listed. */
const mostTools = 512;
const longestName = 128;
const longestDescription = 1000;
const largestSchema = 4 * 1024;

export function listedTools(tools: readonly ServerTool[]): readonly ListedTool[] {
  const seen = new Set<string>();
  return tools
    .slice(0, mostTools)
    .flatMap((tool) => {
      if (seen.has(tool.name)) return [];
      seen.add(tool.name);
      return [listed(tool)];
    })
    .sort((one, other) => (one.name < other.name ? -1 : 1));
}

function listed({ name, title, description, inputSchema, annotations }: ServerTool): ListedTool {
  const readOnly = annotations?.readOnlyHint === true;
  const said = oneText(description ?? title ?? name);
  const words = said.length > longestDescription ? `${said.slice(0, longestDescription - 1)}…` : said;
  const schema = fitted(inputSchema);
  const fault =
    name.length > longestName || name.trim() === ""
      ? "its name is too long or empty"
      : schema === undefined
        ? `its parameters are larger than ${largestSchema / 1024} KB`
        : undefined;
  return { name, description: words, schema: schema ?? {}, readOnly, ...(fault !== undefined && { fault }) };
}

/** Without what hides from a person who looks at it. */
function oneText(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}]+/gu, (found) => (/[\n\t]/.test(found) ? " " : "")).trim();
}

/** Providers want an object at the top, with nothing beside it that could make it another thing. */
const leftOut = new Set(["$schema", "$id", "$comment", "oneOf", "anyOf", "allOf", "not", "enum", "title"]);

/** First as it is, then without what only explains; undefined where that is still too large. */
function fitted(schema: Readonly<Record<string, unknown>>): Record<string, unknown> | undefined {
  const kept = Object.entries(schema).filter(([key]) => !leftOut.has(key));
  const whole = {
    ...Object.fromEntries(kept),
    type: "object",
    properties: isRecord(schema["properties"]) ? schema["properties"] : {},
  };
  return [whole, withoutWords(whole)].find((one) => byteLength(JSON.stringify(one)) <= largestSchema);
}

const onlyWords = new Set(["description", "title", "examples", "default", "$comment", "markdownDescription"]);

function withoutWords(schema: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(schema).flatMap(([key, value]) => {
      // Below `properties` the keys are names, which may be any word.
      if (key === "properties" || key === "$defs" || key === "definitions") {
        if (!isRecord(value)) return [];
        return [[key, Object.fromEntries(Object.entries(value).map(([name, one]) => [name, cleaned(one)]))]];
      }
      return onlyWords.has(key) ? [] : [[key, cleaned(value)]];
    }),
  );
}

function cleaned(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(cleaned);
  return isRecord(value) ? withoutWords(value) : value;
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
