/**
 * Every dialect while it streams, from the parser to the disk: where the stream is cut changes nothing, a hunk lands before
 * the next one is sent, and a stream that ends early or is stopped leaves the finished hunks and nothing else.
 */
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { setImmediate as tick } from "node:timers/promises";
import fc from "fast-check";
import { afterAll, describe, expect, it } from "vitest";
import { createParser } from "../src/edits/dialects/dialects.ts";
import { createEditStream } from "../src/edits/landing/edit-stream.ts";
import type { HunkDraft, ParserEvent } from "../src/edits/edits.ts";
import type { LandOutcome, Lander } from "../src/edits/landing/lander.ts";
import { type Workshop, openWorkshop } from "./landing/workshop.ts";
import { type StreamingCase, type Tree, allCases, baseline, distinctCases } from "./streaming-cases.ts";

const scale = Number(process.env["TWOLANE_TEST_SCALE"] ?? 1);
/** Thousands of landings: in memory where the machine offers it, since each is synced. */
const fastFolder = fs.existsSync("/dev/shm") ? "/dev/shm" : os.tmpdir();
const newFolder = (parent: string): string => fs.realpathSync(fs.mkdtempSync(path.join(parent, "twolane-streams-")));
const base = newFolder(fastFolder);
const diskBase = newFolder(os.tmpdir());
afterAll(() => {
  for (const folder of [base, diskBase]) fs.rmSync(folder, { recursive: true, force: true });
});

/** Pieces of work that run side by side, each in folders of its own. */
const sideBySide = 12;
let folders = 0;

async function withWorkshop<T>(use: (shop: Workshop) => Promise<T>, parent = base): Promise<T> {
  const own = path.join(parent, `${++folders}`);
  const at = { home: path.join(own, "state"), root: path.join(own, "work") };
  fs.mkdirSync(at.root, { recursive: true });
  const shop = await openWorkshop({ at, files: baseline });
  try {
    return await use(shop);
  } finally {
    await shop.dispose();
    fs.rmSync(own, { recursive: true, force: true });
  }
}

/** Everything below the folder, temporary files and empty folders included. */
function wholeTree(root: string): Tree {
  const entries = fs.readdirSync(root, { recursive: true, withFileTypes: true });
  return Object.fromEntries(
    entries
      .map((entry): [string, string] => {
        const absolute = path.join(entry.parentPath, entry.name);
        const name = path.relative(root, absolute);
        return entry.isDirectory() ? [`${name}/`, ""] : [name, fs.readFileSync(absolute, "utf8")];
      })
      .sort(([a], [b]) => (a < b ? -1 : 1)),
  );
}

const isTemporary = (name: string): boolean => path.basename(name).startsWith(".twolane-");
/** Folders that only hold files of the tree go without saying. */
const filesOf = (tree: Tree): Tree =>
  Object.fromEntries(Object.entries(tree).filter(([name]) => !name.endsWith("/") && !isTemporary(name)));

function withFolders(files: Tree): Tree {
  const parents = Object.keys(files).flatMap((name) => (name.includes("/") ? [[`${path.dirname(name)}/`, ""] as const] : []));
  return { ...Object.fromEntries(parents), ...files };
}

/** How many hunks the parser has finished when the stream breaks off behind `text`. */
function finishedHunks({ dialect, form }: StreamingCase, text: string): number {
  return draftsIn(createParser(dialect, form).push(text)).length;
}

const draftsIn = (events: readonly ParserEvent[]): HunkDraft[] =>
  events.flatMap((event) => (event.type === "hunk" ? [event.draft] : []));

const known = new Map<string, Promise<readonly Tree[]>>();

/** The tree after the first 0, 1, 2… hunks, each landed for itself by a lander that never saw the stream. */
function treesByHunks(one: StreamingCase): Promise<readonly Tree[]> {
  const trees = known.get(one.name) ?? landOneByOne(one);
  known.set(one.name, trees);
  return trees;
}

function landOneByOne(one: StreamingCase): Promise<readonly Tree[]> {
  const parser = createParser(one.dialect, one.form);
  const drafts = draftsIn([...parser.push(one.text), ...parser.end(true)]);
  return withWorkshop(async (shop) => {
    const lander = shop.lander();
    const trees = [wholeTree(shop.root)];
    for (const [index, draft] of drafts.entries()) {
      expect((await lander.land(`d${index}`, "t1", draft)).state, draft.path).toBe("landed");
      trees.push(wholeTree(shop.root));
    }
    await lander.finish();
    expect(trees.at(-1)).toEqual(withFolders(one.after));
    return trees;
  });
}

/** A stream whose landings can be waited for between two pieces. */
function openStream(one: StreamingCase, lander: Lander) {
  const landings: Promise<LandOutcome>[] = [];
  let count = 0;
  const land: Lander["land"] = (hunk, turn, draft) => {
    const landing = lander.land(hunk, turn, draft);
    landings.push(landing);
    return landing;
  };
  const stream = createEditStream({
    parser: createParser(one.dialect, one.form),
    lander: {
      open: (name) => lander.open(name),
      locate: (draft) => lander.locate(draft),
      foresee: () => undefined,
      pending: (name) => lander.pending(name),
      endCall: () => lander.endCall?.(),
      finish: () => lander.finish(),
      stop: () => lander.stop(),
      decide: (hunk, decision) => lander.decide(hunk, decision),
      release: () => lander.release(),
      exclusive: (action) => lander.exclusive(action),
      land,
    },
    turn: "t1",
    nextHunk: () => `h${++count}`,
    onEvent: () => {},
  });
  return { ...stream, landings };
}

