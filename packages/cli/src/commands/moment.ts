/** What `--since` and its like take: a day of this machine's calendar, a moment with its zone, or so many days ago. */
import { dayMs, dayOf } from "@twolane/protocol";

export interface Moment {
  /** ms since 1970; of a day its beginning here. */
  readonly at: number;
  /** As 2026-01-31, here. */
  readonly day: string;
}

/** What to do about a text that is none. */
export const momentCure = "Write it as 2026-01-31, as 2026-01-31T08:00:00Z, or as days ago: 30d.";

export function momentFrom(text: string, now = Date.now()): Moment | undefined {
  const [, ago] = /^(\d{1,4})d$/.exec(text) ?? [];
  if (ago !== undefined) return momentOf(now - Number(ago) * dayMs);
  if (/^\d{4}-\d\d-\d\dT/.test(text)) return momentOf(Date.parse(text));
  const [, year, month, day] = /^(\d{4})-(\d\d)-(\d\d)$/.exec(text) ?? [];
  if (day === undefined) return undefined;
  const date = new Date(Number(year), Number(month) - 1, Number(day));
  // The calendar has no such day.
  return date.getMonth() === Number(month) - 1 && date.getDate() === Number(day) ? momentOf(date.getTime()) : undefined;
}

const momentOf = (at: number): Moment | undefined => (Number.isNaN(at) ? undefined : { at, day: dayOf(at) });
