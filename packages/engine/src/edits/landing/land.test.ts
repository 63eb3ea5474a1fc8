import fs from "node:fs";
import path from "node:path";
import { afterEach, describe, expect, it, vi } from "vitest";
import { type EventBody, fail } from "@twolane/protocol";
import type { Files } from "../../host/files.ts";
import type { HunkDraft } from "../edits.ts";
import type { Lander } from "./lander.ts";
import { type Workshop, type WorkshopOptions, applyText, openStream, openWorkshop } from "../../../test/landing/workshop.ts";

let open: Workshop[] = [];

async function workshop(options?: WorkshopOptions): Promise<Workshop> {
  const made = await openWorkshop(options);
  open.push(made);
  return made;
}

afterEach(async () => {
  for (const made of open.toReversed()) await made.dispose();
  open = [];
});

/** Long enough for what must not happen to have happened. */
const settle = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 15));

/** What was changed before the lander read the file is what it knows; so a test that changes it behind its back waits for that. */
const hasRead = (lander: Lander, name: string, line: string): Promise<void> =>
  vi.waitFor(
    () => {
      const draft: HunkDraft = {
        ...{ kind: "update", path: name, anchors: [], endOfFile: false },
        lines: [{ op: "remove", text: line }],
      };
      expect(lander.locate(draft)).toBeGreaterThan(0);
    },
    { interval: 1 },
  );

const patch = (...lines: string[]): string => ["*** Begin Patch", ...lines, "*** End Patch", ""].join("\n");

describe("landing", () => {
  it("writes an update, keeps the mode, leaves no temporary file", async () => {
    const shop = await workshop({ files: { "a.ts": "one\ntwo\nthree\n" } });
    fs.chmodSync(path.join(shop.root, "a.ts"), 0o750);
    const report = await applyText(patch("*** Update File: a.ts", "@@", " one", "-two", "+zwei", " three"), {
      lander: shop.lander(),
    });
    expect(report.forModel).toBe("landed a.ts:2 +1 -1");
    expect(shop.tree()).toEqual({ "a.ts": "one\nzwei\nthree\n" });
    expect(fs.statSync(path.join(shop.root, "a.ts")).mode & 0o777).toBe(0o750);
    expect(shop.events.map(({ type }) => type)).toEqual(["hunk.landed"]);
  });

  it("creates with folders, deletes, moves and edits what it moved", async () => {
    const shop = await workshop({ files: { "gone.ts": "x\n", "old.ts": "1\n2\n" } });
    const text = patch(
      "*** Add File: deep/er/new.ts",
      "+hello",
      "*** Delete File: gone.ts",
      "*** Update File: old.ts",
      "*** Move to: moved/new.ts",
      "@@",
      " 1",
      "-2",
      "+zwei",
    );
    const report = await applyText(text, { lander: shop.lander() });
    expect(report.forModel.split("\n")).toEqual([
      "created deep/er/new.ts +1",
      "deleted gone.ts",
      "moved old.ts to moved/new.ts",
      "landed moved/new.ts:2 +1 -1",
    ]);
    expect(shop.tree()).toEqual({ "deep/er/new.ts": "hello\n", "moved/new.ts": "1\nzwei\n" });
  });

  it("keeps CRLF, BOM and an odd final line, and follows a link to its file", async () => {
    const shop = await workshop({ files: { "real/a.txt": "\ufeffone\r\ntwo\r\nthree" } });
    fs.symlinkSync("real/a.txt", path.join(shop.root, "link.txt"));
    await applyText(patch("*** Update File: link.txt", "@@", " one", "-two", "+zwei", "+more"), { lander: shop.lander() });
    expect(fs.lstatSync(path.join(shop.root, "link.txt")).isSymbolicLink()).toBe(true);
    expect(shop.read("real/a.txt")).toBe("\ufeffone\r\nzwei\r\nmore\r\nthree");
  });

  it("writes hunks of one piece of input with one rename, and each on its own otherwise", async () => {
    const text = patch("*** Update File: a.ts", "@@", "-1", "+one", "@@", "-3", "+three", "@@", "-5", "+five");
    const staged: number[] = [];
    for (const cut of [text.length, 1]) {
      let count = 0;
      const port = (files: Files): Files => ({
        ...files,
        stage(name, options) {
          count++;
          return files.stage(name, options);
        },
      });
      const shop = await workshop({ files: { "a.ts": "1\n2\n3\n4\n5\n" }, port });
      const lander = shop.lander();
      const closed: EventBody[] = [];
      const stream = openStream({ lander, events: closed });
      const isWritten = (): void => expect(shop.events).toHaveLength(closed.filter(({ type }) => type === "hunk.closed").length);
      for (let at = 0; at < text.length; at += cut) {
        stream.push(text.slice(at, at + cut));
        if (text[at] === "\n") await vi.waitFor(isWritten, { interval: 1 });
      }
      await stream.end(true);
      await lander.finish();
      expect(shop.read("a.ts")).toBe("one\n2\nthree\n4\nfive\n");
      staged.push(count);
    }
    expect(staged).toEqual([1, 3]);
  });

  it("merges with what was typed meanwhile, and yields on the same lines with both texts kept", async () => {
    const shop = await workshop({ files: { "a.ts": "1\n2\n3\n4\n5\n" } });
    const lander = shop.lander();
    void lander.open("a.ts");
    await hasRead(lander, "a.ts", "1");
    shop.write("a.ts", "1 typed\n2\n3\n4\n5\n");
    const report = await applyText(patch("*** Update File: a.ts", "@@", "-1", "+one", "@@", "-5", "+five"), { lander });
    expect(report.outcomes.map((outcome) => outcome.state)).toEqual(["held", "landed"]);
    expect(report.forModel).toContain("held a.ts:1 by rule concurrent-edit");
    expect(shop.read("a.ts")).toBe("1 typed\n2\n3\n4\nfive\n");
    await shop.journal.flush();
    expect(fs.readFileSync(shop.journal.folder.preimagesPath, "utf8")).toContain('"text":"one"');
  });

  it("knows a file as it is when it is read, whatever it was when its path came", async () => {
    let read = (): void => {};
    const typed = new Promise<void>((resolve) => void (read = resolve));
    const port = (files: Files): Files => ({ ...files, read: (name) => typed.then(() => files.read(name)) });
    const shop = await workshop({ files: { "a.ts": "1\n2\n3\n4\n5\n" }, port });
    const lander = shop.lander();
    void lander.open("a.ts");
    shop.write("a.ts", "1 typed\n2\n3\n4\n5\n");
    read();
    const report = await applyText(patch("*** Update File: a.ts", "@@", "-1", "+one", "@@", "-5", "+five"), { lander });
    expect(report.outcomes).toMatchObject([
      { state: "failed", failure: { code: "HUNK_MISSING" } },
      { state: "landed", merged: false },
    ]);
    expect(shop.read("a.ts")).toBe("1 typed\n2\n3\n4\nfive\n");
  });

  it("ignores a file that was only touched", async () => {
    const shop = await workshop({ files: { "a.ts": "1\n" } });
    const lander = shop.lander();
    void lander.open("a.ts");
    await hasRead(lander, "a.ts", "1");
    shop.write("a.ts", "1\n");
    fs.utimesSync(path.join(shop.root, "a.ts"), 1, 1);
    const report = await applyText(patch("*** Update File: a.ts", "@@", "-1", "+one"), { lander });
    expect(report.outcomes[0]).toMatchObject({ state: "landed", merged: false });
  });
});

