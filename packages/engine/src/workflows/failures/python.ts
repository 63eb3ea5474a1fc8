/** Python's tracebacks, and what `unittest` writes above them. */
import { messageOf } from "./blocks.ts";
import type { FailureReader, WrittenFailure, WrittenPlace } from "./failure.ts";

const begin = /^\s*(?:Traceback \(most recent call last\):|[+|]\s+Exception Group Traceback.*)$/;
const frame = /^\s*(?:\|\s*)?File "([^"]+)", line (\d+)/;
const chained = /^(?:During handling of the above exception|The above exception was the direct cause)/;
const titled = /^(?:FAIL|ERROR): (\S+) \(/;
const error = /^\s*(?:E\s+)?([A-Za-z_][\w.]*)(?:: |$)/;
/** So many lines a chain is apart. */
const gap = 4;

export const readPython: FailureReader = (lines) => {
  const found: WrittenFailure[] = [];
  for (let at = 0; at < lines.length; at++) {
    if (!begin.test(lines[at] ?? "") && !frame.test(lines[at] ?? "")) continue;
    const one = tracebackAt(lines, at);
    at = one.to;
    const last = found.at(-1);
    // One error that led to another is one failure, and the first is where it began.
    const isCaused =
      last !== undefined && lines.slice(last.to + 1, Math.min(one.from, last.to + gap)).some((line) => chained.test(line));
    if (isCaused) found.splice(-1, 1, { ...one, from: last.from, places: [...last.places, ...one.places] });
    else found.push(one);
  }
  return found;
};

function tracebackAt(lines: readonly string[], from: number): WrittenFailure {
  const places: WrittenPlace[] = [];
  let at = begin.test(lines[from] ?? "") ? from + 1 : from;
  for (; at < lines.length; at++) {
    const line = lines[at] ?? "";
    const [, path, row] = frame.exec(line) ?? [];
    if (path !== undefined) places.push({ path, line: Number(row) });
    else if (!/^\s{2,}|^\s*\||^$/.test(line) || line.trim() === "") break;
  }
  const [, kind = ""] = error.exec(lines[at] ?? "") ?? [];
  let to = kind === "" ? at - 1 : at;
  // What an error says may be several lines.
  while (
    kind !== "" &&
    to - at < 6 &&
    /^\S/.test(lines[to + 1] ?? "") &&
    !/^(?:Traceback|[-=]{5,}|During |The above )/.test(lines[to + 1] ?? "")
  )
    to++;
  const title = lines.slice(Math.max(0, from - 2), from).map((line) => titled.exec(line)?.[1]);
  const name = title.find((one) => one !== undefined) ?? kind;
  return {
    tool: "python",
    name,
    message: messageOf(lines.slice(at, to + 1)),
    places: places.toReversed(),
    from,
    to: Math.max(from, to),
  };
}
