/**
 * What a Python module exports: its `__all__`, or every name without an underscore in front. Names of parameters count, as callers may use
 * them; what they are when left out does not.
 */
import { brackets, masked, pythonMasking } from "../tests/masked.ts";
import { type Declarations, DeclarationMap, type Signature, plain } from "./declarations.ts";

/** A line with all that its brackets and backslashes take along. */
interface Line {
  readonly indent: number;
  /** Without comments; strings as they are written. */
  readonly text: string;
}

/** A stretch of lines that belong together. */
interface Block {
  readonly lines: readonly Line[];
  readonly from: number;
  readonly to: number;
  /** Of names in a class: `A.`. */
  readonly prefix: string;
}

type Put = (name: string, what: Signature) => void;

export function pythonDeclarations(text: string, path: string): Declarations {
  const lines = linesOf(text);
  const found = new DeclarationMap();
  const all = namesInAll(lines);
  const isExported = (name: string): boolean => (all === undefined ? isPublic(name) : all.has(/^[^.]*/.exec(name)?.[0] ?? ""));
  readBlock({ lines, from: 0, to: lines.length, prefix: "" }, (name, what) => {
    if (isExported(name)) found.add(name, what);
  });
  if (all !== undefined || /(?:^|\/)__init__\.pyi?$/.test(path))
    for (const { indent, text: line } of lines)
      for (const name of indent === 0 ? importedNames(line) : [])
        if (isExported(name) && !found.has(name)) found.add(name, plain(`import ${name}`));
  // What is named there and comes from elsewhere, e.g. by a star import.
  for (const name of all ?? []) if (!found.has(name)) found.add(name, plain(`__all__: ${name}`));
  return found;
}

/** What Python itself calls counts as well. */
const isPublic = (name: string): boolean => !name.startsWith("_") || /^__\w+__$/.test(name);

