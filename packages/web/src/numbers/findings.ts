/** The one sentence that each of the four key numbers comes down to. Pure. */
import { type KpiDefinition, type KpiFigure, type KpiName, fewestValues } from "@twolane/protocol/kpis";
import { amount, count, valueOf } from "./format.ts";

/** In the order in which they are shown. */
export const keyNumbers = ["first-token", "accepted-commit", "correction", "one-loop"] as const satisfies readonly KpiName[];

const sentences: Readonly<
  Record<(typeof keyNumbers)[number], (told: string, figure: KpiFigure, definition: KpiDefinition) => string>
> = {
  "first-token": (told) => `Half of all answers began within ${told} of the key that sent the prompt.`,
  "accepted-commit": (told) => `Half of the accepted tasks were in a commit within ${told} of their first prompt.`,
  correction: (told, { parts }, definition) =>
    `After a stop or a steer, half of the corrected courses showed within ${told}${parts?.["person"] === undefined ? "" : `, of which the person's own typing is ${amount(definition, parts["person"].median)}`}.`,
  "one-loop": (_, { hits = 0, of = 0 }) =>
    `${count(hits)} of ${count(of)} accepted tasks took a single prompt, with nothing steered or taken back.`,
};

/** Whom a person waits for before the first token. Undefined where its parts are not known or too few. */
export function timeFinding(definition: KpiDefinition, { parts, median, cases, isTooFew }: KpiFigure): string | undefined {
  const usual = Object.entries(parts ?? {}).filter(([, part]) => part.cases * 2 >= cases);
  const [largest] = usual.toSorted(([, one], [, other]) => other.median - one.median);
  if (largest === undefined || median === undefined || isTooFew) return undefined;
  const own = usual.find(([name]) => name === "client");
  const others = own === undefined || own === largest ? "" : `; twolane itself takes ${amount(definition, own[1].median)}`;
  return `Where the time goes: of the ${amount(definition, median)} to the first token the largest part is the ${largest[0]}, ${amount(definition, largest[1].median)} in the median${others}.`;
}

export function findingOf(definition: KpiDefinition, figure: KpiFigure): string {
  const value = valueOf(figure);
  if (value === undefined) return `No ${definition.cases} yet, so there is nothing to tell.`;
  if (figure.isTooFew)
    return `Too few ${definition.cases} to say anything of others like them: ${count(figure.cases)}, and it takes ${fewestValues}.`;
  const name = keyNumbers.find((kpi) => kpi === definition.kpi);
  return name === undefined ? "" : sentences[name](amount(definition, value), figure, definition);
}
