/** A change as git has it → what the policy is asked about, in the states that people's repositories are in. */
import fs from "node:fs";
import path from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { type ChangeFacts, changeFacts } from "../src/guard/gates/change-facts.ts";
import { openGit } from "../src/host/git.ts";
import { type ChangeSource, readChange } from "../src/host/git-change.ts";
import { readRange } from "../src/host/git-range.ts";
import { systemProcesses } from "../src/host/process.ts";
import { type GateRepository, cloneOf, makeRepository } from "./gate-repository.ts";

const made: GateRepository[] = [];
afterEach(() => {
  for (const repository of made.splice(0)) repository.remove();
});

function open(files: Readonly<Record<string, string | Uint8Array>> = {}): GateRepository {
  const repository = makeRepository(files);
  made.push(repository);
  return repository;
}

async function factsOf({ root }: GateRepository, source: ChangeSource = { kind: "staged" }): Promise<ChangeFacts> {
  const read = await readChange(openGit(root, systemProcesses), source);
  if (!read.ok) throw new Error(read.failure.message);
  return changeFacts(read.value);
}

async function branchFacts(repository: GateRepository, base: string): Promise<ChangeFacts> {
  const range = await readRange(openGit(repository.root, systemProcesses), base, "HEAD");
  if (!range.ok) throw new Error(range.failure.message);
  return factsOf(repository, { kind: "commits", ...range.value });
}

const shape = ({ files }: ChangeFacts) =>
  Object.fromEntries(
    files.map(({ path: name, from, binary, hunks }) => [
      from === undefined ? name : `${from} → ${name}`,
      binary
        ? "binary"
        : hunks.map(({ operation, line, added, removed }) => `${operation} ${line} -${removed.join("|")} +${added.join("|")}`),
    ]),
  );

const lines = (count: number): string => Array.from({ length: count }, (_, index) => `line ${index + 1}\n`).join("");

