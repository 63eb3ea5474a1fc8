// Bundles the command into packages/cli/dist. Runs at the end of `npm ci`, so it is quick and says one line.
import { createHash } from "node:crypto";
import { mkdir, rename, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { bundle, root } from "./bundle.mjs";

const started = performance.now();
const dist = path.join(root, "packages/cli/dist");
const fresh = `${dist}-${process.pid}`;

try {
  const bundles = await bundle("main", path.join(root, "packages/cli/src/main.ts"));
  await mkdir(fresh);
  let size = 0;
  for (const [name, text] of bundles) {
    // The command keeps a code cache for each build, and knows the build by this line.
    const marked = `//${createHash("sha256").update(text).digest("hex").slice(0, 16)}\n${text}`;
    await writeFile(path.join(fresh, `${name}.cjs`), marked, "latin1");
    size += marked.length;
  }
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
