import { describe, expect, it } from "vitest";
import type { Hunk } from "@twolane/protocol";
import { type HunkContext, type HunkFacts, type Refusal, compileScope, everywhere } from "@twolane/policy";
import { Allowances, verdictOf } from "./allowances.ts";
import type { YesTo } from "./gates/local-yes.ts";
import { SessionTotals } from "./change-totals.ts";
import { type HunkJudgeDeps, type JudgedHunk, createHunkJudge } from "./hunk-judge.ts";

const refusal = (rule: string, subject?: string): Refusal => ({
  ...{ decision: "hold", rule, reason: `${rule} says no`, wayOut: "Ask." },
  ...(subject !== undefined && { subject }),
});

const judged: JudgedHunk = {
  ...{ id: "h1", turn: "t1", operation: "update", line: 3, added: ["new"], removed: ["old"] },
  from: { relative: "src/a.ts", real: "src/a.ts" },
  ...{ before: () => "old\n", after: () => "new\n", touched: () => undefined },
};

function judge(deps: Partial<HunkJudgeDeps>) {
  const totals = new SessionTotals();
  const allowances = new Allowances();
  const policy = { path: () => ({ decision: "allow" as const }), refusals: () => [] };
  const whole = { lane: "fast" as const, fileText: () => undefined, totals, allowances, ...deps };
  return { totals, allowances, judge: createHunkJudge({ policy, scope: () => everywhere, ...whole }) };
}

function hunk(id: string, path: string, lines: number): Hunk {
  return { id, turn: "t1", operation: "update", path, line: 1, linesAdded: lines, linesRemoved: 0 };
}

describe("the judge of hunks", () => {
  it("asks about every name of a file, and of a move about both ends", () => {
    const asked: string[] = [];
    const policy = {
      path: () => ({ decision: "allow" as const }),
      refusals: ({ path, movedTo }: HunkFacts) => (asked.push(`${path} → ${movedTo}`), []),
    };
    judge({ policy }).judge.hunk({
      ...{ ...judged, operation: "move" },
      from: { relative: "link/a.ts", real: "real/a.ts" },
      to: { relative: "b.ts", real: "b.ts" },
    });
    expect(asked).toEqual(["link/a.ts → b.ts", "real/a.ts → b.ts"]);
  });

  it("holds a move whose destination is out of scope", () => {
    const scope = compileScope(["src"]);
    if (!scope.ok) throw new Error(scope.failure.message);
    const { judge: own } = judge({ scope: () => scope.value });
    const to = { relative: "infra/a.ts", real: "infra/a.ts" };
    expect(own.hunk({ ...judged, to })).toMatchObject([{ rule: "scope", subject: "infra/a.ts" }]);
  });

  it("gives the totals of the turn and of what is not committed, without the hunk itself", () => {
    const seen: HunkContext[] = [];
    const policy = {
      path: () => ({ decision: "allow" as const }),
      refusals: (_: HunkFacts, context: HunkContext) => (seen.push(context), []),
    };
    const { judge: own, totals } = judge({ policy });
    for (const one of [hunk("h1", "src/a.ts", 5), hunk("h2", "src/a.ts", 2), hunk("h3", "src/b.ts", 1)]) own.admit(one);
    totals.observe({
      type: "hunk.failed",
      hunk: hunk("h3", "src/b.ts", 1),
      failure: { code: "STOPPED", message: "", cure: "" },
      candidates: [],
    });
    totals.observe({ type: "commit.made", commit: "c", subject: "s", hunks: ["h2"] });
    own.hunk(judged);
    own.hunk({ ...judged, id: "h9" });
    expect(seen.map(({ turn = new Map(), changeSet }) => [Object.fromEntries(turn), Object.fromEntries(changeSet)])).toEqual([
      [{ "src/a.ts": 2 }, {}],
      [{ "src/a.ts": 7 }, { "src/a.ts": 5 }],
    ]);
  });

  it("lets what is held stand in nobody's way, but count for a hard limit", () => {
    const size = ({ added }: HunkFacts, { turn = new Map() }: HunkContext): Refusal[] => {
      const lines = [...turn.values()].reduce((sum, count) => sum + count, added.length);
      return lines > 50 ? [{ ...refusal("size"), decision: "block" }] : lines > 20 ? [refusal("size")] : [];
    };
    const { judge: own, totals } = judge({ policy: { path: () => ({ decision: "allow" }), refusals: size } });
    const hold = refusal("size");
    totals.observe({ type: "hunk.held", hunk: hunk("h2", "src/b.ts", 30), verdict: hold });
    expect(own.hunk(judged)).toEqual([]);
    totals.observe({ type: "hunk.held", hunk: hunk("h3", "src/c.ts", 30), verdict: hold });
    expect(own.hunk(judged)).toMatchObject([{ decision: "block" }]);
    totals.observe({ type: "hunk.rejected", hunk: "h3", path: "src/c.ts" });
    expect(own.hunk(judged)).toEqual([]);
    totals.observe({ type: "hunk.held", hunk: hunk("h4", "src/c.ts", 99), verdict: { ...hold, decision: "block" } });
    expect(own.hunk(judged)).toEqual([]);
  });

  it("asks for a manifest as the turn leaves it, before it asks for it as it was on disk", () => {
    const texts: (string | undefined)[] = [];
    const policy = {
      path: () => ({ decision: "allow" as const }),
      refusals: (_: HunkFacts, { fileText }: HunkContext) => (texts.push(fileText("package.json"), fileText("go.mod")), []),
    };
    const { judge: own } = judge({ policy, fileText: (path) => `${path} on disk` });
    own.hunk({ ...judged, touched: (path) => (path === "package.json" ? { text: "{}" } : undefined) });
    expect(texts).toEqual(["{}", "go.mod on disk"]);
  });

  it("counts the lines of an open hunk that came before", () => {
    const totals: number[] = [];
    const policy = {
      path: () => ({ decision: "allow" as const }),
      refusals: ({ path, added }: HunkFacts, { turn = new Map() }: HunkContext) => (
        totals.push((turn.get(path) ?? 0) + added.length),
        []
      ),
    };
    const { judge: own } = judge({ policy });
    own.admit(hunk("h1", "src/a.ts", 10));
    own.open({ turn: "t1", place: judged.from, added: ["one", "two"], removed: [], linesBefore: 30 });
    expect(totals).toEqual([42]);
  });
});

