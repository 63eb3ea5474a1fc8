/** Limits in a whole session: another model takes a waiting request over, what was parked goes when it opens, and what is said of money and speed. */
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import type { Session } from "@twolane/protocol";
import { type ScenarioInput, type Sim, startSim } from "@twolane/responses/sim";
import { afterEach, describe, expect, it } from "vitest";
import { sourceOf } from "../src/assembly/limits.ts";
import { openEngine } from "../src/engine.ts";
import { resolveModel } from "../src/models/catalog.ts";
import { type HeardEvents, hearEvents } from "./heard-events.ts";

const closers: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

const answers: ScenarioInput["answers"] = [{ reply: [{ text: "Said." }] }];

async function serve(scenario: Partial<ScenarioInput> = {}): Promise<Sim> {
  const sim = await startSim({ port: 0, scenario: { answers, ...scenario } });
  closers.push(() => sim.close());
  return sim;
}

interface Stage {
  /** Of the user's state. */
  readonly limits: string;
  readonly session: Session;
  readonly heard: HeardEvents;
}

interface StageOptions {
  /** Names of providers of the wire `chat`, by their servers. */
  readonly providers: Readonly<Record<string, Sim>>;
  readonly config?: object;
  /** Lines of the radar that were written before. */
  readonly radar?: (sourceOfModel: (model: string) => string) => readonly object[];
  readonly asks?: boolean;
}

async function stage({ providers, config = {}, radar, asks = true }: StageOptions): Promise<Stage> {
  const base = fs.realpathSync(fs.mkdtempSync(path.join(os.tmpdir(), "twolane-limits-")));
  closers.push(() => fs.promises.rm(base, { recursive: true, force: true }));
  const price = { input: 1000, cachedInput: 100, output: 1000 };
  const configText = JSON.stringify({
    providers: Object.fromEntries(
      Object.entries(providers).map(([name, { url }]) => [name, { baseUrl: url, wire: "chat", capabilities: { price } }]),
    ),
    ...config,
  });
  for (const folder of ["work", "config/twolane", "state/twolane/limits"]) fs.mkdirSync(`${base}/${folder}`, { recursive: true });
  fs.writeFileSync(`${base}/config/twolane/config.json`, configText);
  const env = {
    ...{ PATH: process.env["PATH"], HOME: base, XDG_STATE_HOME: `${base}/state`, XDG_CACHE_HOME: `${base}/cache` },
    XDG_CONFIG_HOME: `${base}/config`,
  };
  const source = (model: string): string => {
    const resolved = resolveModel(model, { env, configText });
    if (!resolved.ok) throw new Error(resolved.failure.message);
    return sourceOf(resolved.value);
  };
  const lines = radar?.(source) ?? [];
  fs.writeFileSync(`${base}/state/twolane/limits/radar.jsonl`, lines.map((line) => `${JSON.stringify(line)}\n`).join(""));
  const model = `${Object.keys(providers)[0]}/m`;
  const opened = await openEngine({ cwd: `${base}/work`, env, model, scope: [], landing: "hunk", dryRun: false, asks });
  if (!opened.ok) throw new Error(opened.failure.message);
  closers.push(() => opened.value.close());
  return { limits: `${base}/state/twolane/limits`, session: opened.value, heard: hearEvents(opened.value, 15_000) };
}

const chats = (sim: Sim): number => sim.requests.filter(({ kind }) => kind === "chat").length;
const notices = ({ heard }: Stage): string[] =>
  heard.events.flatMap((event) => (event.type === "notice.given" ? [`${event.code}: ${event.message}`] : []));

describe("a request that waits for a limit in a session", () => {
  it("is taken over at once by another model, and nothing more goes to the first", async () => {
    const [one, two] = [await serve({ faults: [{ kind: "limit", ms: 3600_000 }] }), await serve()];
    const at = await stage({ providers: { acme: one, other: two } });
    at.session.send({ type: "prompt", text: "hello" });
    at.session.send({ type: "queue", text: "later" });
    const delay = await at.heard.wait("step.delayed", (all) => all[0]);
    expect(delay).toMatchObject({ why: "limit", place: 1, of: 1 });
    const used = await at.session.useModel("other/m");
    expect(used.ok).toBe(true);
    await at.heard.wait("text.finished", (all) => all[0]);
    await at.session.idle();
    expect([chats(one), chats(two)]).toEqual([1, 1]);
    // What waited behind it was parked by the stop, and is still there.
    expect(at.heard.events.findLast(({ type }) => type === "queue.changed")).toMatchObject({
      queue: [{ text: "later" }],
      halted: "stop",
    });
    expect(notices(at).filter((text) => text.startsWith("LIMIT_WAIT"))).toEqual([
      "LIMIT_WAIT: The provider's limit is reached; the request waits and goes in 60 min. A stop cancels it, another model takes it over.",
    ]);
  });

  it("is sent once before its time when the person says so", async () => {
    const one = await serve({ faults: [{ kind: "limit", ms: 3600_000 }] });
    const at = await stage({ providers: { acme: one } });
    at.session.send({ type: "limit.try" });
    expect(notices(at)).toEqual(["LIMIT_TRY: No request waits for a limit here."]);
    at.session.send({ type: "prompt", text: "hello" });
    await at.heard.wait("step.delayed", (all) => all[0]);
    for (let n = 0; n < 3; n++) {
      at.session.send({ type: "limit.try" });
      await new Promise((resolve) => setTimeout(resolve, 150));
    }
    expect(chats(one)).toBe(2);
    at.session.send({ type: "stop" });
    await at.session.idle();
    expect(at.heard.events.findLast(({ type }) => type === "turn.ended")).toMatchObject({ ending: "interrupted" });
  });

  it("ends its turn where it may not wait so long; what was queued is parked, and goes in order when it opens", async () => {
    const one = await serve({ faults: [{ kind: "limit", ms: 2500 }] });
    const at = await stage({ providers: { acme: one }, config: { limits: { wait: 1 } } });
    at.session.send({ type: "prompt", text: "first" });
    for (const text of ["second", "third"]) at.session.send({ type: "queue", text });
    await at.heard.wait("turn.ended", (all) => all[0]);
    await at.session.idle();
    expect(at.heard.events.findLast(({ type }) => type === "queue.changed")).toMatchObject({ halted: "limit" });
    at.session.send({ type: "queue.resume", when: "open" });
    expect(chats(one)).toBe(1);
    await at.heard.wait("turn.ended", (all) => all[3]);
    await at.session.idle();
    const prompts = at.heard.events.flatMap((event) => (event.type === "turn.started" ? [event.prompt] : []));
    expect(prompts).toEqual(["first", "Go on where you were cut off.", "second", "third"]);
    expect(chats(one)).toBe(4);
    const endings = at.heard.events.flatMap((event) => (event.type === "turn.ended" ? [event.ending] : []));
    expect(endings).toEqual(["failed", "completed", "completed", "completed"]);
  });
});

