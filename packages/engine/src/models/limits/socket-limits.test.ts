/** What a provider says of limits when a socket is opened is known like what an answer over HTTP says. */
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { type Sim, startSim } from "@twolane/responses/sim";
import { afterEach, expect, it } from "vitest";
import { openSharedLog } from "../../host/shared-log.ts";
import { resolveModel } from "../catalog.ts";
import type { ModelEvent } from "../models.ts";
import { openResponsesModel } from "../responses/responses-session.ts";
import { limitSession } from "./limited-session.ts";
import { SharedRadar } from "./shared-radar.ts";

const closers: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

const source = "a sim/m";
const headers = {
  "x-ratelimit-limit-tokens": "100000",
  "x-ratelimit-remaining-tokens": "90000",
  "x-ratelimit-reset-tokens": "60s",
};

async function serve(): Promise<Sim> {
  const sim = await startSim({ scenario: { answers: [{ reply: [{ text: "Yes." }] }], headers } });
  closers.push(() => sim.close());
  return sim;
}

function open({ url }: Sim) {
  const model = resolveModel("sim/m", { env: { TWOLANE_SIM_URL: url } });
  if (!model.ok) throw new Error(model.failure.message);
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), "radar-"));
  closers.push(() => fs.promises.rm(folder, { recursive: true, force: true }));
  const log = openSharedLog(path.join(folder, "radar.jsonl"));
  const radar = new SharedRadar({ log, owner: "me", isAlive: () => true, now: Date.now });
  const options = { radar, source, patience: 0, provider: "sim", lane: "fast" } as const;
  const session = limitSession(openResponsesModel({ model: model.value }), options);
  closers.push(() => session.close());
  const ask = (): Promise<ModelEvent[]> =>
    new Promise((resolve) => {
      const events: ModelEvent[] = [];
      session.respond({ items: [{ kind: "user", text: "hi" }], tools: [] }, (event) => {
        events.push(event);
        if (event.kind === "ended") resolve(events);
      });
    });
  return { radar, session, ask };
}

const said = { kind: "limits", uncounted: true, windows: [{ what: "tokens", limit: 100_000, left: 90_000 }] };

it.each([
  ["when the request waits for the socket", false],
  ["when the socket was open before it", true],
])("%s", async (_, before) => {
  const sim = await serve();
  const { radar, session, ask } = open(sim);
  if (before) session.prewarm();
  if (before) await expect.poll(() => sim.requests.filter(({ kind }) => kind === "upgrade").length).toBe(1);
  const events = await ask();
  expect(events.find(({ kind }) => kind === "limits")).toMatchObject(said);
  await expect.poll(() => [...(radar.current.get(source)?.windows.values() ?? [])]).toMatchObject([{ window: { left: 90_000 } }]);
});
