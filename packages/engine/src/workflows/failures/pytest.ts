/** pytest in each of its styles of tracebacks. Its frames run from the test down to where it broke. */
import { blocksOf, messageOf } from "./blocks.ts";
import type { FailureReader, WrittenFailure, WrittenPlace } from "./failure.ts";

const header = /^_{3,} (.*[^_\s].*) _{3,}$/;
const section = /^={3,} .* ={3,}$|^!{3,}/;
const place = /^((?:[A-Za-z]:)?[^\s:][^:]*\.pyx?):(\d+):(?: |$)/;
const native = /^\s*File "([^"]+)", line (\d+)/;
const summary = /^(?:FAILED|ERROR) (\S+\.py)(?:::(\S+))?(?: - (.*))?$/;

export const readPytest: FailureReader = (lines) => {
  const blocks = blocksOf(lines, { begins: (line) => header.test(line), ends: (line) => section.test(line) });
  const found = blocks.flatMap(({ from, to, lines: [head = "", ...body] }) => {
    const [, title = ""] = header.exec(head) ?? [];
    const places = body.flatMap(placeIn).toReversed();
    return places.length === 0 ? [] : [{ tool: "pytest" as const, name: nameOf(title), message: said(body), places, from, to }];
  });
  if (found.length > 0) return found;
  const short = oneLineEach(lines);
  return short.length > 0 ? short : summaries(lines);
};

function placeIn(line: string): readonly WrittenPlace[] {
  const [, path, row] = place.exec(line) ?? native.exec(line) ?? [];
  return path === undefined ? [] : [{ path, line: Number(row) }];
}

const nameOf = (title: string): string => title.replace(/^ERROR (?:collecting|at \w+ of) /, "");

/** Lines behind its mark; in its plain style the last ones. */
function said(body: readonly string[]): string {
  const marked = body.flatMap((line) => /^E {1,7}(.*)$/.exec(line)?.[1] ?? []);
  const last = body.findLastIndex((line) => /^[\w.]*(?:Error|Exception|Exit|Warning)\b/.test(line));
  return messageOf(marked.length > 0 ? marked : body.slice(Math.max(0, last)));
}

/** `--tb=line`. */
function oneLineEach(lines: readonly string[]): readonly WrittenFailure[] {
  const start = lines.findIndex((line) => /^={3,} (?:FAILURES|ERRORS) ={3,}$/.test(line));
  if (start < 0) return [];
  return lines.flatMap((line, at) => {
    const [, path, row, message = ""] = /^(\S.*\.pyx?):(\d+): (.+)$/.exec(line) ?? [];
    if (at < start || path === undefined) return [];
    const name = /^\w+/.exec(message)?.[0] ?? "";
    return [{ tool: "pytest" as const, name, message, places: [{ path, line: Number(row) }], from: at, to: at }];
  });
}

/** `--tb=no`: tests alone, without a line. */
const summaries = (lines: readonly string[]): readonly WrittenFailure[] =>
  lines.flatMap((line, at) => {
    const [, path, name = "", message = ""] = summary.exec(line) ?? [];
    return path === undefined ? [] : [{ tool: "pytest" as const, name, message, places: [{ path, line: 0 }], from: at, to: at }];
  });
