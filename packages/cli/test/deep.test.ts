/** `twolane deep` as a person runs it: a job to its end, what can be seen of it, and what is refused. */
import { execFileSync } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { startSim } from "@twolane/responses/sim";
import { afterEach, beforeEach, expect, test } from "vitest";
import { type Sandbox, openSandbox } from "./command.ts";

const patch = "*** Begin Patch\n*** Update File: a.txt\n@@\n-one\n+eins\n*** Add File: b.txt\n+new\n*** End Patch\n";
const scenario = {
  answers: [
    { when: { prompt: "Goal: wait" }, reply: [{ pause: 30_000 }, { text: "late" }] },
    { when: { prompt: "You can only read" }, reply: [{ text: "It is said in a.txt:1 and in a.txt:99, and gone.txt:1." }] },
    { when: { prompt: "Goal: " }, reply: [{ text: "1. a.txt — translate — risk: low" }] },
    { when: { prompt: "Do step 1 of" }, reply: [{ call: { name: "edit", input: patch } }, { text: "Done." }] },
    { when: { prompt: "Write the report" }, reply: [{ text: "Translated.\nLook first: a.txt" }] },
  ],
};

let sandbox: Sandbox;
let sim: Awaited<ReturnType<typeof startSim>>;
beforeEach(async () => {
  sandbox = openSandbox();
  sim = await startSim({ port: 0, scenario });
  sandbox.write("a.txt", "one\ntwo\n");
});
afterEach(async () => {
  const running = async () => (await list()).filter(({ state }) => state === "running");
  for (const { job } of await running()) await twolane("deep", "stop", job);
  while ((await running()).length > 0) await sleep(50);
  await sim.close();
  sandbox.remove();
});

const twolane = (...args: readonly string[]) => sandbox.run(args, { env: { TWOLANE_SIM_URL: sim.url } });
const list = async (): Promise<readonly { readonly job: string; readonly state: string }[]> =>
  (await twolane("deep", "list", "--json")).stdout.split("\n").flatMap((line) => (line === "" ? [] : [JSON.parse(line)]));

test("a job to its end, its page, and nothing of it in the tree", async () => {
  const before = sandbox.hash();
  const done = await twolane("deep", "-m", "sim/scripted", "--wait", "translate it");
  expect(done).toMatchObject({ status: 0, stderr: "" });
  expect(done.stdout).toContain("· step 1 of 1: translate");
  expect(done.stdout).toContain("Look first: a.txt");
  expect((await twolane("deep", "list")).stdout).toBe("✓ d1 translate it · ready 1/1 · 2 hunks in 2 files, no tests ran\n");
  const shown = await twolane("deep", "show");
  expect(shown.stdout).toContain("Changed: 2 files, 2 hunks; `twolane deep take d1`");
  expect(shown.stdout).toMatch(/ {2}a\.txt 1 hunk\n {2}b\.txt new\n/);
  const json = JSON.parse((await twolane("deep", "show", "d1", "--json")).stdout);
  expect(json).toMatchObject({
    job: "d1",
    state: "ready",
    report: { lookFirst: ["a.txt"] },
    files: [
      { path: "a.txt", kind: "changed", hunks: 1 },
      { path: "b.txt", kind: "new" },
    ],
  });
  expect(sandbox.hash()).toBe(before);
  expect(await twolane("deep", "drop")).toMatchObject({ status: 2 });
  expect(await twolane("deep", "drop", "d1")).toMatchObject({ status: 0, stdout: "d1 and its copy are gone.\n" });
  expect(await list()).toEqual([]);
  // Neither the copy nor its sessions are left.
  const spaces = path.join(sandbox.env["XDG_STATE_HOME"] ?? "", "twolane/workspaces");
  expect(fs.readdirSync(spaces)).toHaveLength(1);
});

test("research answers with places, and those that are not there are named", async () => {
  const done = await twolane("deep", "-m", "sim/scripted", "--research", "--wait", "where is it?");
  expect(done.status).toBe(0);
  expect(done.stdout).toContain("Not there (looked up by twolane): a.txt:99, gone.txt:1");
});

test("a brief comes from a file, as Markdown or JSON", async () => {
  sandbox.write("brief.md", "# Goal\n\ntranslate\n\n# Done when\n\n- it is German\n");
  sandbox.write("brief.json", JSON.stringify({ goal: "translate", criteria: ["it is German"] }));
  for (const file of ["brief.md", "brief.json"]) {
    expect(await twolane("deep", "-m", "sim/scripted", "--wait", "--brief", file)).toMatchObject({ status: 0 });
    const { brief } = JSON.parse((await twolane("deep", "show", "--json")).stdout);
    expect(brief).toMatchObject({ goal: "translate", criteria: ["it is German"] });
  }
  expect(await twolane("deep", "--brief", "none.md")).toMatchObject({
    status: 1,
    stderr: expect.stringContaining("FILE_MISSING"),
  });
  sandbox.write("bad.json", '{ "goal": 1 }');
  expect(await twolane("deep", "--brief", "bad.json")).toMatchObject({ status: 2 });
});

