/** The page of the report as people meet it: in a browser, at three widths, in light and dark, with keys and with a screen reader's eyes. */
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import type { AxeResults } from "axe-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { needs } from "../../../tools/needs.ts";
import { type ReportBrowser, startBrowser } from "./browser.ts";
import { syntheticReport } from "./synthetic-report.ts";

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const views = [360, 800, 1280].flatMap((width) => (["light", "dark"] as const).map((colorScheme) => ({ width, colorScheme })));

describe.skipIf(!needs("chromium", { for: "the report in a browser", get: "apt-get install chromium" }))("the report", () => {
  let browser: ReportBrowser;
  beforeAll(async () => void (browser = await startBrowser()), 60_000);
  afterAll(() => browser?.close());

  it.each(views)("is quiet, fits and is accessible: $width $colorScheme", async (view) => {
    const { page, faults } = await browser.open(syntheticReport(), view);
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(view.width);
    await page.evaluate(axe);
    const { violations } = await page.evaluate<AxeResults>("axe.run()");
    expect(violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(" ")}`)).toEqual([]);
    expect(faults).toEqual([]);
    await page.close();
  });
});
