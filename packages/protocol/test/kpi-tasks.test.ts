/** Where tasks begin and end, prompt to accepted commit and the one-loop rate, in made-up sessions whose truth is known. */
import { continuePrompt, planPrompt } from "@twolane/protocol";
import { describe, expect, it } from "vitest";
import { SessionScript, dayMs } from "./session-script.ts";

const minute = 60_000;

describe("one prompt, one commit", () => {
  it("is one loop, from the prompt to the commit", () => {
    const script = new SessionScript();
    const ids = script.lands("src/a.ts", "src/b.ts");
    script
      .after(minute)
      .accept(...ids)
      .after(1000)
      .commit("c1", ...ids);
    // 10 + 20 + 100 + 2 × 10 ms of answer.
    expect(script.told("accepted-commit")).toEqual([61.15]);
    expect(script.told("one-loop")).toEqual([1]);
    expect(script.tasks()).toEqual([expect.objectContaining({ outcome: "committed", prompts: 1, commits: ["c1"] })]);
  });

  it("counts where the person commits by hand, seen at once or found later", () => {
    const seen = new SessionScript();
    const [id = ""] = seen.lands("src/a.ts");
    seen.after(1000).say({ type: "hunk.accepted", hunk: id, by: "commit" }).commit("c1", id);
    expect(seen.told("accepted-commit")).toEqual([1.14]);
    expect(seen.tasks()[0]?.commits).toEqual(["c1"]);
    const later = new SessionScript();
    const ids = later.lands("src/a.ts");
    later.found("c2", later.wall + 5000, ...ids);
    expect(later.told("accepted-commit")).toEqual([5.14]);
    // An amend of it says nothing new.
    expect(later.found("c3", later.wall + 9000, ...ids).told("accepted-commit")).toEqual([5.14]);
    expect(later.tasks()[0]?.commits).toEqual(["c2"]);
  });

  it("of two commits the later one holds all of it", () => {
    const script = new SessionScript();
    const [one = "", two = ""] = script.lands("src/a.ts", "src/b.ts");
    script.after(1000).accept(one).commit("c1", one).after(1000).accept(two).commit("c2", two);
    expect(script.told("accepted-commit")).toEqual([2.15]);
    expect(script.told("one-loop")).toEqual([1]);
  });

  it("is missing where what was accepted is in no commit a day later, and in time it may still come", () => {
    const script = new SessionScript();
    script.accept(...script.lands("src/a.ts"));
    expect(script.told("accepted-commit", script.wall + dayMs - 1)).toEqual([]);
    expect(script.told("one-loop", script.wall)).toEqual([1]);
    expect(script.told("accepted-commit", script.wall + dayMs)).toEqual(["uncommitted"]);
  });

  it("begins a new task behind it", () => {
    const script = new SessionScript();
    for (const path of ["src/a.ts", "src/a.ts"]) script.accept(...script.lands(path));
    expect(script.outcomes()).toEqual(["accepted 1", "accepted 1"]);
  });
});

