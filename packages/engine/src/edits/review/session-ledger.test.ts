import { describe, expect, it } from "vitest";
import type { LandingRecord, PreparedRecord } from "../../journal/records.ts";
import { SessionLedger } from "./session-ledger.ts";

function landing(write: string, hunk: string, at: number, matched: readonly [number, number]): PreparedRecord {
  const changes = [{ start: at, end: at, removed: [0, 0], inserted: [0, 2] }] as const;
  const names = { type: "landing.prepared", write, path: "a.ts", mode: 0o644 } as const;
  return {
    ...names,
    preHash: `before ${write}`,
    postHash: `before w${Number(write.slice(1)) + 1}`,
    steps: [{ hunk, turn: "t1", matched, changes }],
  };
}

const nothingKept = { content: () => undefined, readBlob: () => new Uint8Array() };

describe("the ledger of a session", () => {
  it("takes in only what is new, and begins anew when something turns out never to have happened", () => {
    const records: LandingRecord[] = [landing("w1", "h1", 4, [2, 6]), landing("w2", "h2", 6, [4, 8])];
    const ledger = new SessionLedger();
    ledger.catchUp(records, nothingKept);
    expect([...ledger.withDependents("h1")]).toEqual(["h1", "h2"]);
    records.push({ type: "write.done", write: "w1" }, { type: "write.reverted", write: "w2" });
    ledger.catchUp(records, nothingKept);
    expect([ledger.stands("h1"), ledger.stands("h2")]).toEqual([true, false]);
    expect([...ledger.withDependents("h1")]).toEqual(["h1"]);
  });

  it("takes nothing for known where a content between two writes is lost", () => {
    const ledger = new SessionLedger();
    ledger.catchUp([landing("w1", "h1", 4, [2, 6]), landing("w9", "h2", 5, [4, 8])], nothingKept);
    const { touched, steps } = ledger.file("a.ts");
    expect(steps.map((step) => [step.hunk, touched.has(step)])).toEqual([
      ["h1", true],
      ["h2", false],
    ]);
  });
});
