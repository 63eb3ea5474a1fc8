/** MCP in a session of the engine: when tools join, what a lane and a copy of a workspace see, and that nothing waits for a server. */
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { Lane, Session, TwolaneEvent } from "@twolane/protocol";
import { type ScenarioInput, type Sim, startSim } from "@twolane/responses/sim";
import { afterEach, beforeEach, expect, it } from "vitest";
import { openMcp } from "../src/assembly/mcp-desk.ts";
import { openTrust } from "../src/assembly/trusting.ts";
import { openEngine } from "../src/engine.ts";

const loader = pathToFileURL(join(import.meta.dirname, "../../../tools/typescript.mjs")).href;
const driver = join(import.meta.dirname, "mcp-server-driver.ts");

let home: string;
let sim: Sim;
let session: Session | undefined;
let events: TwolaneEvent[];

beforeEach(async () => {
  home = realpathSync(mkdtempSync(join(tmpdir(), "twolane-mcp-session-")));
  events = [];
  folder("work");
});
afterEach(async () => {
  await session?.close();
  session = undefined;
  await sim.close();
  rmSync(home, { recursive: true, force: true });
});

function folder(name: string): string {
  const path = join(home, name);
  mkdirSync(path, { recursive: true });
  return path;
}

const entry = (behaviour = "plain", more: object = {}): object => ({
  ...{ command: process.execPath, args: ["--import", loader, driver, behaviour, join(home, "note")] },
  ...more,
});
const name = (where: string, servers: object): void =>
  writeFileSync(join(home, where, ".mcp.json"), JSON.stringify({ mcpServers: servers }));
const env = (): Record<string, string> => ({
  ...{ HOME: home, XDG_STATE_HOME: join(home, "state"), XDG_CONFIG_HOME: join(home, "config") },
  ...{ PATH: process.env["PATH"] ?? "", TWOLANE_SIM_URL: sim.url },
});

async function open(where: string, more: { lane?: Lane; copyOf?: string; trust?: boolean } = {}): Promise<Session> {
  const wishes = { scope: [], landing: "hunk" as const, dryRun: false, trust: true, asks: true };
  const opened = await openEngine({ ...wishes, cwd: join(home, where), env: env(), model: "sim/scripted", ...more });
  if (!opened.ok) throw new Error(opened.failure.message);
  session = opened.value;
  session.subscribe((event) => void events.push(event));
  return session;
}

async function serve(...answers: ScenarioInput["answers"]): Promise<void> {
  sim = await startSim({ port: 0, scenario: { answers } });
}

const approve = (where: string, server: string): void => {
  const desk = openMcp({ cwd: join(home, where), env: env(), trust: true });
  if (!desk.ok || !desk.value.answer(server, "approve").ok) throw new Error("no yes");
};
const offered = (): string[][] =>
  sim.requests
    .filter(({ body }) => body?.["input"] !== undefined)
    .map(({ body }) =>
      [...JSON.stringify(body?.["tools"] ?? []).matchAll(/"name":"(mcp__[^"]+)"/g)].map(([, tool]) => tool ?? ""),
    );
const notices = (code: string): number => events.filter((event) => event.type === "notice.given" && event.code === code).length;