describe("a staged change", () => {
  it("is everything on a branch without commits", async () => {
    const repository = open();
    repository.stage({ "a.ts": "one\ntwo\n", "empty.ts": "" });
    expect(shape(await factsOf(repository))).toEqual({ "a.ts": ["create 1 - +one|two"], "empty.ts": ["create 1 - +"] });
  });

  it("has one hunk for each contiguous change, and is blind for what is not staged", async () => {
    const repository = open({ "a.ts": lines(20), "gone.ts": "x\ny\n", "other.ts": "o\n" });
    repository.stage({ "a.ts": lines(20).replace("line 2\n", "Two\n").replace("line 19\n", "") });
    repository.git("rm", "-q", "gone.ts");
    repository.write("other.ts", "changed, not staged\n");
    expect(shape(await factsOf(repository))).toEqual({
      "a.ts": ["update 2 -line 2 +Two", "update 19 -line 19 +"],
      "gone.ts": ["delete 1 -x|y +"],
    });
  });

  it("counts a move at both ends, with what changed besides at the new one", async () => {
    const repository = open({ "a.ts": lines(20), "b.ts": "b\n".repeat(9) });
    fs.mkdirSync(path.join(repository.root, "lib"));
    repository.git("mv", "a.ts", "lib/a.ts");
    repository.git("mv", "b.ts", "lib/b.ts");
    repository.stage({ "lib/a.ts": lines(20).replace("line 7\n", "Seven\n") });
    const facts = await factsOf(repository);
    expect(shape(facts)).toEqual({
      "a.ts → lib/a.ts": ["move 0 - +", "update 7 -line 7 +Seven"],
      "b.ts → lib/b.ts": ["move 0 - +"],
    });
    expect(facts.files[0]?.hunks[0]).toMatchObject({ path: "a.ts", movedTo: "lib/a.ts" });
  });

  it("takes a copy for a new file, a changed mode for a change without lines", async () => {
    const repository = open({ "a.ts": lines(20), "run.sh": "echo\n" });
    repository.stage({ "copy.ts": lines(20), "a.ts": `${lines(20)}more\n` });
    repository.git("update-index", "--chmod=+x", "run.sh");
    expect(shape(await factsOf(repository))).toEqual({
      "a.ts": ["update 21 - +more"],
      "copy.ts": [`create 1 - +${lines(20).trim().split("\n").join("|")}`],
      "run.sh": ["update 0 - +"],
    });
  });

  it("says lines without their endings, whatever these are, and sees that one changed", async () => {
    const repository = open({ "crlf.ts": "a\r\nb\r\n", "final.ts": "a\nb", "bom.ts": "\ufeffa\n" });
    repository.git("config", "core.autocrlf", "false");
    repository.stage({ "crlf.ts": "a\r\nB\r\n", "final.ts": "a\nb\n", "bom.ts": "\ufeffA\n" });
    expect(shape(await factsOf(repository))).toEqual({
      "bom.ts": ["update 1 -a +A"],
      "crlf.ts": ["update 2 -b +B"],
      "final.ts": ["update 2 -b +b"],
    });
  });

  it("looks into what a NUL, `.gitattributes` or another encoding would hide, and calls binary what is", async () => {
    const repository = open({ "a.ts": "a\n" });
    const utf16 = Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.from("secret\n", "utf16le")]);
    repository.stage({
      ".gitattributes": "*.ts -diff binary\n",
      "a.ts": `a\n${"// padding\n".repeat(40)}const x = 1; // \0\n`,
      "latin.ts": Buffer.from("caf\xe9\n", "latin1"),
      "wide.ts": utf16,
      "picture.png": Buffer.from([0x89, 0x50, 0x4e, 0x47, 0, 0, 0, 13, 0xff, 0xd8]),
    });
    const facts = shape(await factsOf(repository));
    expect(facts["a.ts"]?.[0]).toContain("const x = 1");
    expect(facts).toMatchObject({ "latin.ts": ["create 1 - +café"], "wide.ts": ["create 1 - +secret"], "picture.png": "binary" });
  });

  it("takes odd names as they are, and tells names apart that are no UTF-8", async () => {
    const repository = open({ "kept.ts": "k\n" });
    const names = ['with "quotes".ts', "new\nline.ts", "päckchen/日本 \u{1f600}.ts", "-dash.ts", ":(glob)*.ts", "tab\t.ts"];
    repository.stage(Object.fromEntries(names.map((name) => [name, "x\n"])));
    for (const byte of [0xe9, 0xff]) {
      const odd = Buffer.concat([Buffer.from(`${repository.root}/odd-`), Buffer.from([byte]), Buffer.from(".ts")]);
      fs.writeFileSync(odd, "x\n");
    }
    repository.git("add", "-A");
    const facts = await factsOf(repository);
    expect(facts.files.map((file) => file.path).toSorted()).toEqual([...names, "odd-\\xe9.ts", "odd-\\xff.ts"].toSorted());
    expect(facts.files.every(({ after }) => after === "x\n")).toBe(true);
  });

  it("shows where a link leads as its content, and finds those that lead out or into .git", async () => {
    const repository = open({ "src/a.ts": "a\n" });
    const links = { "src/in.ts": "a.ts", "src/up.ts": "../src/a.ts", "src/out.ts": "../../etc/passwd", "abs.ts": "/etc/passwd" };
    for (const [name, target] of Object.entries({ ...links, "git.ts": ".git/config" }))
      fs.symlinkSync(target, path.join(repository.root, name));
    repository.git("add", "-A");
    const facts = await factsOf(repository);
    expect(shape(facts)["src/out.ts"]).toEqual(["create 1 - +../../etc/passwd"]);
    expect(facts.findings.map(({ path: name, verdict }) => [name, verdict.rule, verdict.decision])).toEqual([
      ["abs.ts", "link", "block"],
      ["git.ts", "link", "block"],
      ["src/out.ts", "link", "block"],
    ]);
  });

  it("holds a submodule that comes, moves on or goes", async () => {
    const inner = open({ "i.ts": "i\n" });
    const repository = open({ "a.ts": "a\n" });
    const findings = async () => (await factsOf(repository)).findings.map(({ path: name, verdict }) => [name, verdict.reason]);
    repository.git("-c", "protocol.file.allow=always", "submodule", "add", "-q", inner.root, "sub");
    expect(await findings()).toEqual([["sub", expect.stringContaining("points to commit")]]);
    repository.commit("submodule");
    inner.commit("more", { "i.ts": "ii\n" });
    repository.git("-C", "sub", "pull", "-q");
    repository.git("add", "sub");
    expect(await findings()).toEqual([["sub", expect.stringContaining("points to commit")]]);
    repository.commit("moved on");
    repository.git("rm", "-q", "-f", "sub");
    expect(await findings()).toEqual([["sub", expect.stringContaining("taken out")]]);
  });

  it("does not look into what is larger than 32 MB, and says so", async () => {
    const repository = open({ "a.ts": "a\n" });
    repository.stage({ "huge.bin": Buffer.alloc(33 * 1024 * 1024, 65) });
    const facts = await factsOf(repository);
    expect(shape(facts)).toEqual({ "huge.bin": "binary" });
    expect(facts.findings).toMatchObject([{ path: "huge.bin", verdict: { rule: "too-large", decision: "hold" } }]);
  });

  it("refuses what is in conflict", async () => {
    const repository = open({ "a.ts": "a\n" });
    repository.git("checkout", "-q", "-b", "other");
    repository.commit("theirs", { "a.ts": "theirs\n" });
    repository.git("checkout", "-q", "main");
    repository.commit("ours", { "a.ts": "ours\n" });
    expect(() => repository.git("merge", "other")).toThrow(/merge other/);
    const read = await readChange(openGit(repository.root, systemProcesses), { kind: "staged" });
    expect(read).toMatchObject({ ok: false, failure: { code: "COMMIT_BUSY", message: expect.stringContaining("a.ts") } });
  });

  it("starts nothing that the repository names", async () => {
    const repository = open({ "a.ts": lines(30), "b.bin": "b\n" });
    const mark = path.join(path.dirname(repository.root), "started");
    const program = path.join(repository.root, "program.sh");
    fs.writeFileSync(program, `#!/bin/sh\ntouch ${mark}\ncat\n`, { mode: 0o755 });
    repository.git("mv", "a.ts", "moved.ts");
    repository.stage({ ".gitattributes": "*.ts diff=evil filter=evil\n", "moved.ts": lines(30).replace("line 3\n", "3\n") });
    for (const key of ["diff.external", "diff.evil.command", "diff.evil.textconv", "filter.evil.clean", "filter.evil.smudge"])
      repository.git("config", key, program);
    repository.git("config", "core.fsmonitor", program);
    repository.git("config", "core.pager", program);
    for (const hook of ["post-index-change", "pre-commit", "fsmonitor-watchman"])
      fs.copyFileSync(program, path.join(repository.root, ".git/hooks", hook));
    fs.rmSync(mark, { force: true });
    const { root } = repository;
    expect(Object.keys(shape(await factsOf(repository)))).toContain("a.ts → moved.ts");
    expect(Object.keys(shape(await factsOf(repository, { kind: "work-tree", root })))).toContain("moved.ts");
    await branchFacts(repository, "HEAD");
    expect(fs.existsSync(mark)).toBe(false);
  });
});

