/** Time to first token and first hunk, in made-up sessions whose truth is known. */
import { describe, expect, it } from "vitest";
import { SessionScript, dayMs } from "./session-script.ts";

/** Key 5 before, client 10, network 20, model 100, screen 8. */
const plain = (): SessionScript => new SessionScript().prompt("x", 5).after(10).request().answer().shown(8);

describe("the first token", () => {
  it("is what the person waited, key to screen, and its parts are all of it", () => {
    const [sample, ...rest] = plain().after(50).end().samples("first-token");
    expect(rest).toEqual([]);
    expect(sample).toMatchObject({ value: 143, lane: "fast", model: "acme/quick", repository: "/shop" });
    expect(sample?.parts).toEqual({ input: 5, client: 10, network: 20, model: 100, screen: 8 });
  });

  it("takes what the screen says behind the end of the turn", () => {
    const script = new SessionScript().prompt("x", 5).after(10).request().answer().end();
    expect(script.told("first-token")).toEqual([135]);
    expect(script.shown(9).told("first-token")).toEqual([144]);
    expect(script.prompt().request().answer().end().told("first-token")).toEqual([144, 120]);
  });

  it("lacks the parts that nobody measured", () => {
    const [sample] = new SessionScript().prompt().after(10).request().answer().end().samples("first-token");
    expect(sample).toMatchObject({ value: 130, parts: { client: 10, network: 20, model: 100 } });
    expect(Object.keys(sample?.parts ?? {})).not.toContain("screen");
  });

  it("tells the limits' wait and the provider's queue from network and model", () => {
    const script = new SessionScript()
      .prompt()
      .after(10)
      .say({ type: "step.delayed", step: 1, why: "order", until: 0, place: 1, of: 1 });
    const [sample] = script
      .after(3000)
      .request()
      .after(20)
      .say({ type: "step.queued", step: 1 })
      .after(500)
      .answer(0, 70)
      .end()
      .samples("first-token");
    expect(sample).toMatchObject({ value: 3600, parts: { client: 10, queue: 3500, network: 20, model: 70 } });
  });

  it("adds up what a failed request and the next one took", () => {
    const script = new SessionScript().prompt().after(10).request().after(30).stepEnds("failed");
    const [sample] = script.after(5).request().answer(20, 60).end().samples("first-token");
    expect(sample).toMatchObject({ value: 125, parts: { client: 15, network: 50, model: 60 } });
  });

  it("of a draft that was ahead says nothing about the source", () => {
    const [sample] = new SessionScript()
      .prompt("x", 3)
      .after(2)
      .request({ ahead: true })
      .answer(0, 0)
      .shown(4)
      .end()
      .samples("first-token");
    expect(sample).toEqual(expect.objectContaining({ value: 9, parts: { input: 3, screen: 4 } }));
  });

  it("is missing where the turn was stopped, failed or said nothing", () => {
    const script = new SessionScript().prompt().request().after(9).end("interrupted").prompt().request().end("failed");
    script.prompt().end("failed").prompt().request().end();
    expect(script.told("first-token")).toEqual(["stopped", "failed", "failed", "silent"]);
  });

  it("is no case without a model, nor where a job's offer is shown", () => {
    const script = new SessionScript("instant").prompt().request().answer(1, 1, "instant").end();
    script.prompt().request().end("interrupted");
    script.say({ type: "model.changed", model: "acme/quick", contextWindow: 1 }).prompt("/take d1");
    script.hold({ job: "d1" }, "deep");
    expect(script.end().told("first-token")).toEqual([]);
  });

  it("is missing where its process crashed, resumed or not, and never counted twice", () => {
    const script = new SessionScript().prompt().request().after(40);
    expect(script.told("first-token", script.wall + 1000)).toEqual([]);
    expect(script.told("first-token", script.wall + dayMs)).toEqual(["crashed"]);
    expect(script.resume().told("first-token", script.wall)).toEqual(["crashed"]);
    expect(new SessionScript().prompt().resume().told("first-token")).toEqual(["crashed"]);
    expect(plain().resume().told("first-token")).toEqual([143]);
  });

  it("does not see a wall clock that jumps", () => {
    const script = new SessionScript().prompt("x", 5).jump(-3600_000).after(10).request().jump(7200_000).answer().shown(8).end();
    expect(script.told("first-token")).toEqual([143]);
  });

  it("does not take the key of a stop, or of another turn, for its own", () => {
    const script = new SessionScript().prompt().key("stop", 7);
    script.say({ type: "key.pressed", turn: "t9", for: "prompt", pressedAt: script.mono - 9 });
    expect(script.request().answer().end().told("first-token")).toEqual([120]);
  });

  it("does not take the key of a prompt that waits for its own", () => {
    const script = new SessionScript().prompt().after(10).request().answer().after(50).key("prompt", 2).end();
    expect(script.samples("first-token")[0]).toMatchObject({ value: 130, parts: { client: 10, network: 20, model: 100 } });
  });
});

describe("the first hunk", () => {
  it("is the first of its turn, with the screen left out", () => {
    const script = plain();
    script.after(40).land();
    script.after(40).land();
    expect(script.end().told("first-hunk")).toEqual([170]);
  });

  it("is no case in a dry run, where nothing landed, or where a job's hunk lands", () => {
    const script = plain();
    script.land({ dryRun: true });
    script.end().prompt("/take d1");
    const id = script.hold({ job: "d1" }, "deep");
    script.end().landAgain(id);
    expect(script.told("first-hunk")).toEqual([]);
  });

  it("is missing where a person's yes was waited for, and no case where that came behind the turn", () => {
    const script = plain();
    const id = script.hold();
    script.after(9000).landAgain(id).end();
    expect(script.told("first-hunk")).toEqual(["held"]);
    const late = plain();
    const held = late.hold();
    expect(late.end().after(9000).landAgain(held).told("first-hunk")).toEqual([]);
  });

  it("counts without a model", () => {
    const script = new SessionScript("instant").prompt().after(4).request().answer(1, 1, "instant").after(3);
    script.land();
    expect(script.end().told("first-hunk")).toEqual([9]);
  });
});
