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

export function conclusionOf(
  names: readonly [before: string, after: string],
  definitions: readonly KpiDefinition[],
  comparisons: readonly KpiComparison[],
): Conclusion {
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
    verdict: verdictOf(names, [better?.length ?? 0, worse?.length ?? 0], own.length - (few?.length ?? 0)),
    details: [
      ...details.flatMap(([what, names]) => (names === undefined || names.length === 0 ? [] : [`${what}: ${names.join("; ")}.`])),
      `Of the ${definitions.length} numbers below these ${own.length} judge a pilot; the others help to read them.`,
    ],
  };
}

function verdictOf([before, after]: readonly [string, string], [better, worse]: readonly [number, number], told: number): string {
  if (told === 0) return "It cannot be said whether anything differs: every number has too few cases on one side.";
  const counted = `of the ${told} numbers that judge a pilot and have enough cases`;
  if (better > 0 && worse === 0)
    return `\u201c${after}\u201d was better than \u201c${before}\u201d in ${better} ${counted}, and worse in none. ${causeOf(after)}`;
  if (worse > 0 && better === 0)
    return `\u201c${after}\u201d was worse than \u201c${before}\u201d in ${worse} ${counted}, and better in none. ${causeOf(after)}`;
  if (better > 0)
    return `The picture is mixed: ${counted} \u201c${after}\u201d was better than \u201c${before}\u201d in ${better} and worse in ${worse}. ${causeOf(after)}`;
  return `None ${counted} shows a difference. There may be one that is too small for so few cases.`;
}

const causeOf = (after: string): string =>
  `That \u201c${after}\u201d is the cause, and not other people, tasks or models, these numbers cannot show.`;
