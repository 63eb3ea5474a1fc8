/**
 * What the headers of an answer say of limits, whoever sends them: `x-ratelimit-*` as OpenAI, Groq, Cerebras and OpenRouter write
 * them, `anthropic-ratelimit-*`, the plan's windows of Codex, and `RateLimit-*`. Text in, windows out; what cannot be read is left
 * out. Knows no request and keeps nothing.
 */
import type { LimitKind, LimitWindow } from "@twolane/protocol";

/** Names in small letters. */
export type HeaderFields = Readonly<Record<string, string | readonly string[] | undefined>>;

export interface HeaderContext {
  /** Milliseconds since 1970. */
  readonly now: number;
  /** As the catalog calls it; some write what others write and mean another window. */
  readonly provider?: string;
}

type Field = "limit" | "left" | "used" | "reset" | "length";

/** What was read of one window so far. */
interface Raw {
  limit?: number;
  left?: number;
  usedPercent?: number;
  resetsAt?: number;
  perMs?: number;
}

interface Found {
  readonly window: string;
  readonly field: Field;
}

const second = 1000;
const minute = 60 * second;
const hour = 60 * minute;
const day = 24 * hour;

const fields: Readonly<Record<string, Field>> = {
  limit: "limit",
  remaining: "left",
  reset: "reset",
  "reset-at": "reset",
  "reset-after-seconds": "reset",
  utilization: "used",
  "used-percent": "used",
  "window-minutes": "length",
};

/** Windows in the order in which their first header stands. A header may say several values; the first counts. */
export function limitWindows(headers: HeaderFields, { now, provider }: HeaderContext): readonly LimitWindow[] {
  const raws = new Map<string, Raw>();
  for (const [header, given] of Object.entries(headers)) {
    const value = (typeof given === "string" ? given : given?.[0])?.trim();
    const found = value === undefined ? undefined : placeOf(header);
    if (value === undefined || found === undefined) continue;
    const raw = raws.get(found.window) ?? {};
    if (take(raw, found.field, { value, now, header })) raws.set(found.window, raw);
  }
  return Array.from(raws, ([name, raw]) => windowOf(name, raw, provider));
}

/** Which window and which of its fields a header is about. */
function placeOf(header: string): Found | undefined {
  const [, plain, name = ""] = /^(?:x-)?ratelimit-(limit|remaining|reset)(?:-([a-z0-9-]+))?$/.exec(header) ?? [];
  if (plain !== undefined) return { window: name === "" ? "requests" : name, field: fields[plain]! };
  const [, anthropic, last] =
    /^anthropic-(?:ratelimit|priority)-([a-z0-9-]+?)-(limit|remaining|reset|utilization)$/.exec(header) ?? [];
  if (anthropic !== undefined && last !== undefined) return { window: anthropic, field: fields[last]! };
  const [, plan, what] =
    /^x-codex-(primary|secondary)-(used-percent|reset-at|reset-after-seconds|window-minutes)$/.exec(header) ?? [];
  return plan === undefined || what === undefined ? undefined : { window: plan, field: fields[what]! };
}

interface Given {
  readonly value: string;
  readonly now: number;
  readonly header: string;
}

/** False where the value says nothing. */
function take(raw: Raw, field: Field, { value, now, header }: Given): boolean {
  if (field === "reset") {
    const at = resetTime(value, now);
    if (at === undefined) return false;
    raw.resetsAt = at;
    return true;
  }
  const amount = amountOf(value);
  if (amount === undefined) return false;
  if (field === "length") raw.perMs = amount * minute;
  else if (field === "used") raw.usedPercent = header.endsWith("utilization") ? amount * 100 : amount;
  else raw[field] = amount;
  return true;
}

