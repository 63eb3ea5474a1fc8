/** The lines of an approval: what the yes was to, and what is left to do. Pure. */
import type { Approval, CheckReport } from "@twolane/engine";
import { checkLines, checkedText } from "./check-view.ts";
import type { Style } from "./style.ts";
import { sanitizeLine } from "./text.ts";

export function signedLines({ report, signer, files, doubts }: Approval, style: Style): string[] {
  const blocked = report.findings.filter(({ verdict }) => verdict.decision === "block").length;
  return [
    `${style.good("✓")} ${sanitizeLine(signer)} approves ${checkedText(report)}`,
    ...report.findings
      .filter(({ verdict }) => verdict.decision === "hold")
      .map(({ path, verdict }) => `  ${sanitizeLine(path)}  ${sanitizeLine(`${verdict.rule}: ${verdict.reason}`)}`),
    ...(blocked > 0 ? [style.warn(`! ${blocked} of it ${blocked === 1 ? "is" : "are"} blocked, and stays so.`)] : []),
    ...doubts.map((doubt) => `${style.warn("!")} ${sanitizeLine(doubt)}`),
    "It counts once it is in the branch, and until one byte of the change is another:",
    `  git add ${files.join(" ")}`,
    "  git commit -m Approve",
  ];
}

export interface StagedYes {
  readonly left: CheckReport;
  readonly yes: CheckReport["findings"];
}

export function approvedLines({ left, yes }: StagedYes, style: Style): string[] {
  return [
    ...yes.map(
      ({ path, verdict }) =>
        `${style.good("✓ yes")} ${sanitizeLine(path)}  ${sanitizeLine(`${verdict.rule}: ${verdict.reason}`)}`,
    ),
    ...checkLines(left, style),
  ];
}
