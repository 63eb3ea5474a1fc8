import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { v4aParser } from "../dialects/v4a.ts";
import { applyChanges, fileText } from "./file-text.ts";
import frozen from "./fixtures/codex-apply-patch.json" with { type: "json" };
import { place } from "./place.ts";

/** What the frozen results mean, and what they were made with, is written in the file itself. */
interface FrozenCase {
  readonly name: string;
  readonly before: string;
  readonly body: string;
  readonly codex: string | null;
  readonly ours: string;
  readonly failures: readonly string[];
  readonly agentsJs?: string | null;
  readonly difference?: boolean;
  readonly encoding?: string;
}
const cases: readonly FrozenCase[] = frozen.cases;
const alike = cases.filter((one) => one.difference !== true);
const different = cases.filter((one) => one.difference === true);

function run({ before, body, encoding }: FrozenCase): { readonly text: string; readonly failures: readonly string[] } {
  const charset = encoding === "latin1" ? "latin1" : "utf8";
  const parser = v4aParser();
  const events = [...parser.push(`*** Begin Patch\n*** Update File: f\n${body}\n*** End Patch\n`), ...parser.end(true)];
  const failures: string[] = [];
  let file = fileText(Buffer.from(before, charset));
  let cursor = 0;
  for (const event of events) {
    if (event.type === "malformed") failures.push(event.reason);
    if (event.type !== "hunk" || event.draft.kind !== "update") continue;
    const placement = place(event.draft, file, { cursor });
    if (placement.ok) {
      file = applyChanges(file, placement.changes);
      cursor = placement.cursor;
    } else failures.push(placement.failure.code);
  }
  return { text: Buffer.from(file.bytes).toString(charset), failures };
}

describe("results of Codex's own tool", () => {
  test("there are enough of either kind", () => {
    expect(alike.length).toBeGreaterThanOrEqual(40);
    expect(different.length).toBeGreaterThanOrEqual(20);
  });

  test.each(alike)("equal: $name", (one) => {
    expect(run(one)).toEqual({ text: one.codex, failures: [] });
  });

  test.each(different)("different: $name", (one) => {
    expect(run(one)).toEqual({ text: one.ours, failures: one.failures });
    const isOther = one.ours !== one.codex || one.failures.length > 0 || one.ours !== one.agentsJs;
    expect(isOther).toBe(true);
  });

  test("every difference has its row in the guide", () => {
    const guide = readFileSync(new URL("../../../../../docs/matching.md", import.meta.url), "utf8");
    const rows = [...guide.matchAll(/^\| ([^|]+?) \|/gm)].map((row) => row[1]);
    for (const { name } of different) expect(rows).toContain(name);
  });
});