describe("more than one loop", () => {
  it("a second prompt while hunks wait goes on with the task", () => {
    const script = new SessionScript();
    const ids = [...script.lands("src/a.ts"), ...script.after(minute).lands("src/z.ts")];
    script.accept(...ids).commit("c1", ...ids);
    expect(script.outcomes()).toEqual(["committed 2"]);
    expect(script.told("one-loop")).toEqual([0]);
    expect(script.told("accepted-commit")).toEqual([60.28]);
  });

  it("a steer", () => {
    const script = new SessionScript()
      .prompt()
      .request()
      .answer()
      .say({ type: "turn.steered", turn: "t1", text: "no" })
      .request();
    const id = script.land();
    expect(script.end().accept(id).told("one-loop")).toEqual([0]);
    expect(script.tasks()).toMatchObject([{ prompts: 1, steers: 1, takenBack: 0 }]);
  });

  it("an undo or a rejection of a part", () => {
    const script = new SessionScript();
    const [one = "", two = ""] = script.lands("src/a.ts", "src/b.ts");
    expect(script.undo(one).accept(two).told("one-loop")).toEqual([0]);
    expect(script.tasks()).toMatchObject([{ takenBack: 1 }]);
    const other = new SessionScript();
    const [first = "", second = ""] = other.lands("src/a.ts", "src/b.ts");
    expect(other.accept(second).reject(first).told("one-loop")).toEqual([0]);
  });

  it("all undone and again in the same file is one task, in another file two", () => {
    const again = (path: string): readonly string[] => {
      const script = new SessionScript();
      script.undo(...script.lands("src/a.ts"));
      script.accept(...script.lands(path));
      return script.outcomes();
    };
    expect(again("src/a.ts")).toEqual(["accepted 2"]);
    expect(again("src/b.ts")).toEqual(["abandoned 1", "accepted 1"]);
  });

  it("all undone and again: the first hunk tells, and the rest of its turn goes with it", () => {
    const script = new SessionScript();
    script.undo(...script.lands("src/a.ts"));
    script.prompt().request().say({ type: "turn.steered", turn: "t2", text: "x" }).answer();
    const ids = [script.land({ path: "src/a.ts" }), script.land({ path: "src/new.ts" })];
    const more = script.stepEnds().end().lands("src/more.ts");
    script.accept(...ids, ...more);
    expect(script.tasks()).toMatchObject([{ outcome: "accepted", prompts: 3, steers: 1, takenBack: 1 }]);
    const other = new SessionScript();
    other.undo(...other.lands("src/a.ts"));
    other.accept(...other.lands("src/new.ts", "src/a.ts"));
    expect(other.outcomes()).toEqual(["abandoned 1", "accepted 1"]);
  });

  it("a stop before anything stays, also where a hunk failed; but not one whose hunks were taken", () => {
    const stopped = (act: (script: SessionScript) => void): readonly string[] => {
      const script = new SessionScript().prompt().request().answer();
      act(script.say({ type: "stop.requested", turn: "t1" }));
      script.accept(...script.lands("src/y.ts"));
      return script.outcomes();
    };
    const failing = (script: SessionScript): void => void [script.fail({ path: "src/x.ts" }), script.end("interrupted")];
    expect(stopped(failing)).toEqual(["accepted 2"]);
    expect(stopped((script) => void script.end("interrupted").accept(script.land()))).toEqual(["accepted 1", "accepted 1"]);
  });

  it("a stop and another prompt, with or without anything on disk", () => {
    for (const lands of [true, false]) {
      const script = new SessionScript().prompt().request().answer();
      if (lands) script.land({ path: "src/x.ts" });
      script.say({ type: "stop.requested", turn: "t1" }, { type: "stop.finished", turn: "t1", kept: [] }).end("interrupted");
      const ids = script.lands("src/y.ts");
      expect(script.accept(...ids, ...(lands ? ["h1"] : [])).outcomes()).toEqual(["accepted 2"]);
    }
  });

  it("but not a stop that is taken back", () => {
    const script = new SessionScript().prompt().request().answer().say({ type: "stop.requested", turn: "t1" }).end("interrupted");
    script.prompt(continuePrompt).request().answer();
    const id = script.land();
    expect(script.end().accept(id).told("one-loop")).toEqual([1]);
  });

  it("a prompt that failed, or went with a crash, and is said again", () => {
    const failed = new SessionScript().prompt().request().end("failed");
    expect(failed.accept(...failed.lands("src/a.ts")).outcomes()).toEqual(["accepted 2"]);
    const crashed = new SessionScript().prompt().resume(minute);
    crashed.accept(...crashed.lands("src/a.ts"));
    expect(crashed.outcomes()).toEqual(["accepted 2"]);
  });
});

