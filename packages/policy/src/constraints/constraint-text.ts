/** A short mark of what a request demands, for the screen and for verdicts. */
import type { Constraint } from "@twolane/protocol";

/** E.g. `only src/a.ts`, `≤ 40 lines`, `API unchanged`. */
export function constraintText(constraint: Constraint): string {
  switch (constraint.kind) {
    case "only":
    case "not":
      return `${constraint.kind} ${constraint.paths.join(", ")}`;
    case "no-dependencies":
      return "no new dependencies";
    case "lines":
      return `≤ ${constraint.most} ${constraint.most === 1 ? "line" : "lines"}`;
    case "one-file":
      return "one file";
    case "one-change":
      return "one change";
    case "public-api":
      return "API unchanged";
    case "tests-unchanged":
      return "tests unchanged";
    case "new-files":
      return "new files only";
    case "test-first":
      return "failing test first";
    case "no-edits":
      return "no edits";
  }
}
