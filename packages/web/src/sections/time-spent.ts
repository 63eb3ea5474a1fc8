/** Where the milliseconds went: of the time to first token in general, and of a turn that is chosen. */
import { type ReportGroup, type TurnTrace, durationOf, figuresBy, kpiDefinitions } from "@twolane/protocol/kpis";
import { stack } from "../charts/stack.ts";
import { waterfall } from "../charts/waterfall.ts";
import { choice } from "../dom/choice.ts";
import { html } from "../dom/element.ts";
import { drawSection } from "../dom/section.ts";
import { amount, duration } from "../numbers/format.ts";

export function timeSpent({ samples }: ReportGroup, turns: readonly TurnTrace[]): HTMLElement | undefined {
  const parts = [...partsOfFirstToken(samples), ...turnParts(turns)];
  if (parts.length === 0) return undefined;
  return drawSection({
    id: "time",
    title: "Where the time goes",
    short: "Time",
    lead: `What is waited for before the first token${turns.length === 0 ? "." : ", and in one turn from the key to the end."}`,
    parts,
  });
}

function partsOfFirstToken(samples: ReportGroup["samples"]): readonly Node[] {
  const definition = kpiDefinitions.find(({ kpi }) => kpi === "first-token");
  const own = samples.filter(({ kpi, parts }) => kpi === "first-token" && parts !== undefined);
  if (definition?.parts === undefined || own.length === 0) return [];
  const lanes = [...figuresBy([definition], own, "lane")].reverse();
  const rows = new Map(lanes.flatMap(([lane, [figure]]) => (figure === undefined ? [] : [[lane, figure] as const])));
  const told = (value: number): string => amount(definition, value);
  return [
    html(
      "div",
      { class: "panel" },
      html("h3", {}, "Before the first token"),
      html(
        "p",
        { class: "note" },
        "The median of each part, of the cases in which it was measured; beside the bar the median of the whole, which is not their sum.",
      ),
      stack({ title: "Parts of the time to first token", parts: definition.parts, rows, told }),
    ),
  ];
}

function turnParts(turns: readonly TurnTrace[]): readonly Node[] {
  if (turns.length === 0) return [];
  const shown = html("div");
  const options = lanesOf(turns).flatMap((own) => namedTurns(own));
  const picked = choice({ id: "turn", label: "Turn", options }, (turn) => shown.replaceChildren(waterfall(turn)));
  return [html("div", { class: "panel" }, html("h3", {}, "One turn"), picked, shown)];
}

const lanesOf = (turns: readonly TurnTrace[]): readonly (readonly TurnTrace[])[] =>
  [...new Set(turns.map(({ lane }) => lane))].map((lane) => turns.filter((turn) => turn.lane === lane));

/** Of one lane, the slowest first: that is where to look. */
function namedTurns(turns: readonly TurnTrace[]): readonly { readonly text: string; readonly value: TurnTrace }[] {
  const newest = Math.max(...turns.map(({ startedAt }) => startedAt));
  const kindOf = (turn: TurnTrace, place: number): string =>
    place === 0 ? "slowest" : turn.startedAt === newest ? "newest" : "in the middle";
  return turns
    .toSorted((one, other) => durationOf(other) - durationOf(one))
    .map((value, place) => ({ text: `${turns.length === 1 ? "only" : kindOf(value, place)} · ${turnName(value)}`, value }));
}

/** Of an export, which has no names of sessions, only the day is known. */
const turnName = (turn: TurnTrace): string =>
  `${new Date(turn.startedAt).toLocaleString("en-GB", { dateStyle: "medium", ...(turn.session !== "" && { timeStyle: "short" }) })} · ${turn.lane} · ${turn.model} · ${duration(durationOf(turn))} · ${turn.ending}`;
