/** What a landing meets on a real disk: each is one failed hunk with a code; all else lands, and nothing is left behind. */
import fs from "node:fs";
import path from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import type { Failure } from "@twolane/protocol";
import type { EditReport } from "../src/edits/landing/edit-stream.ts";
import { type Workshop, type WorkshopOptions, applyText, openStream, openWorkshop } from "./landing/workshop.ts";
import { openPatch, openUndo } from "../src/engine.ts";
import { type SmallDisk, canMakeDisks, smallDisk } from "./disks.ts";

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const clean of cleanups.splice(0).toReversed()) await clean();
});

async function workshop(options: WorkshopOptions = {}): Promise<Workshop> {
  const shop = await openWorkshop({ files: { "ok.txt": "one\n", "a.txt": "one\ntwo\n" }, ...options });
  cleanups.push(() => shop.dispose());
  return shop;
}

const patch = (...lines: readonly string[]): string => ["*** Begin Patch", ...lines, "*** End Patch", ""].join("\n");
const update = (file: string): readonly string[] => [`*** Update File: ${file}`, "@@", "-one", "+1"];

function failures(report: EditReport): Failure[] {
  return report.outcomes.flatMap((outcome) => (outcome.state === "failed" ? [outcome.failure] : []));
}

/** One line for a person, one for what to do. */
function expectClear({ message, cure }: Failure): void {
  for (const line of [message, cure]) expect(line).toMatch(/^\S[^\n]*[.:)]$/);
  expect(message).not.toMatch(/ at .*:\d+:\d+|undefined|\bErrno\b/);
}

const at = (shop: Workshop, name: string): string => path.join(shop.root, name);

const unlock = (shop: Workshop): void => {
  for (const [name, mode] of [
    ["locked", 0o755],
    ["locked/x", 0o644],
  ] as const)
    if (fs.existsSync(at(shop, name))) fs.chmodSync(at(shop, name), mode);
};

function temporaryFiles(root: string): string[] {
  return fs.readdirSync(root, { recursive: true, encoding: "utf8" }).filter((name) => name.includes(".twolane-"));
}

/** Lands one draft that fails between two that do not. */
async function between(shop: Workshop, lines: readonly string[]): Promise<Failure> {
  const report = await applyText(patch(...update("ok.txt"), ...lines, ...update("a.txt")), { lander: shop.lander() });
  expect(report.outcomes.map(({ state }) => state)).toEqual(["landed", "failed", "landed"]);
  expect([shop.read("ok.txt"), shop.read("a.txt")]).toEqual(["1\n", "1\ntwo\n"]);
  const [failure] = failures(report);
  if (!failure) throw new Error("no hunk failed");
  expectClear(failure);
  unlock(shop);
  expect(temporaryFiles(shop.root)).toEqual([]);
  // The file is named once.
  expect(report.forModel).toContain(failure.message.replace(/^\S+ /, ""));
  expect(report.forModel).not.toMatch(/failed (\S+?)(:\d+)?: \1/);
  return failure;
}

