/** The lines of an undo. Pure. */
import type { UndoPlan, UndoReport } from "@twolane/engine";
import type { Style } from "./style.ts";

const actionWords = { restore: "restore", remove: "remove", recreate: "recreate", "move-back": "move back" } as const;

export function undoPlanLines(plan: UndoPlan, { style, dryRun }: { style: Style; dryRun: boolean }): string[] {
  const files = plan.files.map(
    ({ path, action, hunks }) =>
      `  ${actionWords[action]} ${path}  ${style.dim(`${hunks.length} ${hunks.length === 1 ? "hunk" : "hunks"}`)}`,
  );
  const { damaged } = plan;
  const lines = `${damaged} ${damaged === 1 ? "line" : "lines"}`;
  const notice = `Part of the session's journal cannot be read (${lines}); hunks that only stood there stay. [JOURNAL_CORRUPT]`;
  return [
    ...(damaged > 0 ? [`${style.warn("!")} ${notice}`] : []),
    `${dryRun ? "Would undo" : "Undoing"} ${plan.what}${requestText(plan)} in ${plan.files.length} ${plan.files.length === 1 ? "file" : "files"}:`,
    ...files,
  ];
}

/** ` ("rename a to b", 14:03)`: which of many turns it is. */
function requestText({ request, at }: UndoPlan): string {
  if (request === undefined || at === undefined) return "";
  const line = request.split("\n", 1)[0] ?? "";
  const when = new Date(at);
  const time = `${String(when.getHours()).padStart(2, "0")}:${String(when.getMinutes()).padStart(2, "0")}`;
  return ` ("${line.length > 50 ? `${line.slice(0, 49)}…` : line}", ${time})`;
}

export function undoneLines(report: UndoReport, style: Style): string[] {
  const held = report.held.map(({ path, reason }) => `${style.warn("◌")} ${path}  held: ${reason}`);
  const merged = report.merged.length === 0 ? [] : [`Your own later changes stand in ${report.merged.join(", ")}.`];
  const wayOut = !report.held.some(({ lasting }) => lasting)
    ? []
    : [style.dim("What is held stays as it is; the next `twolane undo` goes on with the turn before.")];
  return [
    ...held,
    ...wayOut,
    ...merged,
    style.dim(`${report.undone.length} ${report.undone.length === 1 ? "hunk" : "hunks"} undone`),
  ];
}
