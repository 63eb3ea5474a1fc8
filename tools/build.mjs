// Bundles the command into packages/cli/dist. Runs at the end of `npm ci`, so it is quick and says one line.
import { createHash } from "node:crypto";
import { mkdir, readFile, readdir, rename, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { bundle, root } from "./bundle.mjs";
import { buildPage } from "./page.mjs";

const started = performance.now();
const dist = path.join(root, "packages/cli/dist");
const fresh = `${dist}-${process.pid}`;

try {
  const [{ texts, packages }, page] = await Promise.all([
    bundle("main", path.join(root, "packages/cli/src/main.ts")),
    buildPage(),
  ]);
  await mkdir(fresh);
  let size = 0;
  for (const [name, text] of texts) {
    // The launcher runs the command as a function, keeps a code cache for each build, and knows the build by the first line.
    const body = name === "main" ? `(function (require, module, exports, __filename, __dirname) {${text}\n})\n` : text;
    const marked = `//${createHash("sha256").update(body).digest("hex").slice(0, 16)}\n${body}`;
    await writeFile(path.join(fresh, `${name}.cjs`), marked, "latin1");
    size += marked.length;
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