describe("what a person allows", () => {
  it("is this rule and this subject, in one hunk or for the session; a block is never asked about", () => {
    const allowances = new Allowances();
    const block: Refusal = { ...refusal("paths", "vendor"), decision: "block" };
    const all = [refusal("dependencies", "left-pad"), refusal("secrets", "aws"), block];
    allowances.show("h1", all.slice(0, 1));
    expect(allowances.answer("h1", "once")).toEqual([{ rule: "dependencies", subject: "left-pad" }]);
    expect(allowances.withoutConsent("h1", all)).toEqual(all.slice(1));
    expect(allowances.withoutConsent("h2", all)).toEqual(all);
    allowances.forget("h1");
    expect(allowances.withoutConsent("h1", all)).toEqual(all);
  });

  it("is remembered for the session, and kept with the lines that it was said to", () => {
    const kept: YesTo[] = [];
    const allowances = new Allowances((yes) => void kept.push(yes));
    const { judge: own } = judge({
      allowances,
      policy: { path: () => ({ decision: "allow" }), refusals: () => [refusal("secrets", "aws")] },
    });
    const first = own.hunk(judged);
    own.show("h1", first);
    allowances.answer("h1", "session");
    expect(own.hunk({ ...judged, id: "h2", added: ["other"] })).toEqual([]);
    expect(kept.map(({ refusal: { rule, subject }, hunk: { path, added } }) => [rule, subject, path, ...added])).toEqual([
      ["secrets", "aws", "src/a.ts", "new"],
      ["secrets", "aws", "src/a.ts", "other"],
    ]);
    const next = new Allowances();
    next.take({ type: "hunk.allowed", hunk: "h1", for: "never", rules: [{ rule: "secrets", subject: "aws" }] });
    expect(next.neverOf(first)).toEqual(first[0]);
  });

  it("is read in one verdict, the strictest first", () => {
    const block: Refusal = { ...refusal("paths"), decision: "block" };
    expect(verdictOf([refusal("secrets"), block])).toMatchObject({
      ...{ decision: "block", rule: "paths" },
      reason: "paths says no; secrets: secrets says no",
    });
  });
});
