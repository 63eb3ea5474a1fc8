/** One report, many readers: people, programs, code scanning, annotations, a summary. Pure. */
import type { CheckReport } from "@twolane/engine";
import { checkLines } from "./check-view.ts";
import { githubLines } from "./check-github.ts";
import { markdownLines } from "./check-markdown.ts";
import { sarifLog } from "./check-sarif.ts";
import type { Style } from "./style.ts";

export const checkFormats = ["text", "json", "sarif", "github", "markdown"] as const;
export type CheckFormat = (typeof checkFormats)[number];

/** With a line break at the end. */
export function formatCheck(
  report: CheckReport,
  { format, style }: { readonly format: CheckFormat; readonly style: Style },
): string {
  switch (format) {
    case "text":
      return ended(checkLines(report, style));
    case "json":
      return `${JSON.stringify({ type: "check.finished", ...report })}\n`;
    case "sarif":
      return `${JSON.stringify(sarifLog(report), undefined, 1)}\n`;
    case "github":
      return ended(githubLines(report));
    case "markdown":
      return ended(markdownLines(report));
  }
}

const ended = (lines: readonly string[]): string => lines.map((line) => `${line}\n`).join("");
