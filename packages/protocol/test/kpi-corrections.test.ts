/** Stop time, steer time, and from there to the corrected course, in made-up sessions whose truth is known. */
import { continuePrompt } from "@twolane/protocol";
import { describe, expect, it } from "vitest";
import { SessionScript } from "./session-script.ts";

/** A turn runs and has said something. */
const running = (): SessionScript => new SessionScript().prompt().request().answer().after(500);
/** Key 4 before; quiet 6 behind. */
const stop = (script: SessionScript): SessionScript =>
  script
    .say({ type: "stop.requested", turn: script.turn })
    .key("stop", 4)
    .after(6)
    .say({ type: "stop.finished", turn: script.turn, kept: [] });
const stopped = (): SessionScript => stop(running()).end("interrupted");
const steered = (): SessionScript => {
  const script = running();
  return script.say({ type: "turn.steered", turn: script.turn, text: "no" }).key("steer", 3);
};

describe("a stop", () => {
  it("lasts from its key to quiet", () => {
    expect(stopped().told("stop")).toEqual([10]);
    expect(stopped().told("correction")).toEqual([]);
  });

  it("counts its key also where quiet came first", () => {
    const script = running();
    script.say({ type: "stop.requested", turn: "t1" }, { type: "stop.finished", turn: "t1", kept: [] });
    expect(script.key("stop", 4).end("interrupted").told("stop")).toEqual([4]);
  });

  it("is corrected by the first hunk of the next prompt; the person's typing is told apart", () => {
    const script = stopped().after(4000).prompt().after(10).request().answer().after(70);
    script.land();
    script.after(10).land();
    const [sample, ...rest] = script.end().samples("correction");
    expect(rest).toEqual([]);
    expect(sample).toMatchObject({ value: 4210, parts: { person: 4010, system: 200 } });
  });

  it("is corrected by the first token where nothing lands, however long the answer is", () => {
    const script = stopped().after(1000).prompt().request().answer().after(9000).stepEnds().request().answer().end();
    expect(script.told("correction")).toEqual([1130]);
  });

  it("is no correction where it is taken back, where nobody goes on, or where a job's offer is looked at", () => {
    const script = stopped().after(1000).prompt(continuePrompt).request().answer();
    script.land();
    expect(script.end().told("correction")).toEqual([]);
    expect(stopped().resume().prompt().request().answer().end().told("correction")).toEqual([]);
    const looked = stopped().after(5).prompt("/take d1");
    looked.hold({ job: "d1" }, "deep");
    expect(looked.end().told("correction")).toEqual([]);
    expect(looked.after(985).prompt().request().answer().end().told("correction")).toEqual([1120]);
  });

  it("twice in a row is two stops and one correction that came to nothing", () => {
    const script = stop(stopped().after(1000).prompt()).end("interrupted").after(500).prompt().request().answer().end();
    expect(script.told("stop")).toEqual([10, 10]);
    expect(script.told("correction")).toEqual(["unsent", 630]);
  });

  it("whose corrected turn fails, or whose process dies, is missing", () => {
    expect(stopped().prompt().request().after(9).end("failed").told("correction")).toEqual(["failed"]);
    expect(stopped().prompt().request().resume().told("correction")).toEqual(["crashed"]);
    expect(running().say({ type: "stop.requested", turn: "t1" }).resume().told("stop")).toEqual(["crashed"]);
  });

  it("does not see the wall clock", () => {
    const script = stopped()
      .jump(-dayBack)
      .after(1000)
      .prompt()
      .jump(2 * dayBack)
      .request()
      .answer()
      .end();
    expect(script.told("correction")).toEqual([1130]);
  });
  const dayBack = 24 * 3600_000;
});

describe("a steer", () => {
  it("lasts from its key to the request, and is corrected by the first hunk behind that", () => {
    const script = steered();
    // The answer that was left goes on landing for a moment.
    script.after(1).land();
    script.after(1).request().answer().after(30);
    script.land();
    expect(script.end().told("steer")).toEqual([5]);
    expect(script.samples("correction")).toEqual([expect.objectContaining({ value: 155, parts: { system: 155 } })]);
  });

  it("is on the wire with its first request, whatever is asked behind it", () => {
    const script = steered().after(2).request().answer().stepEnds().after(900).request().answer();
    expect(script.end().told("steer")).toEqual([5]);
    expect(script.told("correction")).toEqual([125]);
  });

  it("counts its key also where the request came first", () => {
    const script = running().say({ type: "turn.steered", turn: "t1", text: "no" }).request().key("steer", 3).answer().end();
    expect(script.told("steer")).toEqual([3]);
  });

  it("that the running answer takes is on the wire at once, and corrected by the next hunk", () => {
    const delivered = (): SessionScript =>
      running().say({ type: "turn.steered", turn: "t1", text: "no", delivered: true }).key("steer", 3);
    const script = delivered().after(40);
    script.land();
    expect(script.end().told("steer")).toEqual([3]);
    expect(script.told("correction")).toEqual([43]);
    // Where it edits nothing, no event marks where its text turned.
    expect(delivered().after(40).end().told("correction")).toEqual(["unmarked"]);
  });

  it("that is never sent is missing", () => {
    expect(steered().after(800).end().told("steer")).toEqual(["unsent"]);
    expect(steered().after(800).end().told("correction")).toEqual(["unsent"]);
  });

  it("behind a steer ends the first one", () => {
    const script = steered()
      .after(2)
      .request()
      .after(4)
      .say({ type: "turn.steered", turn: "t1", text: "or" })
      .after(1)
      .request()
      .answer()
      .end();
    expect(script.told("steer")).toEqual([5, 1]);
    expect(script.told("correction")).toEqual(["failed", 121]);
  });

  it("that is stopped is a stop from there on", () => {
    const script = stop(steered().after(2)).end("interrupted").after(100).prompt().request().answer().end();
    expect(script.told("steer")).toEqual(["unsent"]);
    expect(script.told("correction")).toEqual(["unsent", 230]);
  });
});

it("what is known is told before the rest of it is", () => {
  expect(steered().after(2).request().told("steer")).toEqual([5]);
  const script = running().say({ type: "stop.requested", turn: "t1" }).key("stop", 4).after(6);
  expect(script.told("stop")).toEqual([]);
  expect(script.say({ type: "stop.finished", turn: "t1", kept: [] }).told("stop")).toEqual([10]);
});