describe("a target that cannot be edited", () => {
  const outside = (shop: Workshop): string => {
    const file = path.join(shop.home, "outside.txt");
    fs.writeFileSync(file, "one\n");
    return file;
  };
  const cases: readonly [string, string, (shop: Workshop) => string][] = [
    ["a folder", "FILE_IS_DIRECTORY", (shop) => (fs.mkdirSync(at(shop, "folder")), "folder")],
    ["a folder, said so", "FILE_IS_DIRECTORY", (shop) => (fs.mkdirSync(at(shop, "folder")), "folder/")],
    ["the workspace", "FILE_IS_DIRECTORY", () => "."],
    ["a binary file", "FILE_BINARY", (shop) => (shop.write("b", Buffer.from("one\n\0\u0001\u0002")), "b")],
    [
      "50 MB",
      "FILE_TOO_LARGE",
      (shop) => (fs.truncateSync((shop.write("big", "one\n"), at(shop, "big")), 50 * 1024 * 1024), "big"),
    ],
    ["a link out of the workspace", "PATH_OUTSIDE", (shop) => (fs.symlinkSync(outside(shop), at(shop, "link")), "link")],
    [
      "below a folder link out of it",
      "PATH_OUTSIDE",
      (shop) => (fs.symlinkSync(path.dirname(outside(shop)), at(shop, "l")), "l/outside.txt"),
    ],
    ["a link to nothing", "FILE_IS_LINK", (shop) => (fs.symlinkSync("nothing", at(shop, "link")), "link")],
    ["a link to itself", "FILE_UNWRITABLE", (shop) => (fs.symlinkSync("link", at(shop, "link")), "link")],
    ["git's own files", "PATH_GIT", (shop) => (shop.write(".git/config", "one\n"), ".git/config")],
    ["git's own files in other letters", "PATH_GIT", (shop) => (shop.write(".GIT/config", "one\n"), ".GIT/config")],
    ["outside", "PATH_OUTSIDE", (shop) => `../${path.basename(path.dirname(outside(shop)))}/outside.txt`],
    ["outside, absolute", "PATH_OUTSIDE", outside],
    ["a missing file", "FILE_MISSING", () => "none.txt"],
    ["below a file", "FILE_MISSING", () => "ok.txt/x"],
    ["a name too long", "FILE_UNWRITABLE", () => "n".repeat(300)],
    ["an empty file", "HUNK_MISSING", (shop) => (shop.write("empty", ""), "empty")],
  ];

  it.each(cases)("%s: %s", async (_name, code, prepare) => {
    const shop = await workshop();
    const name = prepare(shop);
    expect((await between(shop, update(name))).code).toBe(code);
    const out = path.join(shop.home, "outside.txt");
    if (fs.existsSync(out)) expect(fs.readFileSync(out, "utf8")).toBe("one\n");
  });

  it("nothing is deleted, moved or made where nothing may be written", async () => {
    const shop = await workshop();
    fs.mkdirSync(at(shop, "folder"));
    fs.symlinkSync(outside(shop), at(shop, "link"));
    const refused: readonly [string, readonly string[]][] = [
      ["FILE_IS_DIRECTORY", ["*** Delete File: folder"]],
      ["PATH_OUTSIDE", ["*** Delete File: link"]],
      ["PATH_OUTSIDE", ["*** Add File: ../new.txt", "+x"]],
      ["PATH_GIT", ["*** Add File: .git/hooks/pre-commit", "+x"]],
      ["FILE_IS_DIRECTORY", ["*** Add File: folder", "+x"]],
      ["FILE_MISSING", ["*** Add File: ok.txt/below", "+x"]],
      ["PATH_OUTSIDE", ["*** Update File: a.txt", "*** Move to: ../a.txt"]],
      ["FILE_EXISTS", ["*** Update File: a.txt", "*** Move to: ok.txt"]],
      ["FILE_IS_DIRECTORY", ["*** Update File: a.txt", "*** Move to: folder"]],
    ];
    const before = shop.tree();
    for (const [code, lines] of refused) {
      const report = await applyText(patch(...lines), { lander: shop.lander() });
      expect(
        failures(report).map((one) => one.code),
        lines.join(),
      ).toEqual([code]);
      failures(report).forEach(expectClear);
    }
    expect(shop.tree()).toEqual(before);
    expect(fs.readdirSync(shop.root).sort()).toEqual(["a.txt", "folder", "link", "ok.txt"]);
  });
});