describe("what cannot land costs that hunk only, and leaves nothing behind", () => {
  const good = ["*** Update File: good.ts", "@@", "-1", "+one"];

  async function attempt(shop: Workshop, ...bad: string[]): Promise<string> {
    shop.write("good.ts", "1\n");
    const before = shop.tree();
    const report = await applyText(patch(...bad, ...good), { lander: shop.lander() });
    const [first, second] = report.outcomes;
    expect(second?.state).toBe("landed");
    expect(shop.tree()).toEqual({ ...before, "good.ts": "one\n" });
    return first?.state === "failed" ? first.failure.code : (first?.state ?? "none");
  }

  it.each([
    ["FILE_MISSING", ["*** Update File: missing.ts", "@@", "-1", "+2"]],
    ["FILE_MISSING", ["*** Delete File: missing.ts"]],
    ["FILE_EXISTS", ["*** Update File: there.ts", "*** Move to: good.ts"]],
    ["FILE_IS_DIRECTORY", ["*** Update File: folder", "@@", "-1", "+2"]],
    ["FILE_BINARY", ["*** Update File: binary.bin", "@@", "-1", "+2"]],
    ["FILE_TOO_LARGE", ["*** Update File: large.txt", "@@", "-1", "+2"]],
    ["PATH_OUTSIDE", ["*** Update File: leaving/x.ts", "@@", "-1", "+2"]],
    ["FILE_IS_LINK", ["*** Delete File: inner-link.ts"]],
    ["HUNK_MISSING", ["*** Update File: there.ts", "@@", "-nowhere", "+2"]],
    ["HUNK_AMBIGUOUS", ["*** Update File: twice.ts", "@@", "-same", "+2"]],
  ])("%s: %j", async (code, bad) => {
    const shop = await workshop({
      files: { "there.ts": "there\n", "folder/x": "", "binary.bin": "a\0b", "twice.ts": "same\nx\nsame\n" },
    });
    fs.closeSync(fs.openSync(path.join(shop.root, "large.txt"), "w"));
    fs.truncateSync(path.join(shop.root, "large.txt"), 50 * 1024 * 1024);
    fs.symlinkSync(shop.home, path.join(shop.root, "leaving"));
    fs.symlinkSync("there.ts", path.join(shop.root, "inner-link.ts"));
    shop.write("good.ts", "1\n");
    const report = await applyText(patch(...bad, ...good), { lander: shop.lander() });
    const [first, second] = report.outcomes;
    expect(first?.state === "failed" && first.failure.code).toBe(code);
    expect(second?.state).toBe("landed");
    expect([shop.read("good.ts"), shop.read("there.ts"), shop.read("twice.ts")]).toEqual(["one\n", "there\n", "same\nx\nsame\n"]);
    expect(fs.readdirSync(shop.root).filter((name) => name.startsWith(".twolane-"))).toEqual([]);
  });

  it.each([
    ["DISK_FULL", "stage"],
    ["FILE_UNWRITABLE", "replace"],
  ] as const)("%s in the middle of a landing (%s)", async (code, where) => {
    const refusal = fail(code, "bad.ts does not fit: the disk is full.");
    const port = (files: Files): Files => ({
      ...files,
      async stage(name, options) {
        if (!name.endsWith("bad.ts")) return files.stage(name, options);
        if (where === "stage") return refusal;
        const staged = await files.stage(name, options);
        return staged.ok ? { ok: true, value: { ...staged.value, replace: () => refusal } } : staged;
      },
    });
    const shop = await workshop({ files: { "bad.ts": "1\n" }, port });
    expect(await attempt(shop, "*** Update File: bad.ts", "@@", "-1", "+one")).toBe(code);
    await shop.journal.flush();
    expect(fs.readFileSync(shop.journal.folder.journalPath, "utf8")).toContain('"write.reverted"');
  });

  it("FILE_EXISTS: a new file where one is, unless it is the same", async () => {
    const shop = await workshop({ files: { "there.ts": "there\n" } });
    const lander = shop.lander();
    const create = (content: string) => lander.land("h1", "t1", { kind: "create", path: "there.ts", content, overwrite: false });
    expect(await create("other\n")).toMatchObject({ state: "failed", failure: { code: "FILE_EXISTS" } });
    expect(await create("there\n")).toMatchObject({ state: "present" });
    await lander.finish();
    expect(shop.tree()).toEqual({ "there.ts": "there\n" });
  });

  it("says so when the file goes away between two hunks", async () => {
    const shop = await workshop({ files: { "a.ts": "1\n2\n" } });
    const lander = shop.lander();
    await applyText(patch("*** Update File: a.ts", "@@", "-1", "+one"), { lander });
    fs.rmSync(path.join(shop.root, "a.ts"));
    const report = await applyText(patch("*** Update File: a.ts", "@@", "-2", "+two"), { lander, from: 2 });
    expect(report.outcomes[0]).toMatchObject({ state: "failed", failure: { code: "FILE_MISSING" } });
    expect(shop.tree()).toEqual({});
  });
});

