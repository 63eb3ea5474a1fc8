/** The review list: arrivals never move what a key hits, answers that come too soon do not count, looked at is looked at. */
import { type TwolaneEvent, failure } from "@twolane/protocol";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  type ReviewList,
  answer,
  answerCounts,
  emptyReviewList,
  goOn,
  isHit,
  listed,
  moveCursor,
  nextOpen,
  nowSeen,
  openList,
  reduceReviewList,
  scrollLines,
  underCursor,
} from "./review-list.ts";
import { type SessionState, emptySession, reduceSession } from "./session-state.ts";
import { at, closed, held, hunkOf, landed, priceLines, prompted, stepHold } from "./session-state-samples.ts";

const runs = 100 * Number(process.env["TWOLANE_TEST_SCALE"] ?? 1);

interface Both {
  readonly session: SessionState;
  readonly list: ReviewList;
}

function take({ session, list }: Both, event: TwolaneEvent): Both {
  const next = reduceSession(session, event);
  return { session: next, list: reduceReviewList(list, event, { review: next.review, at: event.mono }) };
}

const play = (...events: readonly TwolaneEvent[]): Both =>
  events.reduce(take, { session: emptySession(), list: emptyReviewList });
const h = (n: number) => hunkOf(`h${n}`);
const superseded = (mono: number, n: number): TwolaneEvent => at(mono, { type: "hunk.superseded", hunk: `h${n}`, by: "h9" });
const failed = (mono: number, n: number, code: "HUNK_MISSING" | "STOPPED"): TwolaneEvent =>
  at(mono, { type: "hunk.failed", hunk: h(n), failure: failure(code, "No."), candidates: [] });

describe("cursor", () => {
  test("is on the first hunk from its closing on and stays there when others arrive", () => {
    const { list } = play(prompted(0), closed(1, h(1)), landed(2, h(1)), closed(3, h(2)), landed(4, h(2)), closed(5, h(3)));
    expect(list.cursor).toBe("h1");
    expect(list.since).toBe(1);
  });

  test("goes to a neighbour when its hunk is made good or was cut off", () => {
    const three = [
      closed(1, h(1)),
      failed(2, 1, "HUNK_MISSING"),
      closed(3, h(2)),
      landed(4, h(2)),
      closed(5, h(3)),
      landed(6, h(3)),
    ];
    const atLast = play(...three);
    const atFirst = { ...atLast, list: goOn(atLast.list, "h1", 6) };
    expect(take(atFirst, superseded(7, 1)).list).toMatchObject({ cursor: "h2", since: 7, answersFrom: 307 });
    const last = { ...atLast, list: goOn(atLast.list, "h3", 7) };
    expect(take(last, superseded(8, 3)).list.cursor).toBe("h2");
    const cut = play(closed(1, h(1)), failed(2, 1, "STOPPED"));
    expect(cut.list.cursor).toBeUndefined();
    expect(take(cut, closed(3, h(2))).list.cursor).toBe("h2");
  });

  test("moves in the order of the stream and stops at the ends", () => {
    const { list, session } = play(...[1, 2, 3].flatMap((n) => [closed(n, h(n)), landed(n, h(n))]));
    const move = (from: ReviewList, by: number): ReviewList => moveCursor(from, by, { review: session.review, at: 50 });
    expect(move(list, 1).cursor).toBe("h2");
    expect(move(move(list, 1), 5).cursor).toBe("h3");
    expect(move(list, -1)).toMatchObject({ cursor: "h1", since: 1 });
  });

  test("under random arrivals and decisions is always on a hunk that is listed, and never moved by an arrival", () => {
    const kinds = ["arrive", "hold", "reject", "accept", "supersede", "stop"] as const;
    const steps = fc.array(fc.tuple(fc.constantFrom(...kinds), fc.nat(9)), { maxLength: 50 });
    fc.assert(
      fc.property(steps, (all) => {
        let both = play();
        let count = 0;
        for (const [index, [kind, which]] of all.entries()) {
          const before = isHit(both.list, both.session.review) ? both.list.cursor : undefined;
          const id = `h${which % Math.max(1, count)}`;
          // Nobody decides on what is not listed.
          const known = listed(both.session.review).some(({ hunk }) => hunk.id === id);
          if (kind === "arrive") both = [closed(index, h(count)), landed(index, h(count++))].reduce(take, both);
          else if (!known) continue;
          else if (kind === "hold") both = take(both, held(index, hunkOf(id), { ...stepHold, rule: "depends" }));
          else if (kind === "accept") both = take(both, at(index, { type: "hunk.accepted", hunk: id, by: "person" }));
          else if (kind === "reject") both = take(both, at(index, { type: "hunk.rejected", hunk: id, path: "a.ts" }));
          else if (kind === "supersede") both = take(both, at(index, { type: "hunk.superseded", hunk: id, by: "h99" }));
          else both = take(both, failed(index, Number(id.slice(1)), "STOPPED"));
          const ids = listed(both.session.review).map(({ hunk }) => hunk.id);
          if (ids.length === 0) expect(both.list.cursor).toBeUndefined();
          else expect(ids).toContain(both.list.cursor);
          if (before !== undefined && ids.includes(before)) expect(both.list.cursor).toBe(before);
        }
      }),
      { numRuns: runs },
    );
  });
});

