import fs from "node:fs";
import path from "node:path";
import type { DialectName, ModelCapabilities } from "@twolane/protocol";
import { afterAll, describe, expect, it } from "vitest";
import { type Workshop, openStream, openWorkshop } from "../../../test/landing/workshop.ts";

const scale = Number(process.env["TWOLANE_TEST_SCALE"] ?? 1);
const baseline = { "a.ts": "alpha\r\nbeta\ngamma\ndelta\nomega", "b.ts": "one\ntwo\n" };
const made = { ...baseline, "a.ts": "alpha\r\nBETA\ngamma\ndelta\nomega" };
const twice = { ...made, "a.ts": "alpha\r\nBETA\ngamma\nDELTA\nplus\nomega" };
const all = { ...twice, "b.ts": "one\nTWO\n" };

interface Sample {
  readonly dialect: DialectName;
  readonly form: ModelCapabilities["editForm"];
  readonly text: string;
  /** What stands when 0, 1, 2, … hunks have landed. */
  readonly states: readonly Record<string, string>[];
}

const v4a = [
  "*** Begin Patch",
  "*** Update File: a.ts",
  "@@",
  " alpha",
  "-beta",
  "+BETA",
  "@@",
  "-delta",
  "+DELTA",
  "+plus",
  "*** Update File: b.ts",
  "@@",
  "-two",
  "+TWO",
  "*** End Patch",
  "",
].join("\n");
const block = (file: string, old: string, fresh: string): string =>
  `${file}\n<<<<<<< SEARCH\n${old}\n=======\n${fresh}\n>>>>>>> REPLACE\n`;
const diff = [
  "--- a/a.ts",
  "+++ b/a.ts",
  "@@ -1,2 +1,2 @@",
  " alpha",
  "-beta",
  "+BETA",
  "@@ -4,1 +4,2 @@",
  "-delta",
  "+DELTA",
  "+plus",
  "--- a/b.ts",
  "+++ b/b.ts",
  "@@ -1,2 +1,2 @@",
  " one",
  "-two",
  "+TWO",
  "",
].join("\n");
const replacements = [
  { old: "beta", new: "BETA" },
  { old: "delta", new: "DELTA\nplus" },
];
const states = [baseline, made, twice, all];

const samples: readonly Sample[] = [
  { dialect: "v4a", form: "freeform", text: v4a, states },
  { dialect: "v4a", form: "json", text: JSON.stringify({ patch: v4a }), states },
  {
    dialect: "search-replace",
    form: "message",
    text: `Here you are.\n${block("a.ts", "beta", "BETA")}${block("a.ts", "delta", "DELTA\nplus")}And:\n${block("b.ts", "two", "TWO")}`,
    states,
  },
  { dialect: "unified-diff", form: "freeform", text: diff, states },
  {
    dialect: "str-replace",
    form: "json",
    text: JSON.stringify({ path: "a.ts", edits: replacements }),
    states: states.slice(0, 3),
  },
  {
    dialect: "whole-file",
    form: "json",
    text: JSON.stringify({ path: "b.ts", content: "one\nTWO\n" }),
    states: [baseline, { ...baseline, "b.ts": "one\nTWO\n" }],
  },
];

const shops: Promise<Workshop>[] = Array.from({ length: 16 }, () => openWorkshop({ files: baseline }));
afterAll(async () => {
  for (const shop of await Promise.all(shops)) await shop.dispose();
});

function reset(shop: Workshop): void {
  for (const name of fs.readdirSync(shop.root)) fs.rmSync(path.join(shop.root, name), { recursive: true });
  for (const [name, text] of Object.entries(baseline)) shop.write(name, text);
  shop.events.length = 0;
}

const landedIn = (shop: Workshop): number => shop.events.filter(({ type }) => type === "hunk.landed").length;

/** Gives the stream's text up to `end` in pieces; `after` is asked when each is through. */
async function play(
  shop: Workshop,
  { sample, end, size, after }: { sample: Sample; end: number; size: () => number; after?: (at: number) => Promise<void> },
) {
  reset(shop);
  const lander = shop.lander();
  const stream = openStream({ lander, dialect: sample.dialect, form: sample.form });
  for (let at = 0; at < end;) {
    const next = Math.min(end, at + size());
    stream.push(sample.text.slice(at, next));
    at = next;
    await after?.(at);
  }
  const report = await stream.end(end === sample.text.length);
  await lander.finish();
  return report;
}

/** Until as many hunks have landed as are closed. */
async function quiet(shop: Workshop, closed: number): Promise<void> {
  while (landedIn(shop) < closed) await new Promise((resolve) => setImmediate(resolve));
}

describe.each(samples.map((sample) => [sample.dialect, sample.form, sample] as const))("%s as %s", (_dialect, _form, sample) => {
  /** Characters after which each hunk is closed, found by giving one at a time. */
  const closings: number[] = [];

  it("one byte at a time: every state is reached in order, the first long before the last hunk is sent", async () => {
    const shop = await shops[0]!;
    reset(shop);
    const lander = shop.lander();
    const stream = openStream({ lander, dialect: sample.dialect, form: sample.form, events: shop.events });
    const closed = (): number => shop.events.filter(({ type }) => type === "hunk.closed").length;
    for (let at = 0; at < sample.text.length; at++) {
      const before = closed();
      stream.push(sample.text[at] ?? "");
      if (closed() === before) continue;
      closings.push(at + 1);
      await quiet(shop, closed());
      expect(shop.tree()).toEqual(sample.states[closed()]);
    }
    const report = await stream.end(true);
    await lander.finish();
    expect(report.outcomes.map(({ state }) => state)).toEqual(sample.states.slice(1).map(() => "landed"));
    expect(shop.tree()).toEqual(sample.states.at(-1));
    if (sample.states.length > 2)
      expect(closings[0]).toBeLessThan(sample.text.lastIndexOf(sample.text.includes("TWO") ? "two" : "delta"));
  });

  it("cut anywhere: the baseline plus exactly the finished hunks", async () => {
    // Every byte of the first sample; of the others, by turns, a quarter in a short run and all in a long one.
    const step = sample === samples[0] || scale > 1 ? 1 : 4;
    const cuts = Array.from({ length: sample.text.length }, (_, at) => at).filter(
      (at) => at % step === Math.floor(Date.now() / 1000) % step,
    );
    const worker = async (own: Promise<Workshop>): Promise<void> => {
      const shop = await own;
      for (let cut = cuts.shift(); cut !== undefined; cut = cuts.shift()) {
        const end = cut;
        await play(shop, { sample, end, size: () => end });
        const finished = closings.filter((closing) => closing <= end).length;
        expect(shop.tree(), `cut at ${cut}`).toEqual(sample.states[finished]);
      }
    };
    await Promise.all(shops.map(worker));
  });

  it("cut at random places: the same bytes", async () => {
    const worker = async (own: Promise<Workshop>): Promise<void> => {
      const shop = await own;
      for (let round = 0; round < scale; round++) {
        const after = (): Promise<void> =>
          Math.random() < 0.3 ? new Promise((resolve) => setTimeout(resolve, 2)) : Promise.resolve();
        await play(shop, { sample, end: sample.text.length, size: () => 1 + Math.floor(Math.random() * 40), after });
        expect(shop.tree()).toEqual(sample.states.at(-1));
      }
    };
    await Promise.all(shops.slice(0, 4).map(worker));
  });
});
