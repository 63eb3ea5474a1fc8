import type { Product } from "./product.ts";

/** Price of one piece in cents, after the quantity discount. */
export function priceOf(product: Product, quantity: number): number {
  const discount = quantity >= 10 ? 0.9 : 1;
  return Math.round(product.cents * discount);
}
