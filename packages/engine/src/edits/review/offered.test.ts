import fs from "node:fs";
import path from "node:path";
import { type EventBody, type HunkId, type Review, reviewEvent } from "@twolane/protocol";
import fc from "fast-check";
import { afterEach, describe, expect, it } from "vitest";
import { type ReviewBench, openReviewBench } from "../../../test/landing/review-bench.ts";
import { grouped } from "../adopt/split.ts";
import { applyToBytes } from "../placing/file-text.ts";
import { fit, ordered } from "../placing/fit.ts";
import { lineChanges } from "../placing/line-changes.ts";
import { merge3 } from "../placing/merge.ts";
import { type OfferedHunk, offer } from "./offer.ts";
import { waitsFor } from "./offered-desk.ts";

const scale = Number(process.env["TWOLANE_TEST_SCALE"] ?? 1);

const benches: ReviewBench[] = [];
afterEach(async () => {
  for (const { workshop } of benches.splice(0)) await workshop.dispose();
});

async function open(files: Record<string, string>): Promise<ReviewBench> {
  const bench = await openReviewBench({ files });
  benches.push(bench);
  return bench;
}

interface Change {
  readonly path: string;
  readonly before?: string;
  readonly after?: string;
}

let names = 0;

/** What a job changed joins the review, as the assembly does it. */
async function offered(bench: ReviewBench, changes: readonly Change[]): Promise<readonly OfferedHunk[]> {
  const contents = (text: string | undefined) => (text === undefined ? undefined : { bytes: Buffer.from(text), mode: 0o644 });
  const made = await offer(
    { journal: bench.workshop.journal, lock: bench.workshop.deps.lock },
    {
      job: "d1",
      changes: changes.map(({ path, before, after }) => ({ path, before: contents(before), after: contents(after) })),
      nextHunk: () => `h${++names}`,
    },
  );
  if (!made.ok) throw new Error(made.failure.message);
  for (const { hunk } of made.value) {
    const whole = { ...hunk, turn: "t1" };
    bench.tell({ type: "hunk.held", hunk: whole, verdict: waitsFor(whole) });
  }
  return made.value;
}

const states = (events: readonly EventBody[]): Record<HunkId, string> => {
  const review: Review = new Map();
  for (const event of events) reviewEvent(review, event);
  return Object.fromEntries([...review].map(([id, { state }]) => [id, state]));
};

const ids = (list: readonly OfferedHunk[]): HunkId[] => list.map(({ hunk }) => hunk.id);
const numbered = (count: number): string => Array.from({ length: count }, (_, at) => `line ${at}\n`).join("");
const swap = (text: string, ...pairs: readonly [string, string][]): string =>
  pairs.reduce((now, [old, fresh]) => now.replace(old, fresh), text);

