/** MCP servers as a person meets them: with the built command, real servers and a scripted model. */
import { existsSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { type ScenarioInput, type Sim, startSim } from "@twolane/responses/sim";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type Sandbox, git, openSandbox } from "./command.ts";

const loader = pathToFileURL(join(import.meta.dirname, "../../../tools/typescript.mjs")).href;
const driver = join(import.meta.dirname, "../../engine/test/mcp-server-driver.ts");

let sandbox: Sandbox;
let sim: Sim | undefined;

beforeEach(() => {
  sandbox = openSandbox();
  git(sandbox.folder, "init", "-q");
  sandbox.write("a.txt", "a\n");
});
afterEach(async () => {
  await sim?.close();
  sim = undefined;
  sandbox.remove();
});

const note = (): string => join(sandbox.folder, "note.txt");
const entry = (behaviour = "plain"): object => ({
  command: process.execPath,
  args: ["--import", loader, driver, behaviour, note()],
});
const name = (servers: Record<string, object>): void => sandbox.write(".mcp.json", JSON.stringify({ mcpServers: servers }));

async function serve(...answers: ScenarioInput["answers"]): Promise<Record<string, string>> {
  await sim?.close();
  sim = await startSim({ port: 0, scenario: { answers } });
  return { TWOLANE_SIM_URL: sim.url };
}

const call = (tool: string, input: object = {}) => ({ call: { name: `mcp__tests__${tool}`, arguments: { ...input } } });
/** Names of the tools that each request offered. */
const offered = (): string[][] =>
  (sim?.requests ?? [])
    .filter(({ body }) => body?.["input"] !== undefined)
    .map(({ body }) =>
      [...JSON.stringify(body?.["tools"] ?? []).matchAll(/"name":"(mcp__[^"]+)"/g)].map(([, tool]) => tool ?? ""),
    );
