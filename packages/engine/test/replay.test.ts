/** A replay through the true loop: it ends in the commit's tree, whatever happens on the way. */
import fs from "node:fs";
import path from "node:path";
import type { EventOf, TwolaneEvent } from "@twolane/protocol";
import fc from "fast-check";
import { afterEach, describe, expect, it } from "vitest";
import { type Stage, type StageOptions, git, openStage, temporaryFolder, treeOf } from "./replay-stage.ts";

const scale = Number(process.env["TWOLANE_TEST_SCALE"] ?? 1);

const ends: (() => Promise<void> | void)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

type Tree = Readonly<Record<string, string | Uint8Array>>;

/** A repository whose last commit leads from one tree to the other. */
function repository(before: Tree, after: Tree): string {
  const root = temporaryFolder("repo");
  ends.push(() => fs.rmSync(root, { recursive: true, force: true }));
  git(root, "init", "-q");
  for (const tree of [before, after]) {
    for (const name of fs.readdirSync(root)) if (name !== ".git") fs.rmSync(path.join(root, name), { recursive: true });
    for (const [name, content] of Object.entries(tree)) {
      fs.mkdirSync(path.dirname(path.join(root, name)), { recursive: true });
      fs.writeFileSync(path.join(root, name), content);
    }
    git(root, "add", "-A");
    git(root, "commit", "-q", "--allow-empty", "-m", "change");
  }
  return root;
}

async function stage(options: StageOptions): Promise<Stage> {
  const opened = await openStage(options);
  ends.push(() => opened.close());
  return opened;
}

const numbered = (count: number, change: (line: string, index: number) => string = (line) => line): string =>
  Array.from({ length: count }, (_, index) => change(`line ${index}\n`, index)).join("");

/** Every tenth line another one: as many hunks as tens. */
const everyTenth = (count: number): string => numbered(count, (line, index) => (index % 10 === 5 ? `changed ${index}\n` : line));

const ofType =
  <T extends TwolaneEvent["type"]>(type: T, fits: (event: EventOf<T>) => boolean = () => true) =>
  (event: TwolaneEvent): boolean =>
    isOf(event, type) && fits(event);
function isOf<T extends TwolaneEvent["type"]>(event: TwolaneEvent, type: T): event is EventOf<T> {
  return event.type === type;
}
const all = <T extends TwolaneEvent["type"]>({ events }: Stage, type: T): EventOf<T>[] =>
  events.filter((event): event is EventOf<T> => isOf(event, type));
const landed = (at: Stage): readonly string[] => all(at, "hunk.landed").map(({ hunk }) => `${hunk.path}:${hunk.line}`);
const text = (at: Stage): string =>
  all(at, "text.finished")
    .map((event) => event.text)
    .join("\n");

async function play(at: Stage): Promise<void> {
  at.session.send({ type: "prompt", text: "replay" });
  await at.session.idle();
}