describe("what is on disk", () => {
  it("is compared with HEAD, files among it that git does not know, but not ignored ones", async () => {
    const repository = open({ "a.ts": "a\n", "same.ts": "s\n", "gone.ts": "g\n", ".gitignore": "*.log\n" });
    repository.stage({ "a.ts": "staged\n" });
    repository.write("a.ts", "on disk\n");
    repository.write("new/b.ts", "b\n");
    repository.write("out.log", "l\n");
    repository.write("same.ts", "s\n");
    fs.rmSync(path.join(repository.root, "gone.ts"));
    expect(shape(await factsOf(repository, { kind: "work-tree", root: repository.root }))).toEqual({
      "a.ts": ["update 1 -a +on disk"],
      "gone.ts": ["delete 1 -g +"],
      "new/b.ts": ["create 1 - +b"],
    });
  });
});

describe("a branch", () => {
  it("is what it changed since it left its base, whatever came there meanwhile, merges among it", async () => {
    const repository = open({ "a.ts": "a\n", "b.ts": "b\n" });
    repository.git("checkout", "-q", "-b", "work");
    repository.commit("mine", { "a.ts": "mine\n" });
    repository.git("checkout", "-q", "main");
    repository.commit("theirs", { "b.ts": "theirs\n" });
    repository.git("checkout", "-q", "work");
    expect(shape(await branchFacts(repository, "main"))).toEqual({ "a.ts": ["update 1 -a +mine"] });
    repository.git("merge", "-q", "--no-edit", "main");
    repository.git("checkout", "-q", "--detach");
    expect(shape(await branchFacts(repository, "main"))).toEqual({ "a.ts": ["update 1 -a +mine"] });
  });

  it("is read without a work tree, from a bare clone, and from a sparse one", async () => {
    const repository = open({ "src/a.ts": "a\n", "lib/b.ts": "b\n" });
    repository.git("checkout", "-q", "-b", "work");
    repository.commit("mine", { "src/a.ts": "A\n", "lib/b.ts": "B\n" });
    const expected = { "lib/b.ts": ["update 1 -b +B"], "src/a.ts": ["update 1 -a +A"] };
    expect(shape(await branchFacts(cloneOf(repository, "bare", "--bare"), "main"))).toEqual(expected);
    const sparse = cloneOf(repository, "sparse", "--no-checkout");
    sparse.git("sparse-checkout", "set", "src");
    sparse.git("checkout", "-q", "work");
    expect(fs.existsSync(path.join(sparse.root, "lib"))).toBe(false);
    expect(shape(await branchFacts(sparse, "origin/main"))).toEqual(expected);
  });

  it("says which command brings a base that the clone does not have", async () => {
    const repository = open({ "a.ts": "a\n" });
    repository.git("checkout", "-q", "-b", "work");
    for (const text of ["1\n", "2\n", "3\n"]) repository.commit("work", { "a.ts": text });
    repository.git("checkout", "-q", "main");
    for (const text of ["1\n", "2\n"]) repository.commit("main", { "b.ts": text });
    const shallow = cloneOf(repository, "shallow", "--depth", "1", "--no-single-branch", "--branch", "work");
    const ask = (base: string) => readRange(openGit(shallow.root, systemProcesses), base, "HEAD");
    expect(await ask("origin/main")).toMatchObject({
      ok: false,
      failure: { code: "BASE_MISSING", cure: expect.stringContaining("git fetch --deepen") },
    });
    shallow.git("fetch", "-q", "--deepen", "100");
    expect(await ask("origin/main")).toMatchObject({ ok: true });
    expect(await ask("origin/release")).toMatchObject({
      ok: false,
      failure: { code: "BASE_MISSING", cure: expect.stringContaining("git fetch origin release") },
    });
  });
});
