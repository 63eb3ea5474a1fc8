import { describe, expect, it } from "vitest";
import type { Verdict } from "@twolane/protocol";
import { unknownModel } from "./families.ts";
import type { ModelEvent, ModelSession } from "./models.ts";
import { guardServed } from "./served-guard.ts";

/** One that answers as `served`, and goes on talking after it was stopped. */
function answering(served: { model: string; serviceTier?: string }) {
  let stops = 0;
  const session: ModelSession = {
    ...{ model: "a/asked", capabilities: unknownModel, prewarm() {}, close: () => Promise.resolve() },
    respond(_, onEvent) {
      queueMicrotask(() => {
        onEvent({ kind: "started", ...served });
        onEvent({ kind: "text", text: "late" });
        onEvent({ kind: "ended", ending: "completed" });
      });
      return { stop: () => void (stops += 1), steer: () => false };
    },
  };
  return { session, stops: () => stops };
}
const no = (decision: "hold" | "block"): Verdict => ({
  ...{ decision, rule: "models", reason: "b answers", wayOut: "Ask for b.", subject: "b", source: "policy.yaml" },
});

async function ask(session: ModelSession): Promise<readonly string[]> {
  const events: ModelEvent[] = [];
  session.respond({ items: [], tools: [] }, (event) => events.push(event));
  await new Promise((resolve) => setImmediate(resolve));
  return events.map((event) => (event.kind === "ended" ? (event.failure?.code ?? event.ending) : event.kind));
}
const whole = ["started", "text", "completed"];

describe("a rule about what answers", () => {
  it("ends the answer at its start, once, and nothing of it follows", async () => {
    const { session, stops } = answering({ model: "b" });
    const guarded = guardServed(session, { asked: { name: "asked" }, judge: () => no("block"), asks: true });
    for (const round of [1, 2]) {
      expect(await ask(guarded)).toEqual(["started", "SERVED_BLOCKED"]);
      expect(stops()).toBe(round);
    }
  });

  it("holds until it is said again, where somebody is there", async () => {
    const held = (asks: boolean) =>
      guardServed(answering({ model: "b" }).session, { asked: { name: "asked" }, judge: () => no("hold"), asks });
    const attended = held(true);
    expect(await ask(attended)).toEqual(["started", "SERVED_HELD"]);
    expect(await ask(attended)).toEqual(whole);
    const alone = held(false);
    for (const _ of [1, 2]) expect(await ask(alone)).toEqual(["started", "SERVED_HELD"]);
  });

  it("is not asked where all is as it was asked for", async () => {
    const judge = (): Verdict => {
      throw new Error("asked");
    };
    const same = answering({ model: "maker/asked-2026-01-02", serviceTier: "priority" });
    expect(
      await ask(guardServed(same.session, { asked: { name: "asked", serviceTier: "priority" }, judge, asks: false })),
    ).toEqual(whole);
    const tier = answering({ model: "asked", serviceTier: "flex" });
    const guarded = guardServed(tier.session, {
      asked: { name: "asked", serviceTier: "priority" },
      judge: ({ kind }) => no(kind === "tier" ? "block" : "hold"),
      asks: true,
    });
    expect(await ask(guarded)).toEqual(["started", "SERVED_BLOCKED"]);
  });
});
