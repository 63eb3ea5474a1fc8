/** What a hunk broke, a line a problem. Pure. */
import type { CodeProblem, HunkId } from "@twolane/protocol";
import type { Style } from "./style.ts";
import { sanitizeLine } from "./text.ts";

interface Problems {
  readonly hunk: HunkId;
  readonly problems: readonly CodeProblem[];
  readonly more: number;
}

/** Without problems: nothing of them is left. */
export function problemLines({ hunk, problems, more }: Problems, style: Style): string[] {
  if (problems.length === 0) return [style.good(`${hunk}: nothing is broken by it any more`)];
  const rest = more > 0 ? [style.dim(`… and ${more} more`)] : [];
  return [...problems.map((problem) => `${style.bad("✗")} ${style.dim(`${hunk} broke`)} ${problemText(problem)}`), ...rest];
}

export const problemText = ({ path, line, code, message }: CodeProblem): string =>
  sanitizeLine(`${path}:${line} ${code} ${message}`);