describe("a target that changes between reading and landing", () => {
  const cases: readonly [string, string, (file: string, shop: Workshop) => void][] = [
    ["deleted", "FILE_MISSING", (file) => fs.rmSync(file)],
    ["replaced by a folder", "FILE_IS_DIRECTORY", (file) => (fs.rmSync(file), fs.mkdirSync(file))],
    [
      "replaced by a link that leaves",
      "PATH_OUTSIDE",
      (file, shop) => (fs.rmSync(file), fs.symlinkSync(path.join(shop.home, "own"), file)),
    ],
    ["grown to 50 MB", "FILE_TOO_LARGE", (file) => fs.truncateSync(file, 50 * 1024 * 1024)],
  ];

  it.each(cases)("%s: %s", async (_name, code, change) => {
    const shop = await workshop();
    fs.writeFileSync(path.join(shop.home, "own"), "one\ntwo\n");
    const lander = shop.lander();
    const stream = openStream({ lander });
    stream.push("*** Begin Patch\n*** Update File: a.txt\n@@\n one\n");
    // The file is read as soon as its path is known; the place is known as soon as it is read.
    const draft = { kind: "update", path: "a.txt", anchors: [], lines: [{ op: "keep", text: "one" }], endOfFile: false } as const;
    await expect.poll(() => lander.locate(draft)).toBeGreaterThan(0);
    change(at(shop, "a.txt"), shop);
    stream.push("-two\n+2\n*** Update File: ok.txt\n@@\n-one\n+1\n*** End Patch\n");
    const report = await stream.end(true);
    await lander.finish();
    expect(failures(report).map((one) => one.code)).toEqual([code]);
    failures(report).forEach(expectClear);
    expect(shop.read("ok.txt")).toBe("1\n");
    expect(fs.readFileSync(path.join(shop.home, "own"), "utf8")).toBe("one\ntwo\n");
    expect(temporaryFiles(shop.root)).toEqual([]);
  });
});

/** As a user without rights: root may do everything. */
async function withoutRights<T>(shop: Workshop, action: () => Promise<T>): Promise<T> {
  const nobody = 65_534;
  if (process.getuid?.() !== 0) return action();
  for (const folder of [shop.root, shop.home]) {
    for (const name of [".", ...fs.readdirSync(folder, { recursive: true, encoding: "utf8" })])
      fs.chownSync(path.join(folder, name), nobody, nobody);
  }
  process.setegid?.(nobody);
  process.seteuid?.(nobody);
  try {
    return await action();
  } finally {
    process.seteuid?.(0);
    process.setegid?.(0);
  }
}

describe("no permission", () => {
  const cases: readonly [string, string, (shop: Workshop) => void][] = [
    ["a file that may not be read", "FILE_UNREADABLE", (shop) => fs.chmodSync(at(shop, "locked/x"), 0o000)],
    ["a folder that may not be written", "FILE_UNWRITABLE", (shop) => fs.chmodSync(at(shop, "locked"), 0o555)],
    ["a folder that may not be entered", "FILE_UNWRITABLE", (shop) => fs.chmodSync(at(shop, "locked"), 0o000)],
  ];
  it.each(cases)("%s: %s", async (_name, code, lock) => {
    const shop = await workshop();
    shop.write("locked/x", "one\n");
    const failure = await withoutRights(shop, async () => {
      lock(shop);
      return between(shop, update("locked/x"));
    });
    expect(failure).toMatchObject({ code, message: "locked/x may not be touched by this user." });
    unlock(shop);
    expect(shop.read("locked/x")).toBe("one\n");
  });

  it("a new file, and a deleted one, in a folder that may not be written", async () => {
    const shop = await workshop();
    shop.write("locked/x", "one\n");
    const codes = await withoutRights(shop, async () => {
      fs.chmodSync(at(shop, "locked"), 0o555);
      const removal = await applyText(patch("*** Delete File: locked/x"), { lander: shop.lander() });
      return [...failures(removal), await between(shop, ["*** Add File: locked/deep/new", "+n"])];
    });
    expect(codes.map(({ code }) => code)).toEqual(["FILE_UNWRITABLE", "FILE_UNWRITABLE"]);
    expect(shop.tree()).toMatchObject({ "locked/x": "one\n" });
  });
});

