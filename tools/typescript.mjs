// Lets Node 20 run TypeScript: `node --import ./tools/typescript.mjs FILE.ts`. For tools and benchmarks only; what ships is bundled.
// The file is both the registration and the hooks, which Node runs in a thread of their own.
import { readFile } from "node:fs/promises";
import { register } from "node:module";
import { fileURLToPath } from "node:url";

const asHooks = `${import.meta.url.replace(/\?.*/, "")}?hooks`;
// A worker thread inherits `--import` and registers for itself.
if (import.meta.url !== asHooks) register(asHooks);

/** Our packages say under the condition `source` where their TypeScript is; what others mean by it is not for us. */
export function resolve(specifier, context, next) {
  const conditions = context.conditions.filter((name) => name !== "source");
  return next(specifier, { ...context, conditions: specifier.startsWith("@twolane/") ? [...conditions, "source"] : conditions });
}

export async function load(url, context, next) {
  if (url.endsWith(".md")) return module(`export default ${JSON.stringify(await readFile(fileURLToPath(url), "utf8"))}`);
  if (!url.endsWith(".ts")) return next(url, context);
  const { transform } = await import("esbuild");
  const { code } = await transform(await readFile(fileURLToPath(url), "utf8"), {
    loader: "ts",
    sourcemap: "inline",
    sourcefile: url,
  });
  return module(code);
}

const module = (source) => ({ format: "module", shortCircuit: true, source });
