import { priceOf } from "./price.ts";
import type { Product } from "./product.ts";

export interface Line {
  readonly product: Product;
  readonly quantity: number;
}

export function total(lines: readonly Line[]): number {
  return lines.reduce((sum, { product, quantity }) => sum + priceOf(product, quantity) * quantity, 0);
}
