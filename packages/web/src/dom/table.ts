/** A table that scrolls by itself where the page is narrow, and by the keyboard too. */
import { type Child, html } from "./element.ts";

export interface Column {
  readonly title: string;
  /** Numbers stand right. */
  readonly isNumber?: boolean;
}

/** The first cell of each row is its head. */
export function table(caption: string, columns: readonly Column[], rows: readonly (readonly Child[])[]): HTMLElement {
  const classOf = (index: number): string | undefined => (columns[index]?.isNumber ? "number" : undefined);
  const head = columns.map(({ title }, index) => html("th", { scope: "col", class: classOf(index) }, title));
  const body = rows.map((cells) =>
    html(
      "tr",
      {},
      ...cells.map((cell, index) =>
        index === 0 ? html("th", { scope: "row" }, cell) : html("td", { class: classOf(index) }, cell ?? missing()),
      ),
    ),
  );
  return html(
    "div",
    { class: "scroll", role: "region", tabindex: 0, "aria-label": caption },
    html("table", {}, html("caption", {}, caption), html("thead", {}, html("tr", {}, ...head)), html("tbody", {}, ...body)),
  );
}

/** What was not measured is shown as that, and never as a zero. */
export const missing = (why = "not measured"): HTMLElement => html("span", { class: "missing" }, why);
/** The table behind a chart, for whoever does not see it or wants the numbers. */
export function asTable(caption: string, columns: readonly Column[], rows: readonly (readonly Child[])[]): HTMLElement {
  return html("details", { class: "as-table" }, html("summary", {}, `${caption}, as a table`), table(caption, columns, rows));
}