describe("a hunk that a job has offered", () => {
  it("lands beside what the person has written since, and what is rejected never was there", async () => {
    const base = numbered(40);
    const bench = await open({ "a.ts": swap(base, ["line 20\n", "mine\nand more\n"]) });
    const list = await offered(bench, [
      {
        path: "a.ts",
        before: base,
        after: swap(base, ["line 2\n", "theirs 2\n"], ["line 12\n", ""], ["line 33\n", "line 33\nnew\n"]),
      },
    ]);
    const [first = "", second = "", third = ""] = ids(list);
    expect(list).toHaveLength(3);
    await bench.reviewer.accept([third]);
    await bench.reviewer.reject([second]);
    await bench.reviewer.accept([first]);
    expect(bench.workshop.read("a.ts")).toBe(
      swap(base, ["line 20\n", "mine\nand more\n"], ["line 2\n", "theirs 2\n"], ["line 33\n", "line 33\nnew\n"]),
    );
    expect(states(bench.events)).toEqual({ [first]: "accepted", [second]: "rejected", [third]: "accepted" });
  });

  it("is a conflict with all three texts where the person changed its lines, and changes nothing", async () => {
    const base = numbered(20);
    const bench = await open({ "a.ts": swap(base, ["line 0\n", "top\nline 0\n"], ["line 7\n", "mine 7\n"]) });
    const [hunk = ""] = ids(
      await offered(bench, [{ path: "a.ts", before: base, after: swap(base, ["line 7\nline 8\n", "theirs 7\ntheirs 8\n"]) }]),
    );
    const before = bench.workshop.read("a.ts");
    await bench.reviewer.accept([hunk]);
    expect(bench.workshop.read("a.ts")).toBe(before);
    expect(bench.reviewer.review.get(hunk)).toMatchObject({ state: "held", verdict: { rule: "conflict" } });
    expect(bench.events.findLast(({ type }) => type === "hunk.conflicted")).toMatchObject({
      conflict: { line: 9, base: ["line 7", "line 8"], yours: ["mine 7", "line 8"], theirs: ["theirs 7", "theirs 8"] },
    });
    bench.workshop.write("a.ts", swap(before, ["mine 7\n", "line 7\n"]));
    await bench.reviewer.accept([hunk]);
    expect(bench.workshop.read("a.ts")).toBe(
      swap(base, ["line 0\n", "top\nline 0\n"], ["line 7\nline 8\n", "theirs 7\ntheirs 8\n"]),
    );
  });

  it.each([
    [{ with: "theirs" }, "theirs\n"],
    [{ with: "both" }, "mine\ntheirs\n"],
    [{ with: "text", text: "ours" }, "ours\n"],
  ] as const)("stands as %o says, and goes again without a trace", async (resolution, text) => {
    const base = numbered(20);
    const mine = swap(base, ["line 7\n", "mine\n"], ["line 18\n", "line 18\nmore of mine\n"]);
    const bench = await open({ "a.ts": mine });
    const theirs = swap(base, ["line 7\n", "theirs\n"], ["line 15\n", "theirs 15\n"]);
    const [hunk = "", other = ""] = ids(await offered(bench, [{ path: "a.ts", before: base, after: theirs }]));
    await bench.reviewer.resolve(hunk, resolution);
    expect(bench.workshop.read("a.ts")).toBe(swap(mine, ["mine\n", text]));
    await bench.reviewer.accept([other]);
    expect(bench.workshop.read("a.ts")).toBe(swap(mine, ["mine\n", text], ["line 15\n", "theirs 15\n"]));
    await bench.reviewer.undo([hunk]);
    expect(bench.workshop.read("a.ts")).toBe(swap(mine, ["line 15\n", "theirs 15\n"]));
  });

  it("takes files that come and go, and leaves those that are others by now", async () => {
    const bench = await open({ "gone.ts": "old\n", "kept.ts": "mine\n", "there.ts": "new\n", "taken.ts": "mine\n" });
    const list = await offered(bench, [
      { path: "gone.ts", before: "old\n" },
      { path: "kept.ts", before: "old\n" },
      { path: "deep/new.ts", after: "new\n" },
      { path: "there.ts", after: "new\n" },
      { path: "taken.ts", after: "theirs\n" },
    ]);
    await bench.reviewer.accept(ids(list));
    expect(Object.values(states(bench.events)).slice(-5)).toEqual(["accepted", "held", "accepted", "superseded", "held"]);
    expect(
      ["gone.ts", "kept.ts", "deep/new.ts", "there.ts", "taken.ts"].map((file) =>
        fs.existsSync(path.join(bench.workshop.root, file)),
      ),
    ).toEqual([...[false, true, true, true, true]]);
    await bench.reviewer.undo(ids(list).slice(0, 3));
    expect(bench.workshop.read("gone.ts")).toBe("old\n");
    expect(fs.existsSync(path.join(bench.workshop.root, "deep/new.ts"))).toBe(false);
  });

  it("is judged by the deep lane's rules and without the size of its turn, and waits for its own yes to a rule", async () => {
    const base = numbered(20);
    const seen: unknown[] = [];
    const refusal = { decision: "hold", rule: "paths", subject: "a.ts", reason: "a.ts is guarded", wayOut: "Ask." } as const;
    const bench = await openReviewBench({
      files: { "a.ts": base },
      policy: { refusals: (_, { lane, turn }) => (seen.push([lane, turn]), [refusal]) },
    });
    benches.push(bench);
    const [hunk = ""] = ids(await offered(bench, [{ path: "a.ts", before: base, after: swap(base, ["line 3\n", "three\n"]) }]));
    await bench.reviewer.accept([hunk]);
    expect(seen).toEqual([["deep", undefined]]);
    expect(bench.reviewer.review.get(hunk)).toMatchObject({ state: "held", verdict: { rule: "paths" } });
    expect(bench.workshop.read("a.ts")).toBe(base);
    await bench.reviewer.accept([hunk]);
    expect(bench.workshop.read("a.ts")).toBe(swap(base, ["line 3\n", "three\n"]));
  });

  it("lands in the person's own words, and others beside it", async () => {
    const base = numbered(40);
    const bench = await open({ "a.ts": base });
    const after = swap(base, ["line 3\n", "three\n"], ["line 30\n", "thirty\n"]);
    const [first = "", second = ""] = ids(await offered(bench, [{ path: "a.ts", before: base, after }]));
    const shown = bench.reviewer.lines(first) ?? [];
    const text = shown.flatMap((line) => (line.op === "remove" ? [] : [line.op === "add" ? "drei" : line.text])).join("\n");
    await bench.reviewer.edit(first, text);
    await bench.reviewer.accept([second]);
    expect(bench.workshop.read("a.ts")).toBe(swap(base, ["line 3\n", "drei\n"], ["line 30\n", "thirty\n"]));
    await bench.reviewer.undo([first]);
    expect(bench.workshop.read("a.ts")).toBe(swap(base, ["line 30\n", "thirty\n"]));
  });

  it("is shown and can be taken after a resume", async () => {
    const base = numbered(20);
    const bench = await open({ "a.ts": base });
    const after = swap(base, ["line 3\n", "three\n"], ["line 16\n", "sixteen\n"]);
    const [first = "", second = ""] = ids(await offered(bench, [{ path: "a.ts", before: base, after }]));
    await bench.reviewer.accept([second]);
    await bench.resume();
    expect(bench.reviewer.lines(first)?.filter(({ op }) => op !== "keep")).toEqual([
      { op: "remove", text: "line 3" },
      { op: "add", text: "three" },
    ]);
    await bench.reviewer.accept([first]);
    expect(bench.workshop.read("a.ts")).toBe(after);
  });
});

