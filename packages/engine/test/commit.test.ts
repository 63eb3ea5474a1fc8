/** `/commit` on real repositories in the states that people's repositories are in. */
import { execFileSync } from "node:child_process";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import type { HunkId, Session, TwolaneEvent } from "@twolane/protocol";
import { afterEach, describe, expect, it } from "vitest";
import { openPatch } from "../src/engine.ts";

const made: string[] = [];
const open: Session[] = [];
afterEach(async () => {
  for (const session of open.splice(0)) await session.close();
  for (const folder of made.splice(0)) fs.rmSync(folder, { recursive: true, force: true });
});

interface Repository {
  readonly root: string;
  git(...args: readonly string[]): string;
  write(file: string, text: string): void;
  read(file: string): string;
}

const identity = {
  GIT_AUTHOR_NAME: "test",
  GIT_AUTHOR_EMAIL: "test@example.org",
  GIT_COMMITTER_NAME: "test",
  GIT_COMMITTER_EMAIL: "test@example.org",
};
Object.assign(process.env, identity);

function repository(files: Readonly<Record<string, string>>, { commit = true } = {}): Repository {
  const root = fs.realpathSync(fs.mkdtempSync(path.join(os.tmpdir(), "twolane-commit-")));
  made.push(root);
  const git = (...args: readonly string[]): string =>
    execFileSync("git", ["-C", root, ...args], { encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });
  const write = (file: string, text: string): void => {
    fs.mkdirSync(path.dirname(path.join(root, file)), { recursive: true });
    fs.writeFileSync(path.join(root, file), text);
  };
  git("init", "-q", "-b", "main");
  for (const [file, text] of Object.entries(files)) write(file, text);
  if (commit) {
    git("add", "-A");
    git("commit", "-qm", "first");
  }
  return { root, git, write, read: (file) => fs.readFileSync(path.join(root, file), "utf8") };
}

const patch = (...parts: readonly string[]): string => `*** Begin Patch\n${parts.join("")}*** End Patch\n`;
const change = (file: string, ...lines: readonly string[]): string =>
  `*** Update File: ${file}\n@@\n${lines.map((line) => `${line}\n`).join("")}`;

/** Lands the patch; gives the session with its hunks undecided. */
async function land(repo: Repository, text: string): Promise<Session> {
  const state = fs.mkdtempSync(path.join(os.tmpdir(), "twolane-state-"));
  made.push(state);
  const opened = await openPatch({
    cwd: repo.root,
    env: { XDG_STATE_HOME: state },
    scope: [],
    landing: "hunk",
    dryRun: false,
    text,
  });
  if (!opened.ok) throw new Error(opened.failure.message);
  const session = opened.value;
  open.push(session);
  session.send({ type: "prompt", text: "make it better. Really." });
  await session.idle();
  return session;
}

async function accept(session: Session, ...hunks: readonly HunkId[]): Promise<void> {
  session.send({ type: "hunk.accept", hunks });
  await session.idle();
}

async function commit(session: Session): Promise<void> {
  const draft = await session.draftCommit();
  if (!draft.ok) throw new Error(draft.failure.message);
  const result = await session.commit(draft.value.message);
  if (!result.ok) throw new Error(`${result.failure.code} ${result.failure.message}`);
}

const lines = (...texts: readonly string[]): string => texts.map((text) => `${text}\n`).join("");

