// Bundles the command into packages/cli/dist. Runs at the end of `npm ci`, so it is quick and says one line.
import { createHash } from "node:crypto";
import { mkdir, readFile, readdir, rename, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { bundle, root } from "./bundle.mjs";
import { buildPage } from "./page.mjs";

const started = performance.now();
const dist = path.join(root, "packages/cli/dist");
const fresh = `${dist}-${process.pid}`;

/** What is read together. The bench's row of the start and `packages/cli/test/parts.test.ts` say when this has become wrong. */
const parts = {
  entries: {
    // All that a session, with a terminal or without, runs until its first request is on the wire.
    main: [
      "packages/cli/src/main.ts",
      "packages/cli/src/commands/run.ts",
      "packages/cli/src/commands/lane-hint.ts",
      "packages/cli/src/commands/jsonl-input.ts",
      "packages/cli/src/commands/session.ts",
      "packages/cli/src/screen/start.ts",
      "packages/engine/src/engine.ts",
      "packages/engine/src/assembly/session.ts",
    ],
    // Before it as well, where there is a policy.
    policy: ["packages/policy/src/file/file.ts"],
  },
  rest: "later",
};

try {
  const [{ texts, packages }, page] = await Promise.all([
    bundle("main", path.join(root, "packages/cli/src/main.ts"), parts),
    buildPage(),
  ]);
  await mkdir(fresh);
  const hash = createHash("sha256");
  for (const text of texts.values()) hash.update(text);
  // The launcher keeps a code cache for each build, and knows the build, and the names of the parts, by the first line.
  const mark = `//${[hash.digest("hex").slice(0, 16), ...Object.keys(parts.entries), parts.rest].join(" ")}\n`;
  let size = 0;
  for (const [name, text] of texts) {
    await writeFile(path.join(fresh, `${name}.cjs`), mark + text, "latin1");
    size += text.length;
  }
  await writeFile(path.join(fresh, "report.html"), page.text);
  await writeFile(path.join(fresh, "LICENSES.txt"), await licences(new Set([...packages, ...page.packages])));
  // Nobody ever sees half a build.
  await rm(dist, { recursive: true, force: true });
  await rename(fresh, dist);
  console.log(`build: packages/cli/dist, ${Math.round(size / 1024)} KB in ${Math.round(performance.now() - started)} ms`);
} catch (error) {
  await rm(fresh, { recursive: true, force: true });
  // esbuild has named each fault already.
  if (error.errors === undefined) throw error;
  process.exitCode = 1;
}

/**
 * The licences of what the bundles contain ask to go along with it.
 * @param {Set<string>} packages
 */
async function licences(packages) {
  const texts = await Promise.all(
    [...packages].sort().map(async (folder) => {
      const { name, version } = JSON.parse(await readFile(path.join(folder, "package.json"), "utf8"));
      const file = (await readdir(folder)).find((entry) => /^licen[cs]e/i.test(entry));
      if (file === undefined) throw new Error(`${name} has no licence text, so it cannot be bundled`);
      return `${name} ${version}\n\n${await readFile(path.join(folder, file), "utf8")}`;
    }),
  );
  return texts.join(`\n${"-".repeat(80)}\n\n`);
}
