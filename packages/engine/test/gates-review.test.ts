/** Who must have looked at a change, and who has: the forge's answers, and records signed with real keys, on real branches. */
import { execFileSync } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { needs } from "../../../tools/needs.ts";
import { approve, approveStaged } from "../src/assembly/approve.ts";
import { check } from "../src/assembly/check.ts";
import { readForgeReviews } from "../src/guard/gates/forge-reviews.ts";
import { type GateRepository, makeRepository } from "./gate-repository.ts";

const policy = `version: 1
scope:
  - hold: [infra/**]
    name: infra
review:
  - paths: [auth/**]
    name: security
    reason: A mistake here costs more than the review.
    approvals: 1
    by: ["@org/security", carol@example.org]
    codeowners: true
    own: false
  - paths: [docs/**]
    name: docs
    approvals: 1
    own: true
    codeowners: false
`;

let repository: GateRepository;
let env: Record<string, string>;
beforeEach(() => {
  repository = makeRepository({
    ".twolane/policy.yaml": policy,
    ".github/CODEOWNERS": "auth/tokens.ts @dora\n",
    "auth/login.ts": "a\n",
    "auth/tokens.ts": "t\n",
    "infra/main.tf": "i\n",
    "docs/a.md": "d\n",
    "src/price.ts": "p\n",
  });
  const home = path.dirname(repository.root);
  env = { HOME: home, XDG_STATE_HOME: path.join(home, "state"), XDG_CONFIG_HOME: path.join(home, "config") };
});
afterEach(() => repository.remove());

const branch = (files: Readonly<Record<string, string>>): string => {
  repository.git("checkout", "-q", "-b", "work");
  return repository.commit("work", files);
};

async function verdict(reviews: readonly unknown[] = []) {
  const texts = reviews.map((value) => JSON.stringify(value));
  const wish = { kind: "commits", base: "main", head: "work", reviews: texts } as const;
  const checked = await check({ cwd: repository.root, env, wish, onProgress: () => {} });
  if (!checked.ok) throw new Error(`${checked.failure.message} ${checked.failure.cure}`);
  const { findings, approved, notes } = checked.value;
  return {
    held: findings.map((finding) => `${finding.path} ${finding.verdict.rule}`),
    reasons: findings.map((finding) => finding.verdict.reason),
    yes: approved.map((finding) => `${finding.path} ${finding.verdict.rule} ${finding.by.join(",")}`),
    notes,
    verdict: checked.value.verdict,
  };
}

const review = (login: string, state: string, commit: string, more: object = {}) => ({
  ...{ user: { login }, state, commit_id: commit, submitted_at: "2026-01-01T00:00:00Z", author_association: "MEMBER" },
  ...more,
});
const team = { teams: { "@org/security": [{ login: "sam" }, "tess"] } };

