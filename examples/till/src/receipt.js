import { total } from "./cart.js";
import { priceOf } from "./price.js";

/** One line for each line of the cart, and the total. */
export function receipt(lines) {
  const rows = lines.map(({ name, cents, quantity }) => `${quantity} x ${name} ${priceOf(cents, quantity) / 100}`);
  return [...rows, `total ${total(lines) / 100}`].join("\n");
}
