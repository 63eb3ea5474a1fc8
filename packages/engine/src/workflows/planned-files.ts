/** A structure as a model or a person writes it → files: lines of `path — purpose`, lists, tables and drawn trees. Forgiving; prose is left out. */
import type { PlannedFile } from "@twolane/protocol";

/** Begins the purpose of a file that exists already and is changed. */
export const changeMark = "(change)";

/** How a structure is asked for. */
export const structureForm = [
  "Answer with the structure alone, without edits, one line for each file with its whole path from the root, in exactly this form:",
  "src/one.ts — what it is for",
  `A file that exists already and must be changed: src/app.ts — ${changeMark} what changes`,
].join("\n");

/** More than that is no structure but a project. */
const filesTaken = 60;

interface Line {
  /** Column in which the name begins. */
  readonly column: number;
  /** Drawn as a branch of a tree, or in a list. */
  readonly branch: boolean;
  readonly name: string;
  readonly purpose: string;
}

/** Each path once, relative to the workspace; what leads out of it is left out. */
export function plannedFiles(text: string): readonly PlannedFile[] {
  const lines = text.split(/\r?\n/).flatMap((line) => lineOf(line) ?? []);
  const files = new Map<string, PlannedFile>();
  /** Folders that the next lines may lie in, the innermost last. */
  let folders: { readonly column: number; readonly path: string }[] = [];
  for (const [index, line] of lines.entries()) {
    folders = folders.filter(({ column }) => column < line.column);
    const home = folders.at(-1)?.path ?? "";
    const own = clean(line.name);
    // Who draws a tree may write whole paths in it all the same.
    const path = own === "" || own.startsWith(home) ? own : home + own;
    const next = lines[index + 1];
    const hasChildren = line.branch && next !== undefined && next.branch && next.column > line.column;
    if (line.name.endsWith("/") || own === "" || (hasChildren && !/\.\w+$/.test(own))) {
      if (own !== "") folders.push({ column: line.column, path: `${path.replace(/\/$/, "")}/` });
      continue;
    }
    if (!isInside(path) || files.has(path)) continue;
    files.set(path, { path, purpose: line.purpose });
    if (files.size === filesTaken) break;
  }
  return [...files.values()];
}

/** What stands before a name: branches of a tree, bullets, numbers, the edge of a table. */
const lead = /^(?:[\s│┃|├└┌╰─━┄+`\\-]|[*•–—](?=\s)|\d{1,2}[.)](?=\s))*/;
const drawn = /[│├└╰]|[|+`\\]--|--\s/;
const nameAlone = /^(?:\*\*)?(?:`([^`]+)`|([^\s`*|:,]+))(?:\*\*)?/;
const purposeLead = /^\s*(?:[—–:#|←]|-{1,2}>?|\/\/|<-{1,2})\s*/;

function lineOf(line: string): Line | undefined {
  if (/^\s*(?:```|~~~)/.test(line)) return undefined;
  let [before = ""] = lead.exec(line) ?? [];
  // A name in backticks is no branch.
  if (before.endsWith("`") && !/[`\\]--/.test(before)) before = before.slice(0, -1);
  const body = line.slice(before.length);
  const match = nameAlone.exec(body);
  const name = match?.[1] ?? match?.[2] ?? "";
  if (match === null || !isName(name)) return undefined;
  const rest = body.slice(match[0].length).trim();
  const branch = drawn.test(before) || /^\s*(?:[-*•]|\d{1,2}[.)])\s/.test(before);
  const isTold = purposeLead.test(rest) || /^[([]\w+[)\]](?:$|\s)/.test(rest);
  if (rest !== "" && !isTold && !(branch && drawn.test(before))) return undefined;
  const isPath = (/[/.]/.test(name) && !/\w\.$/.test(name)) || known.test(name);
  if (!isPath && !drawn.test(before)) return undefined;
  return { column: before.length, branch, name, purpose: purposeOf(rest) };
}

/** Files that are known without an ending. */
const known = /^(?:Makefile|Dockerfile|LICENSE|Procfile|Gemfile|Rakefile|Jenkinsfile|CODEOWNERS|README|justfile)$/;
const isName = (name: string): boolean =>
  /^[\w.@()[\]$+~/-]+$/.test(name) && /[\w.]/.test(name) && !/^\.{3,}$/.test(name) && !/^\d+\.?$/.test(name);

function purposeOf(rest: string): string {
  const text = rest
    .replace(purposeLead, "")
    .replace(/\s*\|\s*$/, "")
    .replace(/\*\*/g, "")
    .trim();
  const changed = /^[[(]?(?:change|changed|changes|modify|modified|edit|update|updated|existing)[\])]?\s*(?:[—–:]|-(?=\s))?\s*/i;
  const marked = /[[(](?:change|changed|modify|modified|edit|update|updated|existing)[\])]/i;
  if (!marked.test(text)) return text;
  const words = text.replace(changed, "").replace(marked, "").trim();
  return words === "" ? changeMark : `${changeMark} ${words}`;
}

const clean = (name: string): string => (/^\.?\/?$/.test(name) ? "" : name.replace(/^(?:\.\/)+/, ""));

const isInside = (path: string): boolean =>
  !path.startsWith("/") &&
  !path.startsWith("~") &&
  !/^[a-z]+:/i.test(path) &&
  path.split("/").every((part) => part !== ".." && part !== "." && part !== "");

export const isChange = ({ purpose }: PlannedFile): boolean => purpose.startsWith(changeMark);
