/**
 * Failing output, pasted or piped → what failed and where. One reader a tool; where two read the same lines, the one that stands first in
 * the table knows them better. Pure, and never throws.
 */
import { readAnyPlace } from "./any-place.ts";
import { readEslint } from "./eslint.ts";
import type { FailurePlace, FailureReader, FoundFailure, WrittenFailure, WrittenPlace } from "./failure.ts";
import { readGo } from "./go.ts";
import { readJava } from "./java.ts";
import { readJest } from "./jest.ts";
import { readMocha } from "./mocha.ts";
import { readNodeTest } from "./node-test.ts";
import { readNode } from "./node.ts";
import { outputLines } from "./output-lines.ts";
import { readPytest } from "./pytest.ts";
import { readPython } from "./python.ts";
import { readRust } from "./rust.ts";
import { readTypeScript } from "./typescript.ts";
import { readVitest } from "./vitest.ts";
import { type WorkspaceFiles, isForeign } from "./workspace-files.ts";

const readers: readonly FailureReader[] = [
  ...[readVitest, readJest, readMocha, readNodeTest, readPytest, readPython, readTypeScript],
  ...[readEslint, readRust, readGo, readJava, readNode],
];

/** So many are told; the first ones matter. */
const mostFailures = 20;
const mostPlaces = 12;
/** Looked at; a failure may repeat, and a stack may be endless. */
const mostLooked = 200;
const excerptLines = 30;
const excerptWidth = 200;

export function findFailures(output: string, files: WorkspaceFiles): readonly FoundFailure[] {
  const lines = outputLines(output);
  const read = written(lines);
  const settled = (read.length > 0 ? read : readAnyPlace(lines)).map((one) => settledFailure(one, lines, files));
  const seen = new Set<string>();
  return settled
    .filter((failure) => {
      const [first] = failure.places;
      const key = `${identityOf(failure)} ${first?.path}:${first?.line}`;
      return !seen.has(key) && seen.add(key);
    })
    .slice(0, mostFailures);
}

/** What stays the same where the same thing fails again: not its numbers, not where its lines moved. */
const identityOf = ({ name, message, places: [first] }: FoundFailure): string =>
  JSON.stringify([
    name,
    (message.split("\n")[0] ?? "").replace(/\d+/g, "#"),
    name === "" || message === "" ? (first?.path ?? "") : "",
  ]);

function written(lines: readonly string[]): readonly WrittenFailure[] {
  const claimed = new Uint8Array(lines.length);
  const found: WrittenFailure[] = [];
  for (const read of readers) {
    const free = read(lines).filter(({ from, to }) => !claimed.subarray(from, to + 1).includes(1));
    for (const { from, to } of free) claimed.fill(1, from, to + 1);
    found.push(...free);
  }
  return found.toSorted((one, other) => one.from - other.from).slice(0, mostLooked);
}

function settledFailure(
  { tool, name, message, places, from, to }: WrittenFailure,
  lines: readonly string[],
  files: WorkspaceFiles,
): FoundFailure {
  const settled = places.slice(0, mostLooked).map((place) => settledPlace(place, files));
  // A file as a whole says less than any line of it.
  const rank = ({ own, line }: FailurePlace): number => (own ? (line > 0 ? 0 : 1) : 2);
  const ordered = settled.toSorted((one, other) => rank(one) - rank(other));
  const distinct = ordered.filter(
    ({ path, line }, at) => !ordered.slice(0, at).some((other) => other.path === path && (other.line === line || line === 0)),
  );
  return { tool, name, message, places: distinct.slice(0, mostPlaces), excerpt: excerptOf(lines.slice(from, to + 1)) };
}

function settledPlace({ path, line, column, within }: WrittenPlace, files: WorkspaceFiles): FailurePlace {
  const found = isForeign(path) ? undefined : files.find({ path, ...(within !== undefined && { within }) });
  return { path: found ?? path, line, ...(column !== undefined && { column }), own: found !== undefined };
}

/** Without frames of others' code. */
function excerptOf(lines: readonly string[]): string {
  const kept = lines.filter((line) => !(/^\s*(?:at |❯ |File ")/.test(line) && isForeign(line.replace(/^.*[("]/, ""))));
  const shown = kept
    .slice(0, excerptLines)
    .map((line) => (line.length > excerptWidth ? `${line.slice(0, excerptWidth)}…` : line));
  if (kept.length > excerptLines) shown.push(`… ${kept.length - excerptLines} more lines`);
  return shown.join("\n").trimEnd();
}
