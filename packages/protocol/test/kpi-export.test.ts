/** What leaves a machine with an export and what does not, and that nothing else is taken for one. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type ReportData, type TurnTrace, exportOf, joinExports, readExport, splitAt } from "../src/kpi/kpis.ts";

const dayMs = 24 * 60 * 60 * 1000;
const noon = Date.UTC(2026, 9, 12, 12);
const secret = "/home/ada/payroll";

const dimensions = { lane: "fast", model: "cerebras/quick", repository: secret } as const;
/** The longer, the longer its tool's name is. */
function turn(startedAt: number, tool: string): TurnTrace {
  const to = tool.length * 10;
  return {
    ...{ ...dimensions, session: "s-payroll", turn: "t9", startedAt, ending: "completed", tokens: 20 },
    spans: [{ kind: "tool", name: tool, from: 1, to }],
    marks: [{ kind: "end", at: to }],
  };
}

const data: ReportData = {
  ...{ version: 1, madeAt: noon, from: noon - 3 * dayMs, to: noon, people: 1, sessions: 2 },
  groups: [
    {
      name: "ada",
      samples: [
        { ...dimensions, kpi: "first-token", at: noon - 3 * dayMs + 12_345, value: 412.5, parts: { model: 300 } },
        { ...dimensions, kpi: "one-loop", at: noon, hits: 1, of: 1, workflow: "debug" },
        { ...dimensions, kpi: "correction", at: noon, missing: "clock" },
      ],
      tasks: [
        {
          ...{ ...dimensions, outcome: "committed", startedAt: noon - 1000, endedAt: noon, prompts: 1, steers: 0, takenBack: 0 },
          ...{ hunks: ["h1"], commits: ["c0ffee"], job: "j1" },
        },
      ],
      spend: [
        {
          ...{ day: "2026-10-12", lane: "fast", model: "cerebras/quick", project: secret, requests: 1 },
          usage: { input: 10, cachedInput: 1, output: 5, reasoning: 0 },
          cost: { input: 0.1, cachedInput: 0, output: 0.2 },
          ...{ unpriced: 0, unpricedTokens: 0, estimated: 0, estimatedDollars: 0 },
        },
      ],
    },
  ],
  verdicts: [
    { rule: "scope-2", lane: "fast", told: 2, allowed: 1, rejected: 1 },
    { rule: "payroll is ada's", lane: "fast", told: 1, allowed: 0, rejected: 0 },
  ],
  turns: [turn(noon - 1000, "c"), turn(noon - 2000, "mcp__payroll__pay"), turn(noon - 3000, "read")],
};

const written = (value: unknown): string => JSON.stringify(value);

describe("an export", () => {
  it("names no repository, commit, hunk, job or rule of one's own, and no time of day", () => {
    const text = written(exportOf(data));
    for (const word of ["payroll", "ada", "c0ffee", "h1", "j1", String(noon - 1000), "12345"]) expect(text).not.toContain(word);
    expect(exportOf(data).samples.map(({ repository }) => repository)).toEqual(["1", "1", "1"]);
    expect(exportOf(data).samples[0]!.at % dayMs).toBe(dayMs / 2);
    expect(exportOf(data).verdicts.map(({ rule }) => rule)).toEqual(["scope-2", "own rule"]);
    expect(exportOf(data).turns.map(({ session, spans: [span] }) => [session, span?.name])).toEqual([
      ["", ""],
      ["", ""],
      ["", "read"],
    ]);
  });

  it("names repositories and rules where the policy allows it", () => {
    expect(exportOf(data, { names: true }).samples[0]!.repository).toBe(secret);
    expect(exportOf(data, { names: true }).verdicts.map(({ rule }) => rule)).toContain("payroll is ada's");
    expect(exportOf(data, { names: true }).turns[1]?.spans[0]?.name).toBe("mcp__payroll__pay");
  });

  it("is read as it was written", () => {
    expect(readExport(written(exportOf(data)), "a.json")).toEqual({ ok: true, value: exportOf(data) });
  });

  it("brings nothing along that an export does not have", () => {
    const own = exportOf(data);
    const more = { ...own, prompt: "x", samples: own.samples.map((sample) => ({ ...sample, prompt: "x" })) };
    expect(readExport(written(more), "a.json")).toEqual({ ok: true, value: own });
  });

  it.each([
    ["{", "is no JSON"],
    ["[]", "it is no object"],
    ['{"type":"kpi"}', "its `type` is not `kpi.export`"],
    [written({ ...exportOf(data), version: 2 }), "another version of twolane wrote it"],
    [written({ ...exportOf(data), samples: {} }), "`samples` of it is not a list"],
    [written({ ...exportOf(data), sessions: -1 }), "`sessions` of it is not a number"],
    [
      written({ ...exportOf(data), samples: [{ ...exportOf(data).samples[0], kpi: "speed" }] }),
      "`kpi` of number 1 of `samples` is not one of first-token",
    ],
    [
      written({ ...exportOf(data), samples: [{ ...exportOf(data).samples[0], value: "fast" }] }),
      "`value` of number 1 of `samples` is not a number",
    ],
    [
      written({ ...exportOf(data), turns: [{ ...exportOf(data).turns[0], ending: "fine" }] }),
      "`ending` of number 1 of `turns` is not one of completed",
    ],
  ])("is not %s", (text, fault) => {
    const read = readExport(text, "a.json");
    expect(read).toMatchObject({ ok: false, failure: { code: "FILE_UNREADABLE" } });
    expect(read.ok ? "" : read.failure.message).toContain(fault);
  });

  it("is never what a damaged text makes of it, and reading never throws", () => {
    const text = written(exportOf(data));
    fc.assert(
      fc.property(fc.nat(text.length - 1), fc.string({ maxLength: 3 }), (at, put) => {
        const read = readExport(text.slice(0, at) + put + text.slice(at + 1), "a.json");
        expect(read.ok || read.failure.message.startsWith("`a.json` is no ")).toBe(true);
      }),
    );
  });
});

describe("a team", () => {
  it("is the sum of its exports, with repositories of each person apart", () => {
    const one = exportOf(data);
    const team = joinExports([{ name: "team", exports: [one, one] }], noon);
    expect(team).toMatchObject({ people: 2, sessions: 4, groups: [{ name: "team" }] });
    expect(new Set(team.groups[0]!.samples.map(({ repository }) => repository))).toEqual(new Set(["1.1", "2.1"]));
    expect(team.verdicts).toContainEqual({ rule: "scope-2", lane: "fast", told: 4, allowed: 2, rejected: 2 });
    // The newest, which is in the middle as well, and the slowest.
    expect(team.turns.map(({ marks }) => marks[0]?.at)).toEqual([40, 170]);
  });

  it("is split at a day, each case on one side", () => {
    const { groups } = splitAt(joinExports([{ name: "team", exports: [exportOf(data)] }], noon), {
      at: noon - dayMs,
      day: "2026-10-11",
    });
    expect(groups.map(({ name, samples, tasks, spend }) => [name, samples.length, tasks.length, spend.length])).toEqual([
      ["before", 1, 0, 0],
      ["pilot", 2, 1, 1],
    ]);
  });
});
