/** The judge alone against the table of conformance. */
import { type Verdict, strictest } from "@twolane/protocol";
import { describe, expect, it } from "vitest";
import {
  type FileChange,
  type HunkFacts,
  type PolicyJudge,
  type PolicyLayer,
  type Refusal,
  compilePolicy,
  laneAdvice,
  laneWishes,
} from "@twolane/policy";
import { readPolicy } from "../src/file/file.ts";
import { type ChangeCase, changeCases, commandCases, dataCases, laneCases, servedCases, tellCases } from "./conformance.ts";

function judgeOf({ policy, above = [] }: Pick<ChangeCase, "policy" | "above">): PolicyJudge {
  const texts = [...above, ...(policy === undefined ? [] : [{ kind: "project" as const, text: policy }])];
  return compilePolicy(
    texts.map(({ kind, text }): PolicyLayer => {
      const read = readPolicy(`version: 1\n${text}`, { kind, path: `${kind}.yaml` });
      if (!read.ok) throw new Error(JSON.stringify(read.problems));
      return read.layer;
    }),
  );
}

function refusalsOf(row: ChangeCase): Refusal[] {
  const judge = judgeOf(row);
  const now = new Map(Object.entries(row.before));
  const fileText = (path: string): string | undefined => now.get(path);
  const totals = new Map<string, number>();
  const context = { lane: "fast", turn: totals, changeSet: totals, fileText } as const;
  const refusals: Refusal[] = [];
  const files = changesOf(row);
  for (const [at, { path, from, after, hunks }] of files.entries()) {
    const rest = () => files.slice(0, at);
    for (const hunk of hunks) {
      refusals.push(...judge.refusals(hunk, { ...context, rest }));
      totals.set(path, (totals.get(path) ?? 0) + hunk.added.length + hunk.removed.length);
    }
    if (from !== undefined) now.delete(from);
    if (after === undefined) now.delete(path);
    else now.set(path, after);
  }
  return [...refusals, ...judge.change(files, { lane: "fast", fileText }).map(({ verdict }) => verdict)];
}

function changesOf({ before, after, moved = {} }: ChangeCase): FileChange[] {
  const paths = new Set([...Object.keys(after), ...Object.keys(moved)]);
  return [...paths].map((path): FileChange => {
    const from = moved[path];
    const old = before[from ?? path] ?? (from === undefined ? undefined : "");
    const next = path in after ? after[path] : old;
    const both = { before: () => old, after: () => next };
    const move: HunkFacts[] =
      from === undefined ? [] : [{ ...both, path: from, movedTo: path, operation: "move", line: 0, added: [], removed: [] }];
    const operation = old === undefined ? "create" : next === undefined ? "delete" : "update";
    const changed = old === next ? [] : [{ ...both, path, operation, ...changedLines(old, next) } as const];
    return { path, ...(from !== undefined && { from }), before: old, after: next, hunks: [...move, ...changed], binary: false };
  });
}

/** The lines between what both have at their beginnings and ends. */
function changedLines(old = "", next = ""): Pick<HunkFacts, "line" | "added" | "removed"> {
  const [was, is] = [old, next].map((text) => text.split("\n").slice(0, text.endsWith("\n") || text === "" ? -1 : undefined));
  if (was === undefined || is === undefined) throw new Error("two texts");
  let start = 0;
  while (start < was.length && was[start] === is[start]) start++;
  let end = 0;
  while (end < Math.min(was.length, is.length) - start && was.at(-1 - end) === is.at(-1 - end)) end++;
  return { line: start + 1, removed: was.slice(start, was.length - end), added: is.slice(start, is.length - end) };
}

function expectVerdict(refusals: readonly Verdict[], { decision, rule }: Pick<ChangeCase, "decision" | "rule">): void {
  const strict = strictest(refusals);
  const deciding = refusals.filter((one) => one.decision === strict.decision);
  const rules = deciding.flatMap((one) => ("rule" in one ? [one.rule] : []));
  expect({ decision: strict.decision, rules }).toEqual({
    decision,
    rules: rule === undefined ? (decision === "allow" ? [] : expect.any(Array)) : expect.arrayContaining([rule]),
  });
  for (const one of deciding) {
    if (!("rule" in one)) continue;
    expect(one.reason).toMatch(/\S/);
    expect(one.wayOut).toMatch(/\.$/);
  }
}

describe("conformance of the judge", () => {
  it.each(changeCases.map((row) => [row.name, row] as const))("%s", (_, row) => expectVerdict(refusalsOf(row), row));

  it.each(commandCases.map((row) => [row.name, row] as const))("command: %s", (_, row) =>
    expectVerdict([judgeOf(row).command({ line: row.line }).verdict], row),
  );

  it.each(dataCases.map((row) => [row.name, row] as const))("read: %s", (_, row) => {
    const reader = { lane: "fast", provider: "acme", keepsNothing: false, ...row.reader } as const;
    expectVerdict([judgeOf(row).read(row.path, reader)], row);
  });

  it.each(servedCases.map((row) => [row.name, row] as const))("served: %s", (_, row) =>
    expectVerdict([judgeOf(row).served(row.facts)], row),
  );

  it.each(tellCases.map((row) => [row.name, row] as const))("telemetry: %s", (_, row) =>
    expect(judgeOf(row).telemetry.content ? "allow" : "block").toBe(row.decision),
  );

  it.each(laneCases.map((row) => [row.name, row] as const))("request: %s", (_, { policy, request, lane, rule }) => {
    const advice = laneAdvice({ text: request, wishes: laneWishes(judgeOf({ policy }).layers) });
    expect(advice?.rule === undefined ? {} : { lane: advice.lane, rule: advice.rule.name }).toEqual(
      rule === undefined ? {} : { lane, rule },
    );
  });

  it("names each case once", () => {
    const names = [...changeCases, ...commandCases, ...dataCases, ...laneCases, ...servedCases, ...tellCases].map(
      ({ name }) => name,
    );
    expect(names.filter((name, index) => names.indexOf(name) !== index)).toEqual([]);
  });
});
