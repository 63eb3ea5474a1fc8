/** The impacted tests of a session: with a simulated model, real edits, a real runner, in the sandbox. */
import { execFileSync } from "node:child_process";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import type { Session, TwolaneEvent } from "@twolane/protocol";
import { type ScenarioInput, type Sim, startSim } from "@twolane/responses/sim";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { needs } from "../../../tools/needs.ts";
import { openEngine } from "../src/engine.ts";

const hasSandbox = needs("bwrap", { for: "tests that run by themselves", get: "apt-get install bubblewrap" });

let base: string;
let root: string;
const open: (Session | Sim)[] = [];
beforeEach(() => {
  base = fs.realpathSync(fs.mkdtempSync(path.join(os.tmpdir(), "twolane-tests-")));
  root = path.join(base, "work");
  write({
    "package.json": JSON.stringify({ name: "shop", type: "module", scripts: { test: "node --test" } }),
    "src/add.js": "export const add = (a, b) => a + b;\n",
    "src/other.js": "export const other = 1;\n",
    "test/add.test.js":
      'import test from "node:test";\nimport assert from "node:assert";\nimport { add } from "../src/add.js";\n' +
      'test("adds", () => assert.equal(add(1, 1), 2));\n',
    "README.md": "text\n",
  });
  git("init", "-q", "-b", "main");
  git("add", "-A");
  git("commit", "-qm", "one");
});
afterEach(async () => {
  for (const one of open.splice(0)) await one.close();
  fs.rmSync(base, { recursive: true, force: true });
});

function write(files: Readonly<Record<string, string>>): void {
  for (const [name, text] of Object.entries(files)) {
    fs.mkdirSync(path.dirname(path.join(root, name)), { recursive: true });
    fs.writeFileSync(path.join(root, name), text);
  }
}

const git = (...args: readonly string[]): string =>
  execFileSync("git", ["-c", "user.name=test", "-c", "user.email=test@example.invalid", ...args], {
    cwd: root,
    encoding: "utf8",
  });

const update = (file: string, from: string, to: string): string =>
  `*** Begin Patch\n*** Update File: ${file}\n@@\n-${from}\n+${to}\n*** End Patch\n`;
const edit = (input: string): ScenarioInput["answers"][number] => ({ reply: [{ call: { name: ["edit"], input } }] });
const done: ScenarioInput["answers"][number] = { reply: [{ text: "Done." }] };

async function start(answers: ScenarioInput["answers"], { policy, trust = true }: { policy?: string; trust?: boolean } = {}) {
  const userPolicy = path.join(base, "config/twolane/policy.yaml");
  if (policy !== undefined) {
    fs.mkdirSync(path.dirname(userPolicy), { recursive: true });
    fs.writeFileSync(userPolicy, `version: 1\n${policy}`);
  }
  const sim = await startSim({ port: 0, scenario: { answers: answers.map((one, at) => ({ ...one, when: { turn: at + 1 } })) } });
  const env = {
    PATH: process.env["PATH"],
    HOME: base,
    XDG_STATE_HOME: path.join(base, "state"),
    XDG_CONFIG_HOME: path.join(base, "config"),
  };
  const opened = await openEngine({
    ...{ cwd: root, env: { ...env, TWOLANE_SIM_URL: sim.url }, scope: [], landing: "hunk", dryRun: false, trust },
    model: "sim/scripted",
  });
  if (!opened.ok) throw new Error(opened.failure.message);
  open.push(opened.value, sim);
  const events: TwolaneEvent[] = [];
  opened.value.subscribe((event) => events.push(event));
  const say = async (text: string) => {
    opened.value.send({ type: "prompt", text });
    await opened.value.idle();
    return opened.value.tested();
  };
  return { session: opened.value, events, say, sim };
}

const wrong = edit(update("src/add.js", "export const add = (a, b) => a + b;", "export const add = (a, b) => a - b;"));
const right = edit(update("src/add.js", "export const add = (a, b) => a - b;", "export const add = (a, b) => b + a;"));
const named = (events: readonly TwolaneEvent[]): string[] =>
  events.map(({ type }) => type).filter((type) => type.startsWith("tests."));