describe("what is there already", () => {
  const text = "import a;\n\nexport function price(): number {\n  return list * discount;\n}\n";
  const again = ["@@", " export function price(): number {", "-  return list;", "+  return list * discount;", " }"];

  it("changes nothing, and is told as neither landed nor failed", async () => {
    const shop = await workshop({ files: { "a.ts": text } });
    const report = await applyText(patch("*** Update File: a.ts", ...again), { lander: shop.lander() });
    expect(report.forModel).toBe("already there a.ts:3: the file holds these lines; nothing was changed.");
    expect(shop.events).toMatchObject([{ type: "hunk.present", hunk: { line: 3, linesAdded: 0 } }]);
    expect(shop.read("a.ts")).toBe(text);
  });

  it("may be there because of a hunk that was to be written with it", async () => {
    const shop = await workshop({ files: { "a.ts": text.replace(" * discount", "") } });
    const report = await applyText(patch("*** Update File: a.ts", ...again, ...again), { lander: shop.lander() });
    expect(report.outcomes.map(({ state }) => state)).toEqual(["landed", "present"]);
    expect(shop.events.map(({ type }) => type)).toEqual(["hunk.landed", "hunk.present"]);
    expect(shop.read("a.ts")).toBe(text);
  });

  it("keeps no turn from the disk", async () => {
    const shop = await workshop({ files: { "a.ts": text, "b.ts": "1\n" } });
    const both = patch("*** Update File: a.ts", ...again, "*** Update File: b.ts", "@@", "-1", "+2");
    await applyText(both, { lander: shop.lander({ mode: "turn" }) });
    expect(shop.tree()).toEqual({ "a.ts": text, "b.ts": "2\n" });
  });

  it.each([
    ["added", { kind: "create" as const, path: "a.ts", content: text, overwrite: false }],
    ["added over it", { kind: "create" as const, path: "a.ts", content: text, overwrite: true }],
    ["rewritten", { kind: "rewrite" as const, path: "a.ts", content: text }],
  ])("is a whole file that is %s", async (_, draft) => {
    const shop = await workshop({ files: { "a.ts": text } });
    const landed = await shop.lander().land("h1", "t1", draft);
    expect(landed).toMatchObject({ state: "present", hunk: { operation: "update", line: 1, linesAdded: 0, linesRemoved: 0 } });
  });

  it("is a piece of text as well", async () => {
    const shop = await workshop({ files: { "a.ts": text } });
    const landed = await shop.lander().land("h1", "t1", {
      kind: "substitute",
      path: "a.ts",
      oldText: "list * rebate",
      newText: "list * discount",
      everywhere: false,
    });
    expect(landed).toMatchObject({ state: "present", hunk: { line: 4 } });
  });

  it.each([
    ["removed lines alone", ["@@", "-  return list;"]],
    ["too little to be certain", ["@@", "-old", "+}"]],
    ["the new text in two places", ["@@", "-  return list;", "+  const twice = 22;"]],
    ["without the lines around it", ["@@", " other(", "-  return list;", "+  return list * discount;"]],
    ["old lines that nearly stand elsewhere", ["@@", "-const discount = pricelist.first", "+  return list * discount;"]],
  ])("is not taken for granted: %s", async (_, lines) => {
    const twice = "  const twice = 22;\n";
    const shop = await workshop({ files: { "a.ts": `${text}\n\n\n${twice}${twice}const discount = priceList.first;\n` } });
    const report = await applyText(patch("*** Update File: a.ts", ...lines), { lander: shop.lander() });
    expect(report.outcomes).toMatchObject([{ state: "failed", failure: { code: "HUNK_MISSING" } }]);
  });
});

