/** The report in a real browser, as somebody opens it: a file. What the page asks of the network or complains of is noted. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { type Browser, type Page, chromium } from "playwright-core";
import type { ReportData } from "@twolane/protocol/kpis";
import { buildPage } from "../../../tools/page.mjs";

export interface View {
  readonly width?: number;
  readonly colorScheme?: "light" | "dark";
}

export interface OpenReport {
  readonly page: Page;
  /** Complaints of the page and requests to anywhere but the file itself. */
  readonly faults: readonly string[];
}

export interface ReportBrowser {
  open(data: ReportData, view?: View): Promise<OpenReport>;
  openFile(file: string, view?: View): Promise<OpenReport>;
  close(): Promise<void>;
}

const quiet = [
  ...["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"],
  ...["--disable-sync", "--no-first-run"],
];

export async function startBrowser(executablePath = "/usr/bin/chromium"): Promise<ReportBrowser> {
  const [browser, { text }] = await Promise.all([chromium.launch({ executablePath, args: quiet }), buildPage()]);
  const folder = mkdtempSync(path.join(tmpdir(), "twolane-report-"));
  let files = 0;
  const openFile = (file: string, view: View = {}): Promise<OpenReport> => openPage(browser, file, view);
  return {
    openFile,
    open(data, view) {
      const file = path.join(folder, `report-${++files}.html`);
      writeFileSync(
        file,
        text.replace("{{data}}", () => JSON.stringify(data).replaceAll("<", "\\u003c")),
      );
      return openFile(file, view);
    },
    async close() {
      await browser.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function openPage(browser: Browser, file: string, { width = 1280, colorScheme = "light" }: View): Promise<OpenReport> {
  const page = await browser.newPage({ viewport: { width, height: 900 }, colorScheme, timezoneId: "UTC" });
  const { href } = pathToFileURL(file);
  const faults: string[] = [];
  page.on("console", (message) => void (["error", "warning"].includes(message.type()) && faults.push(message.text())));
  page.on("pageerror", ({ message }) => void faults.push(message));
  page.on("request", (request) => void (request.url().split("#")[0] === href || faults.push(`asks for ${request.url()}`)));
  await page.goto(href);
  return { page, faults };
}
