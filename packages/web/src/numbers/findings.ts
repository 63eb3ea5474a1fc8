/** The one sentence that each of the four key numbers comes down to. Pure. */
import { type KpiDefinition, type KpiFigure, type KpiName, fewestValues } from "@twolane/protocol/kpis";
import { amount, count, valueOf } from "./format.ts";

/** In the order in which they are shown. */
export const keyNumbers = ["first-token", "accepted-commit", "correction", "one-loop"] as const satisfies readonly KpiName[];

const sentences: Readonly<Record<(typeof keyNumbers)[number], (told: string, figure: KpiFigure) => string>> = {
  "first-token": (told) => `Half of all answers began within ${told} of the key that sent the prompt.`,
  "accepted-commit": (told) => `Half of the accepted tasks were in a commit within ${told} of their first prompt.`,
  correction: (told) => `After a stop or a steer, half of the corrected courses showed within ${told}.`,
  "one-loop": (_, { hits = 0, of = 0 }) =>
    `${count(hits)} of ${count(of)} accepted tasks took a single prompt, with nothing steered or taken back.`,
};

export function findingOf(definition: KpiDefinition, figure: KpiFigure): string {
  const value = valueOf(figure);
  if (value === undefined) return `No ${definition.cases} yet, so there is nothing to tell.`;
  if (figure.isTooFew)
    return `Too few ${definition.cases} to say anything of others like them: ${count(figure.cases)}, and it takes ${fewestValues}.`;
  const name = keyNumbers.find((kpi) => kpi === definition.kpi);
  return name === undefined ? "" : sentences[name](amount(definition, value), figure);
}
