// How sources become bundles. Knows nothing of where they are put.
import { readFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import path from "node:path";
import { build, transform } from "esbuild";
import { partsOf } from "./parts.mjs";

export const root = path.join(import.meta.dirname, "..");
const { dependencies } = JSON.parse(readFileSync(path.join(root, "packages/cli/package.json"), "utf8"));

const bundleFile = 'const bundleFile = { get url() { return require("node:url").pathToFileURL(__filename).href; } };';

/** @type {import("esbuild").BuildOptions} */
const options = {
  bundle: true,
  platform: "node",
  target: "node20.19",
  format: "cjs",
  conditions: ["source"],
  // Its main file loads its parts in a way that no bundler sees.
  alias: { "jsonc-parser": "jsonc-parser/lib/esm/main.js" },
  loader: { ".md": "text" },
  // The command's own dependencies are installed beside it; ws takes its native parts only where they happen to exist.
  external: [...Object.keys(dependencies), "bufferutil", "utf-8-validate"],
  // A dynamic import becomes a delayed require: it runs from the same code cache and needs no module loader.
  supported: { "dynamic-import": false },
  define: {
    // The address is rarely asked for, and making it would cost every start.
    "import.meta.url": "bundleFile.url",
    "import.meta.dirname": "__dirname",
    "import.meta.filename": "__filename",
    // ws would look for a native part that is not installed with it.
    "process.env.WS_NO_BUFFER_UTIL": '"1"',
  },
  banner: { js: bundleFile },
  // Less to read at each start (docs/decisions/0001-bundle.md). Lines are short, as an uncaught error shows the line it came from.
  minifyWhitespace: true,
  minifySyntax: true,
  minifyIdentifiers: process.env["TWOLANE_NAMES"] !== "1",
  lineLimit: 160,
  charset: "ascii",
  legalComments: "none",
  logLevel: "warning",
};

/**
 * Patterns are left as they were written by `charset`, and would lose what is not ASCII where bundles are kept and read as latin1. All else
 * is ASCII by now, so that what is found stands in a pattern.
 * @param {string} text
 */
const asAscii = (text) => text.replace(/[^\0-\x7f]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`);

/** A worker is started from a source as `new Worker(new URL("./worker.ts", import.meta.url))`, and is a bundle of its own. */
const workerUrl = /new URL\("(\.{1,2}\/[^"]+\.ts)", import\.meta\.url\)/g;

/**
 * Node's own modules as modules of ours, of which only the names in use are left: as they are, each of their importers would make itself a
 * copy with all their names, which at the start of the command is a hundred copies of up to a hundred names.
 * @type {import("esbuild").Plugin}
 */
const builtins = {
  name: "builtins",
  setup(building) {
    building.onResolve({ filter: /^node:/ }, ({ path: name, kind, namespace }) =>
      kind === "import-statement" && namespace !== "builtin" ? { path: name, namespace: "builtin" } : undefined,
    );
    building.onLoad({ filter: /^node:/, namespace: "builtin" }, async ({ path: name }) => {
      const names = Object.keys(await import(name)).filter((each) => each !== "default" && each !== "module.exports");
      const lines = names.map((each) => `export const ${each} = /* @__PURE__ */ $named("${each}");`);
      return {
        contents: `const $all = require("${name}"), $named = (name) => $all[name]; export default $all;\n${lines.join("\n")}`,
      };
    });
  },
};

/**
 * zod brings its messages in fifty languages, a tenth of all that is read at each start; what it says is said by us.
 * @type {import("esbuild").Plugin}
 */
const oneLanguage = {
  name: "one-language",
  setup(building) {
    building.onLoad({ filter: /zod[\\/]v4[\\/]locales[\\/]index\.js$/ }, () => ({
      contents: 'export { default as en } from "./en.js";',
    }));
  },
};

const packageFolder = /^.*[\\/]node_modules[\\/](@[^\\/]+[\\/])?[^\\/]+/;

/**
 * The folders of the npm packages that a bundle has parts of.
 * @param {import("esbuild").BuildResult<{ metafile: true }>} result
 */
export const packagesOf = ({ metafile }) =>
  Object.keys(metafile.inputs).flatMap((input) => packageFolder.exec(path.resolve(input))?.[0] ?? []);

/**
 * Bundles a source and the workers that it starts. Gives the text of each bundle by its name: the entry's is `name`,
 * a worker's is made of its folder and file. `packages` are the folders of the npm packages that are in them.
 * With `parts` the entry's bundle is several, as `partsOf` makes them, of which the first has to be called `name`.
 * @param {string} name
 * @param {string} entry
 * @param {{ entries: Readonly<Record<string, readonly string[]>>, rest: string }} [parts]
 * @returns {Promise<{ texts: Map<string, string>, packages: Set<string> }>}
 */
export async function bundle(name, entry, parts) {
  const entries = new Map([[name, entry]]);
  const texts = new Map();
  const packages = new Set();
  /** Notes the workers of a source, and writes the address of each one's bundle in its place. */
  const replaceWorkers = (text, source) =>
    text.replace(workerUrl, (_, relative) => {
      const worker = path.join(path.dirname(source), relative);
      const workerName = `${path.basename(path.dirname(worker))}-${path.basename(worker, ".ts")}`;
      entries.set(workerName, worker);
      return `new URL("./${workerName}.cjs", import.meta.url)`;
    });
  const workers = {
    name: "workers",
    setup(building) {
      building.onLoad({ filter: /\.ts$/ }, async ({ path: source }) => {
        return { loader: "ts", contents: replaceWorkers(await readFile(source, "utf8"), source) };
      });
    },
  };
  const plugins = [workers, builtins, oneLanguage];
  // Entries found on the way are visited too, as a Map goes on while it grows.
  for (const [bundleName, file] of entries) {
    const asked = { ...options, plugins, entryPoints: [file], write: false, metafile: true };
    const inParts = parts !== undefined && bundleName === name;
    const result = await build(inParts ? { ...asked, ...split } : asked);
    for (const folder of packagesOf(result)) packages.add(folder);
    if (!inParts) texts.set(bundleName, asAscii(result.outputFiles[0].text));
    else
      for (const [part, text] of partsOf(chunksOf(result, file), { ...parts, prelude: bundleFile }))
        texts.set(part, await minified(text));
  }
  return { texts, packages };
}

/**
 * As ES modules, which alone esbuild splits, with the long names that `partsOf` asks for.
 * @type {import("esbuild").BuildOptions}
 */
const split = {
  format: "esm",
  splitting: true,
  supported: {},
  outdir: "/",
  chunkNames: "[hash]",
  banner: {},
  minifyIdentifiers: false,
  lineLimit: undefined,
};

/**
 * @param {import("esbuild").BuildResult<{ metafile: true, write: false }>} result
 * @param {string} entry
 * @returns {import("./parts.mjs").Chunk[]}
 */
function chunksOf({ outputFiles, metafile }, entry) {
  const idOf = (output) => `./${path.basename(output)}`;
  const told = new Map(Object.entries(metafile.outputs).map(([output, about]) => [idOf(output), about]));
  const chunks = outputFiles.map(({ path: output, text }) => {
    const { imports, entryPoint } = told.get(idOf(output));
    const needs = imports
      .filter(({ kind, external }) => kind === "import-statement" && external !== true)
      .map((each) => idOf(each.path));
    return { path: idOf(output), text, needs, entry: entryPoint && path.resolve(entryPoint) };
  });
  // Else in the order of their names, so that the same sources are the same build.
  const place = (chunk) => (chunk.entry === entry ? "" : chunk.path);
  return chunks.toSorted((one, other) => (place(one) < place(other) ? -1 : 1));
}

async function minified(text) {
  const { minifyWhitespace, minifyIdentifiers, lineLimit, charset, target, legalComments } = options;
  const { code } = await transform(text, { minifyWhitespace, minifyIdentifiers, lineLimit, charset, target, legalComments });
  return asAscii(code);
}
