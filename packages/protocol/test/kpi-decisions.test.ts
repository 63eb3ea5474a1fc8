/** Acceptance and review effort, in made-up sessions whose truth is known. */
import { describe, expect, it } from "vitest";
import { SessionScript } from "./session-script.ts";

describe("acceptance", () => {
  it("counts hunks and lines that were decided, and no others", () => {
    const script = new SessionScript().prompt().request().answer();
    const [a, b, c] = [script.land({ lines: 30 }), script.land({ lines: 10 }), script.land({ lines: 5 })];
    script.land({ lines: 100 });
    script.land({ dryRun: true });
    script.reject(script.hold()).end().accept(a).reject(b).undo(c);
    expect(script.told("hunks-accepted")).toEqual([1, 0, 0]);
    expect(script.figure("lines-accepted")).toMatchObject({ cases: 3, hits: 30, of: 45 });
  });

  it("follows a hunk that comes and goes, to what was said last", () => {
    const script = new SessionScript();
    const [id = ""] = script.lands("src/a.ts");
    expect(script.accept(id).undo(id).told("hunks-accepted")).toEqual([0]);
    expect(script.landAgain(id).told("hunks-accepted")).toEqual([]);
    expect(script.accept(id).commit("c1", id).told("hunks-accepted")).toEqual([1]);
  });

  it("counts commits by others", () => {
    const script = new SessionScript();
    const ids = script.lands("src/a.ts", "src/b.ts");
    const at = script.wall + 5000;
    expect(script.found("c1", at, ...ids).samples("hunks-accepted")).toMatchObject([
      { hits: 1, at },
      { hits: 1, at },
    ]);
  });

  it("tells apart what a person changed first, never more than there is", () => {
    const script = new SessionScript();
    const ids = script.lands("src/a.ts", "src/b.ts", "src/c.ts");
    script.say(...[3, 400, 7].map((lines, index) => ({ type: "hunk.edited", hunk: ids[index]!, lines }) as const));
    script.say({ type: "hunk.edited", hunk: ids[2]!, lines: 0 }).accept(...ids);
    expect(script.figure("lines-edited")).toMatchObject({ cases: 3, hits: 13, of: 30 });
  });

  it("says of which lane they are", () => {
    const script = new SessionScript().prompt("/take d1");
    const id = script.hold({ job: "d1" }, "deep");
    script.end().landAgain(id).accept(id);
    expect(script.samples("hunks-accepted")).toMatchObject([{ lane: "deep", hits: 1 }]);
  });
});

describe("review effort", () => {
  const seen = (script: SessionScript, ...hunks: readonly string[]): SessionScript => script.say({ type: "hunk.seen", hunks });

  it("lasts from the first look to the first yes or no", () => {
    const script = new SessionScript();
    const [a = "", b = ""] = script.lands("src/a.ts", "src/b.ts");
    seen(script, a, b);
    script.after(2000).accept(a);
    seen(script, b);
    script.after(1000).reject(b);
    expect(script.told("review-hunk")).toEqual([2, 3]);
    // Ten lines each.
    expect(script.told("review-lines")).toEqual([20, 30]);
    expect(script.landAgain(b).after(500).accept(b).undo(a).told("review-hunk")).toEqual([2, 3]);
  });

  it("of a held hunk begins while it waits", () => {
    const script = new SessionScript().prompt().request().answer();
    const id = script.hold();
    seen(script.end(), id).after(1500).landAgain(id).accept(id);
    expect(script.told("review-hunk")).toEqual([1.5]);
  });

  it("is missing where nobody looked, where a commit decided, and where a clock went back", () => {
    const script = new SessionScript();
    const [a = "", b = "", c = ""] = script.lands("src/a.ts", "src/b.ts", "src/c.ts");
    seen(script.accept(a), b, c).say({ type: "hunk.accepted", hunk: b, by: "commit" }).resume(-5000).accept(c);
    expect(script.told("review-hunk")).toEqual(["unseen", "commit", "clock"]);
  });

  it("for each 100 lines is no case of a hunk without lines", () => {
    const script = new SessionScript().prompt().request().answer();
    const id = script.land({ lines: 0 });
    expect(seen(script, id).after(1000).accept(id).told("review-lines")).toEqual([]);
  });
});
