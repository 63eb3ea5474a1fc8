/** Answers that come to nothing, against a server that keeps the last response of each lane: what comes next goes on from before them. */
import { afterEach, describe, expect, test } from "vitest";
import { type Sim, startSim } from "../sim/sim.ts";
import { Heard, after, ask, closeAll, eventually, openSession, request, user } from "./scripted-server.ts";

const sims: Sim[] = [];
afterEach(async () => {
  closeAll();
  await Promise.all(sims.splice(0).map((sim) => sim.close()));
});

/** A conversation of one turn; `"slow"` is answered over 30 ms and more, `"endless"` over seconds. */
async function begin(stop: "lanes" | "disconnect") {
  const reply = [{ text: "one two three four five six" }];
  const answers = [
    { when: { prompt: "slow" }, reply, pace: { ttftMs: 0, tokensPerSecond: 100 } },
    { when: { prompt: "endless" }, reply, pace: { ttftMs: 0, tokensPerSecond: 0.2 } },
    { reply: [{ text: "Yes." }] },
  ];
  const sim = await startSim({ scenario: { answers } });
  sims.push(sim);
  const session = openSession({ baseUrl: `${sim.url}/v1`, capabilities: { stop } });
  const base = ask(session, user("one"));
  await base.ending();
  const known = after(base, user("one"));
  const draft = (text: string) => {
    const heard = new Heard();
    return Object.assign(heard, { run: session.respond(request(...known, user(text)), heard.on, { draft: true }) });
  };
  const over = (nth: number): Promise<void> => eventually(() => responses(sim)[nth]?.outcome === "completed");
  return { sim, session, known, draft, over };
}

const responses = (sim: Sim) => sim.requests.filter(({ kind }) => kind === "responses");
const lanes = (sim: Sim) => responses(sim).map(({ body }) => body?.["stream_id"]);
const firstTry = { status: "completed" };

describe("with lanes", () => {
  test("what comes after a draft that was dropped, and is over, continues what was before it", async () => {
    const { sim, session, known, draft, over } = await begin("lanes");
    for (const nth of [1, 3, 5]) {
      const dropped = draft("slow");
      await dropped.until("text");
      dropped.run.stop();
      await over(nth);
      // The end of the one before is ahead of its own on the socket.
      await draft("whole").ending();
    }
    const next = ask(session, ...known, user("two"));
    expect(await next.ending()).toMatchObject(firstTry);
    expect(next.kinds).not.toContain("retrying");
    expect(next.of("requested")).toMatchObject([{ continued: true }]);
    expect(lanes(sim).at(-1)).toBeUndefined();
    expect(new Set(lanes(sim)).size).toBeLessThan(4);
  });

  test("and while it still runs", async () => {
    const { sim, session, known, draft } = await begin("lanes");
    for (const _ of [1, 2]) {
      const dropped = draft("endless");
      await dropped.until("started");
      dropped.run.stop();
    }
    const next = ask(session, ...known, user("two"));
    await next.ending();
    expect(next.of("requested")).toMatchObject([{ continued: true }]);
    expect(lanes(sim)).toEqual([undefined, "lane-1", "lane-2", undefined]);
  });

  test("a draft that is whole is continued on its lane, or left", async () => {
    const { sim, session, known, draft } = await begin("lanes");
    await draft("left").ending();
    const used = draft("used");
    await used.ending();
    const next = ask(session, ...after(used, ...known, user("used")), user("two"));
    await next.ending();
    expect(next.of("requested")).toMatchObject([{ continued: true }]);
    const other = ask(session, ...known, user("other"));
    await other.ending();
    expect(other.of("requested")).toMatchObject([{ continued: true }]);
    expect(lanes(sim)).toEqual([undefined, "lane-1", "lane-1", "lane-1", undefined]);
  });
});

test("without lanes a draft runs where everything does", async () => {
  const { sim, session, known, draft } = await begin("disconnect");
  const used = draft("used");
  await used.ending();
  const next = ask(session, ...after(used, ...known, user("used")), user("two"));
  await next.ending();
  expect(next.of("requested")).toMatchObject([{ continued: true }]);
  expect(lanes(sim)).toEqual([undefined, undefined, undefined]);
});
