/** The part of docs/kpis.md that says what each KPI is: made of the definitions, so that none is written down twice. */
import { kpiDefinitions, missingReasons } from "../packages/protocol/src/kpi/kpis.ts";

const begin = "<!-- from here to the next mark: made of the definitions in packages/protocol/src/kpi -->";
const end = "<!-- to here -->";

/** The whole document with that part anew; it has the two marks. */
export function withDefinitions(document: string): string {
  const [before = "", rest = ""] = document.split(begin);
  return [before, begin, definitions(), end, rest.split(end)[1] ?? ""].join("");
}

function definitions(): string {
  const kpis = kpiDefinitions.map(({ kpi, title, definition, unit, better, cases, parts }) => {
    const split = parts === undefined ? "" : ` Parts: ${parts.join(", ")}.`;
    return `| **${title}**<br>\`${kpi}\` | ${definition}${split} | ${unit} | ${better} | ${cases} |`;
  });
  const reasons = Object.entries(missingReasons).map(([why, words]) => `| \`${why}\` | ${words} |`);
  const table = ["| KPI | what it is | unit | better | a case is one of |", "|---|---|---|---|---|", ...kpis];
  const missing = "A case without a value is counted, with its reason, and never guessed:";
  return ["", "", ...table, "", missing, "", "| reason | told as: so many … |", "|---|---|", ...reasons, "", ""].join("\n");
}
