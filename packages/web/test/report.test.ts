/** The page of the report as people meet it: in a browser, at three widths, in light and dark, with keys and with a screen reader's eyes. */
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import type { AxeResults } from "axe-core";
import type { Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { needs } from "../../../tools/needs.ts";
import { type ReportBrowser, startBrowser } from "./browser.ts";
import { emptyReport, syntheticFirstDay, syntheticPilot, syntheticReport } from "./synthetic-report.ts";

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const views = [360, 800, 1280].flatMap((width) => (["light", "dark"] as const).map((colorScheme) => ({ width, colorScheme })));

describe.skipIf(!needs("chromium", { for: "the report in a browser", get: "apt-get install chromium" }))(
  "the report",
  { timeout: 120_000 },
  () => {
    let browser: ReportBrowser;
    beforeAll(async () => void (browser = await startBrowser()), 60_000);
    afterAll(() => browser?.close());

    it.each(views)("is quiet, fits and is accessible: $width $colorScheme", async (view) => {
      const { page, faults } = await browser.open(syntheticReport(), view);
      expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(view.width);
      expect(await violationsOf(page)).toEqual([]);
      expect(faults).toEqual([]);
      await page.close();
    });

    it.each([
      [
        "a pilot",
        syntheticPilot(),
        "“pilot” was better than “before” in 5 of the 10 numbers that judge a pilot and have enough cases, and worse in none.",
      ],
      ["a first day", syntheticFirstDay(), "Too few"],
      ["nothing", emptyReport(), "No turns yet, so there is nothing to tell."],
    ] as const)("shows %s as it is", async (_, data, said) => {
      const { page, faults } = await browser.open(data, { width: 360, colorScheme: "dark" });
      expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(360);
      expect(await page.locator("main").innerText()).toContain(said);
      expect(await page.locator("main").innerText()).not.toMatch(/NaN|undefined|Infinity/);
      expect(await violationsOf(page)).toEqual([]);
      expect(faults).toEqual([]);
      await page.close();
    });

    it("is used with keys alone: skip link, sections, definitions, choices", async () => {
      const { page, faults } = await browser.open(syntheticReport());
      const focused = (): Promise<string> => page.evaluate(() => document.activeElement?.textContent?.trim() ?? "");
      await page.keyboard.press("Tab");
      expect(await focused()).toBe("Skip to the numbers");
      const sections = await page.locator("nav a").allInnerTexts();
      for (const section of sections) {
        await page.keyboard.press("Tab");
        expect(await focused()).toBe(section);
      }
      await page.keyboard.press("Tab");
      expect(await focused()).toBe("Definition of Time to first token");
      await page.keyboard.press("Enter");
      expect(await page.locator(".card details[open] p").innerText()).toMatch(/^From the key that sends a prompt/);
      await page.locator("#kpi").focus();
      await page.keyboard.press("ArrowDown");
      expect(await page.locator("#distributions h3").innerText()).toBe("Time to first hunk");
      await page.locator("#turn").focus();
      expect(await page.locator("#turn option").allInnerTexts()).toMatchObject(
        [/^slowest/, /^newest/, /^only/].map((text) => expect.stringMatching(text)),
      );
      const before = await page.locator("#time .spans").last().innerText();
      await page.keyboard.press("ArrowDown");
      expect(await page.locator("#time .spans").last().innerText()).not.toBe(before);
      expect(faults).toEqual([]);
      await page.close();
    });

    it("has a table for each chart, and says what is missing as missing", async () => {
      const data = syntheticReport();
      const { page } = await browser.open(data);
      const missing = data.groups[0]!.samples.filter((sample) => sample.kpi === "first-token" && sample.missing !== undefined);
      for (const place of ["#distributions .histograms", "#distributions .plot", "#time .waterfall"])
        expect(await page.locator(place).first().locator("xpath=..").locator(".as-table table").count()).toBeGreaterThan(0);
      expect(await page.locator("#mix .missing").allInnerTexts()).toContain("price unknown");
      expect(await page.locator("#overview .card").first().innerText()).toMatch(
        new RegExp(`${missing.length} not in it: \\d+ (failed|stopped) before it, \\d+ (failed|stopped) before it`),
      );
      await page.close();
    });

    it("draws its charts anew in the colours that the browser changes to", async () => {
      const { page } = await browser.open(syntheticReport());
      const drawn = (): Promise<string> => page.evaluate(() => document.querySelector("canvas")?.toDataURL() ?? "");
      await page.waitForSelector("canvas");
      const light = await drawn();
      await page.emulateMedia({ colorScheme: "dark" });
      await page.waitForFunction((before) => document.querySelector("canvas")?.toDataURL() !== before, light);
      await page.close();
    });

    it("runs nothing that its data brings along", async () => {
      const data = syntheticReport();
      const bad = "</script><script>document.title='taken'</script><img src=x onerror=alert(1)>";
      const verdicts = [{ rule: bad, lane: "fast", told: 1, allowed: 0, rejected: 0 }];
      const { page, faults } = await browser.open({ ...data, verdicts });
      expect(await page.title()).toBe("twolane report");
      expect(await page.locator("#guardrails tbody th").innerText()).toBe(bad);
      expect(faults).toEqual([]);
      await page.close();
    });
  },
);

/** Of axe's rules those that are broken, each with its elements. */
async function violationsOf(page: Page): Promise<readonly string[]> {
  await page.evaluate(axe);
  const { violations } = await page.evaluate<AxeResults>("axe.run()");
  return violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(" ")}`);
}
