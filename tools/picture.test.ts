/** The picture in the docs is the screen as it is now: drawn anew, with all but the figures of that one run, it is the same. */
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";
import { runForPicture } from "./picture/run.ts";
import { drawSvg } from "./picture/svg.ts";

const stored = fileURLToPath(new URL("../docs/picture.svg", import.meta.url));

/** Times and rates are of one run, and move what stands to the right of them. */
const withoutFigures = (svg: string): string =>
  svg
    .replace(/ (?:x|textLength)="[^"]*"/g, "")
    .replace(/\d+(?:\.\d+)? m?s\b/g, "# s")
    .replace(/~\d+ tok/g, "~# tok");

it("shows the screen as it is (npm run picture draws it anew)", async () => {
  const now = drawSvg(await runForPicture());
  expect(withoutFigures(readFileSync(stored, "utf8"))).toBe(withoutFigures(now));
});
