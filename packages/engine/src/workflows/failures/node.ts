/** Errors that Node prints when nobody catches them, and any other stack of JavaScript. */
import { blockOf, messageOf } from "./blocks.ts";
import type { FailureReader, WrittenFailure, WrittenPlace } from "./failure.ts";
import { framesIn, isFrame, isPath, placeOf, plainPath } from "./written-places.ts";

const title =
  /^\s*(?:Uncaught |\[?(?:cause|errors?)\]?: )?((?:[A-Z][\w$]*\.)*[A-Z][\w$]*(?:Error|Exception|Rejection)?)(?: \[\w+\])?: /;
const errorTitle = /(?:^|\s)(?:\w*(?:Error|Exception))(?: \[\w+\])?(?::|$)/;
const cause = /^\s*\[cause\]: /;
const header = /^(?:file:\/\/)?(?:\/|[A-Za-z]:[\\/]|\.{0,2}[\w@.-]+[\\/])\S.*:\d+$/;
/** So far above its frames an error's text begins. */
const textLines = 40;
const headerLines = 6;

export const readNode: FailureReader = (lines) => {
  const found: WrittenFailure[] = [];
  let done = 0;
  for (let at = 0; at < lines.length; at++) {
    if (!isFrame(lines[at] ?? "") || !isOurs(lines[at] ?? "")) continue;
    const first = at;
    while (isFrame(lines[at + 1] ?? "")) at++;
    const one = failureOf(lines, { done, first, last: at });
    done = at + 1;
    const led = found.at(-1);
    // What led to it is where it began.
    if (led !== undefined && led.to === one.from - 1 && cause.test(lines[one.from] ?? ""))
      found.splice(-1, 1, {
        ...led,
        places: [...one.places, ...led.places],
        message: `${led.message}\n${one.message}`,
        to: one.to,
      });
    else found.push(one);
  }
  return [...found, ...syntaxErrors(lines)];
};

/** Others' stacks begin with `at` as well. */
const isOurs = (line: string): boolean =>
  !/\((?:[\w$]+\.(?:java|kt|scala|groovy|clj)(?::\d+)?|Native Method|Unknown Source)\)/.test(line);

interface Stack {
  /** Index behind the last one. */
  readonly done: number;
  readonly first: number;
  readonly last: number;
}

function failureOf(lines: readonly string[], { done, first, last }: Stack): WrittenFailure {
  const top = topOf(lines, Math.max(done, first - textLines), first);
  const head = headOf(lines, done, top);
  const from = head?.at ?? top;
  const text = lines.slice(top, first);
  const frames = framesIn(lines.slice(first, last + 1));
  const [, name = ""] = title.exec(lines[top] ?? "") ?? [];
  const places = [...frames, ...(head === undefined ? [] : [head.place]), ...loaded(text)];
  const { to } = blockOf(lines, from, last);
  return { tool: "node", name, message: messageOf(text.filter((line) => !/^\s*[~^]+\s*$/.test(line))), places, from, to };
}

/** The line that names the error: the last above its frames that does, else the one just above. */
function topOf(lines: readonly string[], lowest: number, first: number): number {
  for (let at = first - 1; at >= lowest; at--) {
    const line = lines[at] ?? "";
    if (title.test(line) || errorTitle.test(line)) return at;
    if (line.trim() === "" && (lines[at - 1] ?? "").trim() === "") break;
  }
  return Math.max(lowest, first - 1);
}

/** `file:7`, the line and its mark, which Node puts above what it throws. */
function headOf(lines: readonly string[], lowest: number, top: number): { at: number; place: WrittenPlace } | undefined {
  for (let at = top - 1; at >= Math.max(lowest, top - headerLines); at--) {
    const line = lines[at] ?? "";
    if (!header.test(line)) continue;
    const place = placeOf(line.trim());
    if (place !== undefined) return { at, place };
  }
  return undefined;
}

/** A module that is not found is named with who wants it. */
function loaded(text: readonly string[]): readonly WrittenPlace[] {
  const wanting = text.flatMap((line) => {
    const [, path] = / imported from (\S.*)$/.exec(line) ?? /^- (\S.*)$/.exec(line) ?? [];
    return path === undefined || !isPath(plainPath(path)) ? [] : [{ path: plainPath(path), line: 0 }];
  });
  return text.some((line) => /Cannot find (?:module|package)/.test(line)) ? wanting : [];
}

/** `SyntaxError: file: what (3:9)`, of parsers that do not print frames of ours. */
function syntaxErrors(lines: readonly string[]): readonly WrittenFailure[] {
  return lines.flatMap((line, at) => {
    const [, name = "", path = "", message = "", row, column] =
      /^\s*(SyntaxError): (\S.*?): (.+) \((\d+):(\d+)\)$/.exec(line) ?? [];
    if (row === undefined || !isPath(path)) return [];
    return [
      {
        tool: "node" as const,
        name,
        message,
        places: [{ path, line: Number(row), column: Number(column) + 1 }],
        from: at,
        to: at,
      },
    ];
  });
}
