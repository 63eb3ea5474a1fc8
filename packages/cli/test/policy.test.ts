/** `twolane policy` and what an invalid policy does to a session, through the built command. */
import { existsSync } from "node:fs";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type Sandbox, openSandbox } from "./command.ts";

let sandbox: Sandbox;
beforeEach(() => {
  sandbox = openSandbox();
  sandbox.write("src/price.ts", "export const price = 1;\n");
});
afterEach(() => sandbox.remove());

const policy = [
  "version: 1",
  "preset: team",
  "scope:",
  "  - hold: [infra/**]",
  "    name: infra",
  "    reason: The platform team looks at these.",
  "    matches: [infra/main.tf]",
  "  - block: [infra/keys/**]",
  "    name: keys",
  "",
].join("\n");

async function json(...args: string[]) {
  const { status, stdout } = await sandbox.run(["policy", ...args, "--json"]);
  return { status, said: JSON.parse(stdout) };
}

describe("policy test", () => {
  it("is right where no file is", async () => {
    const { status, stdout } = await sandbox.run(["policy", "test"]);
    expect(status).toBe(0);
    expect(stdout).toContain("– .twolane/policy.yaml of the project, is not there");
  });

  it("names each rule of a file that is right", async () => {
    sandbox.write(".twolane/policy.yaml", policy);
    const { status, stdout } = await sandbox.run(["policy", "test"]);
    expect(status).toBe(0);
    expect(stdout).toContain("✓ scope infra line 4, 1 example");
    expect(stdout).toContain("all is right · 2 rules, 1 example");
  });

  it("names each fault with its line and cure, and no session begins", async () => {
    sandbox.write(
      ".twolane/policy.yaml",
      policy.replace("matches: [infra/main.tf]", "matches: [main.tf]").replace("infra/keys/**", '"infra/{keys"'),
    );
    const { status, stdout } = await sandbox.run(["policy", "test"]);
    expect(status).toBe(2);
    expect(stdout).toContain(".twolane/policy.yaml:7: `infra` should match main.tf and does not");
    expect(stdout).toContain(".twolane/policy.yaml:8: `infra/{keys` is no glob: its brackets do not pair");
    const session = await sandbox.run(["run", "--json", "-m", "instant", "rename price to cost"]);
    expect(session.status).toBe(2);
    expect(JSON.parse(session.stdout)).toMatchObject({ type: "session.refused", failure: { code: "POLICY_INVALID" } });
    expect(sandbox.read("src/price.ts")).toBe("export const price = 1;\n");
  });
});

describe("policy explain", () => {
  beforeEach(() => sandbox.write(".twolane/policy.yaml", policy));

  it.each([
    ["src/price.ts", 0, []],
    ["infra/main.tf", 3, ["infra"]],
    ["infra/keys/a", 6, ["keys", "infra"]],
    [".twolane/policy.yaml", 6, ["permissions"]],
  ])("%s", async (path, status, rules) => {
    const explained = await json("explain", path);
    expect(explained.status).toBe(status);
    const said = [...new Set(explained.said.change.map(({ rule }: { rule: string }) => rule))];
    expect(said).toEqual(rules);
  });

  it("says in words what decides, and what would without it", async () => {
    const { stdout } = await sandbox.run(["policy", "explain", "infra/keys/a"]);
    expect(stdout).toContain("✗ blocked by keys (.twolane/policy.yaml:8)");
    expect(stdout).toContain("without it: held by infra (.twolane/policy.yaml:4)");
  });

  it("a command", async () => {
    const { status, said } = await json("explain", "env A=1 git push --force");
    expect(status).toBe(3);
    expect(said.executed).toContainEqual(["git", "push", "--force"]);
  });

  it("each hunk of a patch, where it stands", async () => {
    const patch = [
      ...["--- a/src/price.ts", "+++ b/src/price.ts", "@@ -1 +1,2 @@", " export const price = 1;", "+export const tax = 2;"],
      ...["--- /dev/null", "+++ b/infra/main.tf", "@@ -0,0 +1 @@", "+x", ""],
    ].join("\n");
    const { status, stdout } = await sandbox.run(["policy", "explain", "-", "--json"], { input: patch });
    expect(status).toBe(3);
    expect(JSON.parse(stdout).hunks).toMatchObject([
      { path: "src/price.ts", line: 2, linesAdded: 1, linesRemoved: 0, refusals: [] },
      { path: "infra/main.tf", refusals: [{ rule: "infra", decision: "hold", source: ".twolane/policy.yaml:4" }] },
    ]);
    expect(existsSync(`${sandbox.folder}/infra`)).toBe(false);
  });

  it.each([
    [["explain"], "Say what is to be explained."],
    [["explain", "a", "b"], "Put a command in quotes."],
    [["explain", "a", "--as", "poem"], "is none of path, command, patch"],
    [["look"], "There is no `policy look`."],
    [["explain", "../a"], "PATH_OUTSIDE"],
    [["explain", "no.patch"], "FILE_MISSING"],
  ])("refuses %j", async (args, message) => {
    const { status, stderr } = await sandbox.run(["policy", ...args]);
    expect(status).not.toBe(0);
    expect(stderr).toContain(message);
  });
});

describe("policy show", () => {
  it("shows rules with where they come from, of files and presets", async () => {
    sandbox.write(".twolane/policy.yaml", policy);
    const { stdout } = await sandbox.run(["policy", "show"]);
    expect(stdout).toMatch(/infra +hold infra\/\*\* +\.twolane\/policy\.yaml:4/);
    expect(stdout).toMatch(/ci +hold .*\.twolane\/policy\.yaml \(preset team\)/);
    expect(stdout).toMatch(/permissions +block \.twolane\/\*\* +preset solo/);
    const { said } = await json("show");
    expect(said.layers.map(({ kind }: { kind: string }) => kind)).toEqual(["project", "preset"]);
  });
});
