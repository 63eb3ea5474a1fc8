/** Node's own test runner: its list of tests, and TAP. */
import { before, blocksOf, messageOf } from "./blocks.ts";
import type { FailureReader, WrittenFailure, WrittenPlace } from "./failure.ts";
import { frameOf, framesIn, isFrame, placeOf } from "./written-places.ts";

const failed = /^(\s*)✖ (.+) \(\d[\d.]*ms\)\s*(?:#.*)?$/;
const testAt = /^\s*test at (.+:\d+:\d+)$/;

export const readNodeTest: FailureReader = (lines) => [...readList(lines), ...readTap(lines)];

function readList(lines: readonly string[]): readonly WrittenFailure[] {
  const blocks = blocksOf(lines, {
    begins: (line) => failed.test(line),
    ends: (line) => /^\s*[✔▶ℹ✖﹣] |^\s*test at /.test(line),
  });
  return blocks.flatMap(({ from, to, lines: [head = "", ...body] }) => {
    const [, , name = ""] = failed.exec(head) ?? [];
    const message = messageOf(before(body, isFrame));
    const defined = placeOf(testAt.exec(lines[from - 1] ?? "")?.[1] ?? "");
    // A group whose tests failed says nothing itself.
    if (message === "") return [];
    const file = /^[\w@./\\-]+\.[cm]?[jt]sx?$/.test(name) ? [{ path: name, line: 0 }] : [];
    const places = [...framesIn(body), ...(defined === undefined ? [] : [defined]), ...file];
    return [{ tool: "node-test" as const, name, message, places, from: defined === undefined ? from : from - 1, to }];
  });
}

function readTap(lines: readonly string[]): readonly WrittenFailure[] {
  const begins = (line: string): boolean => /^\s*not ok \d+/.test(line);
  const blocks = blocksOf(lines, { begins, ends: (line) => /^\s*(?:\.\.\.|ok \d+.*|# Subtest.*)$/.test(line) });
  return blocks.flatMap(({ from, to, lines: [head = "", ...body] }) => {
    const [, name = ""] = /^\s*not ok \d+(?: - )?(.*)$/.exec(head) ?? [];
    if (/# (?:SKIP|TO-?DO)\b/i.test(name) || body.some((line) => line.includes("'subtestsFailed'"))) return [];
    const stack = valueOf(body, "stack").flatMap((line) => frameOf(line, /^\s*(?:at\s+)?/) ?? []);
    const location: readonly WrittenPlace[] = [...valueOf(body, "location"), ...valueOf(body, "at")].flatMap(
      (text) => placeOf(text) ?? [],
    );
    const message = messageOf(valueOf(body, "error"));
    return [{ tool: "node-test" as const, name, message, places: [...stack, ...location], from, to }];
  });
}

/** Of a simple YAML mapping: what stands behind the key, or the indented lines under it. */
function valueOf(body: readonly string[], key: string): readonly string[] {
  const at = body.findIndex((line) => line.trimStart().startsWith(`${key}:`));
  const line = body[at] ?? "";
  const inline = line.slice(line.indexOf(":") + 1).trim();
  if (at < 0) return [];
  if (!/^[|>][-+]?$/.test(inline)) return [inline.replace(/^(['"])(.*)\1$/, "$2")];
  const margin = line.length - line.trimStart().length;
  return before(body.slice(at + 1), (next) => next.trim() !== "" && next.length - next.trimStart().length <= margin);
}
