/** The audit of real sessions, by the built command: what is recorded, what is found, what a killed process costs. */
import { execFileSync } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import { startSim, type Sim } from "@twolane/responses/sim";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type Sandbox, exampleShop, openSandbox } from "./command.ts";

let sim: Sim;
let sandbox: Sandbox;
const git = (...args: string[]): string => execFileSync("git", args, { cwd: sandbox.folder, env: sandbox.env, encoding: "utf8" });

const patch =
  "*** Begin Patch\n*** Update File: src/price.ts\n@@\n-  const discount = quantity >= 10 ? 0.9 : 1;\n+  const discount = 1;\n*** End Patch\n";

beforeAll(async () => {
  sim = await startSim({
    port: 0,
    scenario: {
      answers: [
        { when: { prompt: "raise the price" }, reply: [{ call: { name: ["edit"], input: patch } }, { text: "All done." }] },
        { when: { prompt: "[^\\n]*$" }, reply: [{ text: "Understood." }] },
      ],
    },
  });
});
afterAll(() => sim.close());

beforeEach(() => {
  sandbox = openSandbox(exampleShop);
  sandbox.env["TWOLANE_SIM_URL"] = sim.url;
  git("init", "-q");
  git("config", "user.name", "Ada Example");
  git("config", "user.email", "ada@example.com");
  git("add", "-A");
  git("commit", "-qm", "Begin");
});
afterEach(() => sandbox.remove());

const request = ["run", "-m", "sim/scripted", "raise the price"];

/** An answer without an edit. */
const unknown = ["run", "-m", "sim/scripted", "sing a song"];

function chainFile(): string {
  const workspaces = path.join(sandbox.env["XDG_STATE_HOME"] ?? "", "twolane/workspaces");
  return path.join(workspaces, fs.readdirSync(workspaces)[0] ?? "", "audit/chain.jsonl");
}

const exported = async (...more: string[]): Promise<Record<string, unknown>[]> =>
  (await sandbox.run(["audit", "export", ...more])).stdout.split("\n").flatMap((line) => (line === "" ? [] : [JSON.parse(line)]));

