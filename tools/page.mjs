// How the report's page becomes one file: its script and styles inside it, and a policy that lets nothing else in. The data is put in by the command.
import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import path from "node:path";
import { build } from "esbuild";
import { packagesOf, root } from "./bundle.mjs";

const folder = path.join(root, "packages/web/src");

/** @type {import("esbuild").BuildOptions} */
const options = {
  bundle: true,
  platform: "browser",
  target: ["es2022", "chrome109", "firefox115", "safari16"],
  format: "iife",
  conditions: ["source"],
  minify: true,
  charset: "ascii",
  legalComments: "none",
  logLevel: "warning",
  write: false,
  metafile: true,
};

const hashOf = (text) => `'sha256-${createHash("sha256").update(text).digest("base64")}'`;

/**
 * The page with the place of its data open, `{{data}}`; and the folders of the npm packages that are in it.
 * @returns {Promise<{ text: string, packages: readonly string[] }>}
 */
export async function buildPage() {
  const [template, code, styles] = await Promise.all([
    readFile(path.join(folder, "report.html"), "utf8"),
    build({ ...options, entryPoints: [path.join(folder, "report.ts")] }),
    build({ ...options, entryPoints: [path.join(folder, "report.css")] }),
  ]);
  const [script, style] = [code, styles].map(({ outputFiles }) => outputFiles[0].text.trim());
  const policy = `default-src 'none'; script-src ${hashOf(script)}; style-src ${hashOf(style)}; base-uri 'none'; form-action 'none'`;
  const parts = {
    policy: `<meta http-equiv="Content-Security-Policy" content="${policy}" />`,
    style: `<style>${style}</style>`,
    data: '<script type="application/json" id="report-data">{{data}}</script>',
    script: `<script>${script}</script>`,
  };
  const text = template.replace(/<!-- (\w+) -->/g, (_, name) => parts[name]);
  return { text, packages: [...packagesOf(code), ...packagesOf(styles)] };
}
