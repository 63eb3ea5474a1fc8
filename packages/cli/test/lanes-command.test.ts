/** Lanes without a screen: the hint of a run, and hunks that are checked by the deep lane, also when nobody was there. The model is scripted. */
import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { type Sim, startSim } from "@twolane/responses/sim";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type Running, type Sandbox, git, openSandbox } from "./command.ts";

let sim: Sim;
let sandbox: Sandbox;
let env: Record<string, string>;

beforeEach(async () => {
  sandbox = openSandbox();
  sandbox.write("src/price.js", "export const price = (n) => n;\n");
  sandbox.write("src/store.js", "export const store = [];\n");
  git(sandbox.folder, "init", "-q");
  git(sandbox.folder, "add", "-A");
  git(sandbox.folder, "commit", "-qm", "first");
  const input = `*** Begin Patch\n*** Update File: src/price.js\n@@\n-export const price = (n) => n;\n+export const price = (n) => n * 2;\n*** End Patch\n`;
  sim = await startSim({
    port: 0,
    scenario: {
      answers: [
        {
          when: { prompt: "Check the changes below" },
          reply: [{ text: "src/price.js:1 [must] the callers expect a single price\n" }],
          pace: { ttftMs: 600 },
        },
        {
          when: { prompt: "^double the price" },
          reply: [{ call: { name: ["edit", "apply_patch"], input } }, { text: "I am not sure about it." }],
        },
        { reply: [{ text: "Understood." }] },
      ],
    },
  });
  env = { TWOLANE_SIM_URL: sim.url };
});
afterEach(async () => {
  await sim.close();
  sandbox.remove();
});

const model = ["-m", "sim/scripted", "--trust"];
const say = (running: Running, command: object): void => running.say(JSON.stringify(command));

describe("twolane run", () => {
  it("says once on standard error what fits the deep lane better, and goes on", async () => {
    const { status, stdout, stderr } = await sandbox.run(["run", ...model, "migrate the session store from files to SQLite"], {
      env,
    });
    expect(status).toBe(0);
    expect(stdout).toContain("Understood.");
    expect(stderr).toBe(
      'hint: for the deep lane: a migration is many changes that hold only together. twolane deep "migrate the session store from files to SQLite"\n',
    );
    const small = await sandbox.run(["run", ...model, "what is in src/store.js?"], { env });
    expect(small.stderr).toBe("");
    const json = await sandbox.run(["run", "--json", ...model, "migrate the session store from files to SQLite"], { env });
    expect(json.stderr).toBe("");
  }, 60_000);

  it("says what a rule of the policy says", async () => {
    sandbox.write(
      ".twolane/policy.yaml",
      "version: 1\nlanes:\n  - { lane: deep, name: shop, words: [the shop], reason: It is large. }\n",
    );
    const { stderr } = await sandbox.run(["run", ...model, "look at the shop"], { env });
    expect(stderr).toContain("hint: for the deep lane: the rule shop (.twolane/policy.yaml:3) says so: It is large.");
  }, 60_000);
});

describe("a deep check", () => {
  it("of a program: the remark comes as an event on the hunk's line", async () => {
    const running = sandbox.start(["run", "--input", "jsonl", "--json", ...model], { env });
    say(running, { type: "prompt", text: "double the price in src/price.js" });
    await running.until('"turn.ended"');
    // What the model was unsure of is what looks risky.
    say(running, { type: "job.check", hunks: [] });
    await running.until("looks at h1 (h1: the model was unsure)");
    await running.until('"comment.made"');
    await running.until("JOB_CHECKED");
    running.process.stdin?.end();
    const { stdout } = await running.done;
    const made = stdout
      .split("\n")
      .filter((line) => line.includes('"comment.made"'))
      .map((line) => JSON.parse(line).comment);
    expect(made).toEqual([
      { id: "d1.1", path: "src/price.js", line: 1, severity: "must", text: "the callers expect a single price" },
    ]);
    const asked = sim.requests
      .map(({ body }) => JSON.stringify(body ?? ""))
      .filter((body) => body.includes("Check the changes below"));
    expect(asked[0]).toContain("+export const price = (n) => n * 2;");
  }, 60_000);

  it("whose session was closed meanwhile: the remark is there when it goes on, once", async () => {
    const first = sandbox.start(["--plain", ...model], { env });
    first.say("double the price in src/price.js");
    await first.until("not sure about it");
    first.say("/check h1");
    await first.until("d1 looks at h1");
    first.process.stdin?.end();
    expect((await first.done).stdout).not.toContain("single price");
    await ready();
    const again = sandbox.start(["--plain", "--continue", "--trust"], { env });
    await again.until("d1 has looked at h1: 1 remark in the review");
    again.say("/quit");
    expect((await again.done).stdout).toContain("the callers expect a single price");
    const later = sandbox.start(["--plain", "--continue", "--trust"], { env });
    later.say("/jobs d1");
    await later.until("d1 · ready");
    later.say("/quit");
    await later.done;
    expect(kept("journal.jsonl").match(/"comment\.made"/g)).toHaveLength(1);
    expect(kept("job.jsonl").match(/"job\.taken"/g)).toHaveLength(1);
  }, 90_000);

  it("of nothing says so", async () => {
    const { stdout } = await sandbox.run(["--plain", ...model], { env, input: "/check\n" });
    expect(stdout).toContain("No open hunk looks risky.");
  }, 60_000);

  /** All files of that name in the state folder. */
  const kept = (name: string): string => {
    const home = sandbox.env["XDG_STATE_HOME"] ?? "";
    const paths = readdirSync(home, { recursive: true, encoding: "utf8" }).filter(
      (path) => path.endsWith(name) && !path.includes("/tree/"),
    );
    return paths.map((path) => readFileSync(join(home, path), "utf8")).join("\n");
  };

  /** The job goes on in a process of its own. */
  async function ready(): Promise<void> {
    for (let tries = 0; tries < 100; tries++) {
      const { stdout } = await sandbox.run(["deep", "list", "--json"], { env });
      if (stdout.includes('"state":"ready"')) return;
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
    throw new Error("the job does not end");
  }
});