describe("answers", () => {
  const three = [1, 2, 3].flatMap((n) => [closed(1000 + n, h(n)), landed(1000 + n, h(n))]);
  const say = ({ session, list }: Both, said: "yes" | "no", time: number): Both => {
    const answers = new Map(list.cursor === undefined ? [] : [[list.cursor, said]]);
    return { session, list: answer(list, answers, { review: session.review, at: time }) };
  };

  test("count 300 ms after the hunk appeared under the cursor, or became something there that was not expected", () => {
    const { list, session } = play(closed(1000, h(1)), closed(1010, h(2)));
    expect(answerCounts(list, 1299)).toBe(false);
    expect(answerCounts(list, 1300)).toBe(true);
    expect(answerCounts(take({ list, session }, failed(2000, 1, "HUNK_MISSING")).list, 2200)).toBe(false);
    expect(answerCounts(take({ list, session }, failed(2000, 2, "HUNK_MISSING")).list, 2200)).toBe(true);
    const other = { ...stepHold, rule: "rejected-before" };
    expect(answerCounts(take({ list, session }, held(2000, h(1), other)).list, 2200)).toBe(false);
    // A hunk that waits for the yes is the same one when its turn has come.
    expect(answerCounts(take({ list, session }, held(2000, h(1))).list, 2010)).toBe(true);
    expect(answerCounts(take({ list, session }, landed(2000, h(1))).list, 2010)).toBe(true);
  });

  test("lead on to the next hunk, for which an answer counts at once when it has been there for a while", () => {
    const first = say(play(...three), "yes", 5000);
    expect(first.list.cursor).toBe("h2");
    expect(answerCounts(first.list, 5001)).toBe(true);
    const early = say(play(...three), "yes", 1200);
    expect([answerCounts(early.list, 1301), answerCounts(early.list, 1302)]).toEqual([false, true]);
  });

  test("hit nothing when nothing waits: neither what was decided, nor what comes before it has been there for a moment", () => {
    let both = play(...three);
    for (const said of ["yes", "no", "yes"] as const) {
      expect(isHit(both.list, both.session.review)).toBe(true);
      both = say(both, said, 5000);
    }
    expect(isHit(both.list, both.session.review)).toBe(false);
    const arrived = take(both, closed(6000, h(4)));
    expect(arrived.list.cursor).toBe("h4");
    expect([answerCounts(arrived.list, 6299), answerCounts(arrived.list, 6300)]).toEqual([false, true]);
    // Who goes to a decided one means it, and stays there.
    const back = { ...both, list: moveCursor(both.list, -1, { review: both.session.review, at: 6000 }) };
    expect(isHit(back.list, back.session.review)).toBe(true);
    expect(take(back, closed(6001, h(4))).list.cursor).toBe("h2");
  });

  test("that come before a hunk's turn are remembered until it is heard what came of them", () => {
    const waiting = play(closed(1, h(1)), held(2, h(1)), closed(3, h(2)), closed(4, h(3)));
    const two = say(say(waiting, "yes", 5000), "no", 5000);
    expect(two.list.cursor).toBe("h3");
    expect([...two.list.answered]).toEqual([
      ["h1", "yes"],
      ["h2", "no"],
    ]);
    const told = [landed(5001, h(1)), at(5001, { type: "hunk.accepted", hunk: "h1", by: "person" })].reduce(take, two);
    expect(told.list.cursor).toBe("h3");
    expect([...told.list.answered.keys()]).toEqual(["h2"]);
    const notice = at(5002, { type: "notice.given", code: "HUNK_STATE", message: "h1: No." });
    expect([...take(told, notice).list.answered.keys()]).toEqual(["h2"]);
    expect(take(two, at(5003, { type: "turn.ended", turn: "t1", ending: "interrupted" })).list.answered.size).toBe(0);
  });
});