describe("a review on GitHub", () => {
  it("is wanted of whom the rule or CODEOWNERS names, for this very commit", async () => {
    const head = branch({ "auth/login.ts": "b\n", "src/price.ts": "q\n" });
    expect(await verdict()).toMatchObject({
      verdict: "held",
      held: ["auth/login.ts security"],
      reasons: [expect.stringContaining("auth/login.ts needs an approval by @org/security or carol@example.org; it has none")],
    });
    expect(await verdict([[review("sam", "APPROVED", head)], team])).toMatchObject({
      verdict: "clean",
      yes: ["auth/login.ts security sam"],
    });
    expect((await verdict([[review("eve", "APPROVED", head)], team])).held).toEqual(["auth/login.ts security"]);
    expect((await verdict([[review("sam", "APPROVED", head)]])).held).toEqual(["auth/login.ts security"]);
    const old = await verdict([[review("sam", "APPROVED", "0".repeat(40))], team]);
    expect(old).toMatchObject({ verdict: "held", notes: [expect.stringContaining("is another one since")] });
    expect((await verdict([[review("dora", "APPROVED", head)]])).held).toEqual(["auth/login.ts security"]);
  });

  it("takes owners of the base's CODEOWNERS, not of the branch's", async () => {
    const head = branch({ "auth/tokens.ts": "u\n", ".github/CODEOWNERS": "* @eve\n" });
    const owned = await verdict([[review("dora", "APPROVED", head)]]);
    expect(owned.yes).toContain("auth/tokens.ts security dora");
    expect((await verdict([[review("eve", "APPROVED", head)]])).held).toContain("auth/tokens.ts security");
  });

  it("takes the last word of each; changes that somebody wants stand against all approvals; strangers do not count", async () => {
    const head = branch({ "auth/login.ts": "b\n" });
    const at = (day: number) => ({ submitted_at: `2026-01-0${day}T00:00:00Z` });
    const yes = review("sam", "APPROVED", head, at(2));
    const held = async (...reviews: readonly object[]) => (await verdict([[...reviews], team])).held.length > 0;
    expect(await held(yes, review("sam", "COMMENTED", head, at(3)))).toBe(false);
    expect(await held(yes, review("sam", "DISMISSED", head, at(3)))).toBe(true);
    expect(await held(review("sam", "CHANGES_REQUESTED", head, at(1)), yes)).toBe(false);
    expect(await held(yes, review("tess", "CHANGES_REQUESTED", "1".repeat(40), at(1)))).toBe(true);
    expect(await held(yes, review("eve", "CHANGES_REQUESTED", head, { author_association: "NONE" }))).toBe(false);
    expect(await held(review("sam", "APPROVED", head, { author_association: "CONTRIBUTOR" }))).toBe(true);
  });

  it("is not one's own, by login, address or as who opened the request; unless the rule says so", async () => {
    repository.git("checkout", "-q", "-b", "work");
    repository.stage({ "auth/login.ts": "b\n", "docs/a.md": "e\n" });
    repository.git("commit", "-q", "--author", "Sam <7+Sam@users.noreply.github.com>", "-m", "work");
    const head = repository.git("rev-parse", "HEAD").trim();
    const own = await verdict([[review("sam", "APPROVED", head)], team]);
    expect(own).toMatchObject({ held: ["auth/login.ts security"], yes: ["docs/a.md docs sam"] });
    const opener = { number: 1, user: { login: "tess" }, head: { sha: head } };
    expect((await verdict([[review("tess", "APPROVED", head)], team])).verdict).toBe("clean");
    expect((await verdict([[review("tess", "APPROVED", head)], team, opener])).held).toEqual(["auth/login.ts security"]);
    const commits = [{ sha: head, author: { login: "tess" }, committer: { login: "web-flow" }, commit: {} }];
    expect((await verdict([[review("tess", "APPROVED", head)], team, commits])).held).toEqual(["auth/login.ts security"]);
  });

  it("answers what is held as well, and never what is blocked", async () => {
    const head = branch({ "infra/main.tf": "j\n", ".env": "KEY=1\n" });
    expect(await verdict([[review("sam", "APPROVED", head)]])).toMatchObject({
      verdict: "blocked",
      held: [".env credentials"],
      yes: ["infra/main.tf infra sam"],
    });
  });

  it("looks after what a file was called before", async () => {
    repository.git("checkout", "-q", "-b", "work");
    repository.git("mv", "auth/login.ts", "src/login.ts");
    repository.commit("away");
    expect((await verdict()).held).toEqual(["src/login.ts security"]);
  });
});

describe("an approval on GitLab", () => {
  it("counts when it is later than the push of this commit", async () => {
    const head = branch({ "auth/login.ts": "b\n" });
    const versions = [{ id: 1, head_commit_sha: head, created_at: "2026-01-02T00:00:00Z" }];
    const request = { iid: 1, sha: head, author: { username: "ann" } };
    const approvals = (at?: string) => ({ approved_by: [{ user: { username: "sam" }, ...(at && { approved_at: at }) }] });
    const ask = (...pieces: readonly unknown[]) => verdict([team, request, ...pieces]);
    expect((await ask(approvals("2026-01-03T00:00:00+01:00"), versions)).verdict).toBe("clean");
    expect(await ask(approvals("2026-01-01T00:00:00Z"), versions)).toMatchObject({
      verdict: "held",
      notes: [expect.stringContaining("older than the change")],
    });
    for (const pieces of [[approvals(), versions], [approvals("2026-01-03T00:00:00Z")]])
      expect(await ask(...pieces)).toMatchObject({ verdict: "held", notes: [expect.stringContaining("Nobody can tell")] });
  });

  it("says of what it does not understand that it does not", () => {
    for (const text of ["", "nonsense", "{}", '[{"a":1}]', "[1]", "null", '"x"'])
      expect(readForgeReviews([text], "h"), text).toMatchObject({ ok: false, failure: { code: "USAGE" } });
    for (const text of ["[]", "[[],[]]"]) expect(readForgeReviews([text], "h"), text).toMatchObject({ ok: true });
  });
});