async function until(what: () => boolean): Promise<void> {
  const end = performance.now() + 18_000;
  while (!what()) {
    if (performance.now() > end) throw new Error("it did not come about");
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

async function ask(text: string): Promise<void> {
  session?.send({ type: "prompt", text });
  await session?.idle();
}

it("tools join with the turn behind which they are known, and stay the same then", async () => {
  await serve({ reply: [{ text: "Done." }] });
  name("work", { tests: entry() });
  approve("work", "tests");
  await open("work");
  await ask("one");
  session?.send({ type: "mcp.look" });
  await until(
    () =>
      events.some((event) => event.type === "mcp.told" && event.servers[0]?.stage === "ready") ||
      (session?.send({ type: "mcp.look" }), false),
  );
  await ask("two");
  await ask("three");
  const [first, second, third] = offered();
  expect(first).toEqual([]);
  expect(second).toContain("mcp__tests__echo");
  expect(third).toEqual(second);
});

it("a lane has the servers that are for it", async () => {
  await serve({ reply: [{ text: "Done." }] });
  name("work", { tests: entry("plain", { lanes: ["deep"] }) });
  const desk = openMcp({ cwd: join(home, "work"), env: env(), trust: true });
  approve("work", "tests");
  expect(desk.ok && (await desk.value.test("tests")).ok).toBe(true);
  await open("work");
  await ask("fast");
  await session?.close();
  await open("work", { lane: "deep" });
  await ask("deep");
  expect(offered().map((names) => names.length > 0)).toEqual([false, true]);
});

it("a copy of a workspace goes by what was said to the workspace, and by nothing that is written into the copy", async () => {
  await serve({ reply: [{ call: { name: "mcp__tests__echo", arguments: { text: "from the copy" } } }, { text: "Done." }] });
  folder("copy");
  name("work", { tests: entry() });
  name("copy", { tests: entry(), other: entry() });
  approve("work", "tests");
  const desk = openMcp({ cwd: join(home, "work"), env: env(), trust: true });
  if (desk.ok) await desk.value.test("tests");
  await open("copy", { lane: "deep", copyOf: join(home, "work") });
  await ask("go");
  expect(JSON.stringify(sim.requests.map(({ body }) => body))).toContain("from the copy");
  expect(
    offered()
      .flat()
      .some((tool) => tool.includes("other")),
  ).toBe(false);
});

it("a server that ends is told once, and is tried again on a call, though not at once", async () => {
  const call = (tool: string) => ({ call: { name: `mcp__tests__${tool}`, arguments: {} } });
  await serve({ reply: [call("end"), call("process"), { text: "Done." }] });
  name("work", { tests: entry() });
  approve("work", "tests");
  const desk = openMcp({ cwd: join(home, "work"), env: env(), trust: true });
  if (desk.ok) await desk.value.test("tests");
  await open("work");
  await ask("go");
  expect(notices("MCP_GONE")).toBe(1);
  expect(JSON.stringify(sim.requests.at(-1)?.body)).toMatch(/it ended with status 7\); it is tried again in \d+ s/);
});

it("what the person trusts and says yes to in the middle of a session is there with the next turn", async () => {
  await serve({ reply: [{ text: "Done." }] });
  name("work", { tests: entry() });
  const running = await open("work", { trust: false });
  await ask("one");
  running.send({ type: "mcp.answer", server: "tests", answer: "approve" });
  await until(() => events.some((event) => event.type === "mcp.told" && event.servers[0]?.stage === "untrusted"));
  const trust = openTrust({ cwd: join(home, "work"), env: env() });
  expect(trust.ok && trust.value.give().ok).toBe(true);
  running.send({ type: "trust.look" });
  await until(
    () => (
      running.send({ type: "mcp.look" }),
      events.some((event) => event.type === "mcp.told" && event.servers[0]?.stage === "ready")
    ),
  );
  await ask("two");
  name("work", { tests: entry("plain", { env: { OTHER: "1" } }) });
  running.send({ type: "mcp.look" });
  await until(() => events.some((event) => event.type === "mcp.told" && event.servers[0]?.stage === "waits"));
  await ask("three");
  expect(offered().map((names) => names.length > 0)).toEqual([false, true, false]);
});

it("a stop ends a call at once", async () => {
  await serve({ reply: [{ call: { name: "mcp__tests__wait", arguments: {} } }, { text: "Done." }] });
  name("work", { tests: entry() });
  approve("work", "tests");
  const desk = openMcp({ cwd: join(home, "work"), env: env(), trust: true });
  if (desk.ok) await desk.value.test("tests");
  const running = await open("work");
  running.send({ type: "prompt", text: "go" });
  await until(() => events.some(({ type }) => type === "tool.started"));
  await new Promise((resolve) => setTimeout(resolve, 800));
  const stopped = performance.now();
  running.send({ type: "stop" });
  await running.idle();
  // The call itself would never end.
  expect(performance.now() - stopped).toBeLessThan(5000);
});
