/** A whole session against kinds of servers: a call is carried out, its output goes back, the second turn knows the first. */
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { openEngine } from "../src/engine.ts";
import { hearEvents } from "./heard-events.ts";
import { type ServerProfile, chatEvents, messagesEvents, responsesEvents, startProfile, told } from "./server-profiles.ts";

const closers: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

const call = (nth: number): string | undefined => (nth === 0 ? "call_1" : undefined);
/** Answers with a call first. `stateless`: refuses what only a server with a memory takes. */
const responses = (stateless: boolean): ServerProfile => {
  let good = 0;
  return {
    answer({ body }) {
      const asks = body["store"] === true || (body["previous_response_id"] ?? null) !== null;
      if (stateless && asks) return { status: 400, body: { error: { code: 400, message: "no state here" } } };
      return { events: responsesEvents({ model: "m", args: "item alone", usage: false }, `r${good}`, call(good++)) };
    },
  };
};

const servers: Readonly<Record<string, { readonly wire: string; readonly profile: () => ServerProfile }>> = {
  "OpenRouter: comments, calls whole": {
    wire: "chat",
    profile: () => ({ answer: (_, nth) => ({ events: chatEvents({ model: "m", args: "whole", comments: true }, call(nth)) }) }),
  },
  "llama.cpp: no usage": {
    wire: "chat",
    profile: () => ({ answer: (_, nth) => ({ events: chatEvents({ model: "m", usage: "never" }, call(nth)) }) }),
  },
  "a Responses server without a memory": { wire: "responses", profile: () => responses(true) },
  Messages: { wire: "messages", profile: () => ({ answer: (_, nth) => ({ events: messagesEvents("m", call(nth)) }) }) },
};

describe.each(Object.entries(servers))("%s", (_, { wire, profile }) => {
  it("carries a session of two turns", async () => {
    const server = await startProfile(profile());
    const base = fs.realpathSync(fs.mkdtempSync(path.join(os.tmpdir(), "twolane-server-")));
    closers.push(
      () => fs.rmSync(base, { recursive: true, force: true }),
      () => server.close(),
    );
    fs.mkdirSync(path.join(base, "work"));
    fs.writeFileSync(path.join(base, "work/a.ts"), "export const marker = 4711;\n");
    fs.mkdirSync(path.join(base, "config/twolane"), { recursive: true });
    const providers = { acme: { baseUrl: `${server.origin}/v1`, wire } };
    fs.writeFileSync(path.join(base, "config/twolane/config.json"), JSON.stringify({ providers }));
    const env = {
      ...{ PATH: process.env["PATH"], HOME: base, XDG_STATE_HOME: `${base}/state` },
      ...{ XDG_CACHE_HOME: `${base}/cache`, XDG_CONFIG_HOME: `${base}/config` },
    };
    const opened = await openEngine({
      ...{ cwd: path.join(base, "work"), env, model: "acme/m", scope: [], landing: "hunk", dryRun: false, asks: true },
    });
    if (!opened.ok) throw new Error(opened.failure.message);
    const session = opened.value;
    closers.push(() => session.close());
    const heard = hearEvents(session, 15_000);
    session.send({ type: "prompt", text: "the first question" });
    expect(await heard.wait("turn.ended", (all) => all[0])).toMatchObject({ ending: "completed" });
    session.send({ type: "prompt", text: "the second question" });
    expect(await heard.wait("turn.ended", (all) => all[1])).toMatchObject({ ending: "completed" });
    const bodies = server.requests.map(({ body }) => JSON.stringify(body));
    expect(bodies).toHaveLength(3);
    // What the call asked for was read and told.
    expect(bodies[1]).toContain("marker = 4711");
    for (const part of ["the first question", "marker = 4711", told.text, "the second question"])
      expect(bodies[2]).toContain(part);
  });
});
