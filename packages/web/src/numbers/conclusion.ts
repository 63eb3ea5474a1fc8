/** What a comparison as a whole does and does not say, in plain words. Pure. */
import type { KpiComparison, KpiDefinition, KpiName } from "@twolane/protocol/kpis";

/** What a pilot is judged by: how quick the work is, what review costs, and whether what is accepted is good. */
const judged: readonly KpiName[] = [
  "first-token",
  "accepted-commit",
  "correction",
  "one-loop",
  "lead-time",
  "review-hunk",
  "review-lines",
  "fixes",
  "survival-7",
  "survival-30",
];

export interface Conclusion {
  readonly verdict: string;
  readonly details: readonly string[];
}

export function conclusionOf(definitions: readonly KpiDefinition[], comparisons: readonly KpiComparison[]): Conclusion {
  const own = comparisons.filter(({ kpi }) => judged.includes(kpi));
  const titles = (finding: KpiComparison["finding"]): readonly string[] =>
    own.flatMap(({ kpi, finding: found }) =>
      found === finding ? (definitions.find((one) => one.kpi === kpi)?.title.toLowerCase() ?? []) : [],
    );
  const [better, worse, alike, few] = (["better", "worse", "alike", "too-few"] as const).map(titles);
  const details = [
    ["Better, beyond chance", better],
    ["Worse, beyond chance", worse],
    ["No difference shown, which is not to say that there is none", alike],
    ["Too few cases to say anything", few],
  ] as const;
  return {
    verdict: verdictOf(better?.length ?? 0, worse?.length ?? 0, { told: own.length - (few?.length ?? 0), of: own.length }),
    details: details.flatMap(([what, names]) =>
      names === undefined || names.length === 0 ? [] : [`${what}: ${names.join(", ")}.`],
    ),
  };
}

function verdictOf(better: number, worse: number, { told, of }: { readonly told: number; readonly of: number }): string {
  if (told === 0) return "It cannot be said whether anything changed: there are too few cases on one side of every number.";
  const counted = told === of ? `of ${of} numbers` : `of ${told} numbers with enough cases`;
  if (better > 0 && worse === 0)
    return `The later side was better in ${better} ${counted} and worse in none. Whether the pilot is the cause these numbers cannot show.`;
  if (worse > 0 && better === 0)
    return `The later side was worse in ${worse} ${counted} and better in none. Whether the pilot is the cause these numbers cannot show.`;
  if (better > 0)
    return `The picture is mixed: ${counted} the later side was better in ${better} and worse in ${worse}. Look at which they are before you judge.`;
  return `None ${counted} shows a difference. There may be one that is too small for this many cases.`;
}
