import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { limitWindows, retryTime } from "./limit-headers.ts";

const now = Date.UTC(2026, 0, 5, 12, 0, 0);
const minute = 60_000;
const read = (headers: Record<string, string>, provider?: string) =>
  limitWindows(headers, { now, ...(provider !== undefined && { provider }) });

describe("headers of limits", () => {
  it("are read as OpenAI writes them", () => {
    expect(
      read(
        {
          "x-ratelimit-limit-requests": "500",
          "x-ratelimit-limit-tokens": "30000",
          "x-ratelimit-remaining-requests": "499",
          "x-ratelimit-remaining-tokens": "6000",
          "x-ratelimit-reset-requests": "120ms",
          "x-ratelimit-reset-tokens": "1m2.5s",
        },
        "openai",
      ),
    ).toEqual([
      {
        ...{ name: "requests", what: "requests", perMs: minute, limit: 500, left: 499, leftPercent: 99.8 },
        ...{ resetsAt: now + 120, steady: true },
      },
      {
        ...{ name: "tokens", what: "tokens", perMs: minute, limit: 30_000, left: 6000, leftPercent: 20 },
        ...{ resetsAt: now + 62_500, steady: true },
      },
    ]);
  });

  it("are read as Groq means them: requests of a day, tokens of a minute", () => {
    const [requests, tokens] = read(
      {
        "x-ratelimit-limit-requests": "14400",
        "x-ratelimit-remaining-requests": "14370",
        "x-ratelimit-reset-requests": "2m59.56s",
        "x-ratelimit-limit-tokens": "18000",
        "x-ratelimit-remaining-tokens": "17997",
        "x-ratelimit-reset-tokens": "7.66s",
      },
      "groq",
    );
    expect(requests).toMatchObject({ what: "requests", perMs: 24 * 60 * minute, left: 14_370, resetsAt: now + 179_560 });
    expect(tokens).toMatchObject({ what: "tokens", perMs: minute, left: 17_997, resetsAt: now + 7660 });
    expect(tokens).not.toHaveProperty("steady");
  });

  it("are read as Cerebras writes them", () => {
    expect(
      read({
        "x-ratelimit-limit-requests-day": "1000000",
        "x-ratelimit-remaining-requests-day": "999997",
        "x-ratelimit-reset-requests-day": "33011.382867",
        "x-ratelimit-limit-tokens-minute": "275000",
        "x-ratelimit-remaining-tokens-minute": "0",
        "x-ratelimit-reset-tokens-minute": "11.38",
      }),
    ).toMatchObject([
      { name: "requests-day", what: "requests", perMs: 24 * 60 * minute, left: 999_997, resetsAt: now + 33_011_382.867 },
      { name: "tokens-minute", what: "tokens", perMs: minute, left: 0, leftPercent: 0, resetsAt: now + 11_380 },
    ]);
  });

  it("are read as Anthropic writes them", () => {
    expect(
      read(
        {
          "anthropic-ratelimit-requests-limit": "50",
          "anthropic-ratelimit-requests-remaining": "49",
          "anthropic-ratelimit-requests-reset": "2026-01-05T12:00:01Z",
          "anthropic-ratelimit-input-tokens-limit": "40000",
          "anthropic-ratelimit-input-tokens-remaining": "10000",
          "anthropic-ratelimit-input-tokens-reset": "2026-01-05T12:00:45Z",
          "anthropic-ratelimit-output-tokens-limit": "8000",
          "anthropic-ratelimit-output-tokens-remaining": "8000",
          "anthropic-ratelimit-output-tokens-reset": "2026-01-05T12:00:00Z",
          "anthropic-ratelimit-unified-5h-utilization": "0.85",
          "anthropic-ratelimit-unified-5h-reset": String(now / 1000 + 3600),
          "anthropic-ratelimit-unified-status": "allowed",
        },
        "anthropic",
      ),
    ).toMatchObject([
      { name: "requests", what: "requests", left: 49, resetsAt: now + 1000, steady: true },
      { name: "input-tokens", what: "input tokens", left: 10_000, leftPercent: 25, resetsAt: now + 45_000 },
      { name: "output-tokens", what: "output tokens", left: 8000, resetsAt: now },
      { name: "unified-5h", what: "share", perMs: 5 * 60 * minute, leftPercent: 15, resetsAt: now + 3_600_000 },
    ]);
  });

  it("are read as OpenRouter and the plan of Codex write them", () => {
    expect(
      read({ "x-ratelimit-limit": "20", "x-ratelimit-remaining": "1", "x-ratelimit-reset": String(now + 5000) }),
    ).toMatchObject([{ name: "requests", what: "requests", limit: 20, left: 1, leftPercent: 5, resetsAt: now + 5000 }]);
    expect(
      read({
        "x-codex-primary-used-percent": "87.5",
        "x-codex-primary-window-minutes": "300",
        "x-codex-primary-reset-after-seconds": "600",
        "x-codex-secondary-used-percent": "3",
      }),
    ).toEqual([
      { name: "primary", what: "share", perMs: 300 * minute, leftPercent: 12.5, resetsAt: now + 600_000 },
      { name: "secondary", what: "share", leftPercent: 97 },
    ]);
  });

  it("say when to come back, in every way in which that is written", () => {
    const at = (headers: Record<string, string>) => retryTime(headers, { now });
    expect(at({ "retry-after-ms": "250", "retry-after": "9" })).toBe(now + 250);
    expect(at({ "retry-after": "9" })).toBe(now + 9000);
    expect(at({ "retry-after": "1.5" })).toBe(now + 1500);
    expect(at({ "retry-after": new Date(now + 60_000).toUTCString() })).toBe(now + 60_000);
    expect(at({ "retry-after": new Date(now - 60_000).toUTCString() })).toBe(now);
    expect(
      at({
        "x-ratelimit-remaining-requests": "0",
        "x-ratelimit-reset-requests": "2s",
        "x-ratelimit-remaining-tokens": "5",
        "x-ratelimit-reset-tokens": "50s",
      }),
    ).toBe(now + 2000);
    expect(at({ "retry-after": "soon" })).toBeUndefined();
    expect(at({})).toBeUndefined();
  });

  it("never throw and never say what is no number", () => {
    const header = fc.constantFrom(
      "x-ratelimit-limit-requests",
      "x-ratelimit-remaining-tokens",
      "x-ratelimit-reset-tokens",
      "anthropic-ratelimit-tokens-reset",
      "x-codex-primary-used-percent",
      "retry-after",
      "ratelimit-reset",
    );
    fc.assert(
      fc.property(fc.dictionary(header, fc.oneof(fc.string(), fc.nat().map(String), fc.double().map(String))), (headers) => {
        for (const window of limitWindows(headers, { now })) {
          const { limit = 0, left = 0, leftPercent = 0, resetsAt = 0 } = window;
          for (const number of [limit, left, leftPercent, resetsAt]) expect(Number.isFinite(number)).toBe(true);
          expect(leftPercent).toBeGreaterThanOrEqual(0);
          expect(leftPercent).toBeLessThanOrEqual(100);
        }
        const at = retryTime(headers, { now });
        expect(at === undefined || Number.isFinite(at)).toBe(true);
      }),
    );
  });
});
