/** ESLint in its forms stylish, unix and compact, and oxlint. Warnings count where there is no error. */
import type { FailureReader, WrittenFailure } from "./failure.ts";
import { placeOf } from "./written-places.ts";

interface Remark {
  readonly isError: boolean;
  readonly failure: WrittenFailure;
}

const fileLine = /^(?:[A-Za-z]:)?[^\s:][^:]*\.\w+$/;
const stylish = /^\s+(\d+):(\d+)\s+(error|warning)\s+(.+?)(?:\s{2,}(\S+))?$/;
const unix = /^(\S.*:\d+:\d+): (.+) \[(Error|Warning)(?:\/(.+))?\]$/;
const compact = /^(\S.*): line (\d+), col (\d+), (Error|Warning) - (.+?)(?: \(([^()]+)\))?$/;
const boxTitle = /^\s{2}([x×!⚠]) (?:([\w@/-]+(?:\([\w@/-]+\))): )?(.+)$/;
const boxPlace = /^\s+[,╭][-─]+\[(.+:\d+:\d+)\]$/;

export const readEslint: FailureReader = (lines) => {
  const remarks = [...stylishIn(lines), ...lines.flatMap(oneLine), ...boxes(lines)];
  const errors = remarks.filter(({ isError }) => isError);
  return (errors.length > 0 ? errors : remarks).map(({ failure }) => failure);
};

interface Told {
  readonly kind: string;
  readonly name: string | undefined;
  readonly message: string;
  readonly place: WrittenFailure["places"][number];
  readonly at: number;
}

const remark = ({ kind, name = "", message, place, at }: Told): Remark => ({
  isError: !/^(?:warning|[!⚠])$/i.test(kind),
  failure: { tool: "eslint", name, message: message.trim(), places: [place], from: at, to: at },
});

function stylishIn(lines: readonly string[]): readonly Remark[] {
  let path = "";
  return lines.flatMap((line, at) => {
    if (fileLine.test(line)) path = line;
    const [, row, column, kind = "", message = "", name] = stylish.exec(line) ?? [];
    if (row === undefined || path === "") return [];
    return [remark({ kind, name, message, place: { path, line: Number(row), column: Number(column) }, at })];
  });
}

function oneLine(line: string, at: number): readonly Remark[] {
  const [, where = "", text = "", unixKind = "", rule] = unix.exec(line) ?? [];
  const place = placeOf(where);
  if (place !== undefined) return [remark({ kind: unixKind, name: rule, message: text, place, at })];
  const [, path, row, column, kind = "", message = "", name] = compact.exec(line) ?? [];
  if (path === undefined) return [];
  return [remark({ kind, name, message, place: { path, line: Number(row), column: Number(column) }, at })];
}

function boxes(lines: readonly string[]): readonly Remark[] {
  return lines.flatMap((line, at) => {
    const [, kind = "", name, message = ""] = boxTitle.exec(line) ?? [];
    const place = placeOf(boxPlace.exec(lines[at + 1] ?? "")?.[1] ?? "");
    if (place === undefined) return [];
    const one = remark({ kind, name, message, place, at });
    const end = lines.slice(at + 2, at + 40).findIndex((next) => /^\s+[`╰][-─]/.test(next));
    return [{ ...one, failure: { ...one.failure, to: end < 0 ? at + 1 : at + 2 + end } }];
  });
}