test("dollars need a price, and a hard budget that is used up is not a failure", async () => {
  const config = (value: object): void => sandbox.write("../config/twolane/config.json", JSON.stringify(value));
  expect(await twolane("deep", "-m", "sim/scripted", "--dollars", "1", "translate it")).toMatchObject({
    status: 2,
    stderr: expect.stringMatching(/price of sim\/scripted is not known.*\[PRICE_UNKNOWN\]/),
  });
  expect(await list()).toEqual([]);
  const price = { input: 1, cachedInput: 1, output: 1 };
  config({ providers: { sim: { capabilities: { price } } } });
  expect(await twolane("deep", "-m", "sim/scripted", "--dollars", "5", "--wait", "translate it")).toMatchObject({ status: 0 });
  expect((await twolane("deep", "show")).stdout).toMatch(/^Spent: .* · \$\d\.\d+ of \$5$/m);
  config({ budgets: [{ per: "day", tokens: 1, hard: true }] });
  expect(await twolane("deep", "-m", "sim/scripted", "--wait", "translate it")).toMatchObject({
    status: 3,
    stdout: expect.stringMatching(/spent: The budget of .* is used up/),
  });
});

test("so many run at once and no more; one is stopped and goes on, one is told something", async () => {
  for (const job of ["d1", "d2"]) expect((await twolane("deep", "-m", "sim/scripted", "wait")).stdout).toContain(`${job} works`);
  expect(await twolane("deep", "-m", "sim/scripted", "wait")).toMatchObject({
    status: 1,
    stderr: expect.stringContaining("[JOB_LIMIT]"),
  });
  await expect.poll(async () => (await twolane("deep", "steer", "be quick")).status, { timeout: 5000 }).toBe(0);
  expect(await twolane("deep", "drop", "d1")).toMatchObject({
    status: 1,
    stderr: expect.stringContaining("`twolane deep stop d1`, then `twolane deep drop d1`."),
  });
  expect(await twolane("deep", "stop", "d1")).toMatchObject({ status: 0, stdout: expect.stringContaining("d1 stops") });
  await expect.poll(async () => (await list()).find(({ job }) => job === "d1")?.state, { timeout: 5000 }).toBe("stopped");
  expect(await twolane("deep", "resume")).toMatchObject({ status: 0, stdout: expect.stringContaining("d1 goes on") });
  expect((await list()).find(({ job }) => job === "d1")?.state).toBe("running");
});

test("a goal that spans repositories is a job in each, with a change set of its own", async () => {
  sandbox.write("lib/a.txt", "one\n");
  for (const folder of [sandbox.folder, path.join(sandbox.folder, "lib")]) execFileSync("git", ["init", "-q", folder]);
  const done = await twolane(
    "deep",
    "-m",
    "sim/scripted",
    "--wait",
    "--json",
    "--add-dir",
    "lib",
    "--add-dir",
    ".",
    "translate it",
  );
  expect(done.status).toBe(0);
  const started = done.stdout.split("\n").filter((line) => line.includes('"deep.started"'));
  expect(started.map((line) => path.basename(JSON.parse(line).workspace))).toEqual(["work", "lib"]);
  const there = JSON.parse((await twolane("deep", "show", "--json", "-C", "lib")).stdout);
  expect(there).toMatchObject({ state: "ready", files: [{ path: "a.txt" }, { path: "b.txt" }] });
  expect(there.brief.constraints[0]).toMatch(/a job in each: here .*work\/lib, elsewhere .*work\./);
  expect(await twolane("deep", "--add-dir", "nowhere", "x")).toMatchObject({
    status: 2,
    stderr: expect.stringContaining("FOLDER_MISSING"),
  });
});

test("an old job goes when another begins, if something of it was taken", async () => {
  const job = ["deep", "-m", "sim/scripted", "--wait", "translate it"];
  for (const _ of [1, 2]) await twolane(...job);
  const spaces = path.join(sandbox.env["XDG_STATE_HOME"] ?? "", "twolane/workspaces");
  const [folder = ""] = fs.readdirSync(spaces).filter((name) => fs.existsSync(path.join(spaces, name, "jobs/d1")));
  for (const [name, more] of [
    ["d1", '{"type":"job.taken","hunks":["h1"],"at":1,"mono":1,"lane":"deep","session":"d1"}\n'],
    ["d2", ""],
  ] as const) {
    const file = path.join(spaces, folder, "jobs", name, "job.jsonl");
    fs.writeFileSync(file, `${fs.readFileSync(file, "utf8").replace(/"at":\d+/g, '"at":1000')}${more}`);
  }
  await twolane(...job);
  expect((await list()).map((one) => one.job)).toEqual(["d3", "d2"]);
});

test("a budget that is used up is a status of its own", async () => {
  const done = await twolane("deep", "-m", "sim/scripted", "--steps", "1", "--wait", "translate it");
  expect(done).toMatchObject({ status: 3, stdout: expect.stringContaining("spent") });
  expect((await twolane("deep", "show")).stdout).toMatch(/^Spent: .* · 1 of 1 answer · /m);
  expect(await list()).toMatchObject([{ state: "spent" }]);
});

test.each([
  [["lst"], "twolane deep list"],
  [["resmue", "d1"], "twolane deep resume"],
  [["help"], "twolane deep --help"],
  [["ls"], "twolane deep list"],
  [[], "REQUEST_EMPTY"],
  [["--minutes", "0", "x"], "above 0"],
  [["-m", "nowhere/model", "do it"], "MODEL_UNKNOWN"],
  [["show", "d7"], "JOB_MISSING"],
])("%j is refused", async (words, said) => {
  const { status, stderr } = await twolane("deep", ...words);
  expect(status).toBe(2);
  expect(stderr).toContain(said);
  expect(await list()).toEqual([]);
});
