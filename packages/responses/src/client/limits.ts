/** What headers say of limits: when to come back, and how much of a window is left. Reads text, keeps no state. */
import type { RateLimit, WireError } from "../wire/events.ts";

/** Header names in lower case. */
export type Headers = Readonly<Record<string, string | readonly string[] | undefined>>;

/**
 * When a refused request may be sent again, in milliseconds since 1970: from the headers of the answer or of the error, else
 * from the error itself. Undefined when nothing tells.
 */
export function resetOf(error: WireError, answer: Headers, now: number): number | undefined {
  return (
    resetFromHeaders(answer, now) ??
    resetFromHeaders(error.headers ?? {}, now) ??
    error.resetAt ??
    resetFromMessage(error.message, now)
  );
}

/** From `retry-after-ms`, `retry-after` (seconds or an HTTP date), else the latest reset among the windows that have nothing left. */
function resetFromHeaders(headers: Headers, now: number): number | undefined {
  const ms = numberOf(text(headers, "retry-after-ms"));
  if (ms !== undefined) return now + ms;
  const after = text(headers, "retry-after");
  const seconds = numberOf(after);
  if (seconds !== undefined) return now + seconds * 1000;
  const date = after === undefined ? Number.NaN : Date.parse(after);
  if (!Number.isNaN(date)) return Math.max(date, now);
  const resets = limitsFromHeaders(headers, now).flatMap(({ remaining, resetAt }) =>
    remaining === 0 && resetAt !== undefined ? [resetAt] : [],
  );
  return resets.length === 0 ? undefined : Math.max(...resets);
}

/** As servers write it where they send no headers: "… try again in 1.2s". */
function resetFromMessage(message: string, now: number): number | undefined {
  const [, wait] = /try again in ((?:\d+(?:\.\d+)?(?:ms|[smhd]))+)/i.exec(message) ?? [];
  return wait === undefined ? undefined : resetTime(wait, now);
}

/** Windows from `x-ratelimit-{limit,remaining,reset}-NAME` and from the unnamed `x-ratelimit-{limit,remaining,reset}`. */
export function limitsFromHeaders(headers: Headers, now: number): RateLimit[] {
  const windows = new Map<string, { limit?: number; remaining?: number; resetAt?: number }>();
  for (const header of Object.keys(headers)) {
    const [, field, name = "requests"] = /^x-ratelimit-(limit|remaining|reset)(?:-(.+))?$/.exec(header) ?? [];
    const value = text(headers, header);
    if (field === undefined || value === undefined) continue;
    const window = windows.get(name) ?? {};
    windows.set(name, window);
    if (field === "reset") {
      const resetAt = resetTime(value, now);
      if (resetAt !== undefined) window.resetAt = resetAt;
      continue;
    }
    const amount = numberOf(value);
    if (amount !== undefined) window[field === "limit" ? "limit" : "remaining"] = amount;
  }
  return Array.from(windows, ([name, window]) => ({ name, ...window }));
}

const UNITS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };
/** Numbers from here on are points in time in seconds, from the second one on in milliseconds; below they are durations. */
const EPOCH_SECONDS = 1e9;
const EPOCH_MS = 1e12;

/** A point in time from a duration (`6m0s`, `20ms`, `1.5s`, plain seconds), a time since 1970, or a date. */
function resetTime(value: string, now: number): number | undefined {
  const plain = numberOf(value);
  if (plain !== undefined) {
    if (plain >= EPOCH_MS) return plain;
    return plain >= EPOCH_SECONDS ? plain * 1000 : now + plain * 1000;
  }
  if (/^(\d+(\.\d+)?(ms|[smhd]))+$/.test(value)) {
    const parts = value.matchAll(/(\d+(?:\.\d+)?)(ms|[smhd])/g);
    return now + [...parts].reduce((sum, [, amount, unit]) => sum + Number(amount) * (UNITS[unit ?? ""] ?? 0), 0);
  }
  const date = Date.parse(value);
  return Number.isNaN(date) ? undefined : date;
}

function text(headers: Headers, name: string): string | undefined {
  const value = headers[name];
  return typeof value === "string" ? value.trim() : value?.[0]?.trim();
}

function numberOf(value: string | undefined): number | undefined {
  return value !== undefined && /^\d+(\.\d+)?$/.test(value) ? Number(value) : undefined;
}
