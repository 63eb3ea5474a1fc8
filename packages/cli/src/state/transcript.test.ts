/** What is printed for good: each line once, in order, whatever the cuts; long bursts in milliseconds. */
import { type TwolaneEvent, failure } from "@twolane/protocol";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type SessionState, emptySession, reduceSession } from "./session-state.ts";
import { at, closed, held, hunkOf, landed, priceLines, prompted, stepHold } from "./session-state-samples.ts";
import { type Block, type Transcript, emptyTranscript, pendingForm, reduceTranscript, withPending } from "./transcript.ts";
import { leastCpuMs } from "../../../../tools/cpu-time.ts";

const runs = 100 * Number(process.env["TWOLANE_TEST_SCALE"] ?? 1);
const delta = (text: string): TwolaneEvent => at(1, { type: "text.delta", text });
const finished = (text: string): TwolaneEvent => at(2, { type: "text.finished", text });

function play(...events: readonly TwolaneEvent[]): { readonly transcript: Transcript; readonly blocks: readonly Block[] } {
  let session: SessionState = emptySession();
  let transcript = emptyTranscript;
  const blocks: Block[] = [];
  for (const event of events) {
    session = reduceSession(session, event);
    const taken = reduceTranscript(transcript, event, session);
    ({ transcript } = taken);
    blocks.push(...taken.blocks);
  }
  return { transcript, blocks };
}

const lines = (blocks: readonly Block[]): string[] =>
  blocks.flatMap((block) => (block.kind === "line" ? [`${block.form}: ${block.text}`] : []));

describe("text", () => {
  const text = "# Plan\n\nFirst `a`,\r\nthen:\n- one\n  2) two\n```ts\nconst x = 1;\n# no heading\n~~~\n```\n| a | b |\nend";
  const asLines = [
    ...["heading: # Plan", "prose: ", "prose: First `a`,", "prose: then:", "item: - one", "item:   2) two", "fence: ```ts"],
    ...["code: const x = 1;", "code: # no heading", "code: ~~~", "fence: ```", "code: | a | b |", "prose: end"],
  ];

  test("is printed line by line with its form, the last line when the message ends", () => {
    const before = play(prompted(0), delta(text));
    expect(lines(before.blocks)).toEqual(asLines.slice(0, -1));
    expect(before.transcript.pending).toBe("end");
    expect(lines(play(prompted(0), delta(text), finished(text)).blocks)).toEqual(asLines);
  });

  test("is the same however it is cut", () => {
    fc.assert(
      fc.property(fc.array(fc.nat(text.length)), (places) => {
        const cuts = [0, ...places.toSorted((a, b) => a - b), text.length];
        const deltas = cuts.slice(1).map((to, index) => delta(text.slice(cuts[index], to)));
        expect(lines(play(prompted(0), ...deltas, finished(text)).blocks)).toEqual(asLines);
      }),
      { numRuns: runs },
    );
  });

  test("comes whole from a journal, where its pieces are not kept", () => {
    expect(lines(play(prompted(0), finished(text), finished("more")).blocks)).toEqual([...asLines, "prose: more"]);
  });

  test.each([
    ["```\n``\n````\nx", ["fence: ```", "code: ``", "fence: ````", "prose: x"]],
    ["````\n```\n````\nx", ["fence: ````", "code: ```", "fence: ````", "prose: x"]],
    ["```a`b```\nx", ["prose: ```a`b```", "prose: x"]],
    ["~~~\n``` \n~~~  \nx", ["fence: ~~~", "code: ``` ", "fence: ~~~  ", "prose: x"]],
  ])("%j: a block of code ends as it began", (given, expected) => {
    expect(lines(play(prompted(0), delta(given), finished(given)).blocks)).toEqual(expected);
  });

  test("a block of code that is not closed ends with the turn", () => {
    const end = at(3, { type: "turn.ended", turn: "t1", ending: "interrupted" });
    const { blocks } = play(prompted(0), delta("```\ncode"), end, prompted(4, "t2"), delta("text\n"));
    expect(lines(blocks)).toEqual(["fence: ```", "code: code", "prose: text"]);
  });

  test("what is left of a line whose beginning is printed is prose, whatever it begins with", () => {
    const { transcript } = play(prompted(0), delta("long ``` line"));
    const rest = withPending(transcript, "``` line");
    expect(pendingForm(rest)).toBe("prose");
    const taken = reduceTranscript(rest, delta("\n- item\n"), emptySession());
    expect(lines(taken.blocks)).toEqual(["prose: ``` line", "item: - item"]);
    expect(withPending(transcript, transcript.pending)).toBe(transcript);
  });

  test.each(["word ", "word\n", "x"])("20,000 times %j at once costs milliseconds", (token) => {
    const session = emptySession();
    let transcript = emptyTranscript;
    let printed = 0;
    const ms = leastCpuMs(3, () => {
      transcript = emptyTranscript;
      printed = 0;
      for (let n = 0; n < 20_000; n++) {
        const taken = reduceTranscript(transcript, delta(token), session);
        ({ transcript } = taken);
        printed += taken.blocks.length;
      }
    });
    // Looking through all that came before, or copying it, would take seconds.
    expect(ms).toBeLessThan(1000);
    expect(printed).toBe(token.endsWith("\n") ? 20_000 : 0);
    expect(transcript.pending.length).toBe(token.endsWith("\n") ? 0 : 20_000 * token.length);
  });
});

