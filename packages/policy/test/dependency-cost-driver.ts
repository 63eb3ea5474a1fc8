/**
 * What a hunk costs the rules for dependencies, with 200 of them.
 *
 *     node --import ./tools/typescript.mjs packages/policy/test/dependency-cost-driver.ts
 *
 * No test: a busy machine prints other numbers.
 */
import { readFileSync } from "node:fs";
import path from "node:path";
import { dependencyChanges } from "../src/rules.ts";
import { compileDependencies } from "../src/dependencies/dependencies.ts";
import { hunkOf, layer, rule } from "../src/dependencies/judged.ts";

const root = path.join(import.meta.dirname, "../../..");
const read = (name: string): string => readFileSync(path.join(root, name), "utf8");
const rules = Array.from({ length: 200 }, (_, index) =>
  rule({ name: `r${index}`, line: index + 1, changes: [...dependencyChanges], packages: [`@scope-${index}/*`, `name-${index}`] }),
);
const judge = compileDependencies([layer([...rules, rule({ line: 201 })])]);
const texts = new Map(["package.json", "package-lock.json", "packages/policy/package.json"].map((name) => [name, read(name)]));
const context = { fileText: (name: string) => texts.get(name), hasFile: () => false };

const code = read("packages/policy/src/dependencies/npm.ts");
const lock = read("package-lock.json");
const hunks = {
  "another file": hunkOf("docs/a.md", "# A\n", "# A\n\nMore.\n"),
  "code without an import": hunkOf("packages/policy/a.ts", code, `${code}const more = 1;\n`),
  "code with a named import": hunkOf("packages/policy/a.ts", code, `import { parse } from "smol-toml";\n${code}`),
  "code with another import": hunkOf("packages/policy/a.ts", code, `import pad from "left-pad";\n${code}`),
  "package.json": hunkOf(
    "package.json",
    read("package.json"),
    read("package.json").replace('"esbuild"', '"left-pad": "1.3.0",\n    "esbuild"'),
  ),
  [`package-lock.json, ${Math.round(lock.length / 1024)} KB, read before`]: hunkOf(
    "package-lock.json",
    lock,
    lock.replace("4.10.2", "4.10.3"),
  ),
};
for (const [name, hunk] of Object.entries(hunks)) {
  const taken: number[] = [];
  for (let round = 0; round < 500; round++) {
    const started = performance.now();
    judge.hunk(hunk, context);
    taken.push(performance.now() - started);
  }
  const [first = 0] = taken;
  taken.sort((a, b) => a - b);
  console.log(`${name}: median ${taken[250]?.toFixed(3)} ms, p95 ${taken[475]?.toFixed(3)} ms, first ${first.toFixed(2)} ms`);
}
