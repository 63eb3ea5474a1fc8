import fs from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import type { Hunk, TwolaneEvent } from "@twolane/protocol";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type StateFolder, openStateFolder } from "../state-folder.ts";
import { type AuditFile, openAuditFile } from "./audit-file.ts";
import { createAuditFold, hashOfHunk } from "./audit-fold.ts";
import { createAuditWriter } from "./audit-writer.ts";
import { type AuditRecord, checkChain } from "./chain.ts";

let folder = "";
let state: StateFolder;
let audit: AuditFile;
const headFile = (): string => path.join(path.dirname(audit.path), "head");

beforeEach(() => {
  folder = fs.mkdtempSync(path.join(tmpdir(), "twolane-audit-"));
  const opened = openStateFolder(folder, "/shop");
  if (!opened.ok) throw new Error(opened.failure.message);
  state = opened.value;
  audit = openAuditFile(state);
});
afterEach(() => fs.rmSync(folder, { recursive: true, force: true }));

const day = (number: number): string => new Date(Date.UTC(2026, 0, number)).toISOString();
const records = (count: number, from = 1): AuditRecord[] =>
  Array.from({ length: count }, (_, index) => ({ type: "turn.started", at: day(from + index), text: `Ünïcode ${from + index}` }));
const read = (): string => fs.readFileSync(audit.path, "latin1");
const write = (text: string): void => fs.writeFileSync(audit.path, text, "latin1");
const faults = (): string[] => audit.check().faults.map(({ line, message }) => `${line}: ${message}`);

describe("the chain", () => {
  it("is whole after any number of batches, and private", async () => {
    for (const count of [1, 3, 0, 2]) await audit.append(records(count));
    expect(audit.check()).toMatchObject({ lines: 6, first: { n: 1 }, last: { n: 6 }, faults: [] });
    expect(fs.statSync(audit.path).mode & 0o777).toBe(0o600);
    expect(fs.statSync(headFile()).mode & 0o777).toBe(0o600);
    expect(fs.statSync(path.dirname(audit.path)).mode & 0o777).toBe(0o700);
  });

  it("of nothing has no fault", () => expect(audit.check()).toEqual({ lines: 0, faults: [] }));

  it("shows every bit that flipped, anywhere", async () => {
    await audit.append(records(5));
    const [chain, head] = [fs.readFileSync(audit.path), fs.readFileSync(headFile())];
    const link = { n: 5, hash: head.toString().slice(2, -1) };
    expect(checkChain(chain.toString("latin1"), link).faults).toEqual([]);
    fc.assert(
      fc.property(fc.nat(chain.length - 1), fc.integer({ min: 1, max: 255 }), (at, flip) => {
        const changed = Buffer.from(chain);
        changed[at] = (changed[at] ?? 0) ^ flip;
        const { faults: found } = checkChain(changed.toString("latin1"), link);
        expect(found.length).toBeGreaterThan(0);
        // The line, or the one behind it where a line's end was hit.
        const line = chain.subarray(0, at).toString("latin1").split("\n").length;
        expect(found.some((fault) => fault.line === 0 || Math.abs(fault.line - line) <= 1)).toBe(true);
      }),
      { numRuns: 400 },
    );
    for (let at = 0; at < head.length; at++) {
      const changed = Buffer.from(head);
      changed[at] = (changed[at] ?? 0) ^ 1;
      fs.writeFileSync(headFile(), changed);
      expect(faults()).not.toEqual([]);
    }
  });

  it("shows each line that is missing, inserted, repeated or in another place", async () => {
    await audit.append(records(8));
    const lines = read().split("\n").slice(0, -1);
    const head = { n: 8, hash: audit.check().last?.hash ?? "" };
    const check = (list: readonly string[]) => checkChain(list.map((line) => `${line}\n`).join(""), head).faults;
    fc.assert(
      fc.property(fc.nat(7), fc.nat(7), (from, to) => {
        expect(check(lines.toSpliced(from, 1))).not.toEqual([]);
        expect(check(lines.toSpliced(to, 0, lines[from] ?? ""))).not.toEqual([]);
        expect(check(lines.slice(0, from))).not.toEqual([]);
        expect(check(lines.toSpliced(from, 1).toSpliced(to, 0, lines[from] ?? "")).length > 0).toBe(from !== to);
      }),
    );
    expect(check(lines.toSpliced(3, 1))).toEqual([{ line: 4, message: "is record 5: 4 to 4 are missing before it" }]);
    expect(check(lines.slice(0, 6))).toEqual([
      { line: 0, message: "the end is cut off: record 8 was written, the last one is 6" },
    ]);
    expect(check(lines.slice(2))[0]).toEqual({
      line: 1,
      message: "is record 3: what came before it is missing, and no prune tells of that",
    });
  });

  it("shows that it was taken away as a whole", async () => {
    await audit.append(records(2));
    fs.rmSync(audit.path);
    expect(faults()).toEqual(["0: the end is cut off: record 2 was written, the last one is 0"]);
    await audit.append(records(1));
    expect(faults().join()).toContain("tells of a loss");
  });
});

