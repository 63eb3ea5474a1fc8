/** Limits and money as a person meets them: whole processes, that share what one of them is told. */
import { mkdirSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { type ScenarioInput, type Sim, startSim } from "@twolane/responses/sim";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type Finished, type Sandbox, openSandbox } from "./command.ts";
import { openScreen } from "./pty.ts";

let sandbox: Sandbox;
let sim: Sim | undefined;

beforeEach(() => void (sandbox = openSandbox()));
afterEach(async () => {
  await sim?.close();
  sim = undefined;
  sandbox.remove();
});

async function serve(scenario: ScenarioInput): Promise<Record<string, string>> {
  sim = await startSim({ port: 0, scenario });
  return { TWOLANE_SIM_URL: sim.url };
}

const hello: ScenarioInput["answers"] = [{ when: { prompt: "(.*)" }, reply: [{ text: "Said $1." }] }];
/** What reached the model, in order: the last words of each request, without warm-ups. */
const asked = (): string[] =>
  (sim?.requests ?? []).flatMap(({ kind, body, outcome }) => {
    const words = /"(?:first|request \d|later|again)"/.exec(JSON.stringify(body))?.[0] ?? "";
    const isAsked = (kind === "responses" || kind === "chat") && JSON.stringify(body).includes(words) && words !== "";
    return isAsked ? [`${JSON.parse(words)} ${outcome === "refused" ? "refused" : "served"}`] : [];
  });
const lines = (stdout: string): Record<string, unknown>[] =>
  stdout
    .trim()
    .split("\n")
    .map((line): Record<string, unknown> => ({ ...JSON.parse(line) }));
const soon = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

function configure(config: object): void {
  const file = join(sandbox.env["XDG_CONFIG_HOME"]!, "twolane", "config.json");
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, JSON.stringify(config));
}

describe("a limit", () => {
  it.each(["sim/scripted", "sim-chat/scripted"])(
    "is met once by all processes; they wait, keep their order, and then all get through: %s",
    async (model) => {
      const env = await serve({ answers: hello, faults: [{ kind: "limit", ms: 4000 }] });
      const run = (words: string): Promise<Finished> => {
        const one = sandbox.start(["run", "-m", model, "--json", words], { env });
        one.process.stdin?.end();
        return one.done;
      };
      const runs = [run("first")];
      while (asked().length === 0) await soon(10);
      for (const n of [1, 2, 3]) {
        runs.push(run(`request ${n}`));
        await soon(500);
      }
      const ended = await Promise.all(runs);
      expect(ended.map(({ status }) => status)).toEqual([0, 0, 0, 0]);
      expect(asked()).toEqual(["first refused", "first served", "request 1 served", "request 2 served", "request 3 served"]);
      const delays = ended.map(({ stdout }) => lines(stdout).find(({ type }) => type === "step.delayed"));
      expect(delays.map((delay) => [delay?.["why"], delay?.["place"]])).toEqual([1, 2, 3, 4].map((place) => ["limit", place]));
    },
  );

  it("further away than a script waits ends it with the time, and no process asks before it", async () => {
    const env = await serve({ answers: hello, faults: [{ kind: "limit", ms: 3600_000 }] });
    const runs: Finished[] = [];
    for (const words of ["first", "request 1", "request 2"])
      runs.push(await sandbox.run(["run", "-m", "sim/scripted", words], { env }));
    expect(asked()).toEqual(["first refused"]);
    for (const { status, stdout } of runs) {
      expect(status).toBe(4);
      expect(stdout).toMatch(/\[PROVIDER_LIMIT\]/);
    }
    expect(runs[1]?.stdout).toMatch(/not sent.*opens in 60 min/);
    const told = await sandbox.run(["limits"], { env });
    expect(told).toMatchObject({ status: 0, stderr: "" });
    expect(told.stdout).toMatch(/sim\/scripted\n(.*\n)*?  the limit is reached; opens in 60 min \(\d\d:\d\d\)/);
    const [report] = lines((await sandbox.run(["limits", "--json"], { env })).stdout);
    expect(report).toMatchObject({ type: "limits", models: [{ model: "sim/scripted", closed: { why: "limit", named: true } }] });
  });

  it("parks what waits behind it, in order, and fires none of it", async () => {
    const env = await serve({ answers: hello, faults: [{ kind: "limit", ms: 3600_000 }] });
    configure({ limits: { wait: 1 } });
    const run = sandbox.start(["run", "-m", "sim/scripted", "--json", "--input", "jsonl"], { env });
    run.say('{"type":"prompt","text":"first"}');
    for (let n = 1; n <= 10; n++) run.say(`{"type":"queue","text":"later ${n}"}`);
    await run.until('"halted":"limit"');
    await soon(300);
    run.process.stdin?.end();
    const { stdout } = await run.done;
    expect(asked()).toEqual(["first refused"]);
    const queue = lines(stdout).findLast(({ type }) => type === "queue.changed");
    expect(queue).toMatchObject({ halted: "limit", queue: Array.from({ length: 10 }, (_, n) => ({ text: `later ${n + 1}` })) });
  });

  it("is waited for where the provider has too much to do, with its time, and asked once more", async () => {
    const env = await serve({ answers: hello, faults: [{ kind: "limit", ms: 700, status: 503 }] });
    for (const model of ["sim/scripted", "sim-chat/scripted"]) {
      const { stdout, status } = await sandbox.run(["run", "-m", model, "--json", "first"], { env });
      expect(status).toBe(0);
      if (model === "sim/scripted")
        expect(lines(stdout).find(({ type }) => type === "step.delayed")).toMatchObject({ why: "overload" });
    }
    expect(asked()).toEqual(["first refused", "first served", "first served"]);
  });

  it("is the provider's queue where it says so: told apart from network and model", async () => {
    const env = await serve({ answers: hello, faults: [{ kind: "queued", ms: 300 }] });
    const types = lines((await sandbox.run(["run", "-m", "sim/scripted", "--json", "first"], { env })).stdout).map(
      ({ type }) => type,
    );
    const order = ["step.requested", "step.queued", "step.started", "step.answered"].map((type) => types.indexOf(type));
    expect(order).toEqual(order.toSorted((one, other) => one - other));
    expect(Math.min(...order)).toBeGreaterThan(0);
  });
});

