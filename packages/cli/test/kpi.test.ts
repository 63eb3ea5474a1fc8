/** The numbers of real turns, as a person gets them: from the screen, from the journal, from git. The model is scripted. */
import { execFileSync } from "node:child_process";
import { readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { TwolaneEvent } from "@twolane/protocol";
import { type KpiFigure, type KpiSample, SessionKpis, kpiNames } from "@twolane/protocol/kpis";
import { afterEach, describe, expect, it } from "vitest";
import { type WorkflowScreen, openWorkflowScreen, shows } from "./workflow-screen.ts";

const edit = (path: string, from: string, to: string) => ({
  call: {
    name: ["edit", "apply_patch"],
    input: `*** Begin Patch\n*** Update File: ${path}\n@@\n-${from}\n+${to}\n*** End Patch\n`,
  },
});
const files = { "src/a.js": "export const a = 1;\n", "src/b.js": "export const b = 1;\n" };
const slow = { tokensPerSecond: 30 };
const answers = [
  { when: { prompt: "first" }, reply: [edit("src/a.js", "export const a = 1;", "export const a = 2;"), { text: "Done." }] },
  { when: { prompt: "to three" }, reply: [edit("src/b.js", "export const b = 1;", "export const b = 3;"), { text: "Three." }] },
  { when: { prompt: "second" }, reply: [{ repeat: 200, steps: [{ text: "thinking " }] }], pace: slow },
  { when: { prompt: "shorter" }, reply: [{ text: "Short." }] },
  { when: { prompt: "third" }, reply: [{ repeat: 200, steps: [{ text: "musing " }] }], pace: slow },
  { reply: [{ text: "Understood." }] },
];

let stage: WorkflowScreen | undefined;
afterEach(async () => {
  await stage?.close();
  stage = undefined;
});

interface Told {
  readonly removed?: { readonly sessions: number };
  readonly sessions: number;
  readonly figures: readonly KpiFigure[];
  readonly samples: readonly KpiSample[];
}

async function told(...options: readonly string[]): Promise<Told> {
  const ended = await stage!.sandbox.run(["kpi", "--json", ...options]);
  expect(ended.status).toBe(0);
  return JSON.parse(ended.stdout) as Told;
}

async function run(prompt: string) {
  const ended = await stage!.sandbox.run(["run", "-m", "sim/scripted", "--json", prompt], { env: stage!.env });
  expect(ended.status).toBe(0);
  return ended;
}

function git(...args: readonly string[]): string {
  return execFileSync("git", args, { cwd: stage!.sandbox.folder, env: { ...process.env, ...author }, encoding: "utf8" });
}
const author = {
  ...{ GIT_AUTHOR_NAME: "a", GIT_AUTHOR_EMAIL: "a@b.c", GIT_COMMITTER_NAME: "a", GIT_COMMITTER_EMAIL: "a@b.c" },
};

describe("twolane kpi", () => {
  it("carries each KPI with its cases after real turns; the screen says the same of the session", async () => {
    stage = await openWorkflowScreen(files, answers);
    const screen = await stage.open();
    screen.write("first\r");
    await screen.until(shows("Done."));
    screen.write("/accept all\r");
    await screen.until(shows("accepted"));
    git("commit", "-q", "-a", "-m", "by hand");
    // A steer, then a stop and what corrects it.
    screen.write("second\r");
    await screen.until("thinking");
    screen.write("shorter\r");
    await screen.until(shows("Short."));
    screen.write("third\r");
    await screen.until("musing");
    screen.press("ctrl-c");
    await screen.until(shows("Stopped"));
    screen.write("change b to three\r");
    await screen.until(shows("Three."));
    screen.write("/stats\r");
    await screen.until(shows("Interruption to correction"));
    const seen = screen.scrollback().join("\n") + screen.lines().join("\n");
    expect(seen).toMatch(/Time to first token +\S+ ms/);
    expect(seen).toMatch(/Steer time +\S+ ms .*1 steer/);
    screen.write("/quit\r");
    await screen.exited;

    const { sessions, figures, samples } = await told();
    expect(sessions).toBe(1);
    expect(figures.map(({ kpi }) => kpi)).toEqual([...kpiNames]);
    const figure = Object.fromEntries(figures.map((one) => [one.kpi, one]));
    expect(figure["first-token"]).toMatchObject({ cases: 4, missing: {} });
    // In a terminal every part is measured, and they are the whole.
    for (const { value, parts } of samples.filter(({ kpi }) => kpi === "first-token")) {
      expect(Object.keys(parts ?? {}).sort()).toEqual(["client", "input", "model", "network", "screen"]);
      expect(Object.values(parts ?? {}).reduce((sum, part) => sum + part, 0)).toBeCloseTo(value ?? -1, 6);
    }
    expect(figure["first-hunk"]).toMatchObject({ cases: 2 });
    expect(figure["stop"]).toMatchObject({ cases: 1 });
    expect(figure["steer"]).toMatchObject({ cases: 1 });
    expect(figure["correction"]).toMatchObject({ cases: 2, parts: { person: { cases: 1 }, system: { cases: 2 } } });
    expect(figure["one-loop"]).toMatchObject({ hits: 1, of: 1 });
    expect(figure["accepted-commit"]).toMatchObject({ cases: 1 });
    expect(figure["hunks-accepted"]).toMatchObject({ hits: 1, of: 1 });
    expect(figure["lead-time"]).toMatchObject({ cases: 1 });
    // `shows` of a landed hunk is not a look at it.
    expect(figure["review-hunk"]).toMatchObject({ cases: 0 });
    expect(figure["survival-1"]).toMatchObject({ cases: 0 });
  }, 60_000);

  it("is the same from the events as they came and from the journal", async () => {
    stage = await openWorkflowScreen(files, answers);
    const ran = await run("first");
    const live = new SessionKpis();
    let last = 0;
    for (const line of ran.stdout.trim().split("\n")) {
      const event = JSON.parse(line) as TwolaneEvent;
      if (event.mono === undefined) continue;
      live.take(event);
      last = event.at;
    }
    const { samples } = await told();
    expect(samples.length).toBeGreaterThan(1);
    expect(samples).toEqual(live.samples(last));
  });

  it("tells groups apart, and only what ended since", async () => {
    stage = await openWorkflowScreen(files, answers);
    await run("first");
    const byLane = await stage.sandbox.run(["kpi", "--by", "lane"]);
    expect(byLane.stdout).toMatch(/\nfast\n/);
    expect(byLane.stdout).toContain("Time to first token");
    expect((await told("--since", "2100-01-01")).samples).toEqual([]);
    expect((await told("--since", "1d", "--all")).samples.length).toBeGreaterThan(1);
  });

  it("says how many sessions had to make room, within the time that is asked for", async () => {
    stage = await openWorkflowScreen(files, answers);
    await run("first");
    const { sandbox } = stage;
    const workspaces = join(sandbox.env["XDG_STATE_HOME"] ?? "", "twolane/workspaces");
    const [name = ""] = readdirSync(workspaces);
    writeFileSync(join(workspaces, name, "removed"), `3 ${new Date(2026, 0, 31, 12).getTime()}`);
    expect((await sandbox.run(["kpi"])).stderr).toContain(
      "3 older sessions had to make room on the disk, the newest of 2026-01-31",
    );
    expect((await told()).removed).toMatchObject({ sessions: 3 });
    expect((await told("--since", "2026-02-01")).removed).toBeUndefined();
  });

  it("exports what a team's report joins: no prompt, code, path or name", async () => {
    stage = await openWorkflowScreen(files, answers);
    await run("first");
    const { sandbox } = stage;
    expect((await sandbox.run(["kpi", "export", "--out", "exports/mine.json"])).stdout).toContain("exports/mine.json");
    const text = sandbox.read("exports/mine.json");
    expect(JSON.parse(text)).toMatchObject({ type: "kpi.export", sessions: 1 });
    for (const secret of ["first", "src/a.js", sandbox.folder, "export const"])
      expect(text.replaceAll("first-", "")).not.toContain(secret);
    const page = await sandbox.run(["report", "--team", "exports", "--out", "team.html"]);
    expect([page.status, page.stderr]).toEqual([0, ""]);
    const refused = await sandbox.run(["kpi", "export", "--names"]);
    expect([refused.status, refused.stderr]).toEqual([2, expect.stringContaining("The policy does not let names leave.")]);
    sandbox.write(".twolane/policy.yaml", "version: 1\ntelemetry: { content: true }\n");
    await sandbox.run(["trust"]);
    expect((await sandbox.run(["kpi", "export", "--names"])).stdout).toContain(sandbox.folder);
  });

  it("says what was not understood, and works where there is nothing", async () => {
    stage = await openWorkflowScreen(files, answers);
    const { sandbox } = stage;
    expect(await sandbox.run(["kpi", "--by", "colour"])).toMatchObject({
      status: 2,
      stderr: "twolane: `--by colour` is not one of lane, model, workflow, day, repository. See `twolane help kpi`. [USAGE]\n",
    });
    expect((await sandbox.run(["kpi", "--since", "soon"])).stderr).toContain(
      "Write it as 2026-01-31, as 2026-01-31T08:00:00Z, or as days ago: 30d.",
    );
    expect((await sandbox.run(["kpi", "lines"])).stderr).toContain("There is no `kpi lines`.");
    expect((await sandbox.run(["kpi"])).stdout).toContain("no turns yet");
    rmSync(join(sandbox.folder, ".git"), { recursive: true });
    const { status, stderr } = await sandbox.run(["kpi", "baseline"]);
    expect([status, stderr]).toEqual([1, expect.stringContaining("There is no git repository here.")]);
  });
});

describe("twolane kpi baseline", () => {
  it("reads the time before from git", async () => {
    stage = await openWorkflowScreen({ "a.txt": "one\n" }, answers);
    const main = git("branch", "--show-current").trim();
    git("checkout", "-q", "-b", "side");
    stage.sandbox.write("a.txt", "one\ntwo\n");
    git("commit", "-q", "-a", "-m", "two", "--date", new Date(Date.now() - 7_200_000).toISOString());
    git("checkout", "-q", main);
    git("merge", "-q", "--no-ff", "-m", "merge", "side");
    const ended = await stage.sandbox.run(["kpi", "baseline", "--since", "1d", "--until", "2100-01-01"]);
    expect(ended.stdout).toContain("2 commits on the default branch");
    expect(ended.stdout).toContain("begins with the commit");
    const json = JSON.parse(
      (await stage.sandbox.run(["kpi", "baseline", "--since", "1d", "--until", "2100-01-01", "--json"])).stdout,
    ) as Told;
    const lead = json.samples.filter(({ kpi }) => kpi === "lead-time").map(({ value }) => Math.round(value ?? -1));
    expect(new Set(lead)).toEqual(new Set([0, 2]));
  });
});
