/** Places as tools write them: `path:line:column`, frames of JavaScript's stacks. */
import type { WrittenPlace } from "./failure.ts";

const numbers = /:(\d{1,7})(?::(\d{1,7}))?$/;

/** `path:line` or `path:line:column`, nothing else; undefined where it is none. */
export function placeOf(text: string): WrittenPlace | undefined {
  const [whole = "", line, column] = numbers.exec(text) ?? [];
  if (line === undefined) return undefined;
  const path = plainPath(text.slice(0, text.length - whole.length));
  return isPath(path) ? { path, line: Number(line), ...(column !== undefined && { column: Number(column) }) } : undefined;
}

/** An address of a file or of a bundler's module → its path. */
export const plainPath = (text: string): string =>
  text
    .trim()
    .replace(/^file:\/\/(?:\/(?=[A-Za-z]:))?/, "")
    .replace(/^webpack(?:-internal)?:\/\/[^/]*\/(?:\.\/)?/, "")
    .replace(/^\((?=\/)/, "")
    .replace(/\?[^/\\]*$/, "");

/** Anything before a line number that may be a file: not a time of day, not an address of a host. */
export const isPath = (text: string): boolean =>
  text !== "" &&
  /[A-Za-z_]/.test(text) &&
  !/^(?:node|https?|native|data|evalmachine):/.test(text) &&
  !/[<>"*?|]|^\d+$/.test(text);

/** One line of a stack, `at` or what other runners write for it before the place. */
export function frameOf(line: string, mark = /^\s*at\s+/): WrittenPlace | undefined {
  const [begin] = mark.exec(line) ?? [];
  if (begin === undefined) return undefined;
  let rest = line.slice(begin.length).trimEnd();
  // Some put what they know of the error behind the last frame.
  if (rest.endsWith(" {")) rest = rest.slice(0, -2);
  const open = rest.endsWith(")") ? rest.indexOf(" (") : -1;
  if (open >= 0) return placeOf(rest.slice(open + 2, -1));
  // Some write the function's name before it, without parentheses.
  const bare = rest.replace(/^async /, "").replace(/^\(|\)$/g, "");
  const last = bare.slice(bare.lastIndexOf(" ") + 1);
  return /[\\/]/.test(last) && !/[\\/].* /.test(bare) ? placeOf(last) : placeOf(bare);
}

export const isFrame = (line: string): boolean => /^\s+at\s+\S/.test(line);

export const framesIn = (lines: readonly string[], mark?: RegExp): readonly WrittenPlace[] =>
  lines.flatMap((line) => frameOf(line, mark) ?? []);
