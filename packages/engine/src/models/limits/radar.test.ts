import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { LimitWindow } from "@twolane/protocol";
import {
  type Question,
  type RadarState,
  admit,
  emptyRadar,
  foldRadar,
  holdsTurn,
  recordsOf,
  reserveOf,
  unknownSource,
} from "./radar.ts";
import { type RadarRecord, readRecord, writeRecord } from "./radar-records.ts";

const source = "a acme/m";
const start = Date.UTC(2026, 0, 1);
const need = { input: 100 };
const alive = (): boolean => true;

/** Through the text of the log, as it is read in truth. */
const after = (...records: readonly RadarRecord[]): RadarState =>
  records.reduce((state, record) => foldRadar(state, readRecord(writeRecord(record))!), emptyRadar);
const ask = (state: RadarState, question: Partial<Question> = {}) =>
  admit(state, { source, now: start, need, isAlive: alive, ...question });
const closed = (until?: number, why: "limit" | "payment" | "overload" = "limit", at = start): RadarRecord => ({
  ...{ t: "closed", at, source, why },
  ...(until !== undefined && { until }),
});
const wait = (ticket: string, at = start): RadarRecord => ({ t: "wait", at, source, ticket, owner: "p" });
const go = (ticket: string, at = start): RadarRecord => ({ t: "go", at, source, ticket, owner: "p" });
const left = (window: Partial<LimitWindow>, at = start): RadarRecord => ({
  ...{ t: "left", at, source },
  windows: [{ name: "w", what: "tokens", ...window }],
});

