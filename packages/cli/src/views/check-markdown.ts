/** What a gate found as a summary in Markdown, e.g. for a job's page. Text of the change cannot become markup. Pure. */
import type { CheckReport } from "@twolane/engine";
import { byFile, checkedText, verdictText } from "./check-view.ts";
import { sanitizeLine } from "./text.ts";

export function markdownLines(report: CheckReport): string[] {
  const mark = { clean: "✅", held: "✋", blocked: "⛔" }[report.verdict];
  const files = byFile(report.findings).flatMap(({ path, findings }) => [
    "",
    `#### ${code(path)}`,
    "",
    "| | rule | what | way out |",
    "|---|---|---|---|",
    ...findings.map(({ line, verdict: { decision, rule, reason, wayOut } }) => {
      const place = line > 0 ? ` line ${line}` : "";
      return `| ${decision === "block" ? "⛔ blocked" : "✋ held"}${place} | ${cell(rule)} | ${cell(reason)} | ${cell(wayOut)} |`;
    }),
  ]);
  const yeses = report.approved.map(
    ({ path, verdict: { rule }, by }) => `- ✅ ${code(sanitizeLine(path))} ${cell(rule)}: approved by ${by.map(cell).join(", ")}`,
  );
  return [
    `### ${mark} twolane: ${verdictText(report)}`,
    "",
    `${cell(checkedText(report))} · ${report.policy.map(cell).join(", ")}`,
    ...report.notes.map((note) => `\n> ${cell(note)}`),
    ...files,
    ...(yeses.length > 0 ? ["", ...yeses] : []),
  ];
}

/** No cell, link, image, tag or mention comes about. */
const cell = (text: string): string =>
  sanitizeLine(text)
    .replace(/[&<>]/g, (char) => `&#${char.charCodeAt(0)};`)
    .replace(/[\\`*_{}[\]()#+!|~@]/g, (char) => `&#${char.charCodeAt(0)};`);

/** As long a fence as needed. */
function code(text: string): string {
  const ticks = Math.max(0, ...[...text.matchAll(/`+/g)].map(([run]) => run.length));
  const fence = "`".repeat(ticks + 1);
  return ticks === 0 ? `${fence}${text}${fence}` : `${fence} ${text} ${fence}`;
}
