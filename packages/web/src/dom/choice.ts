/** A choice among things, and what is chosen drawn below it. */
import { html } from "./element.ts";

export interface Choice<Value> {
  readonly id: string;
  readonly label: string;
  readonly options: readonly { readonly text: string; readonly value: Value }[];
}

/** Calls back with the first one at once, and with each other when it is chosen. */
export function choice<Value>({ id, label, options }: Choice<Value>, chosen: (value: Value) => void): HTMLElement {
  const select = html("select", { id }, ...options.map(({ text }, index) => html("option", { value: index }, text)));
  const choose = (): void => {
    const option = options[select.selectedIndex] ?? options[0];
    if (option !== undefined) chosen(option.value);
  };
  select.addEventListener("change", choose);
  choose();
  return html("p", { class: "choice" }, html("label", { for: id }, label), " ", select);
}
