/** For each rule of each gate a small sample that it must reject. Samples of one gate have different files, so that they fit into one tree. */

export interface BadSample {
  readonly what: string;
  readonly files: Readonly<Record<string, string>>;
  /** What the gate must say. */
  readonly fault: RegExp;
}

export const json = (value: unknown): string => `${JSON.stringify(value, null, 2)}\n`;

export const packageJson = (name: string, more: object = {}): string =>
  json({ name: `@twolane/${name}`, version: "1.0.0", type: "module", exports: { ".": { source: `./src/${name}.ts` } }, ...more });

const lines = (count: number, line: string): string => `${line}\n`.repeat(count);
const source = (name: string, text: string): Readonly<Record<string, string>> => ({ [`packages/protocol/src/${name}.ts`]: text });

export const badFormat: readonly BadSample[] = [
  { what: "an unformatted file", files: source("loose", "export const a   = 1\n"), fault: /loose\.ts/ },
];

export const badLint: readonly BadSample[] = [
  { what: "any", files: source("any", "export const f = (a: any): unknown => a;\n"), fault: /any\.ts.*no-explicit-any/ },
  {
    what: "a floating promise",
    files: source("floating", "const f = async (): Promise<void> => {};\nf();\n"),
    fault: /floating\.ts.*no-floating-promises/,
  },
  {
    what: "a switch that misses a case",
    files: source("switch", 'export function f(a: "x" | "y"): void {\n  switch (a) {\n    case "x":\n      return;\n  }\n}\n'),
    fault: /switch\.ts.*switch-exhaustiveness-check/,
  },
  {
    what: "four parameters",
    files: source("params", "export const f = (a: number, b: number, c: number, d: number): number => a + b + c + d;\n"),
    fault: /params\.ts.*max-params/,
  },
  {
    what: "a function of 71 lines",
    files: source("function", `export function f(): number {\n  let sum = 0;\n${lines(67, "  sum += 1;")}  return sum;\n}\n`),
    fault: /function\.ts.*max-lines-per-function/,
  },
  { what: "a file of 401 lines", files: source("file", lines(401, "export {};")), fault: /file\.ts.*max-lines\)/ },
  { what: "a test file of 801 lines", files: source("a.test", lines(801, "export {};")), fault: /a\.test\.ts.*max-lines\)/ },
  {
    what: "a ring",
    files: {
      ...source("ring", 'export { b } from "./ring-b.ts";\n'),
      ...source("ring-b", 'import "./ring.ts";\nexport const b = 1;\n'),
    },
    fault: /ring\.ts.*no-cycle/,
  },
];

export const badTypes: readonly BadSample[] = [
  { what: "a wrong type", files: source("wrong", 'export const a: number = "a";\n'), fault: /wrong\.ts.*TS2322/ },
];

export const badDeadCode: readonly BadSample[] = [
  { what: "a file nobody imports", files: source("dead", "export {};\n"), fault: /dead\.ts: .*files/ },
  {
    what: "an export nobody imports",
    files: {
      ...source("protocol", 'export { a } from "./a.ts";\n'),
      ...source("a", "export const a = 1;\nexport const b = 2;\n"),
    },
    fault: /a\.ts:2: .*exports.*: b/,
  },
  {
    what: "a dependency nobody imports",
    files: { "packages/protocol/package.json": packageJson("protocol", { dependencies: { ws: "8.23.0" } }) },
    fault: /dependencies.*: ws/,
  },
];

const host = { "packages/engine/src/host/b.ts": "export const host = 1;\nexport type Host = number;\n" };
const inStd = (text: string): Readonly<Record<string, string>> => ({ ...host, "packages/engine/src/std/a.ts": text });
const inModels = (text: string): Readonly<Record<string, string>> => ({ ...host, "packages/engine/src/models/a.ts": text });
const inPolicy = (text: string): Readonly<Record<string, string>> => ({ "packages/policy/src/a.ts": text });

