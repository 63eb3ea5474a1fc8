/** KPIs as lines: each number beside how many cases it is made of; what is too little is said to be. Pure. */
import { type KpiDefinition, type KpiFigure, missingReasons } from "@twolane/protocol/kpis";
import { grouped } from "../state/grouped.ts";
import type { Style } from "./style.ts";
import { sanitizeLine } from "./text.ts";

export interface KpiTable {
  readonly definitions: readonly KpiDefinition[];
  /** One for each definition, in its order. */
  readonly figures: readonly KpiFigure[];
}

/** Every KPI, with or without cases. */
export function kpiLines({ definitions, figures }: KpiTable, style: Style): readonly string[] {
  const width = Math.max(...definitions.map(({ title }) => title.length));
  return definitions.flatMap((definition, index) => {
    const figure = figures[index];
    if (figure === undefined) return [];
    const first = `${definition.title.padEnd(width)}  ${figureText(definition, figure, style)}`;
    const parts = partsText(definition, figure);
    return parts === undefined ? [first] : [first, style.dim(`${" ".repeat(width)}  ${parts}`)];
  });
}

/** Of one group, only what has cases there. */
export function kpiGroupLines(name: string, { definitions, figures }: KpiTable, style: Style): readonly string[] {
  const told = definitions.flatMap((definition, index) => {
    const figure = figures[index];
    return figure !== undefined && figure.cases > 0 ? [{ definition, figure }] : [];
  });
  const table = { definitions: told.map(({ definition }) => definition), figures: told.map(({ figure }) => figure) };
  return ["", style.bold(sanitizeLine(name)), ...(told.length === 0 ? [style.dim("nothing yet")] : kpiLines(table, style))];
}

/** An export of a later version may know more of them. */
const reasons: Readonly<Record<string, string>> = missingReasons;

function figureText({ unit, cases }: KpiDefinition, figure: KpiFigure, style: Style): string {
  const missing = Object.entries(figure.missing).map(([why, count]) => `${grouped(count)} ${reasons[why] ?? why}`);
  const without = missing.length === 0 ? "" : ` · not in it: ${missing.join(", ")}`;
  const value = figure.median ?? figure.share;
  if (value === undefined) return style.dim(`no ${cases} yet${without}`);
  const range = figure.interval === undefined ? "" : ` (${numberText(figure.interval[0])}–${numberText(figure.interval[1])})`;
  const mean = figure.mean === undefined ? "" : ` · mean ${numberText(figure.mean)}`;
  const p95 = figure.p95 === undefined ? "" : ` · p95 ${numberText(figure.p95)}`;
  const count = figure.of === undefined ? grouped(figure.cases) : `${grouped(figure.hits ?? 0)} of ${grouped(figure.of)}`;
  const of = `${count} ${casesText(figure.of ?? figure.cases, cases)}`;
  const few = figure.isTooFew ? " · too few to tell" : "";
  return `${style.bold(`${numberText(value)} ${unit}`)}${range}${mean}${p95}${style.dim(` · ${of}${without}${few}`)}`;
}

/** `turns that landed something`, of one: `turn that landed something`. */
const casesText = (count: number, cases: string): string => (count === 1 ? cases.replace(/s(?= |$)/, "") : cases);

function partsText({ parts: names, unit }: KpiDefinition, { parts, cases }: KpiFigure): string | undefined {
  if (names === undefined || parts === undefined || cases === 0) return undefined;
  const told = names.map((name) => {
    const part = parts[name];
    if (part === undefined) return `${name} not measured`;
    return `${name} ${numberText(part.median)}${part.cases < cases ? ` (in ${part.cases})` : ""}`;
  });
  return `of it, ${unit}: ${told.join(" · ")}`;
}

const numberText = (value: number): string => (value >= 100 ? grouped(Math.round(value)) : String(Number(value.toPrecision(2))));
