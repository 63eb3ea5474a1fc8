/** What a commit takes, leaves and refuses, on work trees in the states that people leave them in. */
import { execFileSync } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { type BenchOptions, type CommitBench, change, join, openCommitBench } from "./commit-bench.ts";

const benches: CommitBench[] = [];
afterEach(async () => {
  for (const bench of benches.splice(0)) await bench.dispose();
});

async function open(options: BenchOptions): Promise<CommitBench> {
  const bench = await openCommitBench(options);
  benches.push(bench);
  return bench;
}

const numbered = (count: number): string => join(...Array.from({ length: count }, (_, n) => `line ${n}`));
const add = (file: string, ...lines: readonly string[]): string =>
  `*** Add File: ${file}\n${lines.map((line) => `+${line}\n`).join("")}`;

describe("what goes into a commit", () => {
  it("leaves a hunk in all its files when one of them cannot be committed, and what stands on it", async () => {
    const bench = await open({ files: { "a.ts": join("one", "two"), "b.ts": "b\n" } });
    bench.shop.write("loose.ts", join("loose", "text"));
    await bench.land(["*** Update File: loose.ts\n*** Move to: moved.ts\n@@\n-loose\n+Loose\n"]);
    const moves = [...bench.review.keys()];
    await bench.land([change("moved.ts", " Loose", "+more"), change("b.ts", "-b", "+B")]);
    const [onTop = "", other = ""] = [...bench.review.keys()].slice(moves.length);
    bench.accept(...moves, onTop, other);
    const { hunks, left, files } = await bench.draft();
    expect([hunks, left.map(({ hunk }) => hunk)]).toEqual([[other], expect.arrayContaining([...moves, onTop])]);
    expect(left.find(({ hunk }) => hunk === moves[0])?.reason).toContain("loose.ts");
    expect(files).toEqual([{ path: "b.ts", added: 1, removed: 1 }]);
    expect(await bench.commit()).toBe(other);
    expect(bench.git("ls-tree", "-r", "--name-only", "HEAD")).toBe(join("a.ts", "b.ts"));
    expect(bench.git("status", "--porcelain")).toBe("?? moved.ts\n");
  });

  it("leaves a hunk that was made with another one's lines in sight, until that one goes too", async () => {
    const bench = await open({ files: { "a.ts": numbered(6) } });
    await bench.land([change("a.ts", "-line 2", "+LINE 2"), change("a.ts", " LINE 2", "-line 3", "+LINE 3")]);
    bench.accept("h2");
    const reason = "it stands on h1 in a.ts, which is not in the commit; accept h1 as well";
    expect(await bench.draft()).toMatchObject({ hunks: [], left: [{ hunk: "h2", reason }] });
    bench.accept("h1");
    expect(await bench.commit()).toBe("h1 h2");
  });

  it("does not commit with a move what was not committed before it", async () => {
    const bench = await open({ files: { "old.ts": numbered(12) } });
    bench.shop.write("old.ts", numbered(12).replace("line 10\n", "mine\n"));
    await bench.land([change("old.ts", "-line 5", "+not accepted")]);
    await bench.land(["*** Update File: old.ts\n*** Move to: src/new.ts\n@@\n-line 1\n+LINE 1\n"]);
    bench.accept(...[...bench.review.keys()].slice(1));
    await bench.commit();
    expect(bench.git("show", "HEAD:src/new.ts")).toBe(numbered(12).replace("line 1\n", "LINE 1\n"));
    expect(bench.git("ls-tree", "-r", "--name-only", "HEAD").trim()).toBe("src/new.ts");
    expect(bench.git("diff", "-U0", "src/new.ts").match(/^[+-][^+-].*$/gm)).toEqual([
      ...["-line 5", "+not accepted", "-line 10", "+mine"],
    ]);
  });

  it("passes over what was undone between two hunks", async () => {
    const bench = await open({ files: { "a.ts": numbered(9) } });
    await bench.land([change("a.ts", "-line 2", "+LINE 2")]);
    await bench.land([change("a.ts", "-LINE 2", "+taken back")], "t2");
    await bench.undoLastTurn();
    await bench.land([change("a.ts", "-line 6", "+LINE 6")], "t3");
    bench.accept("h1", "h3");
    expect(await bench.commit()).toBe("h1 h3");
    expect(bench.git("show", "HEAD:a.ts")).toBe(numbered(9).replace("line 2", "LINE 2").replace("line 6", "LINE 6"));
    expect(bench.git("status", "--porcelain")).toBe("");
  });

  it("takes corrections between two hunks, and leaves a hunk that was corrected together with others' lines", async () => {
    const bench = await open({ files: { "a.ts": numbered(12) } });
    await bench.land([change("a.ts", "-line 1", "+LINE 1"), change("a.ts", "-line 8", "+LINE 8")]);
    bench.shop.write("a.ts", bench.shop.read("a.ts").replace("LINE 1\n", "Line one\n").replace("line 4\n", "mine\n"));
    await bench.land([change("a.ts", "-line 11", "+LINE 11"), change("a.ts", "-line 9", "+other")]);
    bench.shop.write("a.ts", bench.shop.read("a.ts").replace("LINE 8\nother\n", "mine as well\n"));
    bench.accept("h1", "h2", "h3");
    const draft = await bench.draft();
    expect(draft.left).toMatchObject([{ hunk: "h2", reason: expect.stringContaining("a.ts") }]);
    expect(await bench.commit()).toBe("h1 h3");
    expect(bench.git("show", "HEAD:a.ts")).toBe(numbered(12).replace("line 1\n", "Line one\n").replace("line 11", "LINE 11"));
  });

  it("says of each path that it cannot commit why, and what to do", async () => {
    const bench = await open({ files: { ".gitignore": "*.log\n", "kept.ts": "k\n", "link-to-be.ts": "l\n" } });
    const other = path.join(bench.root, "vendor");
    fs.mkdirSync(other);
    bench.git("init", "-q", "vendor");
    bench.git("-C", "vendor", "commit", "-q", "--allow-empty", "-m", "inner");
    bench.git("-c", "protocol.file.allow=always", "submodule", "add", "-q", other, "sub");
    bench.git("commit", "-qm", "submodule");
    fs.rmSync(path.join(bench.root, "link-to-be.ts"));
    fs.symlinkSync("kept.ts", path.join(bench.root, "link-to-be.ts"));
    bench.git("commit", "-qam", "link");
    fs.rmSync(path.join(bench.root, "link-to-be.ts"));
    bench.shop.write("link-to-be.ts", "l\n");
    bench.shop.write("loose.ts", "loose\n");
    await bench.land([add("out.log", "x"), add("vendor/v.ts", "x"), add("sub/s.ts", "x")]);
    await bench.land([change("loose.ts", "-loose", "+LOOSE"), change("link-to-be.ts", "-l", "+L"), add("gone.ts", "x")]);
    fs.rmSync(path.join(bench.root, "gone.ts"));
    bench.accept(...bench.review.keys());
    const { left, hunks } = await bench.draft();
    expect(hunks).toEqual([]);
    expect(Object.fromEntries(left.map(({ hunk, reason }) => [hunk, reason]))).toEqual({
      h1: "git ignores out.log; `git add -f` it first",
      h2: "vendor/v.ts is in a repository of its own; commit it there",
      h3: "sub/s.ts belongs to the submodule sub; commit it there",
      h4: "loose.ts is not in git; commit it first, or accept the hunk that made it",
      h5: "link-to-be.ts is a link in git; commit first that it is a file",
      h6: "gone.ts is not on disk any more; bring it back, or undo h6",
    });
    expect(await bench.commit()).toBe("COMMIT_NOTHING");
  });

  it("commits through a link what the link leads to, executable where it is, under any name", async () => {
    const names = ['with space/it\'s "quoted".ts', "päckchen/\u{1f600} 日本.ts", "-dash.ts", ":colon*[x].ts"];
    const bench = await open({ files: { ...Object.fromEntries(names.map((name) => [name, "x\n"])), "other*.ts": "o\n" } });
    fs.symlinkSync("-dash.ts", path.join(bench.root, "linked.ts"));
    await bench.land([
      ...names.map((name) => change(name === "-dash.ts" ? "linked.ts" : name, "-x", "+X")),
      "*** Add File: bin/run\n+#!/bin/sh\n",
    ]);
    fs.chmodSync(path.join(bench.root, "bin/run"), 0o755);
    bench.accept(...bench.review.keys());
    expect(await bench.commit()).toBe("h1 h2 h3 h4 h5");
    for (const name of names) expect(bench.git("show", `HEAD:${name}`)).toBe("X\n");
    expect(bench.git("ls-tree", "HEAD", "bin/run")).toMatch(/^100755 /);
    expect(bench.git("status", "--porcelain")).toBe("?? linked.ts\n");
  });
});

