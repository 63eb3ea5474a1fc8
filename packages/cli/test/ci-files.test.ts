/** The ready workflow files: valid, with few rights, and their steps run as a script in a real clone. */
import { execFileSync, spawnSync } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { parse } from "yaml";
import packageJson from "../package.json" with { type: "json" };
import { git, openSandbox } from "./command.ts";

const root = join(import.meta.dirname, "../../..");
const command = join(import.meta.dirname, "../bin/twolane.cjs");

interface Step {
  readonly uses?: string;
  readonly run?: string;
  readonly "working-directory"?: string;
}

interface GithubFile {
  readonly on: Readonly<Record<string, unknown>>;
  readonly permissions: Readonly<Record<string, string>>;
  readonly jobs: {
    readonly twolane: { readonly permissions: Readonly<Record<string, string>>; readonly steps: readonly Step[] };
  };
}

interface GitlabFile {
  readonly twolane: { readonly script: readonly string[]; readonly variables: Readonly<Record<string, string>> };
}

const text = (name: string): string => readFileSync(join(root, "docs/ci", name), "utf8");
const github: GithubFile = parse(text("github.yml"));
const gitlab: GitlabFile = parse(text("gitlab.yml"));

let place: string;
let head: string;

/** A forge's repository with a pull request in it, and a clone as the runner has it: the base is checked out. */
beforeEach(() => {
  place = mkdtempSync(join(tmpdir(), "twolane-ci-"));
  const author = join(place, "author");
  mkdirSync(join(author, "infra"), { recursive: true });
  mkdirSync(join(author, ".twolane"));
  git(author, "init", "-q", "-b", "main");
  writeFileSync(join(author, ".twolane/policy.yaml"), "version: 1\nscope:\n  - hold: [infra/**]\n    name: infra\n");
  writeFileSync(join(author, "infra/main.tf"), "a\n");
  git(author, "add", "-A");
  git(author, "commit", "-q", "-m", "base");
  git(author, "checkout", "-q", "-b", "work");
  writeFileSync(join(author, "infra/main.tf"), "b\n");
  // Would be run by a careless runner.
  mkdirSync(join(author, "node_modules/.bin"), { recursive: true });
  writeFileSync(join(author, "node_modules/.bin/twolane"), `#!/bin/sh\ntouch ${place}/ran\n`, { mode: 0o755 });
  git(author, "add", "-A", "-f");
  git(author, "commit", "-q", "-m", "work");
  head = git(author, "rev-parse", "HEAD").trim();
  const forge = join(place, "forge.git");
  execFileSync("git", ["init", "-q", "--bare", "-b", "main", forge]);
  git(author, "push", "-q", forge, "main", "work:refs/pull/7/head", "work");
  execFileSync("git", ["clone", "-q", "--branch", "main", `file://${forge}`, join(place, "clone")]);
  mkdirSync(join(place, "bin"));
  mkdirSync(join(place, "temp"));
});
afterEach(() => rmSync(place, { recursive: true, force: true }));

/** A program of the runner that answers from a table of address endings. */
function answer(program: string, answers: Readonly<Record<string, unknown>>): void {
  const cases = Object.entries(answers).map(([ending, value]) => `*${ending}) echo '${JSON.stringify(value)}';;`);
  const file = join(place, "bin", program);
  writeFileSync(file, `#!/bin/bash\nfor last; do :; done\ncase "\${last%%\\?*}" in\n${cases.join("\n")}\n*) exit 22;;\nesac\n`);
  chmodSync(file, 0o755);
}

function runSteps(steps: readonly string[], env: Readonly<Record<string, string>>) {
  const script = steps.join("\n").replaceAll(`npx --yes twolane@${packageJson.version}`, `"${process.execPath}" "${command}"`);
  expect(script).not.toContain("npx");
  const all = {
    PATH: `${join(place, "bin")}:${process.env["PATH"]}`,
    HOME: place,
    XDG_CACHE_HOME: join(tmpdir(), "twolane-test-cache"),
    ...env,
  };
  return spawnSync("bash", ["-e", "-c", script], { cwd: join(place, "clone"), env: all, encoding: "utf8" });
}

const review = { user: { login: "sam" }, state: "APPROVED", submitted_at: "2026-01-01T00:00:00Z", author_association: "MEMBER" };