describe("the radar", () => {
  it("lets through what nothing is known of", () => {
    expect(ask(emptyRadar)).toEqual({ do: "send", first: false, early: false });
  });

  it("keeps everything back until the time that the provider named, and then lets one go first", () => {
    const state = after(closed(start + 5000));
    expect(ask(state)).toEqual({ do: "wait", delay: { why: "limit", until: start + 5000, place: 1, of: 1 } });
    expect(ask(state, { now: start + 4999 }).do).toBe("wait");
    expect(ask(state, { now: start + 5000 })).toEqual({ do: "send", first: true, early: false });
    const going = foldRadar(state, go("one", start + 5000));
    expect(ask(going, { now: start + 5001 })).toMatchObject({ do: "wait", delay: { why: "limit" } });
    // Its process died: the next one finds out.
    expect(ask(going, { now: start + 5001, isAlive: () => false })).toMatchObject({ do: "send", first: true });
    const opened = foldRadar(going, { t: "open", at: start + 5100, source });
    expect(ask(opened, { now: start + 5101 })).toMatchObject({ do: "send", first: false });
  });

  it("takes two that say at once that they go for what they are: the first line goes", () => {
    const state = after(closed(start + 10), go("one", start + 10), go("two", start + 10));
    const holds = (ticket: string) => holdsTurn(state, { source, ticket, now: start + 10, isAlive: alive });
    expect([holds("one"), holds("two")]).toEqual([true, false]);
  });

  it("lets one try before the time when a person says so, once for each closing", () => {
    const state = after(closed(start + 60_000));
    expect(ask(state, { early: true })).toEqual({ do: "send", first: true, early: true });
    const tried = foldRadar(state, { t: "go", at: start, source, ticket: "x", owner: "p", early: true });
    const refused = foldRadar(tried, closed(start + 60_000, "limit", start + 50));
    expect(ask(refused, { early: true, now: start + 60 }).do).toBe("wait");
    // The next closing is another one.
    const next = foldRadar(refused, closed(start + 200_000, "limit", start + 61_000));
    expect(ask(next, { early: true, now: start + 61_001 })).toMatchObject({ do: "send", early: true });
  });

  it("keeps the order of those who wait, and gives back its place to who went first and was refused", () => {
    const state = after(closed(start + 10), wait("one"), wait("two"), wait("three"));
    const at = start + 11;
    expect(ask(state, { now: at, ticket: "two" })).toMatchObject({ do: "wait", delay: { why: "order", place: 2, of: 3 } });
    expect(ask(state, { now: at })).toMatchObject({ do: "wait", delay: { why: "order", place: 4 } });
    expect(ask(state, { now: at, ticket: "one" })).toMatchObject({ do: "send", first: true });
    const refused = [go("one", at), closed(start + 500, "limit", at)].reduce(foldRadar, state);
    expect(ask(refused, { now: start + 501, ticket: "two" })).toMatchObject({ do: "wait", delay: { place: 2 } });
    expect(ask(refused, { now: start + 501, ticket: "one" })).toMatchObject({ do: "send" });
  });

  it("knows of every model of an account when nobody pays, and asks less often each time", () => {
    const state = after(closed(undefined, "payment"));
    const other = { source: "a acme/other" };
    expect(ask(state, other)).toMatchObject({ do: "wait", delay: { why: "payment", until: start + 60_000 } });
    const again = foldRadar(state, closed(undefined, "payment", start + 60_001));
    expect(ask(again, { ...other, now: start + 60_001 })).toMatchObject({ delay: { until: start + 180_001 } });
    const open = foldRadar(again, { t: "open", at: start + 60_002, source: "a acme/other" });
    expect(ask(open).do).toBe("send");
  });

  it("keeps a request back that the window has no room for, with what admission reserves for the answer", () => {
    const window = { limit: 30_000, left: 5000, resetsAt: start + 20_000 };
    expect(ask(after(left(window)), { need: { input: 5000 } }).do).toBe("send");
    expect(ask(after(left(window)), { need: { input: 5001 } })).toMatchObject({ delay: { why: "limit", until: start + 20_000 } });
    // What others of this process have under way is not in the window yet.
    expect(ask(after(left(window)), { need: { input: 3000 }, inFlight: [{ input: 3000 }] }).do).toBe("wait");
    const counted: RadarRecord[] = [8000, 8192].map((reserve) => ({ t: "counted", at: start, source, reserve }));
    const learned = after(left(window), ...counted);
    expect(reserveOf(learned.get(source) ?? unknownSource)).toBe(8000);
    expect(ask(learned).do).toBe("wait");
    expect(ask(learned, { need: { input: 100, maxOutput: 1000 } }).do).toBe("send");
    // More than it ever holds: there is nothing to wait for, the provider shall say so.
    expect(ask(after(left(window)), { need: { input: 30_001 } }).do).toBe("send");
    expect(ask(after(left({ what: "requests", limit: 5, left: 0, resetsAt: start + 9 })))).toMatchObject({ do: "wait" });
    expect(ask(after(left({ what: "share", leftPercent: 0, resetsAt: start + 9 })))).toMatchObject({ do: "wait" });
  });

  it("waits for a part of a window that fills all the time no longer than that part takes", () => {
    const state = after(left({ limit: 30_000, left: 0, resetsAt: start + 60_000, steady: true }));
    expect(ask(state, { need: { input: 10_000 } })).toMatchObject({ delay: { until: start + 20_000 } });
    expect(ask(state, { now: start + 20_000, need: { input: 10_000 } }).do).toBe("send");
  });

  it("makes nobody wait longer than was said, whatever the clock does", () => {
    const times = fc.integer({ min: -1e12, max: 1e12 });
    fc.assert(
      fc.property(fc.option(times), times, fc.boolean(), (offset, jump, windowed) => {
        const until = offset === null ? undefined : Math.max(0, start + offset);
        const state = windowed
          ? after(left({ left: 0, limit: 10, ...(until !== undefined && { resetsAt: until }) }))
          : after(closed(until));
        const now = Math.max(0, start + jump);
        const admission = ask(state, { now });
        if (admission.do === "send") return;
        const waits = (admission.delay.until ?? now) - now;
        expect(waits).toBeGreaterThan(0);
        // A time in the past is no time: then it is a guess of seconds.
        expect(waits).toBeLessThanOrEqual(windowed || (until ?? 0) > start ? Math.max((until ?? 0) - start, 0) : 5000);
      }),
    );
  });

  it("lets those who wait go in their order, one at a time while it is closed, however they look", () => {
    const steps = fc.array(fc.record({ who: fc.nat(4), refused: fc.boolean(), pass: fc.nat(300) }), {
      minLength: 1,
      maxLength: 120,
    });
    fc.assert(
      fc.property(steps, (looks) => {
        let now = start;
        let state = after(closed(start + 100));
        const gone: number[] = [];
        let sentWhileClosed = 0;
        for (let who = 0; who < 5; who++) state = foldRadar(state, wait(`t${who}`, now));
        for (const { who, refused, pass } of looks) {
          now += pass;
          if (gone.includes(who)) continue;
          const closing = state.get(source)?.closed;
          const admission = ask(state, { now, ticket: `t${who}` });
          state = foldRadar(state, wait(`t${who}`, now));
          for (let other = 0; other < 5; other++) if (!gone.includes(other)) state = foldRadar(state, wait(`t${other}`, now));
          if (admission.do === "wait") continue;
          if (closing !== undefined) expect(now).toBeGreaterThanOrEqual(closing.until);
          state = foldRadar(state, go(`t${who}`, now));
          if (refused) {
            sentWhileClosed++;
            state = foldRadar(state, closed(now + 100, "limit", now));
          } else {
            gone.push(who);
            state = foldRadar(state, { t: "open", at: now, source });
            state = foldRadar(state, { t: "gone", at: now, source, ticket: `t${who}` });
          }
        }
        expect(gone).toEqual([...gone].sort((a, b) => a - b));
        expect(sentWhileClosed).toBeLessThanOrEqual(1 + (now - start) / 100);
      }),
    );
  });

  it("is the same when its log begins anew", () => {
    const record: fc.Arbitrary<RadarRecord> = fc.oneof(
      fc
        .record({ limit: fc.nat(100), left: fc.nat(100), resetsAt: fc.integer({ min: start, max: start + 9999 }) })
        .map((window) => left(window)),
      fc.option(fc.integer({ min: start + 1, max: start + 5000 })).map((until) => closed(until ?? undefined)),
      fc.constantFrom("one", "two", "three").map((ticket) => wait(ticket)),
      fc.constantFrom("one", "two").map((ticket) => go(ticket)),
      fc.nat(9000).map((reserve) => ({ t: "counted" as const, at: start, source, reserve })),
    );
    fc.assert(
      fc.property(fc.array(record, { maxLength: 20 }), fc.nat(12_000), (records, later) => {
        const state = after(...records);
        const anew = after(...recordsOf(state, start));
        const now = start + later;
        for (const early of [false, true]) expect(ask(anew, { now, early }).do).toBe(ask(state, { now, early }).do);
      }),
    );
  });

  it("reads any line, and takes nothing that is not a record", () => {
    fc.assert(fc.property(fc.string(), (line) => void readRecord(line)));
    fc.assert(fc.property(fc.json(), (line) => void readRecord(line)));
    for (const line of [
      '{"t":"closed","at":1,"source":"a"}',
      '{"t":"left","at":"x","source":"a"}',
      '{"t":"wait","at":1,"source":"a"}',
      "[]",
    ])
      expect(readRecord(line)).toBeUndefined();
  });
});
