/** Price of so many pieces in cents; ten or more are a tenth cheaper. */
export function priceOf(cents, quantity) {
  const discount = quantity >= 10 ? 0.9 : 1;
  return Math.round(cents * quantity * discount);
}