describe.skipIf(!hasSandbox)("tests that run by themselves", () => {
  it("run behind the edit, and the first failure goes to the model once", async () => {
    const { session, events, say, sim } = await start([wrong, done, done]);
    const evidence = await say("take away");
    expect(evidence).toMatchObject({ outcome: "failed", counts: { failed: 1 }, failure: { path: "test/add.test.js" } });
    expect(named(events)).toEqual(["tests.started", "tests.ended"]);
    session.send({ type: "tests.run" });
    await session.tested();
    await say("go on");
    await say("and on");
    const told = sim.requests
      .map((request) => JSON.stringify(request))
      .join("\n")
      .split("The first, test/add.test.js");
    expect(told).toHaveLength(2);
  });

  it("start again when more comes, and say nothing of what was before", async () => {
    const { events, say } = await start([{ reply: [...wrong.reply, ...right.reply] }]);
    const evidence = await say("there and back");
    expect(evidence).toMatchObject({ outcome: "passed", counts: { passed: 1, failed: 0 } });
    expect(named(events).at(-1)).toBe("tests.ended");
  });

  it("leave out what no test needs", async () => {
    const { events, say } = await start([edit(update("README.md", "text", "words")), done]);
    expect(await say("better words")).toBeUndefined();
    expect(named(events)).toEqual([]);
  });

  it("write nothing outside of the workspace", async () => {
    const outside = path.join(base, "outside");
    const spy = `import fs from "node:fs"; try { fs.writeFileSync(${JSON.stringify(outside)}, "x"); } catch {}`;
    const { say } = await start([
      edit(update("src/add.js", "export const add = (a, b) => a + b;", `${spy} export const add = (a, b) => b + a;`)),
      done,
    ]);
    expect(await say("spy")).toMatchObject({ outcome: "passed" });
    expect(fs.existsSync(outside)).toBe(false);
  });

  it("do not run in a workspace that nobody trusts, nor where the policy says so", async () => {
    const untrusted = await start([wrong, done], { trust: false });
    expect(await untrusted.say("x")).toBeUndefined();
    git("checkout", "-q", ".");
    const off = await start([wrong, done], { policy: "tests: { auto: off }\n" });
    expect(await off.say("x")).toBeUndefined();
    git("checkout", "-q", ".");
    const ask = await start([wrong, done], { policy: "tests: { auto: ask }\n" });
    expect(await ask.say("x")).toBeUndefined();
    expect(ask.events).toContainEqual(expect.objectContaining({ type: "notice.given", code: "TESTS_ASK" }));
  });
});

describe.skipIf(!hasSandbox)("a commit that wants evidence", () => {
  const policy = "tests: { required: true }\n";

  it("is refused without, with failed ones and with other bytes, and made with passed ones", async () => {
    const { session, say } = await start([wrong, right], { policy });
    await say("take away");
    session.send({ type: "hunk.accept", hunks: ["h1"] });
    await session.tested();
    const refused = await session.commit("one");
    expect(refused).toMatchObject({ ok: false, failure: { code: "TESTS_REQUIRED", message: expect.stringContaining("failed") } });
    await say("back");
    session.send({ type: "hunk.accept", hunks: ["h1", "h2"] });
    expect(await session.tested()).toMatchObject({ outcome: "passed" });
    fs.appendFileSync(path.join(root, "src/add.js"), "// mine\n");
    const made = await session.commit("two");
    expect(made.ok ? "" : made.failure.message).toBe("");
  });

  it("of documents alone needs none", async () => {
    const { session, say } = await start([edit(update("README.md", "text", "words")), done], { policy });
    await say("better words");
    session.send({ type: "hunk.accept", hunks: ["h1"] });
    await session.tested();
    expect((await session.commit("words")).ok).toBe(true);
  });
});