describe("the whole commit", () => {
  it("comes, moves, goes and changes as git says, with odd names and endings", async () => {
    const crlf = (content: string): string => content.replaceAll("\n", "\r\n");
    const before = {
      ...{ "a.txt": numbered(100), "gone.txt": "x\n", "dir/old name é.txt": numbered(40), "crlf.txt": crlf(numbered(100)) },
      ...{
        "no newline": "a\nb",
        "empty.txt": "",
        "to-crlf": "a\nb\nc\n",
        folder: "a file\n",
        emptied: "x\n",
        "cr at end": "a\nb\r",
      },
    };
    const after = {
      ...{
        "a.txt": everyTenth(100),
        'new/näme "q" 2020-01-01 10:10.txt': everyTenth(40).replace("changed 5", "line 5"),
        "crlf.txt": crlf(everyTenth(100)),
      },
      ...{
        "no newline": "a\nc",
        "empty.txt": "now\n",
        "to-crlf": "a\r\nb\r\nc\r\n",
        "folder/file": "below\n",
        emptied: "",
        "cr at end": "c\nb\r",
      },
      ...{
        "new crlf": "x\r\ny\r\nz",
        "new empty": "",
        "-- odd": "++ x\n-- y\n",
        "tab\there": "\ufeffmark\n",
        "\\back": "@@ -1 +1 @@\ndiff --git a/x b/x\n",
      },
    };
    const source = repository(before, after);
    const at = await stage({ source });
    await play(at);
    expect(treeOf(at.copy.folder)).toEqual(treeOf(source));
    expect(all(at, "notice.given")).toEqual([]);
    expect(all(at, "hunk.landed").map(({ hunk }) => hunk.operation)).toContain("move");
    git(at.copy.folder, "add", "-A");
    expect(git(at.copy.folder, "write-tree").trim()).toBe(at.commit.tree);
  });

  it("names what no edit of text can say, and plays the rest", async () => {
    const before = {
      "a.png": Buffer.from([0, 1]),
      "latin.txt": Buffer.from([0x61, 0xe4, 0x0a]),
      "lf.txt": "a\r\nb\r\n",
      end: "a",
      mode: "m\n",
      "both.sh": "b\n",
      bom: "\ufeffx\n",
    };
    const after = {
      ...before,
      "a.png": Buffer.from([0, 2]),
      "latin.txt": Buffer.from([0x62, 0xe4, 0x0a]),
      "lf.txt": "a\nb\n",
      end: "a\n",
      "both.sh": "c\n",
      bom: "x\n",
      d: "file\n",
    };
    const source = repository({ ...before, "d/x": "in a folder\n" }, after);
    fs.chmodSync(path.join(source, "mode"), 0o755);
    fs.chmodSync(path.join(source, "both.sh"), 0o755);
    fs.symlinkSync("end", path.join(source, "link"));
    git(source, "add", "-A");
    git(source, "update-index", "--add", "--cacheinfo", `160000,${"a".repeat(40)},module`);
    git(source, "commit", "-q", "--amend", "-m", "change");
    const at = await stage({ source });
    await play(at);
    expect(Object.fromEntries(at.source.facts.leftOut.map(({ path: name, reason }) => [name, reason]))).toEqual({
      ...{ "a.png": "binary", "latin.txt": "not UTF-8", "lf.txt": "line endings", end: "final newline", bom: "byte order mark" },
      ...{ mode: "file mode", "both.sh": "file mode", link: "symbolic link", module: "submodule", d: "folder in its place" },
    });
    expect(all(at, "notice.given").map(({ code }) => code)).toEqual(Array.from({ length: 9 }, () => "REPLAY_LEFT_OUT"));
    expect(landed(at)).toEqual(["both.sh:1", "d/x:1"]);
    expect(lastOf(at)).toMatchObject({ type: "turn.ended", ending: "completed" });
  });

  it("is the same for random trees, with stops and corrections of course on the way", async () => {
    const line = fc.constantFrom(
      "a",
      "b",
      "}",
      "",
      "  return x;",
      "-- x",
      "+++ b/x",
      "@@ -1 +1 @@",
      "é",
      "x\r",
      "\\ No newline at end of file",
    );
    const content = fc
      .record({ lines: fc.array(line, { maxLength: 40 }), ending: fc.constantFrom("\n", "\r\n"), final: fc.boolean() })
      .map(({ lines, ending, final }) => lines.join(ending) + (final && lines.length > 0 ? ending : ""));
    const name = fc.constantFrom("a", "b/c", "b/d e", "ü.txt", "x/y/z", "b\\n", 'q"q');
    const tree = fc.dictionary(name, content, { maxKeys: 6 });
    const changed = fc.tuple(tree, tree, fc.array(fc.nat(200), { maxLength: 8 })).map(([one, two, spots]) => {
      // What stays in both is changed in some lines, so that a file has hunks and not only another content.
      const kept = Object.entries(one).map(
        ([file, body]) =>
          [
            file,
            body
              .split("\n")
              .map((old, index) => (spots.includes(index) ? `${old}!` : old))
              .join("\n"),
          ] as const,
      );
      return { before: one, after: { ...Object.fromEntries(kept.filter((_, index) => index % 3 !== 2)), ...two } };
    });
    const cuts = fc.array(fc.record({ after: fc.nat(6), by: fc.constantFrom("stop" as const, "steer" as const) }), {
      maxLength: 3,
    });
    await fc.assert(
      fc.asyncProperty(changed, cuts, async ({ before, after }, cutsOff) => {
        const source = repository(before, after);
        const at = await openStage({ source });
        try {
          await playWith(at, cutsOff);
          const left = new Set(
            at.source.facts.leftOut.filter(({ reason }) => reason !== "file mode").map(({ path: file }) => file),
          );
          const [is, wanted] = [treeOf(at.copy.folder), treeOf(source)];
          for (const file of left) for (const found of [is, wanted]) delete found[file];
          expect(is).toEqual(wanted);
          expect(all(at, "hunk.failed").filter(({ failure }) => failure.code !== "STOPPED")).toEqual([]);
        } finally {
          await at.close();
          await ends.pop()?.();
        }
      }),
      {
        numRuns: 8 * scale,
        examples: [[{ before: { "ü.txt": "x\r" }, after: { "ü.txt": "x\r\n" } }, []]],
        // The long run draws anew each time.
        ...(scale === 1 && { seed: 20261127 }),
      },
    );
  });
});