async function eachSideBySide<T>(items: readonly T[], work: (item: T) => Promise<void>): Promise<void> {
  const waiting = [...items];
  const worker = async (): Promise<void> => {
    for (let item = waiting.shift(); item !== undefined; item = waiting.shift()) await work(item);
  };
  await Promise.all(Array.from({ length: sideBySide }, worker));
}

describe.each(allCases.map((one) => [one.name, one] as const))("%s", (_name, one) => {
  it("one code unit at a time: each hunk is on disk before anything more is sent", async () => {
    const trees = await treesByHunks(one);
    await withWorkshop(async (shop) => {
      const lander = shop.lander();
      const stream = openStream(one, lander);
      let landed = 0;
      for (const unit of one.text.split("")) {
        // Checked before each next unit, so also before the last one of the input.
        if (stream.landings.length > landed) {
          landed = stream.landings.length;
          await Promise.all(stream.landings);
          expect(wholeTree(shop.root)).toEqual(trees[landed]);
        }
        stream.push(unit);
      }
      expect(landed, "hunks on disk before the last unit").toBeGreaterThan(0);
      const report = await stream.end(true);
      await lander.finish();
      expect(report.malformed).toEqual([]);
      expect(report.outcomes.map(({ state }) => state)).toEqual(trees.slice(1).map(() => "landed"));
      expect(wholeTree(shop.root)).toEqual(withFolders(one.after));
    }, diskBase);
  });

  it("cut at random: the same bytes", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.nat(one.text.length), { maxLength: 8 }),
        fc.infiniteStream(fc.nat(2)),
        async (places, pauses) => {
          const cuts = [0, ...places.toSorted((a, b) => a - b), one.text.length];
          await withWorkshop(async (shop) => {
            const lander = shop.lander();
            const stream = openStream(one, lander);
            for (const [index, end] of cuts.slice(1).entries()) {
              stream.push(one.text.slice(cuts[index], end));
              for (let pause = pauses.next().value; pause > 0; pause--) await tick();
            }
            await stream.end(true);
            await lander.finish();
            expect(wholeTree(shop.root)).toEqual(withFolders(one.after));
          });
        },
      ),
      { numRuns: 5 * scale },
    );
  });
});

/** Positions at which a stream is set up anew: where a hunk closes, just before, and every so many; in the long run all. */
function places(one: StreamingCase): number[] {
  const all = Array.from({ length: one.text.length + 1 }, (_, at) => at);
  const closes = (at: number): boolean =>
    at > 0 && finishedHunks(one, one.text.slice(0, at)) > finishedHunks(one, one.text.slice(0, at - 1));
  return scale > 1 ? all : all.filter((at) => at % 16 === 0 || closes(at) || closes(at + 1));
}

describe.each(distinctCases.map((one) => [one.name, one] as const))("%s, not to its end", (_name, one) => {
  it("broken off at every position: the baseline plus exactly the finished hunks", async () => {
    const trees = await treesByHunks(one);
    await withWorkshop(async (shop) => {
      const lander = shop.lander();
      const stream = openStream(one, lander);
      for (let at = 0; at <= one.text.length; at++) {
        await Promise.all(stream.landings);
        // The end of a stream that came just as far, on the same folder.
        const parser = createParser(one.dialect, one.form);
        const finished = draftsIn(parser.push(one.text.slice(0, at))).length;
        const broken = createEditStream({ parser, lander: shop.lander(), turn: "t1", nextHunk: () => "h0", onEvent: () => {} });
        await broken.end(false);
        expect(wholeTree(shop.root), `broken off at ${at}`).toEqual(trees[finished]);
        stream.push(one.text.charAt(at));
      }
      await stream.end(true);
      await lander.finish();
    });
  });

  it("broken off without a pause: the same", async () => {
    const trees = await treesByHunks(one);
    await eachSideBySide(places(one), async (at) => {
      const head = one.text.slice(0, at);
      await withWorkshop(async (shop) => {
        const lander = shop.lander();
        const stream = openStream(one, lander);
        for (const piece of at % 2 === 0 ? [head] : head.split("")) stream.push(piece);
        const { outcomes } = await stream.end(false);
        await lander.finish();
        expect(outcomes, `broken off at ${at}`).toHaveLength(finishedHunks(one, head));
        expect(wholeTree(shop.root), `broken off at ${at}`).toEqual(trees[outcomes.length]);
      });
    });
  });

  it("stopped: nothing lands afterwards, and no half hunk", async () => {
    const trees = await treesByHunks(one);
    await eachSideBySide(places(one), async (at) => {
      await withWorkshop(async (shop) => {
        const lander = shop.lander();
        const stream = openStream(one, lander);
        stream.push(one.text.slice(0, at));
        // At other moments of the landing for other positions.
        for (let pause = at % 11; pause > 0; pause--) await tick();
        lander.stop();
        const stopped = filesOf(wholeTree(shop.root));
        stream.push(one.text.slice(at));
        const { outcomes } = await stream.end(true);
        await lander.finish();
        const states = outcomes.map((outcome) => (outcome.state === "failed" ? outcome.failure.code : outcome.state));
        const landed = states.filter((state) => state === "landed").length;
        expect(states, `stopped at ${at}`).toEqual(states.map((_, index) => (index < landed ? "landed" : "STOPPED")));
        expect(wholeTree(shop.root), `stopped at ${at}`).toEqual(trees[landed]);
        expect(filesOf(trees[landed] ?? {}), `stopped at ${at}`).toEqual(stopped);
      });
    });
  });
});
