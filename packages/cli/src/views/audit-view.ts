/** Lines about the audit, for a person. Pure. */
import type { AuditDesk } from "@twolane/engine";
import type { Style } from "./style.ts";

type Check = ReturnType<AuditDesk["check"]>;

export function auditCheckLines({ lines, first, last, faults }: Check, path: string, style: Style): readonly string[] {
  if (lines === 0 && faults.length === 0) return [nothingYet];
  if (faults.length === 0) {
    const range = first === undefined || last === undefined ? "" : `, records ${first.n} to ${last.n}`;
    return [`${style.good("whole")}: ${lines} lines${range}`, ...(last === undefined ? [] : [`its end: ${last.hash}`])];
  }
  return faults.map(
    ({ line, message }) =>
      `${style.bad("not whole")}: ${line === 0 ? path : `line ${line}`} ${line === 0 ? `: ${message}` : message}`,
  );
}

export function prunedLine(removed: number, keep: number): string {
  if (keep === 0) return "The policy keeps everything (`audit.keep: 0`); nothing was taken out.";
  return removed === 0 ? `Nothing is older than ${keep} days.` : `${removed} lines older than ${keep} days were taken out.`;
}

/** One line each, in words; what is no record is shown as it stands. `since`: they are those of that time and later. */
export function auditLines(lines: readonly string[], { style, since }: { style: Style; since?: string }): readonly string[] {
  if (lines.length > 0) return lines.map((line) => shownLine(line, style) ?? printable(line));
  return [since === undefined ? nothingYet : `Nothing is recorded since ${since}.`];
}

const nothingYet = "Nothing is recorded here yet.";

function shownLine(line: string, style: Style): string | undefined {
  const record = parsed(line);
  const { at, type, session } = record ?? {};
  if (record === undefined || typeof at !== "string" || typeof type !== "string") return undefined;
  const when = at.slice(0, 19).replace("T", " ");
  const whose = typeof session === "string" ? ` ${style.dim(printable(session.slice(-6)))}` : "";
  return `${style.dim(when)}${whose} ${printable([type, ...details(record)].join("  "))}`;
}

type Fields = Readonly<Record<string, unknown>>;

function details(record: Fields): readonly string[] {
  const verdict = fieldsOf(record["verdict"]);
  const who = fieldsOf(record["who"]);
  const rules = Array.isArray(record["rules"])
    ? record["rules"].map((rule) => textOf(fieldsOf(rule)["subject"]) || textOf(fieldsOf(rule)["rule"]))
    : [];
  const said = [
    ...[textOf(who["name"]), textOf(who["email"]) || textOf(who["user"]), textOf(record["model"])],
    ...[
      textOf(record["hunk"]),
      textOf(record["path"]),
      textOf(record["operation"]),
      textOf(record["tool"]),
      textOf(record["call"]),
    ],
    ...[textOf(verdict["decision"]), textOf(verdict["rule"]), textOf(verdict["subject"]), textOf(record["for"]), ...rules],
    ...[textOf(record["answer"]), textOf(record["by"]), textOf(record["ending"]), textOf(record["commit"]).slice(0, 12)],
    ...[textOf(fieldsOf(record["evidence"])["outcome"]), textOf(record["lost"]), countOf(record["removed"], record["type"])],
    textOf(record["text"]) || hashOf(record["hash"]),
  ];
  return said.filter((one) => one !== "");
}

const textOf = (value: unknown): string => (typeof value === "string" ? value : "");
const hashOf = (value: unknown): string => (typeof value === "string" ? `#${value.slice(0, 12)}` : "");
const countOf = (value: unknown, type: unknown): string =>
  type === "audit.pruned" && typeof value === "number" ? `${value} lines` : "";

const isFields = (value: unknown): value is Fields => typeof value === "object" && value !== null;
const fieldsOf = (value: unknown): Fields => (isFields(value) ? value : {});

function parsed(line: string): Fields | undefined {
  try {
    const value: unknown = JSON.parse(line);
    return isFields(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

/** Nothing of a prompt moves the cursor. */
const printable = (text: string): string => text.replace(/\p{Cc}+/gu, " ");
