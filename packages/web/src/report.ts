/** The page of the report: reads the data that the command put into the file, and draws it. Asks nobody for anything. */
import type { ReportData } from "@twolane/protocol/kpis";
import { html } from "./dom/element.ts";
import { counted, dateText } from "./numbers/format.ts";
import { allNumbers } from "./sections/all-numbers.ts";
import { overview } from "./sections/overview.ts";

const place = document.getElementById("report");
const text = document.getElementById("report-data")?.textContent;
if (place !== null && text) {
  const data: ReportData = JSON.parse(text);
  place.replaceChildren(...pageOf(data));
}

function pageOf(data: ReportData): readonly Node[] {
  const latest = data.groups.at(-1) ?? { name: "", samples: [], tasks: [], spend: [] };
  const sections = [overview(latest), allNumbers(latest)];
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
    html("li", {}, html("a", { href: `#${section.id}` }, section.querySelector("h2")?.textContent ?? section.id)),
  );
  return html("nav", { "aria-label": "Sections" }, html("ul", {}, ...links));
}
