/** What tests said, as one line of a report. */
import type { Evidence } from "@twolane/protocol";

export function evidenceLine({ evidence, why }: { readonly evidence?: Evidence; readonly why?: string }): string {
  if (evidence === undefined) return `tests: not run${why === undefined ? "" : ` (${why})`}`;
  const { passed, failed } = evidence.counts;
  const failing = evidence.failure === undefined ? "" : `, first in ${evidence.failure.path}`;
  return evidence.outcome === "passed" ? `tests: ${passed} passed` : `tests: ${evidence.outcome}, ${failed} failed${failing}`;
}