describe("line endings", () => {
  it("are those of git's blob, whatever the work tree and the settings say", async () => {
    const bench = await open({ files: { "lf.txt": "one\ntwo\nthree\n", "mixed.txt": "one\r\ntwo\r\nthree\r\n" } });
    bench.git("config", "core.autocrlf", "true");
    // Three ways to lie there: as git checks out, as an editor left it, and with carriage returns in git itself.
    bench.shop.write("crlf.txt", "one\r\ntwo\r\nthree\r\n");
    bench.git("add", "crlf.txt");
    bench.git("commit", "-qm", "second");
    await bench.land(["crlf.txt", "lf.txt", "mixed.txt"].map((file) => change(file, "-two", "+TWO")));
    bench.accept("h1", "h2", "h3");
    expect(await bench.commit()).toBe("h1 h2 h3");
    expect([bench.blob("HEAD:crlf.txt"), bench.blob("HEAD:lf.txt"), bench.blob("HEAD:mixed.txt")]).toEqual([
      ...["one\nTWO\nthree\n", "one\nTWO\nthree\n", "one\r\nTWO\r\nthree\r\n"],
    ]);
    expect(bench.git("status", "--porcelain")).toBe("");
  });
});

describe("the index behind a commit", () => {
  it("keeps flags, forms and intents", async () => {
    const files = { "a.ts": "a\n", "flagged.ts": join("one", "two"), "skipped.ts": join("one", "two") };
    const bench = await open({ files });
    bench.git("update-index", "--index-version", "4");
    bench.git("update-index", "--split-index");
    bench.git("update-index", "--assume-unchanged", "flagged.ts");
    bench.git("update-index", "--skip-worktree", "skipped.ts");
    bench.shop.write("later.ts", "later\n");
    await bench.land([change("flagged.ts", "-one", "+ONE"), change("skipped.ts", "-one", "+ONE"), add("new.ts", "n")]);
    bench.git("add", "-N", "later.ts", "new.ts");
    bench.accept("h1", "h2", "h3");
    const shared = (): string[] =>
      fs.readdirSync(path.join(bench.root, ".git")).filter((name) => name.startsWith("sharedindex."));
    const before = shared();
    expect(await bench.commit()).toBe("h1 h2 h3");
    expect(bench.git("ls-files", "-v")).toBe(join("H a.ts", "h flagged.ts", "H later.ts", "H new.ts", "S skipped.ts"));
    expect(bench.git("status", "--porcelain")).toBe(" A later.ts\n");
    expect(fs.readFileSync(path.join(bench.root, ".git/index")).readUInt32BE(4)).toBe(4);
    expect(shared()).toEqual(before);
  });

  it("takes what was staged of a new file for what it is, and refuses with path and lines where it cannot", async () => {
    const bench = await open({ files: { "a.ts": numbered(5), "gone.ts": "g\n" } });
    await bench.land([add("new.ts", "one", "two", "three", "four"), change("a.ts", "-line 1", "-line 2", "+LINES")]);
    bench.git("add", "new.ts");
    await bench.land([change("new.ts", "-four", "+FOUR"), "*** Delete File: gone.ts\n"]);
    bench.shop.write("a.ts", numbered(5).replace("line 2\n", "staged\n"));
    bench.git("add", "a.ts");
    bench.shop.write("a.ts", numbered(5).replace("line 1\nline 2\n", "LINES\n"));
    bench.accept("h1", "h2", "h3");
    const before = [bench.git("rev-parse", "HEAD"), bench.git("ls-files", "-s"), bench.git("status", "--porcelain")];
    expect(await bench.commit()).toBe("COMMIT_OVERLAP");
    expect(bench.said).toBe("a.ts has staged changes in lines 2–3, which the commit changes too.");
    expect([bench.git("rev-parse", "HEAD"), bench.git("ls-files", "-s"), bench.git("status", "--porcelain")]).toEqual(before);
    bench.git("reset", "-q", "a.ts");
    expect(await bench.commit()).toBe("h1 h2 h3");
    expect(bench.git("show", ":new.ts")).toBe(join("one", "two", "three", "FOUR"));
    expect(bench.git("status", "--porcelain")).toBe(" D gone.ts\n");
  });

  it("is refused where a file to commit is in conflict", async () => {
    const bench = await open({ files: { "a.ts": numbered(8) } });
    await bench.land([change("a.ts", "-line 1", "+LINE 1")]);
    bench.accept("h1");
    const blob = bench.git("rev-parse", "HEAD:a.ts").trim();
    const stages = [1, 2, 3].map((stage) => `100644 ${blob} ${stage}\ta.ts\n`).join("");
    execFileSync("git", ["-C", bench.root, "update-index", "--index-info"], { input: `0 ${"0".repeat(40)}\ta.ts\n${stages}` });
    expect(await bench.commit()).toBe("COMMIT_OVERLAP");
    expect(bench.said).toContain("a.ts has conflicts");
  });
});