describe("modes", () => {
  const two = ["*** Update File: a.ts", "@@", "-1", "+one", "*** Update File: b.ts", "@@", "-1", "+one"];
  const files = { "a.ts": "1\n", "b.ts": "1\n" };

  it("turn: nothing before the end, then everything", async () => {
    const shop = await workshop({ files });
    const lander = shop.lander({ mode: "turn" });
    const stream = openStream({ lander });
    stream.push(patch(...two));
    await stream.end(true);
    await settle();
    expect(shop.tree()).toEqual(files);
    expect(Buffer.from(lander.pending("a.ts") ?? []).toString()).toBe("one\n");
    await lander.finish();
    expect(shop.tree()).toEqual({ "a.ts": "one\n", "b.ts": "one\n" });
    expect(shop.events.map(({ type }) => type)).toEqual(["hunk.landed", "hunk.landed"]);
  });

  it("turn: one hunk that does not fit keeps all from the disk; made good, all land", async () => {
    const shop = await workshop({ files });
    const lander = shop.lander({ mode: "turn" });
    await applyText(patch(...two, "@@", "-nowhere", "+x"), { lander });
    expect(shop.tree()).toEqual(files);
    const repaired = shop.lander({ mode: "turn" });
    const stream = openStream({ lander: repaired });
    stream.push(patch("*** Update File: b.ts", "@@", "-nowhere", "+x"));
    await stream.end(true);
    await applyText(patch(...two), { lander: repaired, from: 5 });
    expect(shop.tree()).toEqual({ "a.ts": "one\n", "b.ts": "one\n" });
  });

  it("turn: a failure in the middle takes back what was written", async () => {
    const port = (real: Files): Files => ({
      ...real,
      async stage(name, options) {
        const staged = await real.stage(name, options);
        if (!name.endsWith("b.ts") || !staged.ok) return staged;
        return {
          ok: true,
          value: { ...staged.value, replace: () => fail("FILE_UNWRITABLE", "b.ts may not be touched by this user.") },
        };
      },
    });
    const shop = await workshop({ files, port });
    await applyText(patch(...two, "*** Add File: new/c.ts", "+c"), { lander: shop.lander({ mode: "turn" }) });
    expect(shop.tree()).toEqual(files);
    expect(fs.existsSync(path.join(shop.root, "new"))).toBe(false);
    expect(shop.events.map(({ type }) => type)).toEqual(["hunk.failed", "hunk.failed", "hunk.failed"]);
  });

  it("file: a file is written once the next one begins", async () => {
    const shop = await workshop({ files });
    const lander = shop.lander({ mode: "file" });
    const stream = openStream({ lander });
    const [a, b] = [
      patch(...two).slice(0, patch(...two).indexOf("*** Update File: b")),
      patch(...two).slice(patch(...two).indexOf("*** Update File: b")),
    ];
    stream.push(a);
    await settle();
    expect(shop.tree()).toEqual(files);
    stream.push(b);
    await stream.end(true);
    await lander.finish();
    expect(shop.tree()).toEqual({ "a.ts": "one\n", "b.ts": "one\n" });
  });

  it("dry run: places, judges, writes nothing", async () => {
    const shop = await workshop({ files });
    const report = await applyText(patch(...two), { lander: shop.lander({ dryRun: true }) });
    expect(report.outcomes.map(({ state }) => state)).toEqual(["landed", "landed"]);
    expect(shop.events).toMatchObject([{ dryRun: true }, { dryRun: true }]);
    expect(shop.tree()).toEqual(files);
    await shop.journal.flush();
    expect(fs.readFileSync(shop.journal.folder.journalPath, "utf8")).toBe("");
  });
});