describe("a draft before Enter", () => {
  it("is not asked for, and stands in no queue, while a limit is closed", async () => {
    const now = Date.now();
    const one = await serve();
    const at = await stage({
      providers: { acme: one },
      config: { ahead: { drafts: "on" } },
      radar: (source) => [{ t: "closed", at: now, source: source("acme/m"), why: "limit", until: now + 2500 }],
    });
    at.session.send({ type: "draft.set", text: "make it" });
    await new Promise((resolve) => setTimeout(resolve, 900));
    // Who says something else is the next one, and goes when it opens.
    at.session.send({ type: "prompt", text: "something else" });
    expect(await at.heard.wait("step.delayed", (all) => all[0])).toMatchObject({ place: 1, of: 1 });
    expect(chats(one)).toBe(0);
    await at.session.idle();
    expect(Date.now()).toBeGreaterThanOrEqual(now + 2500);
    expect(chats(one)).toBe(1);
  });
});

describe("a session that is closed", () => {
  it("has written what it spent, and writes nothing more", async () => {
    const at = await stage({ providers: { acme: await serve() } });
    at.session.send({ type: "prompt", text: "hello" });
    await at.heard.wait("turn.ended", (all) => all[0]);
    await at.session.close();
    const written = (): (readonly [string, string])[] =>
      fs.readdirSync(at.limits).map((name) => [name, fs.readFileSync(path.join(at.limits, name), "utf8")] as const);
    const left = written();
    expect(left.find(([name]) => name.startsWith("spend-"))?.[1]).toContain('"usage"');
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(written()).toEqual(left);
  });
});

describe("a session says once", () => {
  it("that a budget is nearly used up, and that it is; a soft one stops nothing", async () => {
    const at = await stage({ providers: { acme: await serve() }, config: { budgets: [{ per: "day", tokens: 8000 }] } });
    const said: string[][] = [];
    for (let turn = 0; turn < 60; turn++) {
      at.session.send({ type: "prompt", text: `${turn} ${"word ".repeat(40)}` });
      await at.session.idle();
      await new Promise((resolve) => setImmediate(resolve));
      said.push(notices(at).filter((text) => text.startsWith("BUDGET")));
      if ((said.at(-1)?.length ?? 0) >= 2) break;
    }
    expect(said.at(-1)).toEqual([
      expect.stringMatching(/^BUDGET_NEAR: [89]\d % of the budget of 8000 tokens a day is used\.$/),
      expect.stringMatching(/^BUDGET_REACHED: The budget of 8000 tokens a day is used up: \d+ tokens\.$/),
    ]);
    at.session.send({ type: "prompt", text: "on" });
    await at.session.idle();
    await new Promise((resolve) => setImmediate(resolve));
    expect(at.heard.events.findLast(({ type }) => type === "turn.ended")).toMatchObject({ ending: "completed" });
    expect(notices(at).filter((text) => text.startsWith("BUDGET"))).toHaveLength(2);
  });

  it("that the fast lane is slower than the deep one", async () => {
    const now = Date.now();
    const speeds = (source: string, lane: string, perSecond: number): object[] =>
      Array.from({ length: 6 }, () => ({ t: "speed", at: now, source, lane, firstMs: 100, perSecond }));
    const at = await stage({
      providers: { acme: await serve(), other: await serve() },
      radar: (source) => [...speeds(source("acme/m"), "fast", 40), ...speeds(source("other/m"), "deep", 90)],
    });
    for (const text of ["a", "b"]) {
      at.session.send({ type: "prompt", text });
      await at.session.idle();
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect(notices(at)).toEqual([
      "LANE_DEGRADED: The fast lane is slower than the deep one: 40 tokens a second, and 90 of other/m. /model takes another.",
    ]);
  });
});