describe("where a commit is made", () => {
  it("is a linked worktree with an index and a HEAD of its own", async () => {
    const main = await open({ files: { "a.ts": "a\n", "b.ts": "b\n" } });
    const tree = fs.realpathSync(fs.mkdtempSync(path.join(main.shop.home, "tree-")));
    main.git("worktree", "add", "-q", "-b", "side", tree);
    main.shop.write("b.ts", "staged in the main one\n");
    main.git("add", "b.ts");
    const bench = await open({ root: tree });
    await bench.land([change("a.ts", "-a", "+A")]);
    bench.accept("h1");
    expect((await bench.draft()).onto).toBe("side");
    const [index, head] = [main.git("ls-files", "-s"), main.git("rev-parse", "main")];
    expect(await bench.commit()).toBe("h1");
    expect(bench.git("show", "side:a.ts")).toBe("A\n");
    expect([main.git("ls-files", "-s"), main.git("rev-parse", "main")]).toEqual([index, head]);
    expect(bench.git("status", "--porcelain")).toBe("");
  });

  it("is the folder's own repository, whatever the environment says of another", async () => {
    const [bench, other] = [await open({ files: { "a.ts": "a\n" } }), await open({ files: { "a.ts": "other\n" } })];
    await bench.land([change("a.ts", "-a", "+A")]);
    bench.accept("h1");
    const saved = { ...process.env };
    Object.assign(process.env, { GIT_DIR: path.join(other.root, ".git"), GIT_INDEX_FILE: path.join(other.root, ".git/index") });
    try {
      expect(await bench.commit()).toBe("h1");
    } finally {
      for (const name of ["GIT_DIR", "GIT_INDEX_FILE"]) {
        if (saved[name] === undefined) delete process.env[name];
        else process.env[name] = saved[name];
      }
    }
    expect([bench.git("show", "HEAD:a.ts"), other.git("show", "HEAD:a.ts")]).toEqual(["A\n", "other\n"]);
  });

  it("is nowhere while git is busy, and not in a repository without a work tree", async () => {
    const bench = await open({ files: { "a.ts": "a\n" } });
    await bench.land([change("a.ts", "-a", "+A")]);
    bench.accept("h1");
    const marks = { MERGE_HEAD: "merge", "rebase-merge": "rebase", "rebase-apply": "rebase", "rebase-apply/applying": "git am" };
    const others = { CHERRY_PICK_HEAD: "cherry-pick", REVERT_HEAD: "revert", sequencer: "cherry-pick or revert" };
    for (const [mark, name] of Object.entries({ ...marks, ...others })) {
      const file = path.join(bench.root, ".git", mark);
      fs.mkdirSync(file, { recursive: true });
      expect([await bench.commit(), bench.said]).toEqual(["COMMIT_BUSY", `A ${name} is under way.`]);
      fs.rmSync(path.join(bench.root, ".git", mark.split("/")[0] ?? ""), { recursive: true });
    }
    bench.git("config", "core.bare", "true");
    expect(await bench.commit()).toBe("NO_REPOSITORY");
  });
});