test("the lines of a hunk are those that a person made of it", () => {
  const { list } = play(closed(1, h(1)), landed(2, h(1)));
  const lines = [{ op: "add" as const, text: "mine" }];
  const revised = reduceReviewList(list, at(3, { type: "hunk.revised", hunk: "h1", lines }), { review: new Map(), at: 3 });
  expect(revised.lines.get("h1")).toEqual(lines);
});

describe("opening", () => {
  const all = [closed(1, h(1)), landed(2, h(1)), closed(3, h(2)), held(4, h(2)), closed(5, h(3)), held(6, h(3))];

  test("is at the hunk that step mode holds back first, and its appearing counts from now", () => {
    const { list, session } = play(...all);
    const opened = openList(list, { review: session.review, at: 900 });
    expect(opened).toMatchObject({ cursor: "h2", since: 900 });
    expect(answerCounts(opened, 1000)).toBe(false);
    expect(openList({ ...list, cursor: "h2" }, { review: session.review, at: 900 }).since).toBe(900);
  });

  test("else stays at what is undecided, else goes to the first that is", () => {
    const accepted = at(8, { type: "hunk.accepted", hunk: "h1", by: "person" });
    const { list, session } = play(closed(1, h(1)), landed(2, h(1)), closed(3, h(2)), landed(4, h(2)), accepted);
    expect(openList(list, { review: session.review, at: 9 }).cursor).toBe("h2");
    expect(openList(goOn(list, "h2", 9), { review: session.review, at: 10 }).cursor).toBe("h2");
    expect(nextOpen(goOn(list, "h2", 9), session.review)).toBeUndefined();
    expect(nextOpen(list, session.review)).toBe("h2");
  });

  test("is at the first hunk of a job that was just taken, once, although older ones are undecided", () => {
    const ofJob = (n: number) => ({ ...h(n), turn: "t2", job: "d1" });
    const verdict = { decision: "hold", rule: "deep", reason: "from job d1", wayOut: "Accept it." } as const;
    const waits = (seq: number, n: number) => at(seq, { type: "hunk.held", hunk: ofJob(n), verdict });
    const taken = [closed(4, ofJob(2)), waits(5, 2), closed(6, ofJob(3)), waits(7, 3)];
    const { list, session } = play(closed(1, h(1)), landed(2, h(1)), ...taken);
    const opened = openList(list, { review: session.review, at: 900 });
    expect(opened.cursor).toBe("h2");
    // Where the person went from there, it stays.
    expect(openList(goOn(opened, "h1", 950), { review: session.review, at: 1000 }).cursor).toBe("h1");
    const later = play(closed(1, h(1)), landed(2, h(1)), ...taken, at(8, { type: "turn.started", turn: "t3", prompt: "more" }));
    expect(openList(later.list, { review: later.session.review, at: 900 }).cursor).toBe("h1");
  });

  test("an empty session has nothing under the cursor", () => {
    const { list, session } = play();
    expect(openList(list, { review: session.review, at: 9 })).toBe(list);
    expect(underCursor(list, session.review)).toBeUndefined();
  });
});

test("a hunk is seen when it was under the cursor for 300 ms, and only once", () => {
  const { list, session } = play(closed(1000, h(1)), landed(1000, h(1)));
  const context = (time: number) => ({ review: session.review, at: time });
  expect(nowSeen(list, context(1299))).toBeUndefined();
  expect(nowSeen(list, context(1300))).toBe("h1");
  reduceSession(session, at(1301, { type: "hunk.seen", hunks: ["h1"] }));
  expect(nowSeen(list, context(1400))).toBeUndefined();
});

test("lines are scrolled within the hunk, and its beginning is shown after a move", () => {
  const { list } = play(closed(1, h(1)), closed(2, h(2)));
  expect(scrollLines(list, 100).firstLine).toBe(priceLines.length - 1);
  expect(scrollLines(scrollLines(list, 2), -8).firstLine).toBe(0);
  expect(goOn(scrollLines(list, 2), "h2", 5).firstLine).toBe(0);
});

test("the text of the newest 2,000 hunks is kept, and lists do not share it", () => {
  const { list } = play(...Array.from({ length: 2100 }, (_, n) => closed(n, h(n))));
  expect(list.lines.size).toBe(2000);
  expect(list.lines.has("h99")).toBe(false);
  expect(list.lines.has("h100")).toBe(true);
  expect(emptyReviewList.lines.size).toBe(0);
});