describe("docs/ci/github.yml", () => {
  const env = (): Record<string, string> => ({
    ...{ BASE: "main", HEAD: head, NUMBER: "7", GITHUB_REPOSITORY: "org/shop", GITHUB_WORKSPACE: join(place, "clone") },
    ...{ RUNNER_TEMP: join(place, "temp"), GITHUB_STEP_SUMMARY: join(place, "summary.md"), GH_TOKEN: "t" },
  });
  const steps = (): string[] =>
    github.jobs.twolane.steps.flatMap(({ run, "working-directory": folder }) => {
      if (run === undefined) return [];
      return [folder === undefined ? run : `cd "${folder.replace("${{ runner.temp }}", join(place, "temp"))}"\n${run}`];
    });
  const answers = (reviews: readonly object[]): void =>
    answer("gh", {
      "/pulls/7": { number: 7, user: { login: "ann" }, head: { sha: head } },
      "/reviews": [reviews],
      "/commits": [[]],
    });

  it("has the rights that it needs and no others, and puts nothing of an event into a script", () => {
    expect(github.permissions).toEqual({});
    expect(github.jobs.twolane.permissions).toEqual({
      ...{ contents: "read", "pull-requests": "read", "security-events": "write" },
    });
    expect(Object.keys(github.on)).toEqual(["pull_request_target"]);
    for (const { run = "" } of github.jobs.twolane.steps) expect(run).not.toContain("${{");
    expect(text("github.yml")).not.toMatch(/head\.ref|head_ref/);
  });

  it("refuses what is held until somebody approved this commit, with annotations, summary and SARIF", () => {
    answers([]);
    const held = runSteps(steps(), env());
    expect(held).toMatchObject({ status: 3, stderr: "" });
    expect(held.stdout).toContain("::error file=infra/main.tf,line=1,title=held%3A infra::");
    expect(readFileSync(join(place, "summary.md"), "utf8")).toContain("#### `infra/main.tf`");
    expect(JSON.parse(readFileSync(join(place, "temp/twolane.sarif"), "utf8"))).toMatchObject({ version: "2.1.0" });
    answers([{ ...review, commit_id: head }]);
    const approved = runSteps(steps(), env());
    expect(approved).toMatchObject({ status: 0, stderr: "" });
    expect(readFileSync(join(place, "summary.md"), "utf8")).toContain("approved by sam");
    expect(() => readFileSync(join(place, "ran"))).toThrow(/ENOENT/);
  });
});

describe("docs/ci/gitlab.yml", () => {
  it("refuses what is held until somebody approved after the push, and works without a token", () => {
    const env = {
      ...{
        TARGET: "main",
        CI_PROJECT_DIR: join(place, "clone"),
        CI_COMMIT_SHA: head,
        CI_API_V4_URL: "https://forge.example/api/v4",
      },
      ...{ CI_PROJECT_ID: "1", CI_MERGE_REQUEST_IID: "7" },
    };
    git(join(place, "clone"), "fetch", "-q", "origin", "work");
    const steps = gitlab.twolane.script.map((step) => step.replaceAll("/tmp/twolane", join(place, "temp")));
    expect(runSteps(steps, env)).toMatchObject({
      status: 3,
      stderr: "",
      stdout: expect.stringContaining("◌ held line 1  infra"),
    });
    answer("curl", {
      "/merge_requests/7": { iid: 7, sha: head, author: { username: "ann" } },
      "/approvals": { approved_by: [{ user: { username: "sam" }, approved_at: "2026-01-02T00:00:00Z" }] },
      "/versions": [{ head_commit_sha: head, created_at: "2026-01-01T00:00:00Z" }],
      "/commits": [{ id: head, author_email: "test@example.org" }],
    });
    const approved = runSteps(steps, { ...env, TWOLANE_TOKEN: "t" });
    expect(approved).toMatchObject({ status: 0, stderr: "", stdout: expect.stringContaining("approved by sam") });
    expect(readFileSync(join(place, "clone/twolane.md"), "utf8")).toContain("approved by sam");
  });
});

describe("twolane init --ci", () => {
  it("puts the file of a forge into the repository, and over nothing that is there", async () => {
    const sandbox = openSandbox();
    const file = ".github/workflows/twolane.yml";
    expect(await sandbox.run(["init", "--ci", "github"])).toMatchObject({ status: 0, stderr: "" });
    expect(sandbox.read(file)).toBe(text("github.yml"));
    sandbox.write(file, "own\n");
    expect(await sandbox.run(["init", "--ci", "github"])).toMatchObject({
      status: 1,
      stderr: expect.stringContaining("[FILE_EXISTS]"),
    });
    expect(sandbox.read(file)).toBe("own\n");
    sandbox.remove();
  });
});
