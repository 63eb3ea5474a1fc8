import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { PolicyJudge } from "@twolane/policy";
import { openPolicy } from "./policy-store.ts";

let base: string;
beforeEach(() => {
  base = mkdtempSync(path.join(os.tmpdir(), "twolane-policy-"));
  for (const folder of ["root/.twolane", "state", "user", "etc"]) mkdirSync(path.join(base, folder), { recursive: true });
});
afterEach(() => rmSync(base, { recursive: true, force: true }));

const files = { organisation: "etc/policy.yaml", user: "user/policy.yaml", project: "root/.twolane/policy.yaml" } as const;

function write(kind: keyof typeof files, ...lines: string[]): void {
  writeFileSync(path.join(base, files[kind]), ["version: 1", ...lines, ""].join("\n"));
}

const place = (trusted: boolean) => ({
  workspace: { root: path.join(base, "root") },
  state: { path: path.join(base, "state") },
  userFolder: path.join(base, "user"),
  trusted,
  organisationFile: path.join(base, "etc/policy.yaml"),
});
const open = (trusted = true) => openPolicy(place(trusted));

async function judge(trusted = true): Promise<PolicyJudge> {
  const opened = await open(trusted);
  if (!opened.ok) throw new Error(opened.failure.message);
  return opened.value;
}

async function failure(): Promise<string> {
  const opened = await open();
  if (opened.ok) throw new Error("it opened");
  const { code, message, cure } = opened.failure;
  return `${code} ${message} ${cure}`;
}

