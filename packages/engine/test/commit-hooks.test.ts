/** What hooks, another git and a crash do to a commit, and what is left of it then. */
import fs from "node:fs";
import path from "node:path";
import { type Result, succeed } from "@twolane/protocol";
import { afterEach, describe, expect, it } from "vitest";
import type { UnfinishedCommit } from "../src/commit/unfinished.ts";
import type { Git, GitAnswer, GitCall } from "../src/host/git.ts";
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

function hook(bench: CommitBench, name: string, ...lines: readonly string[]): void {
  const folder = path.join(bench.root, ".git/hooks");
  fs.mkdirSync(folder, { recursive: true });
  fs.writeFileSync(path.join(folder, name), join("#!/bin/sh", "set -e", ...lines), { mode: 0o755 });
}

const state = (bench: CommitBench): readonly string[] => [
  ...[bench.git("rev-parse", "HEAD"), bench.git("ls-files", "-s"), bench.git("status", "--porcelain"), bench.git("reflog")],
  ...[bench.git("for-each-ref"), JSON.stringify(bench.shop.tree()["a.ts"])],
];

describe("hooks", () => {
  it("see what is committed, may change the message, speak, and are heard when they fail", async () => {
    const bench = await open({ files: { "a.ts": join("one", "two", "three"), "b.ts": "b\n" } });
    await bench.land([change("a.ts", "-one", "+ONE"), change("a.ts", "-three", "+THREE")]);
    bench.shop.write("b.ts", "staged\n");
    bench.git("add", "b.ts");
    bench.accept("h1");
    hook(bench, "commit-msg", 'echo "not this one" >&2', 'grep -q ticket "$1"');
    const before = state(bench);
    expect([await bench.commit("no number"), bench.said]).toEqual([
      "COMMIT_REFUSED",
      "git or a hook refused the commit: not this one.",
    ]);
    expect(state(bench)).toEqual(before);
    hook(bench, "pre-commit", "git diff --cached --name-only", "git show :a.ts | head -1");
    hook(bench, "prepare-commit-msg", 'echo "ticket 7" >> "$1"');
    hook(bench, "post-commit", "git log -1 --format=made:%s");
    bench.git("config", "core.hooksPath", "elsewhere");
    fs.renameSync(path.join(bench.root, ".git/hooks"), path.join(bench.root, "elsewhere"));
    expect(await bench.commit("#1 one sentence\n\nwith a body")).toBe("h1");
    expect(bench.said).toBe(join("a.ts", "ONE", "not this one", "made:#1 one sentence").trim());
    expect(bench.git("log", "-1", "--format=%B").trim()).toBe("#1 one sentence\n\nwith a body\nticket 7");
    expect(bench.git("diff", "--cached", "--name-only")).toBe("b.ts\n");
  });

  it("that change and add files are followed, beside what is staged", async () => {
    const bench = await open({ files: { "a.ts": join("one", "two", "three"), "list.txt": "-\n" } });
    await bench.land([change("a.ts", "-one", "+ONE")]);
    bench.shop.write("a.ts", join("ONE", "two", "staged"));
    bench.git("add", "a.ts");
    bench.accept("h1");
    hook(
      bench,
      "pre-commit",
      "printf 'ONE;\\ntwo\\nthree\\n' | git hash-object -w --stdin > .git/formatted",
      'git update-index --cacheinfo "100644,$(cat .git/formatted),a.ts"',
      "echo added > list.txt",
      "git add list.txt",
    );
    expect(await bench.commit()).toBe("h1");
    expect(bench.git("show", "HEAD:a.ts")).toBe(join("ONE;", "two", "three"));
    expect(bench.git("show", ":list.txt")).toBe("added\n");
    expect([bench.git("show", ":a.ts"), bench.said]).toEqual([join("ONE;", "two", "staged"), ""]);
  });

  it("that change lines which are staged as something else leave those, and that is said", async () => {
    const bench = await open({ files: { "a.ts": join("one", "two"), "b.ts": join("x", "y") } });
    await bench.land([change("a.ts", "-one", "+ONE")]);
    bench.shop.write("b.ts", join("staged", "y"));
    bench.git("add", "b.ts");
    bench.accept("h1");
    hook(bench, "pre-commit", "printf 'hook\\ny\\n' > b.ts", "git add b.ts");
    expect(await bench.commit()).toBe("h1");
    expect(bench.git("show", ":b.ts")).toBe(join("staged", "y"));
    expect(bench.said).toContain("b.ts has staged changes in line 1");
  });

  it("are git's own in signing and identity: a missing name is one line", async () => {
    const bench = await open({ files: { "a.ts": "a\n" } });
    await bench.land([change("a.ts", "-a", "+A")]);
    bench.accept("h1");
    bench.git("config", "commit.gpgsign", "true");
    bench.git("config", "gpg.program", "false");
    const before = state(bench);
    expect(await bench.commit()).toBe("COMMIT_REFUSED");
    expect(bench.said).toContain("gpg failed to sign");
    bench.git("config", "user.useConfigOnly", "true");
    const { GIT_AUTHOR_NAME, GIT_AUTHOR_EMAIL, ...rest } = process.env;
    process.env = rest;
    try {
      expect(await bench.commit()).toBe("COMMIT_REFUSED");
    } finally {
      Object.assign(process.env, { GIT_AUTHOR_NAME, GIT_AUTHOR_EMAIL });
    }
    expect(bench.said).toMatch(/^git does not know who you are: .+$/);
    expect(state(bench)).toEqual(before);
  });
});

