/** What is wrong with a policy file, in the words of whoever wrote it, and the lines of its text. Finds nothing wrong itself. */
import type { LineCounter, Node, ParsedNode, YAMLError } from "yaml";
import { isMap, isScalar, isSeq } from "yaml";
import type { z } from "zod";
import { keysAt } from "./schema.ts";

export interface PolicyProblem {
  /** 1-based line in the file. */
  readonly line: number;
  /** One line, without a full stop. */
  readonly message: string;
  readonly cure: string;
}

/** A place in the file as keys and numbers, e.g. `scope`, `0`, `hold`. */
export type FilePath = readonly PropertyKey[];

export interface PlacedProblem extends Omit<PolicyProblem, "line"> {
  readonly path: FilePath;
}

/** Lines of the places in a file. */
export class FileLines {
  private readonly contents: ParsedNode | null;
  private readonly counter: LineCounter;

  constructor(contents: ParsedNode | null, counter: LineCounter) {
    this.contents = contents;
    this.counter = counter;
  }

  /** Of the place, or of what comes nearest to it. */
  lineOf(path: FilePath): number {
    let at: Node | null = this.contents;
    let offset = at?.range?.[0] ?? 0;
    for (const step of path) {
      if (isMap(at)) {
        const pair = at.items.find(({ key }) => isScalar(key) && String(key.value) === String(step));
        if (!isScalar(pair?.key)) break;
        offset = pair.key.range?.[0] ?? offset;
        at = isNode(pair.value) ? pair.value : null;
      } else if (isSeq(at)) {
        const item = at.items[Number(step)];
        if (!isNode(item)) break;
        offset = item.range?.[0] ?? offset;
        at = item;
      } else break;
    }
    return this.counter.linePos(offset).line;
  }
}

const isNode = (value: unknown): value is Node => isMap(value) || isSeq(value) || isScalar(value);

export function textProblem(error: YAMLError): PolicyProblem {
  const line = error.linePos?.[0].line ?? 1;
  const [first = ""] = error.message.split(/ at line \d|\n/);
  const message = error.code === "DUPLICATE_KEY" ? "the same key stands here twice" : `it is not YAML: ${lowered(first)}`;
  return { line, message, cure: "Correct the text; an editor with a YAML schema shows the place." };
}

/** One of the form's faults; several where it names several keys. */
export function formProblems(issue: z.core.$ZodIssue, lines: FileLines): PolicyProblem[] {
  const { path } = issue;
  const line = lines.lineOf(path);
  const place = path.length === 0 ? "the file" : `\`${path.filter((step) => typeof step === "string").at(-1)}\``;
  if (issue.input === undefined && path.length > 0 && (issue.code === "invalid_type" || issue.code === "invalid_value"))
    return [{ line, message: `${place} is missing`, cure: path.at(-1) === "version" ? "Add `version: 1`." : "Add it." }];
  switch (issue.code) {
    case "unrecognized_keys":
      return issue.keys.map((key) => ({
        line: lines.lineOf([...path, key]),
        message: `\`${key}\` is no key ${path.length === 0 ? "of a policy" : `of ${placeName(path)}`}`,
        cure: keyCure(key, keysAt(path)),
      }));
    case "invalid_type":
      return [{ line, message: `${place} must be ${kinds[issue.expected] ?? issue.expected}`, cure: typeCure(issue.expected) }];
    case "invalid_value":
      return [{ line, message: `${place} is none of ${issue.values.join(", ")}`, cure: "Write one of them." }];
    case "custom":
      return [{ line, message: issue.message, cure: String(issue.params?.["cure"]) }];
    default:
      return [{ line, message: `${place}: ${lowered(issue.message)}`, cure: "docs/policy.md describes each key." }];
  }
}

const kinds: Readonly<Record<string, string>> = {
  array: "a list",
  object: "a section with keys",
  string: "text",
  boolean: "true or false",
  int: "a whole number",
  number: "a number",
};

function typeCure(expected: string): string {
  if (expected === "array") return "Write it as a list, e.g. `[src/**]`.";
  return expected === "string" ? "Put it in quotes." : "docs/policy.md describes each key.";
}

function placeName(path: FilePath): string {
  const name = path.filter((step) => typeof step === "string").at(-1) ?? "";
  return typeof path.at(-1) === "number" ? `a rule of \`${name}\`` : `\`${name}\``;
}

function keyCure(key: string, known: readonly string[]): string {
  const near = known.find((one) => distance(one, key.toLowerCase()) <= 2);
  return near === undefined ? `Known here: ${known.join(", ")}.` : `Did you mean \`${near}\`?`;
}

/** How many letters must change; only as exact as a hint needs. */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++)
      next.push(Math.min(row[j]! + 1, next[j - 1]! + 1, row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1)));
    row = next;
  }
  return row[b.length]!;
}

const lowered = (text: string): string => text.charAt(0).toLowerCase() + text.slice(1);
