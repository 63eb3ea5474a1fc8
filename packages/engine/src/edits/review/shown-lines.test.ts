import type { HunkId, HunkLine } from "@twolane/protocol";
import { afterEach, describe, expect, it } from "vitest";
import { type ReviewBench, openReviewBench } from "../../../test/landing/review-bench.ts";
import type { UpdateDraft } from "../edits.ts";

const benches: ReviewBench[] = [];
afterEach(async () => {
  for (const bench of benches.splice(0)) await bench.dispose();
});

const numbers = "1\n2\n3\n4\n5\n6\n7\n8\n9\n";
const draft: UpdateDraft = {
  ...{ kind: "update", path: "a.ts", anchors: [], endOfFile: false },
  lines: [
    { op: "keep", text: "2" },
    { op: "remove", text: "3" },
    { op: "add", text: "three" },
    { op: "add", text: "more" },
    { op: "keep", text: "4" },
  ],
};

async function landed(files: Record<string, string> = { "a.ts": numbers }): Promise<ReviewBench> {
  const bench = await openReviewBench({ files });
  benches.push(bench);
  await bench.land(bench.open(), "h1", draft);
  return bench;
}

const marks = { keep: " ", remove: "-", add: "+" };
const asText = (lines: readonly HunkLine[] = []): string => lines.map(({ op, text }) => `${marks[op]}${text}`).join("\n");
const told = ({ events }: ReviewBench, hunk: HunkId): string[] =>
  events.flatMap((event) => (event.type === "hunk.revised" && event.hunk === hunk ? [asText(event.lines)] : []));

describe("the lines of a hunk that a person has corrected", () => {
  it("are those on disk, until they are the model's again", async () => {
    const bench = await landed();
    bench.workshop.write("a.ts", "mine\n1\n2\ndrei\nmore\n4\n5\n6\n7\n8\n9\n");
    await bench.reviewer.corrections("a.ts");
    expect(asText(bench.reviewer.lines("h1"))).toBe(" 2\n-3\n+drei\n+more\n 4");
    bench.workshop.write("a.ts", "1\n2\nthree\nmore\n4\n5\n6\n7\n8\n9\n");
    await bench.reviewer.corrections("a.ts");
    expect(told(bench, "h1")).toEqual([" 2\n-3\n+drei\n+more\n 4", asText(draft.lines)]);
  });

  it("are those that are edited", async () => {
    const bench = await landed();
    bench.workshop.write("a.ts", numbers.replace("3\n", "drei\nmore\n"));
    await bench.reviewer.corrections("a.ts");
    await bench.reviewer.edit("h1", "2\nDREI\nmore\n4\n");
    expect(bench.workshop.read("a.ts")).toBe(numbers.replace("3\n", "DREI\nmore\n"));
    expect(asText(bench.reviewer.lines("h1"))).toBe(" 2\n-3\n+DREI\n+more\n 4");
  });

  it("are not overwritten by an edit of others; that text is kept", async () => {
    const bench = await landed();
    bench.workshop.write("a.ts", numbers.replace("3\n", "drei\nmore\n"));
    await bench.reviewer.edit("h1", "2\nTHREE\nmore\n4\n");
    expect(bench.workshop.read("a.ts")).toBe(numbers.replace("3\n", "drei\nmore\n"));
    expect(bench.events.flatMap((event) => (event.type === "notice.given" ? [`${event.code} ${event.message}`] : []))).toEqual([
      "HUNK_CONFLICT h1: Its lines were changed since they were shown. Edit it again.",
      "EDIT_KEPT What you wrote for h1 is kept in /kept/h1.",
    ]);
    expect(bench.kept).toEqual(["2\nTHREE\nmore\n4\n"]);
  });
});

it("a hunk that deletes a file shows what goes, up to a bound", async () => {
  const long = Array.from({ length: 130 }, (_, at) => `line ${at}\n`).join("");
  const bench = await landed({ "a.ts": numbers, "b.ts": long });
  bench.mode = "step";
  const lander = bench.open();
  void bench.land(lander, "h2", { kind: "delete", path: "b.ts" });
  await expect.poll(() => told(bench, "h2").length).toBe(1);
  expect(bench.reviewer.lines("h2")?.length).toBe(101);
  expect(told(bench, "h2")[0]).toMatch(/^-line 0\n-line 1\n[^]*\n-line 99\n … and 30 more lines$/);
  lander.stop();
});
