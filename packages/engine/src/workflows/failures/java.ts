/** Java and its neighbours: javac, Maven and Gradle, stacks of exceptions with their causes, JUnit's names. */
import { messageOf } from "./blocks.ts";
import type { FailureReader, WrittenFailure, WrittenPlace } from "./failure.ts";

const frame = /^\s+at (?:[\w.@-]+\/+)*([\w$.<>-]+)\(([\w$-]+\.(?:java|kt|scala|groovy)):(\d+)\)/;
const anyFrame = /^\s+at [\w$.@/<>-]+\([^)]*\)|^\s+\.\.\. \d+ (?:more|common frames)/;
const thrown =
  /^(?:Exception in thread "[^"]*" |Caused by: |\s*Suppressed: |\[ERROR\] )?\s*((?:[a-z_][\w$]*\.)+[A-Z][\w$]*(?:\.[A-Z][\w$]*)*)(?::? ?(.*))?$/;
const caused = /^\s*Caused by: /;
const named = [
  /^\d+\) (\S+\([\w$.]+\))$/,
  /^(?:\[ERROR\] )?([\w$.]+(?:\([\w$.]+\)|\.\w+(?:\(.*?\))?))(?: +--)?\s+Time elapsed: .*(?:FAILURE|ERROR)!$/,
  /^(\S+ > .+) FAILED$/,
];
const javac = /^(?:\[ERROR\] )?(\S.*\.(?:java|kt|scala|groovy)):(\d+): error: (.+)$/;
const maven = /^\[ERROR\] (\S.*\.(?:java|kt|scala|groovy)):\[(\d+),(\d+)\] (?:error: )?(.+)$/;
const kotlin = /^e: (?:file:\/\/)?(\S.*\.kts?):(?:\s*\(?)(\d+)[:,]\s?(\d+)\)?:? (.+)$/;

export const readJava: FailureReader = (lines) => [...compiled(lines), ...stacks(lines)];

const compiled = (lines: readonly string[]): readonly WrittenFailure[] =>
  lines.flatMap((line, at) => {
    const [, path, row, column, message = ""] = maven.exec(line) ?? kotlin.exec(line) ?? withoutColumn(line);
    if (path === undefined) return [];
    const place = { path, line: Number(row), ...(column !== undefined && { column: Number(column) }) };
    let to = at;
    while (to - at < 4 && /^\s{2,}\S/.test(lines[to + 1] ?? "")) to++;
    return [{ tool: "java" as const, name: "", message, places: [place], from: at, to }];
  });

function withoutColumn(line: string): readonly (string | undefined)[] {
  const [whole, path, row, message] = javac.exec(line) ?? [];
  return [whole, path, row, undefined, message];
}

function stacks(lines: readonly string[]): readonly WrittenFailure[] {
  const found: WrittenFailure[] = [];
  for (let at = 0; at < lines.length; at++) {
    if (!anyFrame.test(lines[at] ?? "") || !/\.(?:java|kt|scala|groovy):\d+\)/.test(lines.slice(at, at + 8).join("\n"))) continue;
    const top = topOf(lines, at, found.at(-1)?.to ?? -1);
    let to = at;
    while (anyFrame.test(lines[to + 1] ?? "") || caused.test(lines[to + 1] ?? "") || isContinued(lines, to + 1)) to++;
    const text = lines.slice(top, to + 1);
    const title = lines
      .slice(Math.max(0, top - 2), top)
      .toReversed()
      .map(nameIn)
      .find((one) => one !== "");
    const [, kind = ""] = thrown.exec(lines[top] ?? "") ?? [];
    const message = messageOf(text.filter((line) => !anyFrame.test(line) && nameIn(line) === "").map((line) => line.trim()));
    const from = title === undefined ? top : Math.max(0, top - 1);
    found.push({ tool: "java", name: title ?? kind.slice(kind.lastIndexOf(".") + 1), message, places: framesOf(text), from, to });
    at = to;
  }
  return found;
}

/** The text of a cause may go on for a few lines. */
const isContinued = (lines: readonly string[], at: number): boolean =>
  caused.test(lines[at - 1] ?? "") && !anyFrame.test(lines[at] ?? "") && anyFrame.test(lines[at + 1] ?? "");

function topOf(lines: readonly string[], first: number, lowest: number): number {
  for (let at = first - 1; at > Math.max(lowest, first - 20); at--) {
    if (thrown.test(lines[at] ?? "")) return at;
    if ((lines[at] ?? "").trim() === "" || nameIn(lines[at] ?? "") !== "") return at + 1;
  }
  return Math.max(lowest + 1, first - 1);
}

const nameIn = (line: string): string => named.map((pattern) => pattern.exec(line)?.[1]).find((one) => one !== undefined) ?? "";

/** What caused it first. */
function framesOf(text: readonly string[]): readonly WrittenPlace[] {
  const groups: WrittenPlace[][] = [[]];
  for (const line of text) {
    if (caused.test(line)) groups.unshift([]);
    const [, method = "", file = "", row] = frame.exec(line) ?? [];
    if (row !== undefined) groups[0]?.push({ path: fileOf(method, file), line: Number(row) });
  }
  return groups.flat();
}

/** `com.example.shop.Price.total` in `Price.java` → `com/example/shop/Price.java` */
function fileOf(method: string, file: string): string {
  const words = method.split(".");
  const type = words.findIndex((word) => /^[A-Z]/.test(word));
  return [...words.slice(0, type < 0 ? Math.max(0, words.length - 2) : type), file].join("/");
}