describe("a commit of what is accepted", () => {
  it("holds exactly the accepted hunks, and leaves the work tree as it is", async () => {
    const repo = repository({ "a.ts": lines("one", "two", "three"), "b.ts": lines("b") });
    const session = await land(
      repo,
      patch(change("a.ts", "-one", "+ONE"), change("a.ts", "-three", "+THREE"), change("b.ts", "-b", "+B")),
    );
    await accept(session, "h1", "h3");
    await commit(session);
    expect(repo.git("show", "HEAD:a.ts")).toBe(lines("ONE", "two", "three"));
    expect(repo.git("show", "HEAD:b.ts")).toBe(lines("B"));
    expect(repo.read("a.ts")).toBe(lines("ONE", "two", "THREE"));
    expect(repo.git("status", "--porcelain")).toBe(" M a.ts\n");
    expect(repo.git("log", "-1", "--format=%B").trim()).toBe("Make it better\n\nAssisted-by: twolane:patch");
  });

  it("leaves staged, unstaged and untracked changes what they are", async () => {
    const text = lines(...Array.from({ length: 20 }, (_, n) => `line ${n}`));
    const repo = repository({ "a.ts": text, "staged.ts": lines("s"), "dirty.ts": lines("d") });
    repo.write("staged.ts", lines("S"));
    repo.git("add", "staged.ts");
    repo.write("a.ts", text.replace("line 10\n", "staged ten\n"));
    repo.git("add", "a.ts");
    repo.write("a.ts", text.replace("line 10\n", "staged ten\n").replace("line 18\n", "dirty eighteen\n"));
    repo.write("dirty.ts", lines("D"));
    repo.write("new.ts", lines("new"));
    const session = await land(repo, patch(change("a.ts", "-line 2", "+LINE 2")));
    await accept(session, "h1");
    await commit(session);
    expect(repo.git("show", "HEAD:a.ts")).toBe(text.replace("line 2\n", "LINE 2\n"));
    expect(repo.git("show", "HEAD", "--stat", "--format=").trim().split("\n")).toHaveLength(2);
    expect(repo.git("show", ":a.ts")).toBe(text.replace("line 2\n", "LINE 2\n").replace("line 10\n", "staged ten\n"));
    expect(repo.git("diff", "--cached", "--name-only").trim().split("\n")).toEqual(["a.ts", "staged.ts"]);
    expect(repo.git("diff", "--name-only").trim().split("\n")).toEqual(["a.ts", "dirty.ts"]);
    expect(repo.git("ls-files", "--others").trim()).toBe("new.ts");
    expect(repo.git("diff", "--cached", "a.ts")).toContain("+staged ten");
    expect(repo.git("diff", "a.ts")).toContain("+dirty eighteen");
  });

  it("refuses where staged changes are on the same lines, and changes nothing", async () => {
    const repo = repository({ "a.ts": lines("one", "two") });
    const session = await land(repo, patch(change("a.ts", "-one", "+ONE")));
    repo.write("a.ts", lines("other", "two"));
    repo.git("add", "a.ts");
    repo.write("a.ts", lines("ONE", "two"));
    await accept(session, "h1");
    const before = repo.git("rev-parse", "HEAD") + repo.git("diff", "--cached");
    const refused = await session.commit("x");
    expect(!refused.ok && refused.failure.code).toBe("COMMIT_OVERLAP");
    expect(repo.git("rev-parse", "HEAD") + repo.git("diff", "--cached")).toBe(before);
  });

  it("creates, deletes and moves", async () => {
    const repo = repository({ "gone.ts": lines("x"), "old.ts": lines("moved", "text") });
    const text = patch(
      "*** Add File: src/new.ts\n+fresh\n",
      "*** Delete File: gone.ts\n",
      "*** Update File: old.ts\n*** Move to: src/moved.ts\n@@\n-moved\n+Moved\n",
    );
    const session = await land(repo, text);
    await accept(session, "h1", "h2", "h3", "h4");
    await commit(session);
    expect(repo.git("ls-tree", "-r", "--name-only", "HEAD").trim().split("\n")).toEqual(["src/moved.ts", "src/new.ts"]);
    expect(repo.git("show", "HEAD:src/moved.ts")).toBe(lines("Moved", "text"));
    expect(repo.git("status", "--porcelain")).toBe("");
  });

  it("takes a person's correction of an accepted hunk with it, and nothing else of theirs", async () => {
    const text = lines(...Array.from({ length: 9 }, (_, n) => `line ${n}`));
    const repo = repository({ "a.ts": text });
    const session = await land(repo, patch(change("a.ts", "-line 1", "+LINE 1")));
    await accept(session, "h1");
    repo.write("a.ts", text.replace("line 1\n", "Line one\n").replace("line 7\n", "mine\n"));
    await commit(session);
    expect(repo.git("show", "HEAD:a.ts")).toBe(text.replace("line 1\n", "Line one\n"));
    expect(repo.git("diff")).toContain("+mine");
  });

  it("keeps line endings that git converts", async () => {
    const repo = repository({ ".gitattributes": "*.txt text eol=crlf\n", "a.txt": "one\r\ntwo\r\n" });
    const session = await land(repo, patch(change("a.txt", "-one", "+ONE")));
    await accept(session, "h1");
    await commit(session);
    expect(repo.git("cat-file", "blob", "HEAD:a.txt")).toBe("ONE\ntwo\n");
    expect(repo.read("a.txt")).toBe("ONE\r\ntwo\r\n");
    expect(repo.git("status", "--porcelain")).toBe("");
  });

  it("is the first commit of a branch without any", async () => {
    const repo = repository({ "theirs.ts": lines("x") }, { commit: false });
    const session = await land(repo, patch("*** Add File: a.ts\n+one\n"));
    await accept(session, "h1");
    await commit(session);
    expect(repo.git("ls-tree", "-r", "--name-only", "HEAD").trim()).toBe("a.ts");
    expect(repo.git("status", "--porcelain")).toBe("?? theirs.ts\n");
  });

  it("runs hooks: one that refuses is heard, one that changes the files is followed", async () => {
    const repo = repository({ "a.ts": lines("one"), "b.ts": lines("b") });
    const session = await land(repo, patch(change("a.ts", "-one", "+ONE"), change("b.ts", "-b", "+B")));
    await accept(session, "h1");
    const hook = path.join(repo.root, ".git/hooks/pre-commit");
    fs.writeFileSync(hook, "#!/bin/sh\necho not today >&2\nexit 1\n", { mode: 0o755 });
    const before = repo.git("rev-parse", "HEAD") + repo.git("status", "--porcelain");
    const refused = await session.commit("x");
    expect(!refused.ok && [refused.failure.code, refused.failure.message]).toEqual([
      "COMMIT_REFUSED",
      "git or a hook refused the commit: not today.",
    ]);
    expect(repo.git("rev-parse", "HEAD") + repo.git("status", "--porcelain")).toBe(before);
    fs.writeFileSync(hook, "#!/bin/sh\nprintf 'ONE, formatted\\n' > a.ts\ngit add a.ts\n", { mode: 0o755 });
    await commit(session);
    expect(repo.git("show", "HEAD:a.ts")).toBe("ONE, formatted\n");
    expect(repo.git("status", "--porcelain")).toBe(" M b.ts\n");
  });

  it("claims no hunk that somebody took back from outside", async () => {
    const repo = repository({ "a.ts": lines("one", "two", "three"), "b.ts": lines("b") });
    const session = await land(
      repo,
      patch(change("a.ts", "-one", "+ONE"), change("a.ts", "-three", "+THREE"), change("b.ts", "-b", "+B")),
    );
    await accept(session, "h1", "h2", "h3");
    repo.git("checkout", "-q", "--", "b.ts");
    const draft = await session.draftCommit();
    expect(draft.ok && [draft.value.hunks, draft.value.left, draft.value.files.map(({ path: file }) => file)]).toEqual([
      ["h1", "h2"],
      [],
      ["a.ts"],
    ]);
    repo.git("checkout", "-q", "--", ".");
    const nothing = await session.draftCommit();
    expect(!nothing.ok && [nothing.failure.code, nothing.failure.message]).toEqual([
      "COMMIT_NOTHING",
      "None of the hunks is on disk any more: they were taken back outside of twolane.",
    ]);
  });

  it("touches neither stash nor other refs, and works on a detached HEAD", async () => {
    const repo = repository({ "a.ts": lines("one"), "b.ts": lines("b") });
    repo.write("b.ts", lines("stashed"));
    repo.git("stash");
    repo.git("tag", "v1");
    repo.git("checkout", "-q", "--detach");
    const refs = repo.git("for-each-ref");
    const session = await land(repo, patch(change("a.ts", "-one", "+ONE")));
    await accept(session, "h1");
    await commit(session);
    expect(repo.git("for-each-ref")).toBe(refs);
    expect(repo.git("log", "--format=%s").trim().split("\n")).toEqual(["Make it better", "first"]);
  });

  it("is refused in the middle of a merge, outside of a repository, and where nothing is accepted", async () => {
    const repo = repository({ "a.ts": lines("one") });
    const session = await land(repo, patch(change("a.ts", "-one", "+ONE")));
    expect(await session.commit("x")).toMatchObject({ failure: { code: "COMMIT_NOTHING" } });
    await accept(session, "h1");
    fs.writeFileSync(path.join(repo.root, ".git/MERGE_HEAD"), `${repo.git("rev-parse", "HEAD")}`);
    expect(await session.commit("x")).toMatchObject({ failure: { code: "COMMIT_BUSY" } });
    fs.rmSync(path.join(repo.root, ".git"), { recursive: true });
    expect(await session.commit("x")).toMatchObject({
      failure: { code: "NO_REPOSITORY", message: expect.stringMatching(/\.$/) },
    });
  });

  it("leaves what stands on something that is not committed, and says so", async () => {
    const repo = repository({ "a.ts": lines("one", "two") });
    repo.write("untracked.ts", lines("u"));
    const session = await land(
      repo,
      patch(change("a.ts", "-one", "+ONE"), change("a.ts", "-ONE", "+ONE!"), change("untracked.ts", "-u", "+U")),
    );
    await accept(session, "h2", "h3");
    const draft = await session.draftCommit();
    expect(draft.ok && draft.value.left.map(({ hunk }) => hunk)).toEqual(["h2", "h3"]);
    expect(draft.ok && draft.value.hunks).toEqual([]);
  });

  it("passes over files in conflict that it does not commit, and refuses one that it would", async () => {
    const repo = repository({ "a.ts": lines("one"), "b.ts": lines("base") });
    repo.git("checkout", "-qb", "other");
    repo.write("b.ts", lines("other"));
    repo.git("commit", "-qam", "other");
    repo.git("checkout", "-q", "main");
    repo.write("b.ts", lines("main"));
    repo.git("commit", "-qam", "main");
    expect(() => repo.git("merge", "other")).toThrow(/Command failed/);
    fs.rmSync(path.join(repo.root, ".git/MERGE_HEAD"));
    const session = await land(repo, patch(change("a.ts", "-one", "+ONE")));
    await accept(session, "h1");
    await commit(session);
    expect(repo.git("show", "HEAD:a.ts")).toBe(lines("ONE"));
    expect(repo.git("status", "--porcelain")).toBe("UU b.ts\n");
  });
});

describe("a commit made by hand", () => {
  it("accepts what it contains", async () => {
    const repo = repository({ "a.ts": lines("one", "two", "three", "four", "five") });
    const session = await land(repo, patch(change("a.ts", "-one", "+ONE"), change("a.ts", "-five", "+FIVE")));
    const events: TwolaneEvent[] = [];
    session.subscribe((event) => void events.push(event));
    fs.writeFileSync(path.join(repo.root, "a.ts"), lines("ONE", "two", "three", "four", "five"));
    repo.git("commit", "-qam", "by hand");
    fs.writeFileSync(path.join(repo.root, "a.ts"), lines("ONE", "two", "three", "four", "FIVE"));
    await session.draftCommit();
    expect(events.find(({ type }) => type === "hunk.accepted")).toMatchObject({ hunk: "h1", by: "commit" });
    expect(events.filter(({ type }) => type === "hunk.accepted")).toHaveLength(1);
  });
});
