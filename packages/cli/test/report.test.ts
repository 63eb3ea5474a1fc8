/** `twolane report` as a whole process: what it writes, and what it does not write over. */
import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import type { ReportData } from "@twolane/protocol/kpis";
import { exportOf } from "@twolane/protocol/kpis";
import path from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { type Sim, startSim } from "@twolane/responses/sim";
import { type Sandbox, openSandbox } from "./command.ts";

let sandbox: Sandbox;
let sim: Sim | undefined;
beforeEach(() => void (sandbox = openSandbox()));
afterEach(async () => {
  await sim?.close();
  sim = undefined;
  sandbox.remove();
});

it("writes one page, and the next one over it", async () => {
  const first = await sandbox.run(["report"]);
  expect(first).toMatchObject({ status: 0, stdout: `${path.join(sandbox.folder, "twolane-report.html")}\n` });
  const page = readFileSync(first.stdout.trim(), "utf8");
  expect(page).toMatch(/<script type="application\/json" id="report-data">\{"version":1,/);
  expect(await sandbox.run(["report"])).toMatchObject({ status: 0 });
});

it("writes over nothing that is no report", async () => {
  writeFileSync(path.join(sandbox.folder, "notes.html"), "mine");
  const refused = await sandbox.run(["report", "--out", "notes.html"]);
  expect(refused).toMatchObject({ status: 1, stdout: "" });
  expect(refused.stderr).toMatch(/notes\.html` is there and is no report of twolane\..*--out/);
  expect(readFileSync(path.join(sandbox.folder, "notes.html"), "utf8")).toBe("mine");
});

it.each(["2026-13-01", "2026-02-30", "yesterday"])("knows no day like %s", async (day) => {
  const refused = await sandbox.run(["report", "--since", day]);
  expect(refused).toMatchObject({ status: 2 });
  expect(refused.stderr).toContain(`\`${day}\` is no date. Write it as 2026-01-31,`);
});

it("says in one line where it cannot write", async () => {
  const refused = await sandbox.run(["report", "--out", "no/such/folder/report.html"]);
  expect(refused).toMatchObject({ status: 1 });
  expect(refused.stderr.trim().split("\n")).toHaveLength(1);
});

const empty: ReportData = {
  ...{ version: 1, madeAt: 0, from: 0, to: 0, people: 1, sessions: 3, verdicts: [], turns: [] },
  groups: [{ name: "all", samples: [], tasks: [], spend: [] }],
};

/** What the page was given. */
function dataOf(file: string): ReportData {
  const [, text = ""] = /id="report-data">(.*)<\/script>/.exec(readFileSync(file, "utf8")) ?? [];
  const data: ReportData = JSON.parse(text);
  return data;
}

it("joins the exports of a team; two folders stand side by side", async () => {
  const text = JSON.stringify(exportOf(empty));
  for (const name of ["flat/a.json", "flat/b.json", "split/control/a.json", "split/pilot/b.json"]) sandbox.write(name, text);
  const flat = await sandbox.run(["report", "--team", "flat"]);
  expect(flat).toMatchObject({ status: 0, stderr: "" });
  expect(dataOf(flat.stdout.trim())).toMatchObject({ people: 2, sessions: 6, groups: [{ name: "flat" }] });
  const split = await sandbox.run(["report", "--team", "split"]);
  expect(dataOf(split.stdout.trim()).groups.map(({ name }) => name)).toEqual(["control", "pilot"]);
  const pilot = await sandbox.run(["report", "--team", "flat", "--pilot-from", "2026-03-01"]);
  expect(dataOf(pilot.stdout.trim()).groups.map(({ name }) => name)).toEqual(["before", "pilot"]);
});

it.each([
  [["--team", "nowhere"], 2, /There is no folder .*nowhere/],
  [["--team", "bare"], 1, /There is no export in .*bare.*twolane kpi export/],
  [["--team", "bad"], 1, /bad\/x\.json` is no export of KPIs: its `type` is not `kpi\.export`/],
  [["--team", "three"], 2, /three` has 3 folders where two are set side by side/],
  [["--team", "bare", "--since", "2026-01-01"], 2, /--since does not go with --team/],
  [["--baseline", "--pilot-from", "2026-01-01"], 2, /--baseline does not go with --pilot-from/],
] as const)("says in one line what is wrong with %j", async (args, status, said) => {
  sandbox.write("bare/readme.txt", "");
  sandbox.write("bad/x.json", '{"type":"kpi"}');
  for (const name of ["a", "b", "c"]) sandbox.write(`three/${name}/x.txt`, "");
  const refused = await sandbox.run(["report", ...args]);
  expect(refused).toMatchObject({ status, stdout: "" });
  expect(refused.stderr).toMatch(said);
  expect(refused.stderr.trim().split("\n")).toHaveLength(1);
});

it("shows what real sessions left: samples, tasks, a turn as a waterfall, what was spent", async () => {
  sim = await startSim({ port: 0, scenario: { answers: [{ when: { prompt: "(.*)" }, reply: [{ text: "Said $1." }] }] } });
  await sandbox.run(["run", "-m", "sim/scripted", "hello"], { env: { TWOLANE_SIM_URL: sim.url } });
  const { stdout } = await sandbox.run(["report"]);
  const { sessions, groups, turns } = dataOf(stdout.trim());
  expect(sessions).toBe(1);
  expect(groups[0]!.samples).toContainEqual(expect.objectContaining({ kpi: "first-token", lane: "fast", model: "sim/scripted" }));
  expect(groups[0]!.tasks).toMatchObject([{ outcome: "answered", prompts: 1 }]);
  expect(groups[0]!.spend).toMatchObject([{ lane: "fast", model: "sim/scripted" }]);
  expect(turns).toMatchObject([
    { ending: "completed", marks: expect.arrayContaining([expect.objectContaining({ kind: "end" })]) },
  ]);
  expect(JSON.stringify({ groups, turns })).not.toContain("hello");
});

it("counts what jobs of the deep lane cost and how long their turns took, as the deep lane's", async () => {
  const patch = "*** Begin Patch\n*** Update File: a.txt\n@@\n-one\n+eins\n*** End Patch\n";
  const answers = [
    { when: { prompt: "Goal: " }, reply: [{ text: "1. a.txt — translate — risk: low" }] },
    { when: { prompt: "Do step 1 of" }, reply: [{ call: { name: "edit", input: patch } }, { text: "Done." }] },
    { when: { prompt: "Write the report" }, reply: [{ text: "Translated." }] },
  ];
  sim = await startSim({ port: 0, scenario: { answers } });
  sandbox.write("a.txt", "one\n");
  const env = { TWOLANE_SIM_URL: sim.url };
  expect(await sandbox.run(["deep", "-m", "sim/scripted", "--wait", "translate it"], { env })).toMatchObject({ status: 0 });
  const { groups, turns } = dataOf((await sandbox.run(["report"])).stdout.trim());
  expect(groups[0]!.spend).toMatchObject([{ lane: "deep", model: "sim/scripted", project: sandbox.folder }]);
  expect(turns.map(({ lane, repository }) => [lane, repository])).toContainEqual(["deep", sandbox.folder]);
});

it("reads what `twolane kpi export` wrote", async () => {
  sim = await startSim({ port: 0, scenario: { answers: [{ when: { prompt: "(.*)" }, reply: [{ text: "Said $1." }] }] } });
  await sandbox.run(["run", "-m", "sim/scripted", "hello"], { env: { TWOLANE_SIM_URL: sim.url } });
  const exported = await sandbox.run(["kpi", "export"]);
  expect(exported).toMatchObject({ status: 0, stderr: "" });
  sandbox.write("team/one.json", exported.stdout);
  const { groups, people, sessions } = dataOf((await sandbox.run(["report", "--team", "team"])).stdout.trim());
  expect([people, sessions]).toEqual([1, 1]);
  expect(groups[0]!.samples).toContainEqual(expect.objectContaining({ kpi: "first-token", repository: "1.1" }));
});

it("holds the sessions against the time before, as git tells it", async () => {
  expect(await sandbox.run(["report", "--baseline"])).toMatchObject({
    status: 1,
    stderr: expect.stringContaining("NO_REPOSITORY"),
  });
  const git = (...args: readonly string[]): void =>
    void execFileSync("git", args, { cwd: sandbox.folder, env: { ...sandbox.env, ...author } });
  const author = Object.fromEntries(
    ["AUTHOR", "COMMITTER"].flatMap((who) => [
      [`GIT_${who}_NAME`, "a"],
      [`GIT_${who}_EMAIL`, "a@b"],
      [`GIT_${who}_DATE`, daysAgo(60)],
    ]),
  );
  sandbox.write("a.txt", "one\ntwo\n");
  git("init", "-q", "-b", "main");
  git("add", "a.txt");
  git("commit", "-q", "-m", "first");
  const { groups } = dataOf((await sandbox.run(["report", "--baseline"])).stdout.trim());
  expect(groups.map(({ name }) => name)).toEqual(["before", "with twolane"]);
  expect(groups[0]!.note).toContain("begins with the commit");
  expect(groups[0]!.samples.map(({ kpi }) => kpi)).toContain("survival-30");
});

const daysAgo = (days: number): string => new Date(Date.now() - days * 24 * 60 * 60 * 1000).toISOString();