describe.skipIf(!needs("ssh-keygen", { for: "signed approvals", get: "apt-get install openssh-client" }))(
  "a signed record",
  () => {
    const keyOf = (name: string): { file: string; line: string } => {
      const file = path.join(path.dirname(repository.root), name);
      execFileSync("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-C", name, "-f", file]);
      return { file, line: fs.readFileSync(`${file}.pub`, "utf8").split(" ").slice(0, 2).join(" ") };
    };
    const sign = async (key: string, signer: string) => {
      const made = await approve({ cwd: repository.root, env, base: "main", head: "work", key, signer });
      if (!made.ok) throw new Error(made.failure.message);
      repository.git("add", ".twolane/approvals");
      repository.git("-c", "user.email=carol@example.org", "commit", "-q", "-m", "Approve");
      doubts = made.value.doubts;
      return made.value.files;
    };
    /** What the last signer was told at once. */
    let doubts: readonly string[] = [];

    it("counts for these bytes, by a key that the base lists, and one changed byte voids it", async () => {
      const [carol, other] = [keyOf("carol"), keyOf("other")];
      repository.commit("signers", { ".twolane/allowed_signers": `carol@example.org ${carol.line}\n` });
      branch({ "auth/login.ts": "b\n" });
      await sign(other.file, "carol@example.org");
      expect(doubts).toEqual([expect.stringContaining("not by a key")]);
      expect(await verdict()).toMatchObject({ verdict: "held", notes: [expect.stringContaining("not by a key")] });
      const [record = ""] = await sign(carol.file, "carol@example.org");
      expect(doubts).toEqual([]);
      expect(await verdict()).toMatchObject({ verdict: "clean", yes: ["auth/login.ts security carol@example.org"], notes: [] });
      repository.commit("one byte", { "auth/login.ts": "c\n" });
      expect(await verdict()).toMatchObject({ verdict: "held", notes: [expect.stringContaining("another change")] });
      repository.commit("back", { "auth/login.ts": "b\n" });
      expect((await verdict()).verdict).toBe("clean");
      repository.git("update-index", "--chmod=+x", "auth/login.ts");
      repository.commit("mode");
      expect((await verdict()).verdict).toBe("held");
      repository.git("update-index", "--chmod=-x", "auth/login.ts");
      repository.commit("mode back");
      expect((await verdict()).verdict).toBe("clean");
      const text = fs.readFileSync(path.join(repository.root, record), "utf8");
      repository.commit("forged", { [record]: text.replace('"at": "2', '"at": "3') });
      expect(await verdict()).toMatchObject({ verdict: "held", notes: [expect.stringContaining("not by a key")] });
    });

    it("is not one's own, counts for a team that the base names, and hides nothing in its folder", async () => {
      const [ann, tess] = [keyOf("ann"), keyOf("tess")];
      const signers = `ann@example.org,@org/security ${ann.line}\ntess@example.org,@org/security ${tess.line}\n`;
      repository.commit("signers", { ".twolane/allowed_signers": signers });
      branch({ "auth/login.ts": "b\n" });
      await sign(ann.file, "ann@example.org");
      expect(doubts).toEqual([expect.stringContaining("ann@example.org is an author of this change")]);
      expect((await verdict()).held).toEqual(["auth/login.ts security"]);
      await sign(tess.file, "tess@example.org");
      expect(await verdict()).toMatchObject({ verdict: "clean", yes: ["auth/login.ts security tess@example.org"] });
      repository.commit("stowaway", { ".twolane/approvals/run.sh": "echo\n" });
      expect((await verdict()).held).toContain(".twolane/approvals/run.sh permissions");
      repository.git("rm", "-q", "--cached", ".twolane/approvals/run.sh");
      const hidden = `.twolane/approvals/${"0".repeat(64)}-00000000.json`;
      repository.git("mv", "src/price.ts", hidden);
      repository.commit("moved in");
      expect((await verdict()).held).toContain(`${hidden} permissions`);
    });

    it("does not count by a signer whom the branch itself lists", async () => {
      const eve = keyOf("eve");
      branch({ "auth/login.ts": "b\n", ".twolane/allowed_signers": `carol@example.org ${eve.line}\n` });
      await sign(eve.file, "carol@example.org");
      expect(doubts).toEqual([expect.stringContaining("Nobody is listed")]);
      expect(await verdict()).toMatchObject({ verdict: "held", notes: [expect.stringContaining("Nobody is listed")] });
    });
  },
);

describe("a yes to what is staged", () => {
  it("is kept here for these bytes, and never to what is blocked", async () => {
    repository.stage({ "infra/main.tf": "j\n" });
    expect(await approveStaged({ cwd: repository.root, env })).toMatchObject({
      ok: true,
      value: { yes: [{ path: "infra/main.tf" }], left: { verdict: "clean" } },
    });
    const staged = async () => {
      const checked = await check({ cwd: repository.root, env, wish: { kind: "staged" }, onProgress: () => {} });
      return checked.ok ? checked.value.verdict : checked.failure.message;
    };
    expect(await staged()).toBe("clean");
    repository.stage({ "infra/main.tf": "jj\n" });
    expect(await staged()).toBe("held");
    repository.stage({ "infra/main.tf": "j\n", ".env": "KEY=1\n" });
    expect(await approveStaged({ cwd: repository.root, env })).toMatchObject({
      ok: true,
      value: { left: { verdict: "blocked" } },
    });
    expect(await staged()).toBe("blocked");
  });
});
