/** What a job says deserves a look first comes first in the review. Pure. */
import type { TwolaneEvent } from "@twolane/protocol";

/** The others stay in their order. `named`: those that it named and changed. */
export function lookFirst<File extends { readonly path: string }>(
  events: readonly TwolaneEvent[],
  files: readonly File[],
): { readonly files: readonly File[]; readonly named: readonly string[] } {
  const reported = events.findLast((event) => event.type === "job.reported");
  const wanted = reported?.type === "job.reported" ? reported.report.lookFirst : [];
  const first = wanted.flatMap((place) => files.filter(({ path }) => path === place || path.endsWith(`/${place}`)));
  const ordered = [...new Set([...first, ...files])];
  return { files: ordered, named: [...new Set(first.map(({ path }) => path))] };
}
