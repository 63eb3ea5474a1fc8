import { describe, expect, test } from "vitest";
import { carryOut } from "../../../../test/instant-harness.ts";

const strict = JSON.stringify({ compilerOptions: { strict: true, noEmit: true, types: [], lib: ["es2015"] } });

describe("renames", () => {
  test("an exported function and every use of it, but no string and no comment", () => {
    const { tree, said } = carryOut(
      {
        "tsconfig.json": strict,
        "a.ts": "// old\r\nexport function old(n: number): number {\r\n  return n > 0 ? old(n - 1) : 0; // old\r\n}\r\n",
        "b.ts": 'import { old } from "./a";\nimport * as all from "./a";\nconsole.log("old", old(1), all.old(2), { old });',
      },
      "rename old to fresh",
    );
    expect(tree["a.ts"]).toBe(
      "// old\r\nexport function fresh(n: number): number {\r\n  return n > 0 ? fresh(n - 1) : 0; // old\r\n}\r\n",
    );
    expect(tree["b.ts"]).toBe(
      'import { fresh } from "./a";\nimport * as all from "./a";\nconsole.log("old", fresh(1), all.fresh(2), { old: fresh });',
    );
    expect(said).toBe("Renamed old → fresh: 6 places in 2 files.");
  });

  test("keeps byte order mark, tabs and the missing final newline", () => {
    const { tree } = carryOut(
      { "tsconfig.json": strict, "a.ts": "\ufeffexport const old = 1;\n\texport { old as again };" },
      "rename old to fresh",
    );
    expect(tree["a.ts"]).toBe("\ufeffexport const fresh = 1;\n\texport { fresh as again };");
  });

  test("a local export list changes its importers; a re-export keeps its name unless everywhere is said", () => {
    const files = {
      "tsconfig.json": strict,
      "a.ts": "function old() {}\nexport { old };\n",
      "index.ts": 'export { old } from "./a";\n',
      "near.ts": 'import { old } from "./a";\nold();\n',
      "far.ts": 'import { old } from "./index";\nold();\n',
    };
    const kept = carryOut(files, "rename old to fresh");
    expect(kept.tree).toMatchObject({
      "a.ts": "function fresh() {}\nexport { fresh };\n",
      "index.ts": 'export { fresh as old } from "./a";\n',
      "near.ts": 'import { fresh } from "./a";\nfresh();\n',
      "far.ts": files["far.ts"],
    });
    expect(kept.said).toContain("Still exported as old by index.ts");
    const everywhere = carryOut(files, "rename old to fresh everywhere");
    expect(everywhere.tree).toMatchObject({
      "index.ts": 'export { fresh } from "./a";\n',
      "far.ts": 'import { fresh } from "./index";\nfresh();\n',
    });
  });

  test("overloads, an interface's member with its implementation, and shorthand properties", () => {
    const { tree } = carryOut(
      {
        "tsconfig.json": strict,
        "a.ts":
          "export interface Shape { area(): number }\nexport class Box implements Shape {\n  area(): number;\n  area(n?: number): number { return n ?? 1; }\n}\nconst area = () => 2;\nexport const made: Shape = { area };\nexport const { area: taken } = made;\n",
      },
      "rename method area of Shape to size",
    );
    expect(tree["a.ts"]).toBe(
      "export interface Shape { size(): number }\nexport class Box implements Shape {\n  size(): number;\n  size(n?: number): number { return n ?? 1; }\n}\nconst area = () => 2;\nexport const made: Shape = { size: area };\nexport const { size: taken } = made;\n",
    );
  });

  test("JavaScript and JSX without any configuration", () => {
    const { tree } = carryOut(
      {
        "src/Button.jsx": "export function Button(props) { return <b>{props.text}</b>; }\n",
        "src/App.jsx": 'import { Button } from "./Button.jsx";\nexport const App = () => <Button text="Button" />;\n',
        "src/old.cjs": "exports.run = function run() {};\n",
      },
      "rename the component Button to Knob",
    );
    expect(tree["src/App.jsx"]).toBe('import { Knob } from "./Button.jsx";\nexport const App = () => <Knob text="Button" />;\n');
  });

  test("across packages: project references and paths into other folders", () => {
    const references = (paths: string[]) =>
      JSON.stringify({
        compilerOptions: { composite: true, strict: true, types: [], lib: ["es2015"], rootDir: ".", outDir: "dist" },
        include: ["src"],
        references: paths.map((path) => ({ path })),
      });
    const { tree } = carryOut(
      {
        "tsconfig.json": JSON.stringify({ files: [], references: [{ path: "lib" }, { path: "app" }] }),
        "lib/tsconfig.json": references([]),
        "lib/src/a.mts": "export const old = 1;\n",
        "app/tsconfig.json": references(["../lib"]),
        "app/src/b.mts": 'import { old } from "../../lib/src/a.mjs";\nexport const two = old + old;\n',
        "tool/tsconfig.json": strict,
        "tool/c.ts": 'import { old } from "../lib/src/a.mjs";\nexport const three = old;\n',
      },
      "rename old to fresh in lib/src/a.mts",
    );
    expect(tree).toMatchObject({
      "lib/src/a.mts": "export const fresh = 1;\n",
      "app/src/b.mts": 'import { fresh } from "../../lib/src/a.mjs";\nexport const two = fresh + fresh;\n',
      "tool/c.ts": 'import { fresh } from "../lib/src/a.mjs";\nexport const three = fresh;\n',
    });
  });

  test("a file that only imports the name stands for the declaration behind it", () => {
    const { tree } = carryOut(
      { "a.ts": "export const old = 1;\n", "b.ts": 'import { old } from "./a";\nexport default old;\n' },
      "rename old to fresh in b.ts",
    );
    expect(tree["a.ts"]).toBe("export const fresh = 1;\n");
  });
});

