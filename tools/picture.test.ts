/** The pictures in the docs are the screen as it is now: drawn anew, with all but the figures of that one run, they are the same. */
import { readFileSync, statSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { needs } from "./needs.ts";
import { runForRecording } from "./picture/recording.ts";
import { runForPicture } from "./picture/run.ts";
import { drawRecording, drawSvg } from "./picture/svg.ts";

const docs = fileURLToPath(new URL("../docs/", import.meta.url));
const hasSandbox = needs("bwrap", { for: "the recording of a refactor", get: "apt-get install bubblewrap" });

/** Times and rates are of one run, and move what stands to the right of them. */
const withoutFigures = (svg: string): string =>
  svg
    .replace(/ (?:x|textLength)="[^"]*"/g, "")
    .replace(/\d+(?:\.\d+)? m?s\b/g, "# s")
    .replace(/~?[\d,]+ tok\b/g, "# tok")
    // An answer that came at once has no rate.
    .replace(/ · # tok\/s(?= · # s in all)/g, "")
    // Of what a test run was about.
    .replace(/# s · [0-9a-f]{12}\b/g, "# s · #");

/** Which parts of the status line have room depends on the figures: it is compared as text, without those that may go. */
const withoutRoom = (svg: string): string =>
  withoutFigures(svg.split("<g class=").map(withoutLastRow).join("<g class=")).replace(/^fast · .*$/gm, (line) =>
    line.replace("sim/", "").replace(/ · (?:ttft # s|# tok\/s|\d+ % left)/g, ""),
  );

/** Of the texts of one frame, the status line. */
function withoutLastRow(frame: string): string {
  const rowOf = (line: string): number => (line.startsWith("<text ") ? Number(/ y="([\d.]+)"/.exec(line)?.[1]) : 0);
  const lines = frame.split("\n");
  const last = Math.max(...lines.map(rowOf));
  return lines.filter((line) => rowOf(line) < last).join("\n");
}

it("shows the screen as it is (npm run picture draws it anew)", async () => {
  const now = drawSvg(await runForPicture());
  expect(withoutFigures(readFileSync(`${docs}picture.svg`, "utf8"))).toBe(withoutFigures(now));
});

describe("the recording", () => {
  it.skipIf(!hasSandbox)("holds frames of the screen as it is (npm run picture draws it anew)", async () => {
    const now = drawRecording(await runForRecording());
    expect(withoutRoom(readFileSync(`${docs}workflows.svg`, "utf8"))).toBe(withoutRoom(now));
  });

  it("is small, and shows exactly one frame where nothing moves", () => {
    const svg = readFileSync(`${docs}workflows.svg`, "utf8");
    expect(statSync(`${docs}workflows.svg`).size).toBeLessThan(150_000);
    expect(svg.match(/<g class="frame frame\d"/g)).toHaveLength(5);
    expect(svg.match(/^(?:<style>)?\.frame\{visibility:hidden\}$/gm)).toHaveLength(1);
    expect(svg.match(/^\.frame\d\{visibility:visible\}$/gm)).toEqual([".frame1{visibility:visible}"]);
  });

  it("shows each frame for its time, one after the other", () => {
    const frame = { rows: [], cursor: { row: 0, column: 0 }, text: "" };
    const svg = drawRecording({
      ...{ columns: 10, still: 0, caption: "", title: "", description: "" },
      frames: [
        { ...frame, seconds: 1 },
        { ...frame, seconds: 2 },
        { ...frame, seconds: 1 },
      ],
    });
    expect(svg.match(/^@keyframes .*$/gm)).toEqual([
      "@keyframes frame0{0%{visibility:visible}25%{visibility:hidden}100%{visibility:hidden}}",
      "@keyframes frame1{0%{visibility:hidden}25%{visibility:visible}75%{visibility:hidden}100%{visibility:hidden}}",
      "@keyframes frame2{0%{visibility:hidden}75%{visibility:visible}100%{visibility:visible}}",
    ]);
  });
});
