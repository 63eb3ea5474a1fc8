/** KPIs as lines: each number beside how many cases it is made of; what is too little is said to be. Pure. */
import type { KpiDefinition, KpiFigure } from "@twolane/protocol/kpis";
import { counted } from "../state/grouped.ts";
import type { Style } from "./style.ts";

interface KpiTable {
  readonly sessions: number;
  readonly definitions: readonly KpiDefinition[];
  /** One for each definition, in its order. */
  readonly figures: readonly KpiFigure[];
}

export function kpiLines({ sessions, definitions, figures }: KpiTable, style: Style): readonly string[] {
  const width = Math.max(...definitions.map(({ title }) => title.length));
  return [
    style.dim(counted(sessions, "session")),
    ...definitions.map((definition, index) => {
      const figure = figures[index];
      const told = figure === undefined ? "" : figureText(definition, figure, style);
      return `${definition.title.padEnd(width)}  ${told}`;
    }),
  ];
}

function figureText({ unit, cases }: KpiDefinition, figure: KpiFigure, style: Style): string {
  const missing = Object.entries(figure.missing).map(([why, count]) => `${count} ${why}`);
  const without = missing.length === 0 ? "" : `, without ${missing.join(", ")}`;
  const value = figure.median ?? figure.share;
  if (value === undefined) return style.dim(`no ${cases} yet${without}`);
  const range = figure.interval === undefined ? "" : ` (${numberText(figure.interval[0])}–${numberText(figure.interval[1])})`;
  const mean = figure.mean === undefined ? "" : ` · mean ${numberText(figure.mean)}`;
  const of = figure.of === undefined ? `${figure.cases} ${cases}` : `${figure.hits} of ${figure.of} ${cases}`;
  const few = figure.isTooFew ? " · too few to tell" : "";
  return `${style.bold(`${numberText(value)} ${unit}`)}${range}${mean}${style.dim(` · ${of}${without}${few}`)}`;
}

const numberText = (value: number): string => (value >= 100 ? String(Math.round(value)) : String(Number(value.toPrecision(2))));
