/** The page of the report: reads the data that the command put into the file, and draws it. Asks nobody for anything. */
import type { ReportData } from "@twolane/protocol/kpis";
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
  const sections = [
    overview(latest, sides),
    sides && pilot(sides),
    distributions(latest),
    timeSpent(latest, data.turns),
    ...workSections(latest),
    guardrails(data.verdicts),
    mix(latest),
    data.limits && limits(data.limits),
    allNumbers(latest),
    caveats(data),
  ].filter((section) => section !== undefined);
  return [headOf(data), contentsOf(sections), html("main", {}, ...sections)];
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
