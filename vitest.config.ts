import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { defineConfig } from "vitest/config";
import { seedOfSources } from "./tools/property-seed.ts";

// What the machine lacks is written there by tests and read by the reporter at the end (tools/needs.ts).
process.env["TWOLANE_NEEDS"] ??= path.join(mkdtempSync(path.join(tmpdir(), "twolane-needs-")), "missing");
// It alone costs every Node 20 process 39 ms, and tests start many.
delete process.env["NODE_EXTRA_CA_CERTS"];

/** The long run does the same with more of everything (npm run test:long). */
const scale = Number(process.env["TWOLANE_TEST_SCALE"] ?? 1);

if (scale === 1) process.env["TWOLANE_PROPERTY_SEED"] ??= `${seedOfSources(import.meta.dirname)}`;

export default defineConfig({
  plugins: [
    {
      // Texts for the model live in Markdown beside their code; the build loads them as strings as well.
      name: "markdown-as-text",
      transform: (text, file) => (file.endsWith(".md") ? `export default ${JSON.stringify(text)}` : null),
    },
  ],
  // Tests read the TypeScript sources of every package, so they need no build.
  resolve: { conditions: ["source"] },
  ssr: { resolve: { conditions: ["source"] } },
  test: {
    include: ["packages/*/src/**/*.test.ts", "packages/*/test/**/*.test.ts", "tools/**/*.test.ts", "{bench,study}/**/*.test.ts"],
    exclude: ["**/node_modules/**", "**/dist/**", "**/fixtures/**"],
    reporters: ["default", "./tools/closing-reporter.ts"],
    // Tests start, signal and kill processes: a test file in a process of its own cannot take another with it. Threads are no faster.
    pool: "forks",
    setupFiles: ["./tools/property-seed.ts"],
    // vitest transforms what tests import; what a worker thread of theirs imports is left to Node, which inherits this.
    execArgv: ["--import", pathToFileURL(path.join(import.meta.dirname, "tools/typescript.mjs")).href],
    maxWorkers: "100%",
    testTimeout: 20_000 * scale,
    hookTimeout: 20_000,
  },
});