const word = fc.constantFrom("a", "b", "}", "", "x");
const ending = fc.constantFrom("\n", "\r\n");
const content = fc
  .record({ lines: fc.array(word, { maxLength: 24 }), ending, open: fc.boolean() })
  .map(({ lines, ending: end, open: isOpen }) => {
    const text = lines.map((line) => line + end).join("");
    return isOpen && text.endsWith(end) ? text.slice(0, -end.length) : text;
  });
const edit = fc.record({
  at: fc.nat(24),
  remove: fc.nat(2),
  add: fc.array(fc.constantFrom("a", "}", "n1", "n2"), { maxLength: 2 }),
});
const edits = fc.array(edit, { maxLength: 5 });

function edited(text: string, list: readonly { at: number; remove: number; add: readonly string[] }[]): string {
  const lines: string[] = text.match(/[^\n]*\n|[^\n]+$/g) ?? [];
  const end = text.includes("\r\n") ? "\r\n" : "\n";
  for (const { at, remove, add } of list) {
    const place = Math.min(at, lines.length);
    if (place === lines.length && lines.length > 0 && !lines.at(-1)?.endsWith("\n")) lines[lines.length - 1] += end;
    lines.splice(place, remove, ...add.map((line) => line + end));
  }
  return lines.join("");
}

const steps = fc.array(fc.record({ hunk: fc.nat(12), take: fc.boolean() }), { maxLength: 10 });
/** Where each hunk stands in the order of taking. */
const ranks = fc.array(fc.nat(100), { minLength: 16, maxLength: 16 });
const way = fc.record({ steps, ranks });

