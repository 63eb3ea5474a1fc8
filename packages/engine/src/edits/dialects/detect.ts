/** Which dialect a whole text is in: a patch file, a model's answer, or the arguments of an edit call. */
import type { DialectName, ModelCapabilities } from "@twolane/protocol";
import { JsonArguments, type FieldName } from "./json-arguments.ts";
import { pathInLine } from "./path-line.ts";

export interface DetectedDialect {
  readonly dialect: DialectName;
  readonly form: ModelCapabilities["editForm"];
}

/** How each text dialect begins. The first in the text counts: a patch may itself be about files that hold patches. */
const beginnings: readonly (readonly [DialectName, RegExp])[] = [
  ["v4a", /^[ \t]*\*\*\* (?:Begin Patch|(?:Add|Update|Delete) File: \S)/im],
  ["unified-diff", /^diff --git \S|^Index: \S.*\r?\n=+\r?$|^--- \S.*\r?\n\+\+\+ \S/m],
  ["search-replace", /^<{5,9} ?SEARCH\b/m],
];

/** A line that may begin JSON, alone or right inside a fence. */
const jsonStart = /^(?:(?:`{3,}|~{3,})\w*\r?\n)?\s*[{[]/m;

export function detectDialect(text: string): DetectedDialect | undefined {
  return fromJson(text) ?? fromText(text) ?? (hasNamedBlock(text) ? { dialect: "whole-file", form: "message" } : undefined);
}

function fromText(text: string): DetectedDialect | undefined {
  let first: { readonly dialect: DialectName; readonly at: number } | undefined;
  for (const [dialect, beginning] of beginnings) {
    const at = text.search(beginning);
    if (at >= 0 && (first === undefined || at < first.at)) first = { dialect, at };
  }
  if (first === undefined) return undefined;
  // A file name above SEARCH belongs to the block, so that such a text is a message as well.
  return { dialect: first.dialect, form: text.slice(0, first.at).trim() === "" ? "freeform" : "message" };
}

/** JSON counts only where it comes before any patch, and holds the fields of an edit. */
function fromJson(text: string): DetectedDialect | undefined {
  const start = text.search(jsonStart);
  if (start < 0) return undefined;
  const patch = Math.min(...beginnings.map(([, beginning]) => text.search(beginning)).filter((at) => at >= 0));
  if (patch < start) return undefined;
  const fields = new Set<FieldName>();
  let inner = "";
  const json = new JsonArguments({
    field: (_object, name) => fields.add(name),
    patch: (piece) => {
      inner += piece;
    },
    closed: (object) => {
      for (const name of object.fields.keys()) fields.add(name);
    },
    outside: () => undefined,
    broken: () => undefined,
  });
  json.push(text.slice(start));
  if (inner !== "") {
    const dialect = fromText(inner)?.dialect;
    if (dialect !== undefined) return { dialect, form: "json" };
  }
  if (!fields.has("path")) return undefined;
  if ((["old", "edits", "delete", "move"] as const).some((name) => fields.has(name)))
    return { dialect: "str-replace", form: "json" };
  return fields.has("content") ? { dialect: "whole-file", form: "json" } : undefined;
}

/** A line that names a file, right above a fence. */
function hasNamedBlock(text: string): boolean {
  let lead = "";
  for (const line of text.split(/\r?\n/)) {
    if (/^ *(?:`{3,}|~{3,})/.test(line)) {
      const inInfo = line
        .trim()
        .split(/\s+/)
        .slice(1)
        .some((word) => pathInLine(word) !== undefined);
      if (pathInLine(lead) !== undefined || inInfo) return true;
    }
    if (line.trim() !== "") lead = line;
  }
  return false;
}