describe("turns that are no prompts of a person", () => {
  it("a plan that is carried out, with hunks that it held or with words alone", () => {
    for (const held of [true, false]) {
      const script = new SessionScript().say({ type: "mode.changed", mode: "plan" }).prompt().request().answer();
      const waiting = held ? [script.hold({}, "plan")] : [];
      script.end().after(minute).say({ type: "mode.changed", mode: "flow" });
      script
        .say(...waiting.map((hunk) => ({ type: "hunk.superseded", hunk }) as const))
        .prompt(planPrompt)
        .request()
        .answer();
      const id = script.land();
      script.end().accept(id).commit("c1", id);
      expect(script.outcomes()).toEqual(["committed 1"]);
      expect(script.told("one-loop")).toEqual([1]);
      expect(script.told("accepted-commit")).toEqual([60.24]);
    }
  });

  it("but a plan that is talked over is more than one prompt", () => {
    const script = new SessionScript().say({ type: "mode.changed", mode: "plan" });
    for (const text of ["plan", "other plan"]) script.prompt(text).request().answer().end();
    script.say({ type: "mode.changed", mode: "flow" }).prompt(planPrompt).request().answer();
    const id = script.land();
    expect(script.end().accept(id).outcomes()).toEqual(["accepted 2"]);
  });

  it("turns of a workflow", () => {
    const script = new SessionScript().say({ type: "workflow.started", workflow: "refactor", text: "x" });
    script.prompt("/refactor x").request().answer().end();
    script.say({ type: "workflow.answered", workflow: "refactor", answer: "yes" });
    const ids = [...script.lands("src/a.ts"), ...script.lands("src/b.ts")];
    script.say({ type: "workflow.ended", workflow: "refactor", ending: "done", report: [] });
    script.accept(...ids).commit("c1", ...ids);
    expect(script.outcomes()).toEqual(["committed 1"]);
    expect(script.samples("one-loop")).toEqual([expect.objectContaining({ hits: 1, workflow: "refactor" })]);
    script.accept(...script.lands("src/a.ts"));
    expect(script.outcomes()).toEqual(["committed 1", "accepted 1"]);
    expect(script.samples("one-loop")[1]).not.toHaveProperty("workflow");
  });

  it("but a plan of a workflow that is changed in the person's own words is a correction", () => {
    const script = new SessionScript().say({ type: "workflow.started", workflow: "refactor", text: "x" });
    script.prompt("/refactor x").request().answer().end();
    script.say({ type: "workflow.answered", workflow: "refactor", answer: "edit", text: "only b" });
    script.accept(...script.lands("src/b.ts"));
    expect(script.told("one-loop")).toEqual([0]);
  });

  it("the showing of what a job offers, also again", () => {
    const script = new SessionScript();
    const own = script.lands("src/a.ts");
    const look = (): string => {
      script.prompt("/take d1");
      const id = script.hold({ job: "d1", path: "src/deep.ts" }, "deep");
      script.end();
      return id;
    };
    script.say({ type: "hunk.superseded", hunk: look() });
    const offered = look();
    script.resume(1);
    script.accept(...own);
    script.lands("src/c.ts");
    expect(script.outcomes(script.wall)).toEqual(["accepted 1", "open 1", "open 1"]);
    expect(script.landAgain(offered).accept(offered).tasks()[1]).toMatchObject({ outcome: "accepted", job: "d1", lane: "deep" });
  });
});

