import { type Line, total } from "./cart.ts";
import * as price from "./price.ts";

export function receipt(lines: readonly Line[]): string {
  const rows = lines.map(({ product, quantity }) => `${quantity} × ${product.name} ${price.priceOf(product, quantity) / 100}`);
  return [...rows, `total ${total(lines) / 100}`].join("\n");
}