/** A git that does something else at one of its calls. */
const at =
  (isIt: (call: GitCall) => boolean, instead: (go: () => Promise<Result<GitAnswer>>) => Promise<Result<GitAnswer>>) =>
  (git: Git): Git => ({ ...git, ask: (call) => (isIt(call) ? instead(() => git.ask(call)) : git.ask(call)) });
const isCommit = ({ args }: GitCall): boolean => args.includes("commit");
const isIndexWrite = ({ args, env }: GitCall): boolean => args.includes("--index-info") && env === undefined;

describe("somebody else at the same time", () => {
  it("who commits in the moment before loses nothing", async () => {
    const theirs = (bench: CommitBench): void => {
      bench.shop.write("theirs.ts", "theirs\n");
      bench.git("add", "theirs.ts");
      bench.git("commit", "-qm", "theirs");
    };
    let times = 0;
    const bench: CommitBench = await open({
      files: { "a.ts": "a\n" },
      wrap: at(isCommit, async (go) => {
        if (times++ === 0) theirs(bench);
        return go();
      }),
    });
    await bench.land([change("a.ts", "-a", "+A")]);
    bench.accept("h1");
    expect([await bench.commit(), bench.said]).toEqual(["COMMIT_REFUSED", "HEAD moved in between."]);
    expect(bench.git("log", "--format=%s")).toBe(join("theirs", "first"));
    expect(await bench.commit()).toBe("h1");
    expect(bench.git("ls-tree", "--name-only", "HEAD")).toBe(join("a.ts", "theirs.ts"));
    expect(bench.git("status", "--porcelain")).toBe("");
  });

  it("who holds the index is waited for, and in the end the next commit makes up for it", async () => {
    const events: string[] = [];
    const bench = await open({
      files: { "a.ts": "a\n", "b.ts": "b\n" },
      remember: () => void events.push("remember"),
      forget: () => void events.push("forget"),
    });
    await bench.land([change("a.ts", "-a", "+A"), change("b.ts", "-b", "+B")]);
    bench.accept("h1");
    const lock = path.join(bench.root, ".git/index.lock");
    fs.writeFileSync(lock, "");
    expect(await bench.commit()).toBe("h1");
    expect(bench.said).toContain("locked");
    expect(events).toEqual(["remember"]);
    fs.rmSync(lock);
    // Another session's record is not this one's.
    await bench.desk.finish({ before: bench.git("rev-parse", "HEAD").trim(), tree: "", hunks: [], files: [] });
    expect(events).toEqual(["remember"]);
    bench.accept("h2");
    expect(await bench.commit()).toBe("h2");
    expect(events).toEqual(["remember", "forget", "remember", "forget"]);
    expect(bench.git("status", "--porcelain")).toBe("");
  });
});

describe("a crash", () => {
  async function crashing(isIt: (call: GitCall) => boolean, { done }: { readonly done: boolean }) {
    let kept: UnfinishedCommit | undefined;
    const bench = await open({
      files: { "a.ts": join("one", "two", "three"), "b.ts": "b\n" },
      remember: (record) => void (kept = JSON.parse(JSON.stringify(record))),
      forget: () => void (kept = undefined),
      wrap: at(isIt, async (go) => {
        if (done) await go();
        throw new Error("killed");
      }),
    });
    await bench.land([change("a.ts", "-one", "+ONE")]);
    bench.shop.write("a.ts", join("ONE", "two", "staged"));
    bench.git("add", "a.ts");
    bench.accept("h1");
    await expect(bench.commit()).rejects.toThrow("killed");
    if (kept === undefined) throw new Error("nothing was remembered");
    return { bench, record: kept };
  }

  it("between the commit and the index is made up for at the next start, once", async () => {
    const { bench, record } = await crashing(isIndexWrite, { done: false });
    expect(bench.git("show", "HEAD:a.ts")).toBe(join("ONE", "two", "three"));
    const next = await open({ root: bench.root });
    const commit = bench.git("rev-parse", "HEAD").trim();
    const finished = { commit, subject: "made by the test", output: "", hunks: ["h1"] };
    expect(await next.desk.finish(record)).toEqual(succeed(finished));
    expect(bench.git("diff", "--cached", "-U0").match(/^[+-][^+-].*$/gm)).toEqual(["-three", "+staged"]);
    expect(await next.desk.finish(record)).toEqual(succeed(finished));
    expect(bench.git("diff", "--cached", "-U0").match(/^[+-][^+-].*$/gm)).toEqual(["-three", "+staged"]);
  });

  it("leaves the index alone where somebody has changed it since", async () => {
    const { bench, record } = await crashing(isIndexWrite, { done: false });
    const next = await open({ root: bench.root });
    bench.git("reset", "-q", "HEAD~1", "--", "a.ts");
    expect((await next.desk.finish(record)).ok).toBe(true);
    expect(bench.git("show", ":a.ts")).toBe(join("one", "two", "three"));
  });

  it("before the commit leaves nothing to make up for, also when somebody commits by hand then", async () => {
    const { bench, record } = await crashing(isCommit, { done: false });
    const next = await open({ root: bench.root });
    expect(await next.desk.finish(record)).toEqual(succeed(undefined));
    bench.git("commit", "-qam", "by hand");
    bench.shop.write("a.ts", join("ONE", "later", "staged"));
    bench.git("add", "a.ts");
    const before = bench.git("ls-files", "-s");
    expect(await next.desk.finish(record)).toEqual(succeed(undefined));
    expect(bench.git("ls-files", "-s")).toBe(before);
  });
});
