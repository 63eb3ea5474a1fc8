/** The TypeScript compiler, plain and pretty, with the places that a message also names. */
import { blocksOf } from "./blocks.ts";
import type { FailureReader } from "./failure.ts";
import { placeOf } from "./written-places.ts";

const plain = /^(\S.*?)\((\d+),(\d+)\): error (TS\d+): (.+)$/;
const pretty = /^(\S.*?:\d+:\d+) - error (TS\d+): (.+)$/;
const related = /^ {2,}(\S.*:\d+:\d+)(?: - .+)?$/;

export const readTypeScript: FailureReader = (lines) => {
  const begins = (line: string): boolean => plain.test(line) || pretty.test(line);
  const blocks = blocksOf(lines, {
    begins,
    ends: (line) => /^(?:Found \d+ error|Errors {2}Files|\S)/.test(line) && !/^\d+ /.test(line),
  });
  return blocks.flatMap(({ from, to, lines: [head = "", ...body] }) => {
    const [, path, row, column, code, text] = plain.exec(head) ?? [];
    const [, where = "", prettyCode, prettyText] = pretty.exec(head) ?? [];
    const first = path === undefined ? placeOf(where) : { path, line: Number(row), column: Number(column) };
    if (first === undefined) return [];
    const more = body.filter((line) => /^ {2}\S/.test(line) && !related.test(line) && !/~|^\s*\d+ /.test(line));
    const message = [text ?? prettyText ?? "", ...more.slice(0, 4)].join("\n");
    const places = [first, ...body.flatMap((line) => placeOf(related.exec(line)?.[1] ?? "") ?? [])];
    return [{ tool: "typescript" as const, name: code ?? prettyCode ?? "", message, places, from, to }];
  });
};
