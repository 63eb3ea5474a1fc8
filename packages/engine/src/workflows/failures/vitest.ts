/** Vitest: what failed, between its rulers. */
import { before, blocksOf, messageOf } from "./blocks.ts";
import type { FailureReader } from "./failure.ts";
import { framesIn } from "./written-places.ts";

const failed = /^\s*FAIL\s{1,3}(\S.*)$/;
const unhandled = /^⎯+\s*(Unhandled [\w ]+?)\s*⎯+$/;
const mark = /^\s*❯\s+/;
const source = /^\s*\d*\s*\|/;

export const readVitest: FailureReader = (lines) => {
  const begins = (line: string): boolean => failed.test(line) || unhandled.test(line);
  const blocks = blocksOf(lines, { begins, ends: (line) => /^⎯{3}/.test(line) });
  return blocks.flatMap(({ from, to, lines: [head = "", ...body] }) => {
    const name = failed.exec(head)?.[1] ?? unhandled.exec(head)?.[1] ?? "";
    const places = framesIn(body, mark);
    const [next] = body.filter((line) => line.trim() !== "");
    // Others begin with the same word, and have marks of their own.
    if (next === undefined || (places.length === 0 && !/Error/.test(next))) return [];
    const message = messageOf(before(body, (line) => mark.test(line) || source.test(line)));
    const [file = ""] = name.replace(/^\|[^|]*\| /, "").split(/ > | \[/);
    const whole = /\.\w+$/.test(file) ? [{ path: file, line: 0 }] : [];
    return [{ tool: "vitest" as const, name, message, places: [...places, ...whole], from, to }];
  });
};