function isThere(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
const said = (): string => JSON.stringify(sim?.requests.map(({ body }) => body));
const ask = (env: Record<string, string>, ...more: string[]) =>
  sandbox.run(["run", ...more, "-m", "sim/scripted", "go"], { env });
const mcp = (...words: string[]) => sandbox.run(["mcp", ...words]);

describe("before anything is started", () => {
  it("a workspace must be trusted, and its entry be said yes to", async () => {
    name({ tests: entry() });
    const [both, trust] = [
      /tests · not trusted: .*twolane trust.*twolane mcp approve tests/,
      /tests · not trusted: you said yes.*twolane trust/,
    ];
    expect(await mcp("list")).toMatchObject({ status: 3, stdout: expect.stringMatching(both) });
    expect(await mcp("test", "tests")).toMatchObject({ status: 3, stderr: expect.stringContaining("[MCP_HELD]") });
    expect(await mcp("approve", "tests")).toMatchObject({ status: 3, stdout: expect.stringMatching(trust) });
    expect(await mcp("list")).toMatchObject({ status: 3, stdout: expect.stringMatching(trust) });
    const trusted = await sandbox.run(["trust"]);
    expect(trusted.stdout).not.toContain("no configuration");
    expect(trusted.stdout).toContain("Nothing that trust is bound to is here");
    expect((await mcp("list")).status).toBe(0);
    const tried = await mcp("test", "tests", "--json");
    expect(tried.status).toBe(0);
    expect(JSON.parse(tried.stdout)).toMatchObject({ type: "mcp.tested", version: "2025-11-25", server: { stage: "ready" } });
  });

  it("a changed entry is asked about anew, and a no is kept", async () => {
    name({ tests: entry() });
    await sandbox.run(["trust"]);
    expect((await mcp("approve", "tests")).status).toBe(0);
    name({ tests: { ...entry(), env: { NODE_OPTIONS: "--require ./evil.cjs" } } });
    expect(await mcp("list")).toMatchObject({ status: 3, stdout: expect.stringContaining("tests · waits") });
    expect((await mcp("test", "tests")).status).toBe(3);
    expect((await mcp("deny", "tests")).status).toBe(0);
    expect((await mcp("list")).stdout).toContain("tests · denied");
  });

  it("a server of the person's own needs neither, and no repository takes its name", async () => {
    const config = { mcpServers: { tests: entry() } };
    sandbox.write("../config/twolane/config.json", JSON.stringify(config));
    name({ tests: { command: "evil" } });
    const { stdout, status } = await mcp("test", "tests");
    expect([status, stdout]).toEqual([0, expect.stringContaining("tests · ready")]);
    expect((await mcp("list")).stdout).toContain("has a server of this name, which counts");
  });

  it("says what is wrong, in one line with what to do", async () => {
    await sandbox.run(["trust"]);
    name({ tests: { command: "no-such-program" } });
    expect((await mcp("approve", "tests")).stderr).toMatch(
      /MCP server tests cannot be used: .*no-such-program: not found\. .*\[MCP_BROKEN\]\n$/,
    );
    sandbox.write(".mcp.json", "{ nonsense");
    expect((await mcp("list")).stdout).toContain("faulty: line 1");
    expect(await mcp("test", "nobody")).toMatchObject({ status: 2, stderr: expect.stringContaining("[MCP_MISSING]") });
    expect((await mcp("dance")).status).toBe(2);
  });
});

describe("in a session", () => {
  const trusted = async (): Promise<void> => {
    name({ tests: entry() });
    await sandbox.run(["trust"]);
    await mcp("approve", "tests");
  };

  it("the first request offers the tools, a call that only reads runs, and nothing of the server is left", async () => {
    await trusted();
    const env = await serve({ reply: [call("echo", { text: "hello" }), call("process"), { text: "Done." }] });
    const run = await ask(env);
    expect(run).toMatchObject({ status: 0, stderr: "" });
    expect(run.stdout).toContain('tests echo {"text":"hello"}');
    expect(offered()[0]).toEqual([...(offered()[0] ?? [])].sort());
    expect(offered()[0]).toContain("mcp__tests__echo");
    // The same in front of each request.
    expect(new Set(offered().map((names) => names.join()))).toHaveLength(1);
    expect(said()).toContain("hello");
    const [, pid = ""] = /"output":"(\d+)"/.exec(said()) ?? [];
    expect(Number(pid)).toBeGreaterThan(1);
    await expect.poll(() => isThere(Number(pid)), { timeout: 8000 }).toBe(false);
  });

  it("a call that may change something waits for a yes, which an option or the policy can give", async () => {
    await trusted();
    const write = { reply: [call("write_note", { text: "mine" }), { text: "Done." }] };
    const held = await ask(await serve(write));
    expect(held.status).toBe(3);
    expect(held.stdout).toContain('held: mcp tests write_note {"text":"mine"}');
    expect(existsSync(note())).toBe(false);
    expect((await ask(await serve(write), "--allow-command", "mcp tests *")).status).toBe(0);
    expect(readFileSync(note(), "utf8")).toBe("mine");
  });

  it("what is kept of servers counts only in the form in which it is written now", async () => {
    await trusted();
    const state = join(sandbox.env["XDG_STATE_HOME"] ?? "", "twolane/workspaces");
    const file = join(state, readdirSync(state)[0] ?? "", "mcp-tools.json");
    expect(readFileSync(file, "utf8")).toContain("write_note");
    for (const text of [
      "{",
      "[]",
      '{"version":1,"servers":[{"entry":{},"tools":[]}]}',
      '{"version":2,"servers":[{}]}',
      '{"version":2,"servers":[{"hash":"a","tools":[7]}]}',
    ]) {
      writeFileSync(file, text);
      const run = await ask(await serve({ reply: [{ text: "Done." }] }));
      expect([run.status, run.stderr]).toEqual([0, ""]);
    }
  });

  it("a program answers what is held", async () => {
    await trusted();
    const env = await serve({
      reply: [call("write_note", { text: "yes" }), call("write_note", { text: "again" }), { text: "Done." }],
    });
    const running = sandbox.start(["run", "--json", "--input", "jsonl", "-m", "sim/scripted"], { env });
    let heard = "";
    running.process.stdout?.on("data", (text) => void (heard += String(text)));
    running.say('{"type":"prompt","text":"go"}');
    await running.until('"command.held"');
    const [, id] = /"command.held","call":"([^"]+)"/.exec(heard) ?? [];
    running.say(JSON.stringify({ type: "command.answer", call: id, answer: "session" }));
    running.process.stdin?.end();
    expect((await running.done).status).toBe(0);
    expect(heard.match(/"command.held"/g)).toHaveLength(1);
    expect(readFileSync(note(), "utf8")).toBe("again");
  });

  it("policy blocks what it names, and only looks in a dry run", async () => {
    await trusted();
    sandbox.write("../config/twolane/policy.yaml", 'version: 1\ncommands:\n  - block: ["mcp tests echo"]\n');
    const run = await ask(await serve({ reply: [call("echo", { text: "secret" }), { text: "Done." }] }));
    expect(run.stdout).toContain("blocked: mcp tests echo");
    const dry = await ask(await serve({ reply: [call("write_note", { text: "x" }), { text: "Done." }] }), "--dry-run");
    expect(dry.stdout).toContain("blocked: mcp tests write_note");
    expect(existsSync(note())).toBe(false);
  });

  it("a server that is dead or waits for a yes costs one line and no time", async () => {
    name({ dead: { command: "no-such-program" }, quiet: entry("silent"), tests: entry() });
    await sandbox.run(["trust"]);
    await mcp("approve", "dead");
    const began = performance.now();
    // Slow enough for the servers to be looked at while it answers.
    const run = await ask(await serve({ pace: { tokensPerSecond: 20 }, reply: [{ text: "word ".repeat(30) }] }));
    expect(run.status).toBe(0);
    expect(performance.now() - began).toBeLessThan(8000);
    expect(run.stdout.match(/MCP server dead cannot be used/g)).toHaveLength(1);
    expect(run.stdout.match(/MCP server tests of \.mcp\.json waits/g)).toHaveLength(1);
    expect(offered()).toEqual([[]]);
  });

  it("an untrusted workspace is told nothing and given nothing", async () => {
    name({ tests: entry() });
    const run = await ask(await serve({ reply: [call("echo", { text: "a" }), { text: "Done." }] }));
    expect(run.stdout).not.toContain("MCP");
    expect(offered()[0]).toEqual([]);
    expect(said()).toContain("There is no tool named mcp__tests__echo");
  });
});
