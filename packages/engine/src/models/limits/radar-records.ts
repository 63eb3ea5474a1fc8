/**
 * What is written down of limits, a line each: the words of the radar's log, which all processes of a user share. No prompt, no key
 * and no path stands in it. A line that is not understood is left out: it may be torn, or of another version.
 */
import { type Lane, type LimitWindow, type RefusalReason, lanes, limitKinds } from "@twolane/protocol";

interface Stamp {
  /** Milliseconds since 1970. */
  readonly at: number;
  /** Which account's model it is about (`sourceOf`). */
  readonly source: string;
}

export type RadarRecord =
  | (Stamp & { readonly t: "left"; readonly windows: readonly LimitWindow[] })
  /** `until` is absent where the provider did not say. */
  | (Stamp & { readonly t: "closed"; readonly why: RefusalReason; readonly until?: number })
  /** A request got through. */
  | (Stamp & { readonly t: "open" })
  /** A request waits; said again as long as it does. */
  | (Stamp & { readonly t: "wait"; readonly ticket: string; readonly owner: string })
  /** It goes, the first behind a closing. `early`: before the time that the provider named, because a person said so. */
  | (Stamp & { readonly t: "go"; readonly ticket: string; readonly owner: string; readonly early?: true })
  /** It waits no longer. */
  | (Stamp & { readonly t: "gone"; readonly ticket: string })
  /** Tokens of output that admission counted beside the input. */
  | (Stamp & { readonly t: "counted"; readonly reserve: number })
  | (Stamp & { readonly t: "speed"; readonly lane: Lane; readonly firstMs: number; readonly perSecond: number });

/** Windows of one answer that are kept, and characters of their names. */
const windowLimit = 12;
const nameLimit = 60;

export function writeRecord(record: RadarRecord): string {
  if (record.t !== "left") return JSON.stringify(record);
  const windows = record.windows.slice(0, windowLimit).map((window) => ({ ...window, name: window.name.slice(0, nameLimit) }));
  return JSON.stringify({ ...record, windows });
}

export function readRecord(line: string): RadarRecord | undefined {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    return undefined;
  }
  return typeof value === "object" && value !== null && !Array.isArray(value) ? checked({ ...value }) : undefined;
}

type Fields = Readonly<Record<string, unknown>>;

function checked(fields: Fields): RadarRecord | undefined {
  const [at, source] = [time(fields["at"]), text(fields["source"])];
  if (at === undefined || source === undefined) return undefined;
  const stamp = { at, source };
  switch (fields["t"]) {
    case "left":
      return Array.isArray(fields["windows"]) ? { ...stamp, t: "left", windows: fields["windows"].flatMap(windowIn) } : undefined;
    case "closed": {
      const [why, until] = [reason(fields["why"]), time(fields["until"])];
      return why && { ...stamp, t: "closed", why, ...(until !== undefined && { until }) };
    }
    case "open":
      return { ...stamp, t: "open" };
    case "wait":
    case "go": {
      const [ticket, owner] = [text(fields["ticket"]), text(fields["owner"])];
      if (ticket === undefined || owner === undefined) return undefined;
      const early = fields["t"] === "go" && fields["early"] === true ? { early: true as const } : {};
      return { ...stamp, t: fields["t"], ticket, owner, ...early };
    }
    case "gone": {
      const ticket = text(fields["ticket"]);
      return ticket === undefined ? undefined : { ...stamp, t: "gone", ticket };
    }
    case "counted": {
      const reserve = amount(fields["reserve"]);
      return reserve === undefined ? undefined : { ...stamp, t: "counted", reserve };
    }
    case "speed": {
      const lane = lanes.find((one) => one === fields["lane"]);
      const [firstMs, perSecond] = [amount(fields["firstMs"]), amount(fields["perSecond"])];
      if (lane === undefined || firstMs === undefined || perSecond === undefined) return undefined;
      return { ...stamp, t: "speed", lane, firstMs, perSecond };
    }
    default:
      return undefined;
  }
}

function windowIn(value: unknown): readonly LimitWindow[] {
  if (typeof value !== "object" || value === null) return [];
  const fields: Fields = { ...value };
  const what = limitKinds.find((kind) => kind === fields["what"]);
  const name = text(fields["name"]);
  if (what === undefined || name === undefined) return [];
  const numbers = { perMs: amount(fields["perMs"]), limit: amount(fields["limit"]), left: amount(fields["left"]) };
  const [leftPercent, resetsAt] = [amount(fields["leftPercent"]), time(fields["resetsAt"])];
  return [
    {
      ...{ name, what },
      ...(numbers.perMs !== undefined && { perMs: numbers.perMs }),
      ...(numbers.limit !== undefined && { limit: numbers.limit }),
      ...(numbers.left !== undefined && { left: numbers.left }),
      ...(leftPercent !== undefined && { leftPercent: Math.min(100, leftPercent) }),
      ...(resetsAt !== undefined && { resetsAt }),
      ...(fields["steady"] === true && { steady: true as const }),
    },
  ];
}

const reason = (value: unknown): RefusalReason | undefined =>
  value === "limit" || value === "payment" || value === "overload" ? value : undefined;
const text = (value: unknown): string | undefined =>
  typeof value === "string" && value.length > 0 && value.length <= 300 ? value : undefined;
const amount = (value: unknown): number | undefined =>
  typeof value === "number" && Number.isFinite(value) && value >= 0 ? value : undefined;
/** A point in time that a date can say. */
const time = (value: unknown): number | undefined => {
  const ms = amount(value);
  return ms !== undefined && ms <= 8.64e15 ? ms : undefined;
};
