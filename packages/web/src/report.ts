/** The page of the report: reads the data that the command put into the file, and draws it. Asks nobody for anything. */
import type { ReportData, ReportGroup } from "@twolane/protocol/kpis";
import { html } from "./dom/element.ts";
import { counted, dateText } from "./numbers/format.ts";
import { allNumbers } from "./sections/all-numbers.ts";
import { distributions } from "./sections/distributions.ts";
import { guardrails } from "./sections/guardrails.ts";
import { caveats, limits } from "./sections/limits.ts";
import { mix } from "./sections/mix.ts";
import { overview } from "./sections/overview.ts";
import { pilot } from "./sections/pilot.ts";
import { sidesOf } from "./numbers/sides.ts";
import { timeSpent } from "./sections/time-spent.ts";
import { workSections } from "./sections/work.ts";

const place = document.getElementById("report");
const text = document.getElementById("report-data")?.textContent;
if (place !== null && text) {
  const data: ReportData = JSON.parse(text);
  place.replaceChildren(...pageOf(data));
}

function pageOf(data: ReportData): readonly Node[] {
  const [first, second] = data.groups;
  const latest = second ?? first ?? { name: "", samples: [], tasks: [], spend: [] };
  const sides = first === undefined || second === undefined ? undefined : sidesOf(first, second);
  const only = (section: HTMLElement | undefined): HTMLElement | undefined =>
    scoped(section, sides && `Of \u201c${latest.name}\u201d alone${spanOf(latest)}.`);
  const sections = [
    overview(latest, sides),
    sides && pilot(sides),
    ...[distributions(latest), timeSpent(latest, data.turns), ...workSections(latest)].map(only),
    scoped(
      guardrails(data.verdicts),
      sides && `Of \u201c${sides.before.name}\u201d and \u201c${sides.after.name}\u201d together.`,
    ),
    only(mix(latest)),
    data.limits && limits(data.limits),
    only(allNumbers(latest)),
    caveats(data),
  ].filter((section) => section !== undefined);
  return [headOf(data), contentsOf(sections), html("main", {}, ...sections)];
}

/** Where two sides are held against each other, each section says of which it tells. */
function scoped(section: HTMLElement | undefined, text: string | undefined): HTMLElement | undefined {
  if (text !== undefined) section?.querySelector("h2")?.after(html("p", { class: "note" }, text));
  return section;
}

function spanOf({ samples }: ReportGroup): string {
  const days = samples.map(({ at }) => at);
  const [first, last] = days.reduce(([low, high], at) => [Math.min(low, at), Math.max(high, at)], [Infinity, -Infinity]);
  return days.length === 0 ? "" : `, ${dateText(first)} to ${dateText(last)}`;
}

function headOf({ people, sessions, from, to, madeAt }: ReportData): HTMLElement {
  const who = people === 1 ? "" : `${counted(people, "person").replace("persons", "people")} · `;
  return html(
    "header",
    {},
    html("h1", {}, "twolane report"),
    html("p", {}, `${who}${counted(sessions, "session")} · ${dateText(from)} to ${dateText(to)} · made ${dateText(madeAt)}`),
  );
}

function contentsOf(sections: readonly HTMLElement[]): HTMLElement {
  const links = sections.map((section) =>
    html("li", {}, html("a", { href: `#${section.id}` }, section.dataset["short"] ?? section.id)),
  );
  return html("nav", { "aria-label": "Sections" }, html("ul", {}, ...links));
}
