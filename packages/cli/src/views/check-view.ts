/** What a gate found, for people: by file, then rule, reason and way out. The words say all of it without colour. Pure. */
import type { CheckReport } from "@twolane/engine";
import type { Style } from "./style.ts";
import { sanitizeLine } from "./text.ts";
import { counted } from "../state/grouped.ts";

type Found = CheckReport["findings"][number];

export function checkLines(report: CheckReport, style: Style): string[] {
  const marks = { block: style.bad("✗ blocked"), hold: style.warn("◌ held") } as const;
  const found = byFile(report.findings).flatMap(({ path, findings }) => [
    "",
    // Nothing that a change names stands at the beginning of a line, where a forge would take it for a command.
    `▸ ${style.bold(path)}`,
    ...findings.flatMap(({ line, verdict: { decision, rule, reason, wayOut, source } }) => [
      `  ${marks[decision]}${line > 0 ? ` line ${line}` : ""}  ${style.bold(rule)}  ${sanitizeLine(reason)}`,
      `    ${style.dim(`→ ${sanitizeLine(wayOut)}${source === undefined ? "" : `  (${sanitizeLine(source)})`}`)}`,
    ]),
  ]);
  const yeses = report.approved.map(
    ({ path, verdict: { rule }, by }) =>
      `${style.good("✓")} ${sanitizeLine(path)}  ${rule}  approved by ${by.map(sanitizeLine).join(", ")}`,
  );
  return [
    ...report.notes.map((note) => `${style.warn("!")} ${sanitizeLine(note)}`),
    ...found,
    ...(found.length > 0 && yeses.length > 0 ? [""] : []),
    ...yeses,
    ...(found.length > 0 || yeses.length > 0 ? [""] : []),
    ...wayOut(report).map((line) => style.dim(line)),
    `${summary(report, style)} ${style.dim(`· ${checkedText(report)} · ${report.policy.map(sanitizeLine).join(", ")}`)}`,
  ];
}

/** What answers a finding here. One of a review says it itself. */
function wayOut({ source, findings }: CheckReport): string[] {
  if (!findings.some(({ verdict }) => verdict.decision === "hold")) return [];
  if (source.kind === "staged") return ["What is held: change it, or `twolane approve --staged` says yes to these very lines."];
  if (source.kind === "commits")
    return [
      `What is held: change it, or somebody approves it on the forge, or by \`twolane approve --base ${sanitizeLine(source.base)}\`.`,
    ];
  return [];
}

/** `staged, 3 files, +12 −4`. */
export function checkedText({ source, files, linesAdded, linesRemoved }: CheckReport): string {
  const what = source.kind === "commits" ? `${source.base}…${source.head.slice(0, 9)}` : source.kind.replace("-", " ");
  return `${what}, ${counted(files, "file")}, +${linesAdded} −${linesRemoved}`;
}

function summary(report: CheckReport, style: Style): string {
  const text = verdictText(report);
  return report.verdict === "clean" ? style.good(`✓ ${text}`) : report.verdict === "held" ? style.warn(text) : style.bad(text);
}

/** `2 blocked, 1 held: a person must say yes`. */
export function verdictText({ findings, verdict, files }: CheckReport): string {
  if (verdict === "clean") return files === 0 ? "nothing to check" : "nothing stands against it";
  const blocked = findings.filter(({ verdict: { decision } }) => decision === "block").length;
  const held = findings.length - blocked;
  const parts = [...(blocked > 0 ? [`${blocked} blocked`] : []), ...(held > 0 ? [`${held} held`] : [])];
  return `${parts.join(", ")}${verdict === "held" ? ": a person must say yes" : ""}`;
}

interface FileFindings {
  readonly path: string;
  readonly findings: readonly Found[];
}

/** In the order of the report; paths harmless for whoever reads them. */
export function byFile(findings: readonly Found[]): readonly FileFindings[] {
  const files = new Map<string, Found[]>();
  for (const finding of findings) files.set(finding.path, [...(files.get(finding.path) ?? []), finding]);
  return [...files].map(([path, list]) => ({ path: sanitizeLine(path), findings: list }));
}
