import { describe, expect, it } from "vitest";
import { fail, succeed, type Result } from "@twolane/protocol";
import { unknownModel } from "./families.ts";
import type { ModelEvent, ModelRun, ModelSession } from "./models.ts";
import { type ReadKey, openDeferredSession } from "./deferred-session.ts";

function stage() {
  const told: string[] = [];
  const inner: ModelSession = {
    ...{ model: "a/m", capabilities: unknownModel },
    prewarm: () => void told.push("prewarm"),
    respond(_, onEvent) {
      told.push("respond");
      queueMicrotask(() => onEvent({ kind: "ended", ending: "completed" }));
      return { stop: () => void told.push("stop"), steer: () => true };
    },
    close: () => Promise.resolve(void told.push("close")),
  };
  let give: (read: Result<ReadKey>) => void = () => {};
  const key = new Promise<Result<ReadKey>>((resolve) => (give = resolve));
  const open = (read: string): ModelSession => {
    told.push(`open ${read}`);
    return inner;
  };
  const session = openDeferredSession({ model: "a/m", capabilities: unknownModel, key, open });
  const ask = (): { run: ModelRun; events: ModelEvent[] } => {
    const events: ModelEvent[] = [];
    return { run: session.respond({ items: [], tools: [] }, (event) => events.push(event)), events };
  };
  return { session, told, give, ask };
}
const settled = (): Promise<unknown> => new Promise((resolve) => setImmediate(resolve));

describe("a session that waits for its key", () => {
  it("does all that was asked of it in the meantime, in order", async () => {
    const { session, told, give, ask } = stage();
    session.prewarm();
    const { run, events } = ask();
    await settled();
    expect([told, events, run.steer("x")]).toEqual([[], [], false]);
    give(succeed({ key: "k" }));
    await settled();
    expect(told).toEqual(["open k", "prewarm", "respond"]);
    expect(events).toEqual([{ kind: "ended", ending: "completed" }]);
    expect(run.steer("x")).toBe(true);
  });

  it("sends nothing that was stopped before", async () => {
    const { told, give, ask } = stage();
    const { run, events } = ask();
    run.stop();
    run.stop();
    await settled();
    give(succeed({ key: "k" }));
    await settled();
    expect([told, events]).toEqual([["open k"], [{ kind: "ended", ending: "interrupted" }]]);
  });

  it("fails with the reason, and warns once", async () => {
    const first = stage();
    const failed = first.ask();
    first.give(fail("KEY_MISSING", "no key"));
    await settled();
    expect(failed.events).toMatchObject([{ kind: "ended", ending: "failed", failure: { code: "KEY_MISSING" } }]);
    const second = stage();
    second.give(succeed({ key: "k", warning: "others can read it" }));
    await settled();
    const asked = [second.ask(), second.ask()];
    await settled();
    const kinds = asked.map(({ events }) => events.map(({ kind }) => kind));
    expect(kinds).toEqual([["notice", "ended"], ["ended"]]);
  });

  it("is closed with what it opened, also afterwards", async () => {
    const { session, told, give } = stage();
    await session.close();
    give(succeed({ key: "k" }));
    await settled();
    expect(told).toEqual(["open k", "close"]);
  });
});