describe.skipIf(!canMakeDisks())("a disk that takes nothing more", () => {
  function disk(size: string): SmallDisk {
    const made = smallDisk(size);
    cleanups.push(() => made.remove());
    return made;
  }
  /** A folder of its own beside what the disk does not hold. */
  function elsewhere(): string {
    const folder = fs.realpathSync(fs.mkdtempSync(path.join(fs.realpathSync("/tmp"), "twolane-elsewhere-")));
    cleanups.push(() => fs.rmSync(folder, { recursive: true, force: true }));
    return folder;
  }
  const large = (count: number): string[] => Array.from({ length: count }, (_, index) => `+${index} ${"x".repeat(90)}`);

  it("full in the middle: what had landed stays, the rest fails, nothing is torn, undone or left", async () => {
    const { folder, fill } = disk("256k");
    const shop = await workshop({ at: { home: elsewhere(), root: folder } });
    fill(24 * 1024);
    const text = patch(
      ...update("ok.txt"),
      "*** Update File: a.txt",
      "@@",
      "-two",
      ...large(800),
      "*** Add File: new/deep.txt",
      ...large(800),
      "*** Update File: a.txt",
      "@@",
      "-one",
      "+1",
    );
    const report = await applyText(text, { lander: shop.lander() });
    expect(report.outcomes.map((one) => (one.state === "failed" ? one.failure.code : one.state))).toEqual([
      "landed",
      "DISK_FULL",
      "DISK_FULL",
      "landed",
    ]);
    failures(report).forEach(expectClear);
    expect([shop.read("ok.txt"), shop.read("a.txt")]).toEqual(["1\n", "1\ntwo\n"]);
    expect(fs.readdirSync(folder).sort()).toEqual(["a.txt", "filler", "ok.txt"]);
  });

  it("full with --landing turn: nothing at all", async () => {
    const { folder, fill } = disk("256k");
    const shop = await workshop({ at: { home: elsewhere(), root: folder } });
    fill(24 * 1024);
    const before = shop.tree();
    const lander = shop.lander({ mode: "turn" });
    await applyText(patch(...update("ok.txt"), "*** Add File: new/deep.txt", ...large(800)), { lander });
    const failed = shop.events.flatMap((event) => (event.type === "hunk.failed" ? [event.failure.code] : []));
    expect(failed).toEqual(["DISK_FULL", "DISK_FULL"]);
    expect(shop.tree()).toEqual(before);
    expect(fs.readdirSync(folder).sort()).toEqual(["a.txt", "filler", "ok.txt"]);
  });

  it("read-only", async () => {
    const { folder, makeReadOnly } = disk("256k");
    const shop = await workshop({ at: { home: elsewhere(), root: folder } });
    makeReadOnly();
    const before = shop.tree();
    const lines = [
      ...update("a.txt"),
      "*** Add File: new/x",
      "+x",
      "*** Delete File: ok.txt",
      "*** Update File: ok.txt",
      "*** Move to: b.txt",
    ];
    const report = await applyText(patch(...lines), { lander: shop.lander() });
    expect(failures(report).map(({ code }) => code)).toEqual(Array.from({ length: 4 }, () => "FILE_UNWRITABLE"));
    for (const failure of failures(report)) expect(failure.message).toContain("read-only disk");
    expect(shop.tree()).toEqual(before);
  });

  it("a full disk under the journal: nothing lands that could not be undone, and later hunks go on", async () => {
    const { folder, fill } = disk("256k");
    const shop = await workshop({ at: { home: folder, root: elsewhere() } });
    fill(0);
    const full = await applyText(patch(...update("ok.txt"), "*** Update File: a.txt", "@@", "-two", "+2"), {
      lander: shop.lander(),
    });
    expect(failures(full).map(({ code }) => code)).toEqual(["DISK_FULL", "DISK_FULL"]);
    failures(full).forEach(expectClear);
    expect(shop.tree()).toEqual({ "ok.txt": "one\n", "a.txt": "one\ntwo\n" });
    fs.rmSync(path.join(folder, "filler"));
    const again = await applyText(patch(...update("ok.txt")), { lander: shop.lander() });
    expect(again.outcomes.map(({ state }) => state)).toEqual(["landed"]);
    expect(temporaryFiles(shop.root)).toEqual([]);
  });

  async function apply(root: string, home: string): Promise<string[]> {
    const options = { cwd: root, env: { XDG_STATE_HOME: home }, scope: [], landing: "hunk", dryRun: false } as const;
    const opened = await openPatch({ ...options, text: patch(...update("a.txt")) });
    if (!opened.ok) {
      expectClear(opened.failure);
      return [opened.failure.code];
    }
    const codes: string[] = [];
    opened.value.subscribe((event) => {
      if (event.type === "hunk.landed") codes.push("landed");
      if (event.type === "hunk.failed") codes.push(event.failure.code);
    });
    opened.value.send({ type: "prompt", text: "apply" });
    await opened.value.idle();
    await opened.value.close();
    return codes;
  }

  async function undo(root: string, home: string): Promise<string[]> {
    const opened = await openUndo({ cwd: root, env: { XDG_STATE_HOME: home }, selector: { kind: "last-turn" } });
    if (!opened.ok) return [opened.failure.code];
    const report = await opened.value.apply();
    return report.ok ? [...report.value.undone, ...report.value.held.map(({ reason }) => reason)] : [report.failure.code];
  }

  it("a state folder that is full or read-only from the start: refused, nothing changed; then it works", async () => {
    const [root, full, readOnly] = [elsewhere(), disk("64k"), disk("64k")];
    fs.writeFileSync(path.join(root, "a.txt"), "one\n");
    full.fill(0);
    readOnly.makeReadOnly();
    expect(["DISK_FULL", "STATE_UNWRITABLE"]).toContain((await apply(root, full.folder)).join());
    expect(await apply(root, readOnly.folder)).toEqual(["STATE_UNWRITABLE"]);
    expect(fs.readdirSync(root)).toEqual(["a.txt"]);
    expect(fs.readFileSync(path.join(root, "a.txt"), "utf8")).toBe("one\n");
    fs.rmSync(path.join(full.folder, "filler"));
    expect(await apply(root, full.folder)).toEqual(["landed"]);
    expect(await undo(root, full.folder)).toEqual(["h1"]);
  });

  it("an undo that does not fit on the disk says so and can be done later", async () => {
    const { folder, fill } = disk("256k");
    const home = elsewhere();
    const long = `one\n${"x".repeat(60_000)}\n`;
    fs.writeFileSync(path.join(folder, "a.txt"), long);
    expect(await apply(folder, home)).toEqual(["landed"]);
    const landed = fs.readFileSync(path.join(folder, "a.txt"), "utf8");
    fill(0);
    expect(await undo(folder, home)).toEqual([expect.stringContaining("the disk is full")]);
    expect(fs.readFileSync(path.join(folder, "a.txt"), "utf8")).toBe(landed);
    fs.rmSync(path.join(folder, "filler"));
    expect(await undo(folder, home)).toEqual(["h1"]);
    expect(fs.readFileSync(path.join(folder, "a.txt"), "utf8")).toBe(long);
    expect(fs.readdirSync(folder)).toEqual(["a.txt"]);
  });

  it("an undo whose journal is full changes nothing", async () => {
    const [root, state] = [elsewhere(), disk("256k")];
    fs.writeFileSync(path.join(root, "a.txt"), "one\n");
    expect(await apply(root, state.folder)).toEqual(["landed"]);
    state.fill(0);
    const [said = ""] = await undo(root, state.folder);
    // What fits into the last page of the journal may still be written; then it is an undo like any other.
    expect(fs.readFileSync(path.join(root, "a.txt"), "utf8")).toBe(said === "h1" ? "one\n" : "1\n");
    if (said !== "h1") expect(said).toMatch(/disk is full|DISK_FULL|STATE_UNWRITABLE/);
    fs.rmSync(path.join(state.folder, "filler"));
    await undo(root, state.folder);
    expect(fs.readFileSync(path.join(root, "a.txt"), "utf8")).toBe("one\n");
  });
});