describe("what a crash leaves", () => {
  it("half a line is taken out and told, at whichever byte it was cut", async () => {
    await audit.append(records(2));
    const [before, head] = [read(), fs.readFileSync(headFile())];
    await openAuditFile(state).append(records(1, 3));
    const whole = read();
    for (let at = before.length + 1; at < whole.length; at += 7) {
      write(whole.slice(0, at));
      fs.writeFileSync(headFile(), head);
      expect(faults()).toEqual(["3: is cut off in its middle"]);
      await openAuditFile(state).append(records(1, 4));
      expect(audit.check()).toMatchObject({ lines: 4, faults: [] });
      expect(audit.lines()[2]).toContain(`"type":"audit.mended"`);
      expect(audit.lines()[2]).toContain(`"torn":${at - before.length}`);
    }
  });

  it("lines whose end was not noted yet are no fault", async () => {
    await audit.append(records(2));
    const head = fs.readFileSync(headFile());
    await audit.append(records(2, 3));
    fs.writeFileSync(headFile(), head);
    expect(faults()).toEqual([]);
    await openAuditFile(state).append(records(1, 5));
    expect(audit.check()).toMatchObject({ lines: 5, faults: [] });
  });

  it("what was noted and is gone is told for good", async () => {
    await audit.append(records(4));
    write(`${read().split("\n").slice(0, 2).join("\n")}\n`);
    await openAuditFile(state).append(records(2, 5));
    expect(faults().join("; ")).toMatch(
      /^3: tells of a loss: the end was cut off at record 2; record 4 \([0-9a-f]{64}\) was written$/,
    );
  });
});

describe("several at once", () => {
  it("append to one chain", async () => {
    const writers = Array.from({ length: 6 }, () => openAuditFile(state));
    await Promise.all(writers.flatMap((one, index) => [3, 1, 4].map((count) => one.append(records(count, index + 1)))));
    expect(audit.check()).toMatchObject({ lines: 48, last: { n: 48 }, faults: [] });
  });
});

describe("prune", () => {
  it("takes out what is old and leaves a chain that is whole", async () => {
    await audit.append(records(6));
    expect(await audit.prune(new Date(day(4)))).toBe(3);
    expect(audit.check()).toMatchObject({ lines: 4, first: { n: 4 }, last: { n: 7 }, faults: [] });
    await audit.append(records(2, 7));
    expect(await audit.prune(new Date(day(6)))).toBe(2);
    expect(audit.check()).toMatchObject({ first: { n: 6 }, faults: [] });
    expect(await audit.prune(new Date(day(6)))).toBe(0);
    expect(fs.readdirSync(path.dirname(audit.path)).sort()).toEqual(["chain.jsonl", "head", "lock"]);
    // One line more that is gone is found as before.
    write(read().split("\n").slice(1).join("\n"));
    expect(faults()[0]).toBe("1: is record 7: what came before it is missing, and no prune tells of that");
  });

  it("may leave nothing but its own line", async () => {
    await audit.append(records(2));
    expect(await audit.prune(new Date(day(9)))).toBe(2);
    expect(audit.check()).toMatchObject({ lines: 1, first: { n: 3 }, faults: [] });
    await openAuditFile(state).append(records(1));
    expect(audit.check()).toMatchObject({ lines: 2, faults: [] });
  });
});

