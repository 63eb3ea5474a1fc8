/** Sum of all lines in cents. */
export function total(lines) {
  let sum = 0;
  for (const { cents, quantity } of lines) sum += Math.round(cents * quantity * (quantity >= 10 ? 0.9 : 1));
  return sum;
}
