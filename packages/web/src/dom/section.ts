/** Parts of the page that all sections are made of. */
import type { KpiDefinition } from "@twolane/protocol/kpis";
import { type Child, html } from "./element.ts";

export interface Section {
  /** Where the page's own links lead. */
  readonly id: string;
  readonly title: string;
  /** What those links say; absent: the title. */
  readonly short?: string;
  /** One or two sentences: what is seen here. */
  readonly lead?: string;
  readonly parts: readonly Child[];
}

export function drawSection({ id, title, short = title, lead, parts }: Section): HTMLElement {
  return html(
    "section",
    { id, "data-short": short, "aria-labelledby": `${id}-title` },
    html("h2", { id: `${id}-title`, tabindex: -1 }, title),
    lead === undefined ? undefined : html("p", { class: "lead" }, lead),
    ...parts,
  );
}

/** How a number is defined, a key or a click away. */
export const definitionOf = ({ title, definition }: Pick<KpiDefinition, "title" | "definition">): HTMLElement =>
  html(
    "details",
    { class: "definition" },
    html("summary", { title: definition }, "Definition", html("span", { class: "unseen" }, ` of ${title}`)),
    html("p", {}, definition),
  );
