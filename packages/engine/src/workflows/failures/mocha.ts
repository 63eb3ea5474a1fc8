/** Mocha: numbered failures behind the count. */
import { before, blockOf, blocksOf, messageOf } from "./blocks.ts";
import type { FailureReader, WrittenPlace } from "./failure.ts";
import { framesIn, isFrame } from "./written-places.ts";

const numbered = /^ {2}\d+\) (.+)$/;

export const readMocha: FailureReader = (lines) => {
  const start = lines.findIndex((line) => /^\s+\d+ failing$/.test(line));
  if (start < 0) return [];
  const blocks = blocksOf(lines.slice(start), { begins: (line) => numbered.test(line) });
  return blocks.flatMap((block) => {
    const [head = "", ...body] = block.lines;
    const [, first = ""] = numbered.exec(head) ?? [];
    const last = first.endsWith(":") ? -1 : body.findIndex((line) => line.endsWith(":"));
    const name = [first, ...body.slice(0, last + 1).map((line) => line.trim())].join(" › ").replace(/:$/, "");
    const rest = body.slice(last + 1);
    const message = messageOf(before(rest, isFrame));
    const frames = rest.findLastIndex(isFrame);
    const to = blockOf(block.lines, 0, frames < 0 ? block.lines.length - 1 : last + 1 + frames + 1).to;
    const places = [...framesIn(rest), ...namedFile(rest)];
    return [{ tool: "mocha" as const, name, message, places, from: start + block.from, to: start + block.from + to }];
  });
};

/** What takes too long has no frames of ours, but its file is named. */
const namedFile = (lines: readonly string[]): readonly WrittenPlace[] =>
  lines.flatMap((line) => {
    const [, path] = /Timeout of .+ \(([^()]+\.\w+)\)$/.exec(line) ?? [];
    return path === undefined ? [] : [{ path, line: 0 }];
  });
