/** Text of no tool that is known: any place in it, under the first line that speaks of an error. */
import { messageOf } from "./blocks.ts";
import type { FailureReader, WrittenPlace } from "./failure.ts";
import { isPath, plainPath } from "./written-places.ts";

const patterns = [
  /((?:[A-Za-z]:[\\/])?[^\s:"'`()[\]<>,;=|]*[\w\])]\.?[\w-]*):(\d{1,7})(?::(\d{1,7}))?\b/g,
  /((?:[A-Za-z]:[\\/])?[^\s:"'`()[\]<>,;=|]+\.\w{1,8})\((\d{1,7})(?:,\s?(\d{1,7}))?\)/g,
  /["']?((?:[A-Za-z]:[\\/])?[^\s:"'`()[\]<>,;=|]+\.\w{1,8})["']?(?:,| on| at)? line (\d{1,7})\b()/g,
];
const tells = /\b(?:error|fail(?:ed|ure)?|exception|fatal|panic|cannot|undefined|not found|unexpected)\b/i;
const mostPlaces = 20;
/** Lines around a place that belong to it. */
const around = 2;

export const readAnyPlace: FailureReader = (lines) => {
  const places: WrittenPlace[] = [];
  let first = -1;
  let last = -1;
  for (const [at, line] of lines.entries()) {
    const found = patterns.flatMap((pattern) => [...line.matchAll(pattern)].flatMap(placeFrom));
    if (found.length === 0) continue;
    places.push(...found);
    if (first < 0) first = at;
    last = at;
    if (places.length >= mostPlaces) break;
  }
  const told = lines.findIndex((line) => tells.test(line));
  if (first < 0 && told < 0) return [];
  const [from, to] = first < 0 ? [told, told + around] : [Math.max(0, first - around), last + around];
  const message = messageOf([lines[told < 0 ? first : told] ?? ""]);
  return [{ tool: "unknown", name: "", message, places: places.slice(0, mostPlaces), from, to: Math.min(lines.length - 1, to) }];
};

function placeFrom([, text = "", row, column]: RegExpExecArray): readonly WrittenPlace[] {
  const path = plainPath(text);
  // A word with a number behind it is a time or a count more often than a file.
  if (!isPath(path) || !/[./\\]/.test(path)) return [];
  return [{ path, line: Number(row), ...(column !== undefined && column !== "" && { column: Number(column) }) }];
}