const hunk: Hunk = { id: "h1", turn: "t1", operation: "update", path: "src/a.ts", line: 3, linesAdded: 1, linesRemoved: 1 };
const lines = [
  { op: "remove", text: "old" },
  { op: "add", text: "CANARY" },
] as const;
const stamp = { at: Date.UTC(2026, 0, 1), mono: 1, lane: "fast", session: "s1" } as const;
const opening = { workspace: "/shop", model: "sim/x", version: "1" };
const events: TwolaneEvent[] = [
  { ...stamp, type: "session.started", ...opening },
  { ...stamp, type: "turn.started", turn: "t1", prompt: "CANARY" },
  { ...stamp, type: "hunk.closed", hunk, lines: [...lines] },
  {
    ...stamp,
    type: "hunk.held",
    hunk,
    verdict: { decision: "hold", rule: "deps", reason: "adds x", wayOut: "Ask.", subject: "npm:x@1" },
  },
  { ...stamp, type: "hunk.allowed", hunk: "h1", for: "once", rules: [{ rule: "deps", subject: "npm:x@1" }] },
  { ...stamp, type: "text.finished", text: "CANARY" },
  { ...stamp, type: "command.started", call: "c1", command: "CANARY", sandbox: "bubblewrap", network: false, write: [] },
  { ...stamp, type: "commit.made", commit: "abc", subject: "CANARY", hunks: ["h1"] },
  { ...stamp, type: "session.ended" },
];

describe("what is kept", () => {
  const person = { name: "Somebody", email: "somebody@example.com", user: "somebody", host: "machine" };
  const keep = async (content: "none" | "hash" | "full", contentOf = content): Promise<string[]> => {
    const fold = createAuditFold({ content: () => content, contentOf: () => contentOf, who: async () => person });
    const writer = createAuditWriter({ file: audit, fold, onTrouble: (error) => expect(error).toBeUndefined() });
    for (const event of events) writer.observe(event);
    expect(await writer.flush()).toMatchObject({ n: 8 });
    return [...audit.lines()];
  };

  it("says who, which model, what was decided and on what", async () => {
    const kept = (await keep("hash")).map((line): Record<string, unknown> => JSON.parse(line));
    const hash = hashOfHunk(hunk, lines);
    expect(kept[0]).toMatchObject({ type: "session.started", session: "s1", lane: "fast", model: "sim/x", who: person });
    expect(kept[2]).toMatchObject({
      hunk: "h1",
      path: "src/a.ts",
      hash,
      verdict: { rule: "deps", decision: "hold", subject: "npm:x@1" },
    });
    expect(kept[3]).toMatchObject({ type: "hunk.allowed", hunk: "h1", hash, for: "once" });
    expect(kept[6]).toMatchObject({ type: "commit.made", commit: "abc", hunks: [{ hunk: "h1", path: "src/a.ts", hash }] });
    expect(audit.check().faults).toEqual([]);
  });

  it.each([
    ["none", 0],
    ["hash", 0],
    ["full", 3],
  ] as const)("content %s", async (content, texts) => {
    const text = (await keep(content)).join("\n");
    expect(text.split("CANARY").length - 1).toBe(texts);
    expect(text.includes(hashOfHunk(hunk, lines))).toBe(content !== "none");
  });

  it("a class of data may keep even the hash out", async () => {
    expect((await keep("full", "none")).join("\n")).not.toContain(hashOfHunk(hunk, lines));
  });

  it("a disk that refuses is told once, and nothing is lost when it takes again", async () => {
    const told: unknown[] = [];
    let refuses = true;
    const file: AuditFile = {
      ...audit,
      append: async (list) => (refuses ? Promise.reject(new Error("ENOSPC")) : audit.append(list)),
    };
    const fold = createAuditFold({ content: () => "hash", contentOf: () => "hash", who: async () => person });
    const writer = createAuditWriter({ file, fold, onTrouble: (error) => told.push(error) });
    for (const event of events.slice(0, 4)) writer.observe(event);
    expect([await writer.flush(), await writer.flush()]).toEqual([undefined, undefined]);
    refuses = false;
    for (const event of events.slice(4)) writer.observe(event);
    await writer.flush();
    expect(told).toHaveLength(1);
    expect(audit.check()).toMatchObject({ lines: 8, faults: [] });
  });
});