const two = {
  "tsconfig.json": strict,
  "a.ts": "export const old = 1;\n",
  "b.ts": "export function f() {\n  const old = 2;\n  return old;\n}\n",
};

describe("asks", () => {
  test("which of two declarations is meant, and takes file and line for an answer", () => {
    const { said } = carryOut(two, "rename old to fresh");
    expect(said).toBe(
      'INSTANT_QUESTION: old is declared in a.ts:1 (variable), in b.ts:2 (variable). Say which one, e.g. "rename old to fresh in a.ts:1".',
    );
    const { tree } = carryOut(two, "rename old to fresh in b.ts:2");
    expect(tree["a.ts"]).toBe(two["a.ts"]);
    expect(tree["b.ts"]).toBe("export function f() {\n  const fresh = 2;\n  return fresh;\n}\n");
  });
});

const refused: readonly (readonly [string, Record<string, string>, string, RegExp])[] = [
  ["an unknown name, with the nearest", two, "rename odl to fresh", /no odl in the workspace\. Did you mean old/],
  ["an unknown file", two, "rename old to fresh in c.ts", /no c\.ts in the workspace/],
  ["a file outside", two, "rename old to fresh in ../x.ts", /outside the workspace/],
  ["a name that is none", two, "rename old to 1x in a.ts", /not a name/],
  ["a word of the language", two, "rename old to class in a.ts", /word of the language/],
  ["the wrong kind", two, "rename class old to fresh in a.ts", /declared in a\.ts:1 \(variable\), but not as class/],
  [
    "a name that is taken",
    { "a.ts": "export const old = 1;\nexport const fresh = 2;\n" },
    "rename old to fresh",
    /cannot become fresh: a\.ts:1 would have a new error/,
  ],
  [
    "an import that exports the name twice",
    {
      "a.ts": "export const old = 1;\n",
      "b.ts": "export const fresh = 2;\n",
      "i.ts": 'export * from "./a";\nexport * from "./b";\n',
    },
    "rename old to fresh",
    /i\.ts:2 would have a new error/,
  ],
  [
    "a use that an inner name would catch",
    { "a.ts": "const old = 1;\nexport const f = (fresh: number) => fresh + old;\n" },
    "rename old to fresh",
    /fresh in a\.ts:2 would then mean/,
  ],
  [
    "a use that would be caught in untyped code",
    { "a.js": "function old() {}\nexport function g(fresh) { return fresh(old); }\n" },
    "rename old to fresh",
    /fresh in a\.js:2 would then mean/,
  ],
  [
    "something of the language's library",
    { "a.ts": "export const n = [1].map(String);\n" },
    "rename map to chart",
    /no map in|not renamed|cannot be renamed/,
  ],
];

test.each(refused)("refuses %s and changes nothing", (_, files, prompt, reason) => {
  const { tree, said } = carryOut(files, prompt);
  expect(said).toMatch(/^INSTANT_REFUSED: /);
  expect(said).toMatch(reason);
  expect(said).not.toContain("\n");
  expect(tree).toEqual(files);
});

test("a file that is not valid UTF-8 is refused", async () => {
  const { makeWorkspace, planIn } = await import("../../../../test/instant-harness.ts");
  const { writeFileSync } = await import("node:fs");
  const root = makeWorkspace({});
  writeFileSync(`${root}/a.ts`, Buffer.from("// \xe9\nexport const old = 1;\n", "latin1"));
  expect(planIn(root, "rename old to fresh")).toMatchObject({
    kind: "failure",
    failure: { message: "a.ts is not valid UTF-8." },
  });
});