function linesOf(text: string): readonly Line[] {
  const said = text
    .replace(/\r\n?/g, "\n")
    .replace(pythonMasking, (span) => (span.startsWith("#") ? " ".repeat(span.length) : span));
  const code = masked(said, pythonMasking);
  const behind = brackets(code);
  const lines: Line[] = [];
  const stops = /[\n([{\\]|"""|'''/g;
  for (let at = 0; at < code.length;) {
    let end = at;
    for (;;) {
      stops.lastIndex = end;
      const stop = stops.exec(code);
      end = stop === null ? code.length : stop.index;
      if (stop === null || stop[0] === "\n") break;
      if (stop[0].length === 3) end = tripleEnd(code, end);
      else if (stop[0] === "\\") end += 2;
      else end = Math.max(behind(end), end + 1);
    }
    const line = said.slice(at, end);
    if (line.trim() !== "") {
      const indent = /^[ \t]*/.exec(line)?.[0].length ?? 0;
      lines.push({ indent, text: line.replace(/\\\n/g, " ").replace(/\s+/g, " ").trim() });
    }
    at = end + 1;
  }
  return lines;
}

function tripleEnd(code: string, at: number): number {
  const close = code.indexOf(code.slice(at, at + 3), at + 3);
  return close < 0 ? code.length : close + 3;
}

const head = /^(?:async )?def (\w+) ?((?:\[[^\]]*\])?)\((.*)\)((?: ?-> ?[^:]+(?:\[.*\])?)?) ?:/;
const shownDecorator =
  /^@(?:property|staticmethod|classmethod|(?:functools\.)?cached_property|[\w.]+\.(?:setter|deleter)|(?:typing\.)?overload|(?:abc\.)?abstractmethod)\b/;

function readBlock({ lines, from, to, prefix }: Block, put: Put): void {
  const indent = lines[from]?.indent ?? 0;
  let decorators: string[] = [];
  for (let at = from; at < to; at++) {
    const line = lines[at];
    if (line === undefined || line.indent !== indent) continue;
    if (line.text.startsWith("@")) {
      const shown = shownDecorator.exec(line.text)?.[0];
      if (shown !== undefined) decorators.push(`${shown} `);
      continue;
    }
    const lead = decorators.join("");
    decorators = [];
    const def = head.exec(line.text);
    if (def !== null) {
      const [whole, name = "", generics = "", params = "", result = ""] = def;
      if (!isPublic(name) && prefix !== "") continue;
      const words = whole.startsWith("async") ? "async def" : "def";
      put(
        prefix + name,
        plain(`${lead}${words} ${prefix}${name}${generics}(${paramsOf(params)})${result.replace(/ ?-> ?/, " -> ").trimEnd()}`),
      );
      continue;
    }
    const [, name] = /^class (\w+)/.exec(line.text) ?? [];
    if (name !== undefined) {
      if (!isPublic(name) && prefix !== "") continue;
      put(prefix + name, plain(`class ${prefix}${/^class ([^:]*(?:\[.*?\])?[^:]*)/.exec(line.text)?.[1]?.trim() ?? name}`));
      let end = at + 1;
      while (end < to && (lines[end]?.indent ?? 0) > indent) end++;
      if (end > at + 1) readBlock({ lines, from: at + 1, to: end, prefix: `${prefix}${name}.` }, put);
      continue;
    }
    variables(line.text, prefix, put);
  }
}

/** `A = …`, `a: T = …`; what it is set to does not count. */
function variables(line: string, prefix: string, put: Put): void {
  const [, name, type] = /^([A-Za-z_]\w*) ?: ?([^=]+?)(?: ?=.*)?$/.exec(line) ?? [];
  if (name !== undefined && type !== undefined && !/^(?:else|try|finally|lambda|with|if|for|while|except)$/.test(name)) {
    if (isPublic(name)) put(prefix + name, plain(`${prefix}${name}: ${type}`));
    return;
  }
  const [, names = ""] = /^((?:[A-Za-z_]\w* ?(?:,|=(?!=)) ?)*[A-Za-z_]\w*) ?=(?!=)/.exec(line) ?? [];
  for (const one of names.split(/[ ,=]+/))
    if (one !== "" && one !== "__all__" && isPublic(one)) put(prefix + one, plain(`${prefix}${one} = …`));
}

/** Without `self`; of what may be left out only that it may. */
function paramsOf(text: string): string {
  const parts: string[] = [];
  let depth = 0;
  let part = "";
  for (const [piece] of text.matchAll(/"(?:\\.|[^"\\])*"?|'(?:\\.|[^'\\])*'?|[\s\S]/g)) {
    if ("([{".includes(piece)) depth++;
    if (")]}".includes(piece)) depth--;
    if (piece === "," && depth === 0) {
      parts.push(part);
      part = "";
    } else part += piece;
  }
  parts.push(part);
  return parts
    .map((one) => one.trim())
    .filter((one) => one !== "" && one !== "self" && one !== "cls")
    .map((one) => one.replace(/^([^=]*?) ?=(?!=).*$/s, "$1=…").replace(/ ?: ?/, ": "))
    .join(", ");
}

/** Undefined: there is none that can be read. */
function namesInAll(lines: readonly Line[]): ReadonlySet<string> | undefined {
  const said = lines.filter(({ indent, text }) => indent === 0 && /^__all__ ?(?:\+?=|: ?[^=]+=|\.(?:extend|append))/.test(text));
  if (said.length === 0) return undefined;
  return new Set(said.flatMap(({ text }) => [...text.matchAll(/["'](\w+)["']/g)].map(([, name = ""]) => name)));
}

function importedNames(line: string): readonly string[] {
  const [, names] = /^from \S+ import \(?([^)]*)\)?$/.exec(line) ?? [];
  const [, modules] = /^import (.*)$/.exec(line) ?? [];
  const list = names ?? modules ?? "";
  return list.split(",").flatMap((one) => /(\w+)$/.exec(one.trim().replace(/^(\w+)\.[\w.]+$/, "$1"))?.[1] ?? []);
}