/** The window that a name means: for headers, and for events that name their windows. */
export function windowOf(name: string, raw: Readonly<Raw>, provider?: string): LimitWindow {
  const { limit, left, usedPercent, resetsAt } = raw;
  const perMs = raw.perMs ?? lengthOf(name, provider);
  const percent =
    usedPercent !== undefined
      ? 100 - usedPercent
      : limit !== undefined && limit > 0 && left !== undefined
        ? (100 * left) / limit
        : undefined;
  return {
    ...{ name, what: kindOf(name, limit === undefined && left === undefined) },
    ...(perMs !== undefined && { perMs }),
    ...(limit !== undefined && { limit }),
    ...(left !== undefined && { left }),
    ...(percent !== undefined && { leftPercent: Math.min(100, Math.max(0, percent)) }),
    ...(resetsAt !== undefined && { resetsAt }),
    ...(isSteady(provider) && usedPercent === undefined && { steady: true as const }),
  };
}

function kindOf(name: string, isShare: boolean): LimitKind {
  if (isShare && !/token|request/.test(name)) return "share";
  if (/input-tokens/.test(name)) return "input tokens";
  if (/output-tokens/.test(name)) return "output tokens";
  return /token/.test(name) ? "tokens" : "requests";
}

/** Names say it (`requests-day`, `unified-5h`); of Groq it is known that plain requests are those of a day and plain tokens those of a minute. */
function lengthOf(name: string, provider: string | undefined): number | undefined {
  if (/-day$|(^|-)1d$/.test(name)) return day;
  if (name.endsWith("-minute")) return minute;
  if (name.endsWith("-hour")) return hour;
  if (name.endsWith("-second")) return second;
  const [, amount, unit] = /(?:^|-)(\d+)([hd])$/.exec(name) ?? [];
  if (amount !== undefined) return Number(amount) * (unit === "h" ? hour : day);
  if (provider === "groq") return name === "requests" ? day : minute;
  return isSteady(provider) && /^(requests|tokens|input-tokens|output-tokens)$/.test(name) ? minute : undefined;
}

/** Whose limits fill again all the time, by their documentation. */
const isSteady = (provider: string | undefined): boolean =>
  provider === "openai" || provider === "azure" || provider === "anthropic";

/** When a refused request may come again, milliseconds since 1970; undefined where the headers do not say. */
export function retryTime(headers: HeaderFields, context: HeaderContext): number | undefined {
  const { now } = context;
  const text = (name: string): string | undefined => [headers[name]].flat()[0]?.trim();
  const ms = amountOf(text("retry-after-ms") ?? "");
  if (ms !== undefined) return now + ms;
  const written = text("retry-after") ?? "";
  const seconds = amountOf(written);
  if (seconds !== undefined) return now + seconds * second;
  const date = /[a-z]/i.test(written) ? Date.parse(written) : Number.NaN;
  if (!Number.isNaN(date)) return Math.max(date, now);
  const empty = limitWindows(headers, context).filter(({ left, leftPercent }) => left === 0 || leftPercent === 0);
  const resets = empty.flatMap(({ resetsAt }) => (resetsAt === undefined ? [] : [resetsAt]));
  return resets.length === 0 ? undefined : Math.max(...resets);
}

/** Numbers from here on are points in time in seconds, from the second one on in milliseconds; below they are durations. */
const epochSeconds = 1e9;
const epochMs = 1e12;
const units: Readonly<Record<string, number>> = { ms: 1, s: second, m: minute, h: hour, d: day };

/** A point in time from a duration (`6m0s`, `20ms`, plain seconds), a time since 1970, or a date. */
function resetTime(value: string, now: number): number | undefined {
  const plain = amountOf(value);
  if (plain !== undefined) {
    if (plain >= epochMs) return plain;
    return plain >= epochSeconds ? plain * second : now + plain * second;
  }
  if (/^(\d+(\.\d+)?(ms|[smhd]))+$/.test(value)) {
    const parts = value.matchAll(/(\d+(?:\.\d+)?)(ms|[smhd])/g);
    return now + [...parts].reduce((sum, [, amount, unit]) => sum + Number(amount) * (units[unit ?? ""] ?? 0), 0);
  }
  const date = /[-:]/.test(value) ? Date.parse(value) : Number.NaN;
  return Number.isNaN(date) ? undefined : date;
}

function amountOf(value: string): number | undefined {
  return /^\d{1,18}(\.\d+)?$/.test(value) ? Number(value) : undefined;
}