describe("a limit in a terminal", () => {
  it("is shown with its time while the request waits; /limits says more and has another model take it over", async () => {
    const other = await startSim({ port: 0, scenario: { answers: [{ reply: [{ text: "Taken over." }] }] } });
    const env = await serve({ answers: hello, faults: [{ kind: "limit", ms: 3600_000 }] });
    configure({ providers: { other: { baseUrl: other.url, wire: "chat" } }, lanes: { deep: { model: "other/m" } } });
    const screen = openScreen({ cwd: sandbox.folder, env: { ...sandbox.env, ...env }, args: ["-m", "sim/scripted"] });
    try {
      await screen.until("fast");
      screen.write("first");
      await screen.until("first");
      screen.press("enter");
      await screen.until(/limit reached, goes in 60 min \((?:\d{4}-\d\d-\d\d )?\d\d:\d\d\) · \/limits/);
      screen.write("/limits");
      await screen.until("/limits");
      screen.press("enter");
      await screen.until("the limit is reached; opens in 60 min");
      await screen.until("Ask the deep lane's model instead: other/m");
      screen.press("down", "enter");
      await screen.until("Taken over.");
      expect(asked()).toEqual(["first refused"]);
      screen.press("ctrl-c", "ctrl-c");
      expect((await screen.exited).status).toBe(0);
    } finally {
      screen.kill();
      await other.close();
    }
  });
});

describe("money", () => {
  const priced = (budgets: readonly object[], price: object | undefined = { input: 10, cachedInput: 1, output: 100 }): void =>
    configure({ budgets, providers: { sim: { capabilities: { ...(price && { price }) }, keyEnv: "SIM_KEY" } } });

  it("is counted for all processes, with what was in the cache apart; a hard budget stops before the request", async () => {
    const env = await serve({ answers: hello });
    priced([{ per: "day", lane: "fast", dollars: 0.0001, hard: true }]);
    expect(await sandbox.run(["run", "-m", "sim/scripted", "first"], { env })).toMatchObject({ status: 0 });
    const stopped = await sandbox.run(["run", "-m", "sim/scripted", "again"], { env });
    expect(stopped.status).toBe(3);
    expect(stopped.stdout).toMatch(
      /The budget of \$0\.0001 a day for the fast lane is used up; nothing was sent\..*\[BUDGET_SPENT\]/,
    );
    expect(asked()).toEqual(["first served"]);
    const [report] = lines((await sandbox.run(["limits", "--json"], { env })).stdout);
    expect(report).toMatchObject({
      budgets: [{ limit: 0.0001 }],
      spend: [{ lane: "fast", model: "sim/scripted", requests: 1, unpriced: 0 }],
    });
    expect((await sandbox.run(["limits"], { env })).stdout).toMatch(
      /today +\$0\.\d+ \(input \$0\.\d+, cached \$0\.\d+, output \$0\.\d+\)/,
    );
  });

  it("that nobody knows the price of is unknown, and a hard budget in dollars does not let it pass", async () => {
    const env = { ...(await serve({ answers: hello })), SIM_KEY: "" };
    expect(await sandbox.run(["run", "-m", "sim/scripted", "first"], { env })).toMatchObject({ status: 0 });
    expect((await sandbox.run(["limits"], { env })).stdout).toMatch(/today +price unknown · [\d,]+ tokens/);
    configure({
      budgets: [{ per: "day", dollars: 5, hard: true }],
      providers: { acme: { baseUrl: "http://127.0.0.1:9/v1", wire: "chat", keyEnv: "ACME_KEY" } },
    });
    const stopped = await sandbox.run(["run", "-m", "acme/m", "again"], { env: { ...env, ACME_KEY: "sk-acme" } });
    expect(stopped.status).toBe(3);
    expect(stopped.stdout).toMatch(/cannot count what acme\/m costs.*\[BUDGET_SPENT\]/);
  });

  it("keeps neither prompts nor keys in what processes share", async () => {
    const env = { ...(await serve({ answers: hello, faults: [{ kind: "limit", ms: 300 }] })), SIM_KEY: "sk-very-secret" };
    priced([]);
    await sandbox.run(["run", "-m", "sim/scripted", "first secret words"], { env });
    const folder = join(sandbox.env["XDG_STATE_HOME"]!, "twolane", "limits");
    const kept = readdirSync(folder)
      .map((name) => readFileSync(join(folder, name), "utf8"))
      .join("");
    expect(kept).toContain('"t":"closed"');
    expect(kept).not.toMatch(/secret/);
  });
});