describe("twolane audit", () => {
  it("has nothing to say before anything happened", async () => {
    expect(await sandbox.run(["audit", "verify"])).toMatchObject({ status: 0, stdout: "Nothing is recorded here yet.\n" });
    expect(await sandbox.run(["audit", "show"])).toMatchObject({ status: 0, stdout: "Nothing is recorded here yet.\n" });
    const since = await sandbox.run(["audit", "show", "--since", "2026-11-01"]);
    expect(since).toMatchObject({ status: 0, stdout: "Nothing is recorded since 2026-11-01.\n" });
    expect(await sandbox.run(["audit", "export"])).toMatchObject({ status: 0, stdout: "" });
  });

  it("records who asked which model, and what landed, and finds what somebody changed", async () => {
    expect(await sandbox.run(request)).toMatchObject({ status: 0 });
    const records = await exported();
    expect(records[0]).toMatchObject({
      type: "session.started",
      model: "sim/scripted",
      who: { name: "Ada Example", email: "ada@example.com" },
    });
    expect(records.at(-1)).toMatchObject({ type: "session.ended" });
    const landed = records.filter(({ type }) => type === "hunk.landed");
    expect(landed[0]).toMatchObject({ path: "src/price.ts", hash: expect.stringMatching(/^[0-9a-f]{64}$/) });
    expect(JSON.stringify(records)).not.toContain("raise the price");
    expect(await sandbox.run(["audit", "verify"])).toMatchObject({
      status: 0,
      stdout: expect.stringContaining(`whole: ${records.length} lines`),
    });
    expect((await sandbox.run(["audit", "show"])).stdout).toContain("hunk.landed  h1  src/price.ts  update");
    expect(await exported("--since", "2999-01-01")).toEqual([]);

    const text = fs.readFileSync(chainFile(), "utf8");
    fs.writeFileSync(chainFile(), text.replace("ada@example.com", "bob@example.com"));
    const broken = await sandbox.run(["audit", "verify"]);
    expect(broken).toMatchObject({ status: 1, stdout: expect.stringMatching(/^not whole: line 1 was changed/) });
    expect(broken.stderr).toContain("[AUDIT_BROKEN]");
    const json = await sandbox.run(["audit", "verify", "--json"]);
    expect([json.status, JSON.parse(json.stdout)]).toMatchObject([
      1,
      { type: "audit.verified", ok: false, faults: [{ line: 1 }] },
    ]);
  });

  it("keeps whole texts, or none, where the policy says so", async () => {
    sandbox.write(".twolane/policy.yaml", "version: 1\naudit: { content: full }\n");
    expect((await sandbox.run(["trust"])).status).toBe(0);
    await sandbox.run(unknown);
    expect(JSON.stringify(await exported())).toContain("sing a song");
  });

  it("keeps texts as the policy says that a session came to trust, from then on", async () => {
    sandbox.write(".twolane/policy.yaml", "version: 1\naudit: { content: full }\n");
    const running = sandbox.start(["--plain", "-m", "sim/scripted"]);
    running.say("sing a song");
    await running.until("Understood.");
    running.say("/trust");
    await running.until("Trusted");
    running.say("whistle a tune");
    await running.until("whistle a tune");
    running.process.stdin?.end("/quit\n");
    await running.done;
    const texts = JSON.stringify(await exported());
    expect(texts).not.toContain("sing a song");
    expect(texts).toContain("whistle a tune");
  });

  it("takes out what is old, and the rest is whole", async () => {
    await sandbox.run(unknown);
    expect((await sandbox.run(["audit", "prune"])).stdout).toBe("Nothing is older than 90 days.\n");
    expect(await sandbox.run(["audit", "verify"])).toMatchObject({ status: 0 });
  });

  it("a session that is killed leaves a chain that is whole, and the next one goes on", async () => {
    for (let round = 0; round < 2; round++) {
      git("checkout", "-q", ".");
      const running = sandbox.start([...request, "--json"]);
      await running.until('"hunk.landed"');
      running.process.kill("SIGKILL");
      await running.done;
      expect(await sandbox.run(["audit", "verify"])).toMatchObject({ status: 0 });
    }
    await sandbox.run(unknown);
    expect(await sandbox.run(["audit", "verify"])).toMatchObject({ status: 0, stdout: expect.stringContaining("whole") });
  });

  it("sessions at once write one chain", async () => {
    const ended = await Promise.all([1, 2, 3].map(() => sandbox.run(unknown)));
    expect(ended.every(({ status }) => status !== null)).toBe(true);
    const sessions = new Set((await exported()).map(({ session }) => session));
    expect(sessions.size).toBe(3);
    expect(await sandbox.run(["audit", "verify"])).toMatchObject({ status: 0 });
  });

  it("its end goes into a commit where the policy says so", async () => {
    sandbox.write(".twolane/policy.yaml", "version: 1\naudit: { trailer: true }\ntests: { auto: off }\n");
    expect((await sandbox.run(["trust"])).status).toBe(0);
    const running = sandbox.start(["--plain", "-m", "sim/scripted"]);
    running.say("raise the price");
    await running.until("All done.");
    running.say("/accept h1");
    await running.until("h1 accepted");
    running.say("/commit");
    await running.until("An empty line commits");
    running.say("Rename the price");
    await running.until("1 hunk\n");
    running.process.stdin?.end();
    const { stdout, stderr } = await running.done;
    const [, hash] = /Twolane-Audit: ([0-9a-f]{64})/.exec(git("log", "-1", "--format=%B")) ?? [];
    expect({ stdout, stderr, hash }).toMatchObject({ hash: expect.any(String) });
    expect((await exported()).some(({ seal }) => seal === hash)).toBe(true);
    expect(git("log", "-1", "--format=%(trailers:key=Twolane-Audit,valueonly)").trim()).toBe(hash);
  });

  it.each([
    [["audit"], "Say what to do."],
    [["audit", "burn"], "There is no `audit burn`."],
    [["audit", "show", "--since", "soon"], "`--since soon` is no date."],
    [["audit", "verify", "--since", "2026-01-01"], "takes no --since"],
  ])("%j is a line of help", async (args, message) => {
    expect(await sandbox.run(args)).toMatchObject({ status: 2, stderr: expect.stringContaining(message) });
  });
});
