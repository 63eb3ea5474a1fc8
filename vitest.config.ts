import { mkdtempSync } from "node:fs";
import { mkdir, rename, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { defineConfig } from "vitest/config";
import { bundle, findWorkers, replaceWorkers, root } from "./tools/bundle.mjs";

// What the machine lacks is written there by tests and read by the reporter at the end (tools/needs.ts).
process.env["TWOLANE_NEEDS"] ??= path.join(mkdtempSync(path.join(tmpdir(), "twolane-needs-")), "missing");
// It alone costs every Node 20 process 39 ms, and tests start many.
delete process.env["NODE_EXTRA_CA_CERTS"];

/** The long run does the same with more of everything (npm run test:long). */
const scale = Number(process.env["TWOLANE_TEST_SCALE"] ?? 1);

export default defineConfig({
  plugins: [
    {
      // Texts for the model live in Markdown beside their code; the build loads them as strings as well.
      name: "markdown-as-text",
      transform: (text, file) => (file.endsWith(".md") ? `export default ${JSON.stringify(text)}` : null),
    },
    {
      // Node 20 runs no TypeScript in a worker thread, so tests start a worker's bundle, made of the sources as they are.
      name: "workers",
      enforce: "pre",
      async transform(text, file) {
        const workers = findWorkers(text, file);
        if (!file.endsWith(".ts") || file.endsWith(".test.ts") || workers.length === 0) return null;
        const places = new Map(await Promise.all(workers.map(async (worker) => [worker, await bundleWorker(worker)] as const)));
        return replaceWorkers(text, file, (worker) => `new URL(${JSON.stringify(pathToFileURL(places.get(worker) ?? "").href)})`);
      },
    },
  ],
  // Tests read the TypeScript sources of every package, so they need no build.
  resolve: { conditions: ["source"] },
  ssr: { resolve: { conditions: ["source"] } },
  test: {
    include: ["packages/*/src/**/*.test.ts", "packages/*/test/**/*.test.ts", "tools/**/*.test.ts", "bench/**/*.test.ts"],
    exclude: ["**/node_modules/**", "**/dist/**", "**/fixtures/**"],
    reporters: ["default", "./tools/closing-reporter.ts"],
    // Tests start, signal and kill processes: a test file in a process of its own cannot take another with it. Threads are no faster.
    pool: "forks",
    maxWorkers: "100%",
    testTimeout: 20_000 * scale,
    hookTimeout: 20_000,
  },
});

/** Gives the path of a worker's bundle. It lies inside node_modules, from where it finds its dependencies. */
async function bundleWorker(file: string): Promise<string> {
  const folder = path.join(root, "node_modules/.cache/twolane");
  const place = path.join(folder, `${path.basename(path.dirname(file))}-${path.basename(file, ".ts")}.cjs`);
  const temporary = `${place}.${process.pid}`;
  await mkdir(folder, { recursive: true });
  for (const text of (await bundle("worker", file)).values()) await writeFile(temporary, text);
  await rename(temporary, place);
  return place;
}