describe("other ends", () => {
  it("a question is answered, and no case of anything", () => {
    const script = new SessionScript().prompt().request().answer().end();
    expect(script.outcomes()).toEqual(["answered 1"]);
    expect(script.told("one-loop")).toEqual([]);
  });

  it("what only failed, was only undone, or waits for a day, is abandoned", () => {
    const script = new SessionScript().prompt().request().answer();
    script.fail();
    script.end().undo(...script.lands("src/b.ts"));
    script.lands("src/c.ts");
    expect(script.outcomes(script.wall)).toEqual(["abandoned 1", "abandoned 1", "open 1"]);
    expect(script.outcomes(script.wall + dayMs)).toEqual(["abandoned 1", "abandoned 1", "abandoned 1"]);
  });

  it("a prompt a day later is another task", () => {
    const script = new SessionScript();
    script.lands("src/a.ts");
    script.resume(dayMs).accept(...script.lands("src/a.ts"));
    expect(script.outcomes()).toEqual(["abandoned 1", "accepted 1"]);
  });

  it("a day is counted from what happened last", () => {
    const script = new SessionScript();
    const [id = ""] = script.lands("src/a.ts");
    script
      .after(dayMs - 1000)
      .landAgain(id)
      .after(dayMs - 1000);
    script.accept(id, ...script.lands("src/b.ts"));
    expect(script.outcomes()).toEqual(["accepted 2"]);
    const decided = new SessionScript();
    const [one = "", two = ""] = decided.lands("src/a.ts", "src/b.ts");
    decided
      .after(dayMs - 1000)
      .accept(one)
      .after(dayMs - 1000);
    decided.accept(two, ...decided.lands("src/c.ts"));
    expect(decided.outcomes()).toEqual(["accepted 2"]);
  });

  it("what is in a commit stays accepted, whatever becomes of it", () => {
    const script = new SessionScript();
    const ids = script.lands("src/a.ts");
    script
      .accept(...ids)
      .commit("c1", ...ids)
      .undo(...ids);
    expect(script.outcomes()).toEqual(["committed 1"]);
    expect(script.told("one-loop")).toEqual([1]);
  });

  it("a failed hunk that another makes good takes nothing from it", () => {
    const script = new SessionScript().prompt().request().answer();
    const failed = script.fail();
    const id = script.land();
    script.say({ type: "hunk.superseded", hunk: failed, by: id }).end().accept(id);
    expect(script.told("one-loop")).toEqual([1]);
  });

  it("a hand-over: the deep lane has it, from there on", () => {
    const script = new SessionScript();
    const mine = script.lands("src/a.ts");
    script.after(minute).say({ type: "job.handed", job: "d1" }).after(minute).prompt("/take d1");
    const id = script.hold({ job: "d1" }, "deep");
    script.end().after(1000).landAgain(id).accept(id).commit("c1", id);
    expect(script.outcomes()).toEqual(["handed 1", "committed 1"]);
    expect(script.samples("accepted-commit")).toEqual([expect.objectContaining({ lane: "deep", value: 61 })]);
    expect(script.samples("one-loop")).toEqual([expect.objectContaining({ lane: "deep", hits: 1 })]);
    // What was taken of it all the same is an accepted task.
    script.accept(...mine);
    expect(script.outcomes()).toEqual(["accepted 1", "committed 1"]);
  });

  it("a hand-over behind an answer leaves that answered; behind what was undone it is handed, and the next prompt is another", () => {
    const answered = new SessionScript().prompt().request().answer().end().say({ type: "job.handed", job: "d1" });
    expect(answered.outcomes(answered.wall)).toEqual(["answered 1", "open 1"]);
    const script = new SessionScript();
    script.undo(...script.lands("src/a.ts")).say({ type: "job.handed", job: "d1" });
    script.accept(...script.lands("src/a.ts"));
    expect(script.outcomes(script.wall)).toEqual(["handed 1", "open 1", "accepted 1"]);
  });

  it("a patch that is applied, or a commit that is replayed, is nobody's loop; what becomes of its hunks counts", () => {
    for (const model of ["patch", "replay/1a2b3c4"]) {
      const script = new SessionScript(model);
      script.accept(...script.lands("src/a.ts"));
      const told = script.kpis().samples(script.wall + dayMs);
      expect(new Set(told.map(({ kpi }) => kpi))).toEqual(
        new Set(["hunks-accepted", "lines-accepted", "lines-edited", "review-hunk", "review-lines"]),
      );
      expect(script.outcomes()).toEqual(["accepted 1"]);
      expect(script.kpis().traces()).toEqual([]);
    }
  });

  it("a job of another session has no first prompt here", () => {
    const script = new SessionScript("instant").prompt("/take d1");
    const id = script.hold({ job: "d1" }, "deep");
    script.end().landAgain(id).accept(id).commit("c1", id);
    expect(script.told("accepted-commit")).toEqual(["elsewhere"]);
    expect(script.tasks()).toHaveLength(1);
  });

  it("a job whose log is there began when that says, by its model, and was steered as often", () => {
    const take = (steers: number): SessionScript => {
      const script = new SessionScript("instant");
      script.jobs = [{ job: "d1", model: "acme/deep", startedAt: script.wall - 10 * minute, steers }];
      script.prompt("/take d1");
      const id = script.hold({ job: "d1" }, "deep");
      return script.end().landAgain(id).accept(id).commit("c1", id);
    };
    expect(take(0).samples("accepted-commit")).toMatchObject([{ lane: "deep", model: "acme/deep", value: 600 }]);
    expect(take(0).told("one-loop")).toEqual([1]);
    expect(take(1).told("one-loop")).toEqual([0]);
    expect(take(0).samples("hunks-accepted")).toMatchObject([{ lane: "deep", model: "acme/deep" }]);
  });

  it("a dry run lands nothing that could be accepted", () => {
    const script = new SessionScript().prompt().request().answer();
    script.land({ dryRun: true });
    expect(script.end().outcomes()).toEqual(["answered 1"]);
  });
});