describe("hunks of a job", () => {
  it("give the same file in whatever order they are taken, put back and taken again, and lose no byte of the person's", async () => {
    await fc.assert(
      fc.asyncProperty(content, edits, edits, way, async (base, job, person, { steps: before, ranks: order }) => {
        const [theirs, mine] = [edited(base, job), edited(base, person)];
        const bench = await open({ "a.ts": mine });
        const hunks = ids(theirs === base ? [] : await offered(bench, [{ path: "a.ts", before: base, after: theirs }]));
        for (const { hunk, take } of before) {
          const id = hunks[hunk % Math.max(1, hunks.length)];
          if (id !== undefined) await (take ? bench.reviewer.accept([id]) : bench.reviewer.undo([id]));
        }
        for (const at of hunks.map((_, place) => place).toSorted((a, b) => order[a]! - order[b]!))
          await bench.reviewer.accept([hunks[at]!]);
        const [old, yours] = [Buffer.from(base), lineChanges(Buffer.from(base), Buffer.from(mine))];
        const fitting = grouped(old, lineChanges(old, Buffer.from(theirs))).map((changes) => fit(old, yours, changes));
        const landed = fitting.flatMap(({ open: changes, overlaps }) => (overlaps.length > 0 ? [] : changes));
        expect(bench.workshop.read("a.ts")).toBe(Buffer.from(applyToBytes(old, ordered([...yours, ...landed]))).toString());
        expect(hunks.map((id) => bench.reviewer.review.get(id)?.state)).toEqual(
          fitting.map(({ open: changes, overlaps }) =>
            overlaps.length > 0 ? "held" : changes.length > 0 ? "accepted" : "superseded",
          ),
        );
        await bench.reviewer.undo(hunks);
        expect(bench.workshop.read("a.ts")).toBe(mine);
        await bench.workshop.dispose();
      }),
      { numRuns: 100 * scale },
    );
  }, 120_000);

  it("give the same file however the person's own typing falls between them", async () => {
    const base = numbered(60);
    const places = fc.uniqueArray(fc.nat(9), { minLength: 1, maxLength: 6 });
    const kind = fc.constantFrom("change", "insert", "remove");
    const person = places.chain((list) =>
      fc.tuple(...list.map((at) => fc.record({ at: fc.constant(at), kind, when: fc.nat(10) }))),
    );
    const way = fc.array(fc.record({ hunk: fc.nat(9), take: fc.boolean() }), { minLength: 10, maxLength: 20 });
    await fc.assert(
      fc.asyncProperty(person, way, async (typing, decisions) => {
        // Ten lines apart each; the person types in between, never right beside them.
        const theirs = [3, 13, 23, 33, 43, 53].reduce(
          (text, at) =>
            swap(text, [
              `line ${at}\n`,
              at % 20 === 3 ? `theirs ${at}\nmore ${at}\n` : at % 20 === 13 ? "" : `line ${at}\nnew ${at}\n`,
            ]),
          base,
        );
        const type = (text: string, { at, kind: what }: { at: number; kind: string }): string => {
          const line = `line ${[0, 6, 8, 16, 18, 26, 28, 36, 38, 59][at]}\n`;
          return swap(text, [line, what === "change" ? `mine ${at}\n` : what === "insert" ? `${line}mine ${at}\n` : ""]);
        };
        const bench = await open({ "a.ts": base });
        const hunks = ids(await offered(bench, [{ path: "a.ts", before: base, after: theirs }]));
        for (const [number, { hunk, take }] of decisions.entries()) {
          for (const one of typing) if (one.when === number) bench.workshop.write("a.ts", type(bench.workshop.read("a.ts"), one));
          const id = hunks[hunk % hunks.length]!;
          await (take ? bench.reviewer.accept([id]) : bench.reviewer.undo([id]));
        }
        for (const one of typing)
          if (one.when >= decisions.length) bench.workshop.write("a.ts", type(bench.workshop.read("a.ts"), one));
        await bench.reviewer.accept(hunks);
        const mine = typing.reduce(type, base);
        const merged = merge3(Buffer.from(base), Buffer.from(mine), Buffer.from(theirs));
        expect(merged.ok && bench.workshop.read("a.ts")).toBe(merged.ok && Buffer.from(merged.bytes).toString());
        await bench.workshop.dispose();
      }),
      { numRuns: 40 * scale },
    );
  }, 120_000);
});
