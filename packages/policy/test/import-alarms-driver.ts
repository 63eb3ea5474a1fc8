/**
 * How often the rule for imports is wrong: every code file below the given folders is judged as if it had just been written.
 *
 *     node --import ./tools/typescript.mjs packages/policy/test/import-alarms-driver.ts FOLDER...
 *
 * No test: it wants published packages, which `npm pack` brings into a folder outside of the repository.
 */
import { existsSync, readFileSync, readdirSync } from "node:fs";
import path from "node:path";
import { type PolicyLayer, compilePolicy } from "@twolane/policy";

const none = { scope: [], diff: [], dependencies: [], commands: [], review: [], data: [] };
const team: PolicyLayer = { kind: "project", path: "policy.yaml", preset: "team", ...none };
const judge = compilePolicy([team]);
const empty = new Map<string, number>();

let [files, alarms, ms, slowest] = [0, 0, 0, 0];
for (const root of process.argv.slice(2)) {
  const read = (name: string): string | undefined => {
    const file = path.join(root, name);
    return existsSync(file) ? readFileSync(file, "utf8") : undefined;
  };
  const context = {
    lane: "fast",
    turn: empty,
    changeSet: empty,
    fileText: read,
    hasFile: (name: string) => existsSync(path.join(root, name)),
  } as const;
  const names = readdirSync(root, { recursive: true, encoding: "utf8" })
    .filter((name) => /\.(?:[cm]?[jt]sx?|py|rs|go)$/.test(name) && !/(?:^|\/)(?:node_modules|\.git|target|dist-\w*)\//.test(name))
    .filter((name) => !name.endsWith(".min.js"));
  let found = 0;
  for (const name of names) {
    const text = readFileSync(path.join(root, name), "utf8");
    const facts = {
      path: name,
      operation: "create",
      line: 1,
      added: text.split("\n"),
      removed: [],
      before: () => undefined,
      after: () => text,
    } as const;
    const started = performance.now();
    const refusals = judge.refusals(facts, context).filter(({ reason }) => reason.includes(" imports "));
    const took = performance.now() - started;
    ms += took;
    slowest = Math.max(slowest, took);
    found += refusals.length;
    for (const { reason } of refusals.slice(0, 3)) console.log(`  ${path.basename(root)}: ${reason}`);
  }
  console.log(`${path.basename(root)}: ${names.length} files, ${found} held`);
  files += names.length;
  alarms += found;
}
console.log(
  `${files} files, ${alarms} imports held, ${(ms / files).toFixed(2)} ms a whole file, slowest ${slowest.toFixed(1)} ms`,
);