describe("the policy of a workspace", () => {
  it("is the preset solo where no file is", async () => {
    const policy = await judge();
    expect(policy.layers.map(({ path: name }) => name)).toEqual(["preset solo"]);
    expect(policy.path("src/a.ts").decision).toBe("allow");
    expect(policy.path(".twolane/policy.yaml")).toMatchObject({ decision: "block", rule: "permissions", source: "preset solo" });
    expect(readdirSync(path.join(base, "state"))).toEqual([]);
  });

  it("is that of three files together, the strictest first", async () => {
    write("organisation", "scope:", "  - hold: [src/pay/**]");
    write("user", "scope:", "  - hold: [notes/**]");
    write("project", "scope:", "  - block: [src/pay/keys/**]", "  - only: [src/**, notes/**]");
    const policy = await judge();
    const said = (name: string) => {
      const verdict = policy.path(name);
      return verdict.decision === "allow" ? "allow" : `${verdict.decision} ${verdict.source}`;
    };
    expect(said("src/a.ts")).toBe("allow");
    expect(said("src/pay/a.ts")).toBe(`hold ${path.join(base, "etc/policy.yaml")}:3`);
    expect(said("src/pay/keys/a.ts")).toBe("block .twolane/policy.yaml:3");
    expect(said("notes/a.md")).toBe(`hold ${path.join(base, "user/policy.yaml")}:3`);
    expect(said("docs/a.md")).toBe("hold .twolane/policy.yaml:4");
  });

  it("is parsed once, and kept where only its user reads it", async () => {
    write("project", "scope:", "  - hold: [infra/**]");
    await judge();
    const kept = path.join(base, "state/policy-project.json");
    expect(statSync(kept).mode & 0o777).toBe(0o600);
    // Whether it was read from there shows when it says something else.
    writeFileSync(kept, readFileSync(kept, "utf8").replace("infra/**", "other/**"));
    expect((await judge()).path("other/a").decision).toBe("hold");
    write("project", "scope:", "  - hold: [infra/**]", "  - hold: [more/**]");
    expect((await judge()).path("infra/a").decision).toBe("hold");
    writeFileSync(kept, "{");
    expect((await judge()).path("more/a").decision).toBe("hold");
  });

  it("loosens nothing before the workspace is trusted", async () => {
    write(
      "project",
      ...["scope:", "  - unreadable: [nothing/**]", "    name: credentials", "  - hold: [infra/**]"],
      ...["secrets: { except: [fixtures/**] }", "tests: { weakened: allow, command: touch me }", "format: { command: touch me }"],
      ...["commands:", "  - allow: [npm publish]", "    network: true", "dependencies:", "  - allow: [add]"],
    );
    const before = await judge(false);
    expect(before.path(".env").decision).toBe("block");
    expect(before.path("infra/a").decision).toBe("hold");
    expect(before.secrets.except).toEqual([]);
    expect(before.tests).toMatchObject({ weakened: "hold" });
    expect(before.tests.command).toBeUndefined();
    expect(before.format).toBeUndefined();
    expect(
      before.layers.flatMap(({ commands, dependencies }) => [...commands, ...dependencies]).map(({ decision }) => decision),
    ).toEqual(["hold"]);
    const after = await judge(true);
    expect(after.path(".env").decision).toBe("allow");
    expect(after.secrets.except).toEqual(["fixtures/**"]);
    expect(after.tests).toMatchObject({ weakened: "allow", command: "touch me" });
    expect(after.format).toEqual({ command: "touch me" });
  });

  it("of the organisation is loosened by no trusted workspace", async () => {
    write("organisation", "preset: strict", "secrets: { edits: block }");
    write(
      "project",
      ...["preset: solo", "scope:", "  - unreadable: [nothing/**]", "    name: credentials"],
      "secrets: { except: ['**'] }",
    );
    const policy = await judge();
    expect(policy.path(".env")).toMatchObject({
      decision: "block",
      source: `${path.join(base, "etc/policy.yaml")} (preset strict)`,
    });
    expect(policy.path(".github/workflows/ci.yml").decision).toBe("hold");
    expect(policy.secrets).toMatchObject({ edits: "block", except: [] });
    expect(policy.tests.required).toBe(true);
  });

  it("is that of other texts where another version of it counts", async () => {
    write("project", "scope:", "  - hold: [disk/**]");
    const texts = [{ path: "policy.yaml (main)", text: "version: 1\nscope:\n  - hold: [base/**]\n" }];
    const policy = await openPolicy({ ...place(true), projectTexts: texts });
    expect(policy.ok && policy.value.path("base/a")).toMatchObject({ decision: "hold", source: "policy.yaml (main):3" });
    expect(policy.ok && policy.value.path("disk/a").decision).toBe("allow");
    expect(readdirSync(path.join(base, "state"))).toEqual([]);
  });

  it("that cannot be understood opens nothing", async () => {
    write("project", "scope:", "  - hodl: [a]", "  - hold: [/b]");
    expect(await failure()).toBe(
      "POLICY_INVALID .twolane/policy.yaml:3: `hodl` is no key of a rule of `scope`. Did you mean `hold`? `twolane policy test` shows 1 more.",
    );
    write("project", "scope: []");
    write("user", "scoop: []");
    expect(await failure()).toContain(path.join(base, "user/policy.yaml:2"));
  });

  it("that nobody would read is said", async () => {
    writeFileSync(path.join(base, "root/.twolane/policy.yml"), "version: 1\n");
    expect(await failure()).toBe("POLICY_INVALID .twolane/policy.yaml: policy.yml is not read. Rename it to policy.yaml.");
  });

  it.each([
    ["a folder", (file: string) => mkdirSync(file), "is no file"],
    ["a link to nothing", (file: string) => symlinkSync("gone", file), "is a link to nothing"],
    ["a link to itself", (file: string) => symlinkSync("policy.yaml", file), "is a link that leads to itself"],
    ["a device", (file: string) => symlinkSync("/dev/zero", file), "is no file"],
    ["a giant", (file: string) => writeFileSync(file, "#".repeat(300_000)), "is larger than 256 KB"],
  ])("that is %s is refused, not left out", async (_, make, message) => {
    make(path.join(base, files.project));
    expect(await failure()).toContain(message);
  });
});