describe("stop", () => {
  it("lets nothing reach the disk from the moment it returns", async () => {
    const names = Array.from({ length: 20 }, (_, index) => `f${index}.ts`);
    const shop = await workshop({ files: Object.fromEntries(names.map((name) => [name, "1\n"])) });
    const lander = shop.lander();
    const stream = openStream({ lander });
    stream.push(patch(...names.flatMap((name) => [`*** Update File: ${name}`, "@@", "-1", "+one"])));
    await new Promise<void>((resolve) => {
      const wait = (): void => void (shop.events.length > 2 ? resolve() : setImmediate(wait));
      wait();
    });
    lander.stop();
    // A temporary file that is just being written goes with the stop.
    const tree = Object.fromEntries(Object.entries(shop.tree()).filter(([name]) => !name.startsWith(".twolane-")));
    const report = await stream.end(false);
    await lander.finish();
    expect(shop.tree()).toEqual(tree);
    const states = report.outcomes.map((outcome) => (outcome.state === "failed" ? outcome.failure.code : outcome.state));
    const landed = Object.values(tree).filter((text) => text === "one\n").length;
    expect(states).toEqual([
      ...Array.from({ length: landed }, () => "landed"),
      ...Array.from({ length: 20 - landed }, () => "STOPPED"),
    ]);
    expect(landed).toBeLessThan(20);
  });

  it("in mode turn lands nothing of the turn", async () => {
    const shop = await workshop({ files: { "a.ts": "1\n" } });
    const lander = shop.lander({ mode: "turn" });
    const stream = openStream({ lander });
    stream.push(patch("*** Update File: a.ts", "@@", "-1", "+one"));
    await settle();
    lander.stop();
    await stream.end(false);
    await lander.finish();
    expect(shop.read("a.ts")).toBe("1\n");
    expect(shop.events).toMatchObject([{ type: "hunk.failed", failure: { code: "STOPPED" } }]);
  });
});

describe("two runs on one workspace", () => {
  it("both go on, and the other's writes count as typing", async () => {
    const shop = await workshop({ files: { "a.ts": Array.from({ length: 60 }, (_, index) => `${index}\n`).join("") } });
    const other = await openWorkshop({ at: shop });
    open.push(other);
    const hunks = (from: number): string =>
      patch(
        "*** Update File: a.ts",
        ...Array.from({ length: 10 }, (_, index) => ["@@", `-${from + index * 6}`, `+changed ${from + index * 6}`]).flat(),
      );
    const run = async (one: Workshop, text: string): Promise<string[]> => {
      const lander = one.lander();
      const stream = openStream({ lander });
      for (const line of text.split(/(?<=\n)/)) {
        stream.push(line);
        await settle();
      }
      const report = await stream.end(true);
      await lander.finish();
      return report.outcomes.map(({ state }) => state);
    };
    const states = await Promise.all([run(shop, hunks(0)), run(other, hunks(3))]);
    expect(new Set(states.flat())).toEqual(new Set(["landed"]));
    expect(shop.read("a.ts").match(/changed/g)).toHaveLength(20);
  });
});
