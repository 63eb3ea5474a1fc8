/** The pictures of the report for the docs, of synthetic numbers that say so: `npm run picture:report`, with chromium installed. */
import { fileURLToPath } from "node:url";
import { startBrowser } from "../packages/web/test/browser.ts";
import { syntheticPilot, syntheticReport } from "../packages/web/test/synthetic-report.ts";

const browser = await startBrowser();
const pictures = [
  { name: "report-one.png", data: syntheticReport(), view: { width: 1280, colorScheme: "light" }, at: "#overview" },
  { name: "report-time.png", data: syntheticReport(), view: { width: 800, colorScheme: "light" }, at: "#time" },
  { name: "report-pilot.png", data: syntheticPilot(), view: { width: 1280, colorScheme: "dark" }, at: "#overview" },
  { name: "report-narrow.png", data: syntheticPilot(), view: { width: 360, colorScheme: "light" }, at: "#overview" },
] as const;
for (const { name, data, view, at } of pictures) {
  const { page } = await browser.open(data, view);
  const file = fileURLToPath(new URL(`../docs/${name}`, import.meta.url));
  // What the pictures show was never measured, and they must not look as if it were.
  await page.evaluate(
    `document.querySelector('${at === "#overview" ? "h1" : "#time h2"}').textContent += ' · synthetic numbers'`,
  );
  await page.evaluate("document.fonts.ready");
  if (at === "#overview") await page.screenshot({ path: file });
  else {
    // It stays at the top while the page moves below it.
    await page.evaluate("document.querySelector('nav').remove()");
    await page.locator(at).screenshot({ path: file });
  }
  process.stdout.write(`${file}\n`);
  await page.close();
}
await browser.close();
