/** Whether a run shows that a failure is gone, the same, or another; and which command failed in the first place. Pure. */
import type { Evidence } from "@twolane/protocol";
import type { FoundFailure } from "./failures/failure.ts";
import { findFailures } from "./failures/failures.ts";
import { outputLines } from "./failures/output-lines.ts";
import type { WorkspaceFiles } from "./failures/workspace-files.ts";

export type Proof =
  /** `others`: they failed before as well. */
  | { readonly kind: "passed"; readonly others: number }
  | { readonly kind: "same" }
  | { readonly kind: "another"; readonly output: string; readonly failures: readonly FoundFailure[] }
  /** Nothing could be run. */
  | { readonly kind: "unknown"; readonly why: string };

export interface Ran {
  readonly status?: number;
  readonly output: string;
  readonly why?: string;
}

const prompt = /^\s*(?:\S+@\S+[:~\s/\w.-]*)?[$%❯➜]\s+(\S.*)$/;
const npmScript = /^> \S+@\S+ (\S+)(?: \S+)?$/;
/** So npm writes it for a package without a version: its line and the script's own. */
const namelessScript = /^> ([\w:.-]+)$/;
/** So far into the output a command stands above it. */
const headLines = 12;
const headSize = 8000;

/** The command that made this output, where it stands above it; undefined where it does not. */
export function commandOf(output: string): string | undefined {
  const lines = outputLines(output.slice(0, headSize)).slice(0, headLines);
  for (const [at, line] of lines.entries()) {
    const [, typed] = prompt.exec(line) ?? [];
    if (typed !== undefined) return plainCommand(typed);
    const nameless = lines[at + 1]?.startsWith("> ") === true ? namelessScript : undefined;
    const [, script] = npmScript.exec(line.trimEnd()) ?? nameless?.exec(line.trimEnd()) ?? [];
    if (script !== undefined) return script === "test" ? "npm test" : `npm run ${script}`;
  }
  return undefined;
}

/** Without what led the output here. */
const plainCommand = (line: string): string =>
  line
    .replace(/\s*(?:2>&1\s*)?\|\s*(?:tee\b.*|twolane\b.*|less\b.*|cat\b.*)$/, "")
    .replace(/\s*2>&1\s*$/, "")
    .trim();

const readOnly = /read-only file system|\bEROFS\b/i;

export interface Before {
  readonly failures: readonly FoundFailure[];
  readonly files: WorkspaceFiles;
}

export function proofOfRun({ status, output, why }: Ran, { failures, files }: Before): Proof {
  if (status === undefined) return { kind: "unknown", why: why ?? "it was ended" };
  if (status === 0) return { kind: "passed", others: 0 };
  const now = findFailures(output, files);
  const [first] = failures;
  if (first !== undefined && now.some((one) => isSame(one, first))) return { kind: "same" };
  if (readOnly.test(output)) return { kind: "unknown", why: "it wants to write in the workspace" };
  if (first === undefined || now.length === 0) return { kind: "another", output, failures: now };
  const isKnown = (one: FoundFailure): boolean => failures.some((other) => isSame(one, other));
  return now.every(isKnown)
    ? { kind: "passed", others: now.length }
    : { kind: "another", output, failures: now.filter((one) => !isKnown(one)) };
}

export function proofOfTests(
  { evidence, why }: { readonly evidence?: Evidence; readonly why?: string },
  { failures: [first] }: Pick<Before, "failures">,
): Proof {
  if (evidence === undefined) return { kind: "unknown", why: why ?? "no test reaches it" };
  if (evidence.outcome === "passed") {
    const places = new Set((first?.places ?? []).flatMap(({ path, own }) => (own ? [path] : [])));
    const isAmong = places.size === 0 || first?.tool === "node" || evidence.files.some(({ path }) => places.has(path));
    return isAmong
      ? { kind: "passed", others: 0 }
      : { kind: "unknown", why: "the test that failed is not among those that the change reaches" };
  }
  const { failure } = evidence;
  if (evidence.outcome !== "failed" || failure === undefined)
    return { kind: "unknown", why: evidence.reason ?? `tests: ${evidence.outcome}` };
  const { name, message, path, line = 0 } = failure;
  const now: FoundFailure = {
    tool: "unknown",
    name,
    message,
    places: [{ path, line, own: true }],
    excerpt: `${name}\n${message}`,
  };
  return first !== undefined && isSame(now, first) ? { kind: "same" } : { kind: "another", output: message, failures: [now] };
}

/** Whether a check's run speaks for its cause. */
export function outcomeOf({ status, output }: Ran, failures: readonly FoundFailure[]): "fits" | "refuted" | "unclear" {
  const line = firstLine(failures[0]?.message ?? "");
  if (status === undefined) return "unclear";
  if (line.length >= shortestTelling && output.includes(line)) return "fits";
  if (status === 0) return "refuted";
  // A shell that finds no such command, or a disk that takes nothing, says nothing of the cause.
  return readOnly.test(output) || status === 126 || status === 127 ? "unclear" : "fits";
}

const shortestTelling = 8;
const firstLine = (text: string): string => (text.split("\n")[0] ?? "").trim();

/** Runners write the same test's name in several ways, and numbers of lines move. */
function isSame(one: FoundFailure, other: FoundFailure): boolean {
  const [name, otherName] = [lastName(one.name), lastName(other.name)];
  const [text, otherText] = [plainText(one.message), plainText(other.message)];
  if (one.tool === other.tool && (text === "" || otherText === "")) return name === otherName;
  if (name !== "" && name === otherName && !isKind(one.name)) return true;
  const contains = text !== "" && otherText !== "" && (text.includes(otherText) || otherText.includes(text));
  return contains && (one.places[0]?.path === other.places[0]?.path || one.tool !== other.tool);
}

const lastName = (name: string): string =>
  name
    .split(/ > | › |::/)
    .at(-1)
    ?.trim() ?? "";
/** The kind of an error or a rule is no name of a test. */
const isKind = (name: string): boolean =>
  /^(?:TS\d+|E\d{4}|\w*(?:Error|Exception)|panic|[\w@/-]+\([\w/-]+\)|[a-z]+(?:-[a-z]+)+)$/.test(name);
const plainText = (message: string): string =>
  firstLine(message)
    .replace(/^[\w.]*(?:Error|Exception)(?: \[\w+\])?: /, "")
    .replace(/\d+/g, "#");