export const badOrder: readonly BadSample[] = [
  { what: "an import to the right", files: inStd('import "../host/b.ts";\n'), fault: /std\/a\.ts:1: std stands left of host/ },
  {
    what: "a type-only import to the right",
    files: inStd('import type { Host } from "../host/b.ts";\n'),
    fault: /std stands left of host/,
  },
  {
    what: "the import() of a type to the right",
    files: inStd('export type A = import("../host/b.ts").Host;\n'),
    fault: /std stands left of host/,
  },
  { what: "an export from the right", files: inStd('export * from "../host/b.ts";\n'), fault: /std stands left of host/ },
  {
    what: "a delayed import to the right",
    files: {
      "packages/cli/src/views/a.ts": 'export const a = () => import("../commands/b.ts");\n',
      "packages/cli/src/commands/b.ts": "",
    },
    fault: /views stands left of commands/,
  },
  {
    what: "the host itself right of guard",
    files: inModels('import { host } from "../host/b.ts";\n'),
    fault: /host is imported for types only/,
  },
  {
    what: "a way to the machine outside of host",
    files: inModels('import { readFileSync } from "node:fs";\n'),
    fault: /`node:fs` reaches the machine/,
  },
  {
    what: "a process started outside of host",
    files: { "packages/engine/src/code/a.ts": 'export const a = () => import("node:child_process");\n' },
    fault: /`node:child_process` reaches the machine/,
  },
  {
    what: "a ring of type-only imports",
    files: {
      ...inPolicy('import type { B } from "./b.ts";\nexport type A = B;\n'),
      "packages/policy/src/b.ts": 'export type { A } from "./a.ts";\nexport type B = 1;\n',
    },
    fault: /a\.ts: imports itself by way of packages\/policy\/src\/b\.ts/,
  },
  { what: "a folder without a place", files: { "packages/engine/src/misfits/a.ts": "" }, fault: /`misfits` has no place/ },
  { what: "a package without a place", files: { "packages/extra/src/a.ts": "" }, fault: /`extra` has no place/ },
  {
    what: "a package to the right",
    files: inPolicy('import type { E } from "@twolane/engine";\n'),
    fault: /policy may not import engine/,
  },
  {
    what: "a way past a package's door",
    files: inPolicy('import "@twolane/protocol/src/events.ts";\n'),
    fault: /is no door of protocol/,
  },
  {
    what: "a path into another package",
    files: inPolicy('import "../../protocol/src/protocol.ts";\n'),
    fault: /reaches into another package/,
  },
  { what: "IO in policy", files: inPolicy('import "node:fs";\n'), fault: /policy does no IO/ },
  {
    what: "node: in protocol",
    files: source("protocol", 'export { sep } from "node:path";\n'),
    fault: /does not bundle for a browser/,
  },
];

export const badTidy: readonly BadSample[] = [
  { what: "a name that says nothing", files: source("utils", ""), fault: /`utils\.ts` says nothing/ },
  {
    what: "a path of one machine",
    files: source("path", `export const a = "/${"root"}/x";\n`),
    fault: /path\.ts:1: a path of one machine/,
  },
  {
    what: "a registry host",
    files: { ".npmrc": `registry=https://${"registry"}.example.org/\n` },
    fault: /host of a package registry/,
  },
  { what: "work left to do", files: source("later", `// ${"TO"}${"DO"}: later\n`), fault: /later\.ts:1: left to do/ },
  { what: "a dead link", files: { "README.md": "[guide](docs/guide.md#start)\n" }, fault: /docs\/guide\.md leads nowhere/ },
  {
    what: "a folder that is not listed",
    files: { "packages/policy/src/secrets/a.ts": "" },
    fault: /policy\/src\/secrets: not in ARCHITECTURE/,
  },
  {
    what: "a test switched off",
    files: { "packages/policy/src/a.test.ts": 'it.skip("x", () => {});\n' },
    fault: /a\.test\.ts:1: `it\.skip`/,
  },
  {
    what: "a focused test",
    files: { "packages/policy/src/b.test.ts": 'describe.only("x", () => {});\n' },
    fault: /`describe\.only`/,
  },
  { what: "one cast more", files: source("cast", "export const a = 1 as number;\n"), fault: /1 casts where 0 are allowed/ },
  { what: "a rule switched off", files: source("off", `// ${"oxlint"}-disable\nexport {};\n`), fault: /1 suppressions where 0/ },
];
