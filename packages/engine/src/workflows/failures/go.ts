/** Go: failed tests, panics, what the compiler and `go vet` say. */
import { blockOf, messageOf } from "./blocks.ts";
import type { FailureReader, WrittenFailure, WrittenPlace } from "./failure.ts";

const failedTest = /^\s*--- FAIL: (\S+) \(\d/;
const running = /^=== (?:RUN|NAME|CONT) +(\S+)/;
const said = /^\s+(\S+\.go):(\d+): ?(.*)$/;
const trace = /^\s+Error Trace:\s+(\S+\.go):(\d+)$/;
const failedPackage = /^(?:FAIL|---\s*FAIL:)\t(\S+)/;
const compile = /^(?:vet: )?((?:[A-Za-z]:)?[^\s:][^:]*\.go):(\d+)(?::(\d+))?: (.+)$/;
const panic = /^\s*(?:panic: |fatal error: )(.+)$/;
const panicPlace = /^\s+(\S.*\.go):(\d+)(?: \+0x[\da-f]+)?$/;

export const readGo: FailureReader = (lines) => [...panics(lines), ...tests(lines), ...compiled(lines)];

/** Of one test. */
const mostTold = 20;

interface Said {
  readonly at: number;
  readonly text: string;
  readonly place: WrittenPlace;
}

function tests(lines: readonly string[]): readonly WrittenFailure[] {
  const failed = new Map<string, number>();
  const told = new Map<string, Said[]>();
  const packages = packagesBehind(lines);
  let test = "";
  for (const [at, line] of lines.entries()) {
    const [, name] = failedTest.exec(line) ?? [];
    if (name !== undefined) failed.set(name, at);
    test = name ?? running.exec(line)?.[1] ?? (/^--- (?:PASS|SKIP)/.test(line) ? "" : test);
    const [, path, row, text = ""] = said.exec(line) ?? trace.exec(line) ?? [];
    if (path !== undefined && test !== "")
      told.set(
        test,
        [...(told.get(test) ?? []), { at, text, place: { path, line: Number(row), within: packages[at] ?? "" } }].slice(
          0,
          mostTold,
        ),
      );
  }
  const groups = new Set([...failed.keys()].map((name) => name.slice(0, Math.max(0, name.lastIndexOf("/")))));
  return [...failed].flatMap(([name, at]) => {
    const own = told.get(name) ?? [];
    // Of a group, those of it that failed say why.
    const [first = at] = own.map((one) => one.at);
    if (own.length === 0 && panic.test(lines[at + 1] ?? "")) return [];
    if (own.length === 0 && groups.has(name)) return [];
    const message = messageOf(own.map(({ text }) => text));
    const last = own.at(-1)?.at ?? at;
    const from = Math.abs(at - first) < 40 ? Math.min(at, first) : first;
    return [{ tool: "go" as const, name, message, places: own.map(({ place }) => place), from, to: Math.max(last, from) }];
  });
}

/** The package is named behind its tests. */
function packagesBehind(lines: readonly string[]): readonly string[] {
  let name = "";
  return lines
    .toReversed()
    .map((line) => (name = failedPackage.exec(line)?.[1] ?? name))
    .toReversed();
}

function panics(lines: readonly string[]): readonly WrittenFailure[] {
  const found: WrittenFailure[] = [];
  for (let at = 0; at < lines.length; at++) {
    const [, message] = panic.exec(lines[at] ?? "") ?? [];
    if (message === undefined) continue;
    const from = failedTest.test(lines[at - 1] ?? "") ? at - 1 : at;
    const name = failedTest.exec(lines[at - 1] ?? "")?.[1] ?? "panic";
    let [to, goroutines] = [at, 0];
    const places: WrittenPlace[] = [];
    for (to = at + 1; to < lines.length; to++) {
      const line = lines[to] ?? "";
      if (/^goroutine \d+/.test(line)) goroutines++;
      if (goroutines > 1 || /^(?:exit status|FAIL|ok)\b/.test(line)) break;
      const [, path, row] = panicPlace.exec(line) ?? [];
      if (path !== undefined) places.push({ path, line: Number(row) });
    }
    found.push({
      tool: "go",
      name,
      message: message.replace(/ \[recovered\]$/, ""),
      places,
      from,
      to: blockOf(lines, from, to - 1).to,
    });
    at = to - 1;
  }
  return found;
}

const compiled = (lines: readonly string[]): readonly WrittenFailure[] =>
  lines.flatMap((line, at) => {
    const [, path, row, column, message = ""] = compile.exec(line) ?? [];
    if (path === undefined) return [];
    const place = { path, line: Number(row), ...(column !== undefined && { column: Number(column) }) };
    return [{ tool: "go" as const, name: "", message, places: [place], from: at, to: at }];
  });
