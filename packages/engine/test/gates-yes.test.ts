/** What a person said yes to in the loop is not asked again at commit, as long as no byte of it changed. */
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type YesTo, anySubject, readYeses, recordYes } from "../src/guard/gates/local-yes.ts";

let folder: string;
beforeEach(() => void (folder = fs.mkdtempSync(path.join(os.tmpdir(), "twolane-yes-"))));
afterEach(() => fs.rmSync(folder, { recursive: true, force: true }));

const now = 1_800_000_000_000;
const refusal = { rule: "scope-1", subject: "infra/main.tf" };
const hunk = { operation: "update" as const, path: "infra/main.tf", added: ["a = 1", "b = 2"], removed: ["a = 0"] };

describe("a yes of the loop", () => {
  it("covers these lines, also in smaller pieces and put together with others, and no other byte, rule, subject or path", () => {
    recordYes(folder, { refusal, hunk }, now);
    recordYes(folder, { refusal, hunk: { ...hunk, added: ["c = 3"], removed: [] } }, now);
    const yeses = readYeses(folder, now);
    const covers = (change: Partial<YesTo["hunk"]>, other: Partial<typeof refusal> = {}): boolean =>
      yeses.cover({ refusal: { ...refusal, ...other }, hunk: { ...hunk, ...change } });
    expect(covers({})).toBe(true);
    expect(covers({ added: ["b = 2"], removed: [] })).toBe(true);
    expect(covers({ added: ["a = 1", "b = 2", "c = 3"] })).toBe(true);
    expect(covers({}, { subject: anySubject })).toBe(true);
    expect(covers({ added: ["a = 1", "b = 3"] })).toBe(false);
    expect(covers({ added: ["a = 1 ", "b = 2"] })).toBe(false);
    expect(covers({ removed: ["b = 2"] })).toBe(false);
    expect(covers({ path: "infra/other.tf" })).toBe(false);
    expect(covers({ added: [], removed: [] })).toBe(false);
    expect(covers({}, { rule: "scope-2" })).toBe(false);
    expect(covers({}, { subject: "infra/other.tf" })).toBe(false);
  });

  it("is private, holds no text, ends after a month, and outlives a torn line", () => {
    recordYes(folder, { refusal, hunk }, now);
    const file = path.join(folder, "yeses.jsonl");
    expect(fs.statSync(file).mode & 0o777).toBe(0o600);
    expect(fs.readFileSync(file, "utf8")).not.toContain("a = 1");
    expect(readYeses(folder, now + 31 * 24 * 3600 * 1000).cover({ refusal, hunk })).toBe(false);
    fs.appendFileSync(file, '{"at":1,"rule":"scope-1"}\nnull\n{"at":');
    expect(readYeses(folder, now).cover({ refusal, hunk })).toBe(true);
    expect(readYeses(path.join(folder, "none"), now).cover({ refusal, hunk })).toBe(false);
  });

  it("keeps the younger half of a file that grew too large", () => {
    const file = path.join(folder, "yeses.jsonl");
    fs.writeFileSync(
      file,
      `${JSON.stringify({ at: now, rule: "old", subject: "s", path: "p", lines: ["x".repeat(1024)] })}\n`.repeat(4200),
    );
    recordYes(folder, { refusal, hunk }, now);
    expect(fs.statSync(file).size).toBeLessThan(3 * 1024 * 1024);
    expect(readYeses(folder, now).cover({ refusal, hunk })).toBe(true);
  });
});
