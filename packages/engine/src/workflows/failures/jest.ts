/** Jest: a dot, the names, the message, a piece of code, the stack. */
import { before, blocksOf, messageOf } from "./blocks.ts";
import type { FailureReader, WrittenPlace } from "./failure.ts";
import { framesIn, isFrame } from "./written-places.ts";

const dot = /^\s{0,4}● (.+)$/;
const file = /^\s*(?:FAIL|PASS)\s+(\S+\.\w+)/;
const source = /^\s*(?:> )?\s*\d+ \|/;

export const readJest: FailureReader = (lines) => {
  const above = filesAbove(lines);
  const ends = (line: string): boolean =>
    file.test(line) || /^(?:Test Suites|Tests|Snapshots):\s|^Summary of all failing tests/.test(line);
  return blocksOf(lines, { begins: (line) => dot.test(line), ends }).flatMap(({ from, to, lines: [head = "", ...body] }) => {
    const [, name = ""] = dot.exec(head) ?? [];
    if (/^Console$|^Deprecation/.test(name)) return [];
    const message = messageOf(before(body, (line) => isFrame(line) || source.test(line)));
    if (message === "") return [];
    const places = [
      ...parserPlaces(body),
      ...framesIn(body),
      ...(above[from] === undefined ? [] : [{ path: above[from], line: 0 }]),
    ];
    return [{ tool: "jest" as const, name, message, places, from, to }];
  });
};

/** `SyntaxError: /path/file.js: Unexpected token (3:9)` */
const parserPlaces = (body: readonly string[]): readonly WrittenPlace[] =>
  body.flatMap((line) => {
    const [, path, row, column] = /SyntaxError: (\S+): .+ \((\d+):(\d+)\)$/.exec(line.trim()) ?? [];
    return path === undefined ? [] : [{ path, line: Number(row), column: Number(column) + 1 }];
  });

/** The file that was named last before each line. */
function filesAbove(lines: readonly string[]): readonly (string | undefined)[] {
  let path: string | undefined;
  return lines.map((line) => (path = file.exec(line)?.[1] ?? path));
}
