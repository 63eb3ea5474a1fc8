/** Budgets, money and spans of time in words. */
import type { Budget } from "@twolane/protocol";

export const moneyText = (dollars: number): string => `$${dollars.toFixed(dollars < 0.1 ? 4 : 2)}`;

/** `$5.00 a day for the fast lane` */
export function budgetText({ per, lane, project, dollars, tokens = 0 }: Budget): string {
  const amount = dollars === undefined ? `${tokens} tokens` : moneyText(dollars);
  const whose = [...(lane === undefined ? [] : [` for the ${lane} lane`]), ...(project === undefined ? [] : [` in ${project}`])];
  return `${amount} a ${per}${whose.join("")}`;
}

/** `45 s`, `12 min`, `3 h 5 min`. */
export function spanText(seconds: number): string {
  if (seconds < 120) return `${Math.max(1, Math.ceil(seconds))} s`;
  const minutes = Math.ceil(seconds / 60);
  if (minutes < 120) return `${minutes} min`;
  const [hours, rest] = [Math.floor(minutes / 60), minutes % 60];
  if (hours < 48) return rest === 0 ? `${hours} h` : `${hours} h ${rest} min`;
  return `${Math.ceil(hours / 24)} days`;
}