describe("a rewind", () => {
  const rewind = (script: SessionScript, turn: string, undone: readonly string[]): SessionScript =>
    script.undo(...undone).say({ type: "turn.rewound", turn, conversation: true, files: true, undone });

  it("of what was accepted leaves no accepted task, and the prompt in its place goes on with it", () => {
    const script = new SessionScript();
    const ids = script.lands("src/a.ts");
    rewind(script.accept(...ids), "t1", ids);
    expect(script.told("one-loop")).toEqual([]);
    expect(script.outcomes()).toEqual(["abandoned 1"]);
    script.accept(...script.lands("src/other.ts"));
    expect(script.outcomes()).toEqual(["accepted 2"]);
    expect(script.told("one-loop")).toEqual([0]);
  });

  it("to a question that is asked in other words goes on with that one", () => {
    const script = new SessionScript().prompt().request().answer().end();
    rewind(script, "t1", []);
    script.accept(...script.lands("src/a.ts"));
    expect(script.outcomes()).toEqual(["accepted 2"]);
  });

  it("and forward again to an answer makes the next prompt a new one", () => {
    const script = rewind(new SessionScript().prompt().request().answer().end(), "t1", []);
    script.say({ type: "turn.rewound", turn: "t1", conversation: true, files: true, undone: [], forward: true });
    script.accept(...script.lands("src/a.ts"));
    expect(script.outcomes()).toEqual(["answered 1", "accepted 1"]);
  });

  it("of the conversation alone leaves what waits on disk, and the next prompt goes on with that", () => {
    const script = new SessionScript();
    script.accept(...script.lands("src/a.ts"));
    const waiting = script.lands("src/b.ts");
    script.say({ type: "turn.rewound", turn: "t1", conversation: true, files: false });
    script.accept(...waiting, ...script.lands("src/c.ts"));
    expect(script.outcomes()).toEqual(["accepted 1", "accepted 2"]);
  });

  it("of files alone leaves the conversation, and the next prompt is another", () => {
    const script = new SessionScript();
    const ids = script.lands("src/a.ts");
    script.undo(...ids).say({ type: "turn.rewound", turn: "t1", conversation: false, files: true, undone: ids });
    script.accept(...script.lands("src/b.ts"));
    expect(script.outcomes()).toEqual(["abandoned 1", "accepted 1"]);
  });

  it("and forward again leaves the task as it was, but for the undo", () => {
    const script = new SessionScript();
    const ids = script.lands("src/a.ts");
    rewind(script, "t1", ids);
    script.say({ type: "turn.rewound", turn: "t1", conversation: true, files: true, undone: [], forward: true });
    for (const id of ids) script.landAgain(id);
    script.accept(...ids);
    expect(script.outcomes()).toEqual(["accepted 1"]);
    expect(script.told("one-loop")).toEqual([0]);
  });
});

describe("clocks", () => {
  it("a jump within one process is not seen", () => {
    const script = new SessionScript();
    const ids = script.lands("src/a.ts");
    script
      .jump(-10 * minute)
      .after(1000)
      .accept(...ids)
      .commit("c1", ...ids);
    expect(script.told("accepted-commit")).toEqual([1.14]);
  });

  it("between two processes the wall clock counts, and where it went back there is no duration", () => {
    const on = new SessionScript();
    const ids = on.lands("src/a.ts");
    expect(
      on
        .resume(minute)
        .accept(...ids)
        .commit("c1", ...ids)
        .told("accepted-commit"),
    ).toEqual([60.14]);
    const back = new SessionScript();
    const others = back.lands("src/a.ts");
    expect(
      back
        .resume(-minute)
        .accept(...others)
        .commit("c1", ...others)
        .told("accepted-commit"),
    ).toEqual(["clock"]);
  });
});