describe("hunks", () => {
  const h1 = hunkOf("h1");
  const kinds = (blocks: readonly Block[]): string[] => blocks.map(({ kind }) => kind);

  test("are printed with their lines when they land, and as a change from then on", () => {
    const rejected = at(5, { type: "hunk.rejected", hunk: "h1", path: h1.path, reason: "no" });
    const { blocks, transcript } = play(prompted(0), closed(1, h1), landed(2, h1), rejected, landed(6, h1));
    expect(kinds(blocks)).toEqual(["prompt", "hunk", "change", "change"]);
    expect(blocks[1]).toMatchObject({ lines: priceLines, rung: "exact", reviewed: { state: "landed" } });
    expect(blocks[2]).toMatchObject({ note: "no", reviewed: { state: "rejected" } });
    expect(transcript.closed.size).toBe(0);
  });

  test("held ones as well, and a later yes is a change even in another turn", () => {
    const { blocks } = play(prompted(0), closed(1, h1), held(2, h1), prompted(3, "t2"), landed(4, h1));
    expect(kinds(blocks)).toEqual(["prompt", "hunk", "prompt", "change"]);
  });

  test("a failure is said in full, with and without lines; what a stop cut off is not", () => {
    const failed = (code: "HUNK_MISSING" | "STOPPED"): TwolaneEvent =>
      at(3, { type: "hunk.failed", hunk: h1, failure: failure(code, "No."), candidates: [7] });
    expect(play(closed(1, h1), failed("HUNK_MISSING")).blocks).toMatchObject([
      { kind: "hunk", lines: priceLines, candidates: [7] },
    ]);
    expect(play(failed("HUNK_MISSING")).blocks).toMatchObject([{ kind: "hunk", lines: [] }]);
    const stopped = play(closed(1, h1), failed("STOPPED"));
    expect(stopped.blocks).toEqual([]);
    expect(stopped.transcript.closed.size).toBe(0);
  });

  test("the sentence before a hunk is printed before it; one that comes while it lands is not broken", () => {
    const { blocks, transcript } = play(delta("I change it:"), closed(1, h1), delta("Now the"), landed(2, h1));
    expect(kinds(blocks)).toEqual(["line", "hunk"]);
    expect(transcript.pending).toBe("Now the");
  });

  test("dependents say on what they stand", () => {
    const depends = { ...stepHold, rule: "depends", reason: "it stands on h1, which was rejected" };
    const { blocks } = play(prompted(0), closed(1, h1), landed(2, h1), held(3, h1, depends));
    expect(blocks.at(-1)).toMatchObject({ kind: "change", reviewed: { state: "held", verdict: depends } });
  });
});

describe("everything else", () => {
  test("an answer aside grows in the live part and is printed once", () => {
    const asking = [at(1, { type: "aside.asked", text: "why?" }), at(2, { type: "aside.delta", text: "be" })];
    expect(play(...asking).transcript.aside).toBe("be");
    const { transcript, blocks } = play(...asking, at(3, { type: "aside.answered", text: "because" }));
    expect(transcript.aside).toBe("");
    expect(blocks).toEqual([
      { kind: "aside", text: "why?", answer: false },
      { kind: "aside", text: "because", answer: true },
    ]);
  });

  test("stop, steer and the end of a turn print the unfinished line first", () => {
    const stop = at(3, { type: "stop.finished", turn: "t1", kept: ["h1"] });
    const steer = at(3, { type: "turn.steered", turn: "t1", text: "no, that" });
    const end = at(3, { type: "turn.ended", turn: "t1", ending: "failed", failure: failure("PROVIDER_SILENT", "Nothing came.") });
    expect(play(delta("half"), stop).blocks.map(({ kind }) => kind)).toEqual(["line", "stopped"]);
    expect(play(delta("half"), steer).blocks.map(({ kind }) => kind)).toEqual(["line", "steered"]);
    expect(play(delta("half"), end).blocks.map(({ kind }) => kind)).toEqual(["line", "failure", "summary"]);
  });

  test("a notice does not break the line that streams", () => {
    const notice = at(3, { type: "notice.given", code: "X", message: "By the way." });
    const { transcript, blocks } = play(delta("half a sen"), notice);
    expect(blocks).toEqual([{ kind: "notice", message: "By the way." }]);
    expect(transcript.pending).toBe("half a sen");
  });
});

test("nothing of a long session is kept once it is printed", () => {
  const events = Array.from({ length: 10_000 }, (_, n): TwolaneEvent[] => {
    const hunk = hunkOf(`h${n}`, { turn: `t${n}` });
    return [prompted(n, `t${n}`), delta("some text\nand more"), closed(n, hunk), landed(n, hunk)];
  });
  const { transcript } = play(...events.flat());
  expect(transcript.pending.length + transcript.closed.size + transcript.aside.length).toBeLessThan(100);
});

test("what a crash left is told hunk by hunk, and nothing is counted that was not", () => {
  const told = (finished: readonly string[], reverted: readonly string[]): Block[] => [
    ...play(at(1, { type: "session.recovered", finished, reverted })).blocks,
  ];
  expect(told([], ["h2"])).toEqual([
    {
      kind: "notice",
      message: "An earlier run was cut off in the middle of a write. h2: nothing of it on disk. What had landed before stays.",
    },
  ]);
  expect(told(["h1", "h3"], [])).toMatchObject([{ message: expect.stringContaining("write. h1, h3: whole on disk. What") }]);
});