/** What is counted of turns comes behind them. */
const lastOf = (at: Stage) => at.events.findLast(({ type }) => type !== "lanes.told");

/** Cuts the answer off behind so many landed hunks, and goes on. */
async function playWith(at: Stage, cutsOff: readonly { readonly after: number; readonly by: "stop" | "steer" }[]): Promise<void> {
  let seen = 0;
  let count = 0;
  const forget = at.session.subscribe((event) => {
    if (event.type === "hunk.landed") count++;
    const cut = cutsOff[seen];
    if (cut === undefined || (event.type !== "hunk.landed" && event.type !== "hunk.closed") || count < cut.after) return;
    seen++;
    count = 0;
    at.session.send(cut.by === "stop" ? { type: "stop" } : { type: "steer", text: "go on" });
  });
  await play(at);
  while (lastOf(at)?.type === "turn.ended" && all(at, "turn.ended").at(-1)?.ending === "interrupted") {
    at.session.send({ type: "continue" });
    await at.session.idle();
  }
  forget();
}

describe("on the way", () => {
  it("lands the first hunk while the text still comes, and a stop leaves no trace of a half one", async () => {
    const source = repository({ "a.txt": numbered(400) }, { "a.txt": everyTenth(400) });
    const at = await stage({ source, pace: 3000 });
    at.session.send({ type: "prompt", text: "replay" });
    await at.until(ofType("hunk.landed"));
    const seen = at.events.length;
    await at.until((event) => event.type === "hunk.streaming" && at.events.indexOf(event) >= seen);
    at.session.send({ type: "stop" });
    await at.session.idle();
    expect(all(at, "step.ended")[0]?.ending).toBe("interrupted");
    const kept = all(at, "stop.finished")[0]?.kept ?? [];
    const lines = fs.readFileSync(path.join(at.copy.folder, "a.txt"), "utf8").split("\n");
    expect(lines.filter((line) => line.startsWith("changed"))).toHaveLength(kept.length);
    expect(kept.length).toBeLessThan(40);
    at.source.setPace(0);
    at.session.send({ type: "continue" });
    await at.session.idle();
    expect(treeOf(at.copy.folder)).toEqual(treeOf(source));
    expect(new Set(landed(at)).size).toBe(40);
    expect(text(at)).toContain(
      `Replay of commit ${at.commit.short} “change”: the text is that commit, only the pace is simulated.`,
    );
    expect(text(at)).toContain("40 of 40 hunks on disk");
  });

  it("understands skip and only, and says of everything else that it is a replay", async () => {
    const files = ["a.txt", "lib/b.txt", "lib/c.txt", "z.txt"];
    const long = (name: string): number => (name === "a.txt" ? 600 : 100);
    const source = repository(
      Object.fromEntries(files.map((name) => [name, numbered(long(name))])),
      Object.fromEntries(files.map((name) => [name, everyTenth(long(name))])),
    );
    const at = await stage({ source, pace: 2000 });
    at.session.send({ type: "prompt", text: "whatever one types first" });
    await at.until(ofType("hunk.landed"));
    at.session.send({ type: "steer", text: "use tabs" });
    await at.until(ofType("text.finished", (event) => event.text.includes("This is a replay, not a model")));
    at.session.send({ type: "steer", text: "skip ./nowhere" });
    await at.until(ofType("text.finished", (event) => event.text.includes("The replay has nothing more in nowhere.")));
    at.session.send({ type: "steer", text: "skip `lib/`" });
    await at.until(ofType("text.finished", (event) => event.text.includes("Skipping lib: 20 hunks left out.")));
    at.source.setPace(0);
    await at.session.idle();
    expect(new Set(landed(at).map((place) => place.split(":")[0]))).toEqual(new Set(["a.txt", "z.txt"]));
    expect(text(at)).toContain("70 of 90 hunks on disk, 20 not played");
    at.session.send({ type: "prompt", text: "only lib" });
    await at.session.idle();
    expect(text(at)).toContain("The replay has nothing more in lib. Nothing is left.");
  });

  it("never says a rejected hunk again, and leaves the disk to the person's own lines", async () => {
    const source = repository(
      { "a.txt": numbered(200), "b.txt": numbered(200) },
      { "a.txt": everyTenth(200), "b.txt": everyTenth(200) },
    );
    const at = await stage({ source, pace: 20_000 });
    at.session.send({ type: "prompt", text: "replay" });
    await at.until(ofType("hunk.landed", ({ hunk }) => hunk.id === "h2"));
    at.session.send({ type: "hunk.reject", hunks: ["h2"] });
    await at.until(ofType("hunk.rejected"));
    at.session.send({ type: "stop" });
    await at.session.idle();
    // The person writes above what is still to come.
    const file = path.join(at.copy.folder, "b.txt");
    fs.writeFileSync(file, `mine\n${fs.readFileSync(file, "utf8")}`);
    at.source.setPace(0);
    at.session.send({ type: "continue" });
    await at.session.idle();
    const wanted = treeOf(source);
    expect(treeOf(at.copy.folder)).toEqual({
      "a.txt": wanted["a.txt"]?.replace("changed 15\n", "line 15\n"),
      "b.txt": `mine\n${wanted["b.txt"]}`,
    });
    expect(text(at)).toContain("39 of 40 hunks on disk, 1 refused or held.");
  });

  it("ends when its session is closed in the middle", async () => {
    const source = repository({ "a.txt": numbered(200) }, { "a.txt": everyTenth(200) });
    const at = await stage({ source, pace: 300 });
    at.session.send({ type: "prompt", text: "replay" });
    await at.until(ofType("hunk.streaming"));
    await at.session.close();
    expect(all(at, "turn.ended").map(({ ending }) => ending)).toEqual(["interrupted"]);
    expect(at.events.at(-1)?.type).toBe("session.ended");
  });

  it("plays as many hunks as it is allowed to, and says how many it does not", async () => {
    const source = repository({ "a.txt": numbered(300), big: "x\n" }, { "a.txt": everyTenth(300), big: numbered(3000) });
    const at = await stage({ source, limit: { hunks: 12, characters: 8000 } });
    await play(at);
    expect(at.source.facts).toMatchObject({ hunks: 31, played: 12, paths: ["a.txt"] });
    expect(landed(at)).toHaveLength(12);
    expect(text(at)).toContain("12 of 31 hunks on disk, 19 not played.");
  });
});
