/** What a gate found as annotations of GitHub's workflow commands: `::error file=…,line=…,title=…::text`. Pure. */
import type { CheckReport } from "@twolane/engine";
import { checkedText, verdictText } from "./check-view.ts";

export function githubLines(report: CheckReport): string[] {
  const found = report.findings.map(({ path, line, verdict: { decision, rule, reason, wayOut } }) => {
    const place = [`file=${property(path)}`, ...(line > 0 ? [`line=${line}`] : [])];
    const title = `title=${property(`${decision === "block" ? "blocked" : "held"}: ${rule}`)}`;
    return `::error ${[...place, title].join(",")}::${data(`${reason}\n${wayOut}`)}`;
  });
  const notes = report.notes.map((note) => `::notice title=twolane::${data(note)}`);
  return [...notes, ...found, `twolane: ${data(verdictText(report))} (${data(checkedText(report))})`];
}

const data = (text: string): string => text.replaceAll("%", "%25").replaceAll("\r", "%0D").replaceAll("\n", "%0A");
const property = (text: string): string => data(text).replaceAll(":", "%3A").replaceAll(",", "%2C");
