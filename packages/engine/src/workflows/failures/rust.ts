/** Rust: what the compiler says, long and short, and panics of programs and tests. */
import { blockOf, blocksOf, messageOf } from "./blocks.ts";
import type { FailureReader, WrittenFailure, WrittenPlace } from "./failure.ts";
import { placeOf } from "./written-places.ts";

const error = /^error(?:\[(\w+)\])?: (.+)$/;
const short = /^(\S.*\.rs:\d+:\d+): error(?:\[(\w+)\])?: (.+)$/;
const arrow = /^\s*(?:-->|:::) (.+:\d+:\d+)$/;
const ofTest = /^---- (\S+) stdout ----$/;
const panic = /^thread '(.*?)' (?:\(\d+\) )?panicked at (?:'(.*)', )?(.+:\d+:\d+):?$/;
const backtrace = /^\s+at (?:\.\/)?(\S.*\.rs:\d+:\d+)$/;

export const readRust: FailureReader = (lines) => [...compiled(lines), ...compiledShort(lines), ...panics(lines)];

function compiled(lines: readonly string[]): readonly WrittenFailure[] {
  const ends = (line: string): boolean => /^(?:warning|Some errors have|For more information|\s*Compiling)\b/.test(line);
  return blocksOf(lines, { begins: (line) => error.test(line), ends }).flatMap(({ from, to, lines: block }) => {
    const [, name = "", first = ""] = error.exec(block[0] ?? "") ?? [];
    const places = block.flatMap((line) => placeOf(arrow.exec(line)?.[1] ?? "") ?? []);
    const marks = block.flatMap((line) => /^\s*\d*\s*\|.*\^ ([^\s-].*)$/.exec(line)?.[1] ?? []).slice(0, 2);
    const message = [first, ...marks].join("\n");
    return places.length === 0 ? [] : [{ tool: "rust" as const, name, message, places, from, to }];
  });
}

const compiledShort = (lines: readonly string[]): readonly WrittenFailure[] =>
  lines.flatMap((line, at) => {
    const [, where = "", name = "", message = ""] = short.exec(line) ?? [];
    const place = placeOf(where);
    return place === undefined ? [] : [{ tool: "rust" as const, name, message, places: [place], from: at, to: at }];
  });

function panics(lines: readonly string[]): readonly WrittenFailure[] {
  return lines.flatMap((line, at) => {
    const [, thread = "", old, where = ""] = panic.exec(line) ?? [];
    const place = placeOf(where);
    if (place === undefined) return [];
    const behind = lines.slice(at + 1, at + 120);
    const isEnd = (next: string): boolean =>
      ofTest.test(next) || panic.test(next) || /^(?:failures:|test result:|note: Some details)/.test(next);
    const end = behind.findIndex(isEnd);
    const body = end < 0 ? behind : behind.slice(0, end);
    const text = body.findIndex((next) => /^(?:stack backtrace:|note: run with )/.test(next) || next === "");
    const frames = body.flatMap((next): readonly WrittenPlace[] => {
      const one = placeOf(backtrace.exec(next)?.[1] ?? "");
      return one === undefined ? [] : [one];
    });
    const test = lines.slice(Math.max(0, at - 2), at).flatMap((before) => ofTest.exec(before)?.[1] ?? []);
    const message = old ?? messageOf(text < 0 ? body.slice(0, 4) : body.slice(0, text));
    const { to } = blockOf(lines, at, at + body.length);
    return [
      {
        tool: "rust" as const,
        name: test[0] ?? thread,
        message,
        places: [place, ...frames],
        from: test[0] === undefined ? at : at - 2,
        to,
      },
    ];
  });
}
