import { expect, test } from "vitest";
import { carryOut } from "../../../../test/instant-harness.ts";

const nodeNext = JSON.stringify({
  compilerOptions: { strict: true, module: "nodenext", noEmit: true, types: [], lib: ["es2015"] },
});

test("moves a file with the imports that lead to it and out of it", () => {
  const { tree, said } = carryOut(
    {
      "package.json": '{ "type": "module", "main": "src/a.js", "files": ["src/a.ts"] }',
      "tsconfig.json": nodeNext,
      "src/a.ts": 'import { b } from "./b.js";\nexport const a = b;\n',
      "src/b.ts": "export const b = 1;\n",
      "src/c.ts":
        'export { a } from "./a.js";\nexport type T = typeof import("./a.js");\nexport const lazy = () => import("./a.js");\n',
    },
    "move src/a.ts to src/deep/a.ts",
  );
  expect(tree).toMatchObject({
    "src/deep/a.ts": 'import { b } from "../b.js";\nexport const a = b;\n',
    "src/c.ts":
      'export { a } from "./deep/a.js";\nexport type T = typeof import("./deep/a.js");\nexport const lazy = () => import("./deep/a.js");\n',
  });
  expect(tree["src/a.ts"]).toBeUndefined();
  expect(said).toBe(
    "Moved src/a.ts → src/deep/a.ts: 4 imports changed in 2 files.\npackage.json mentions src/a.ts; it was not changed.",
  );
});

test("a new name without a folder or an ending keeps both", () => {
  const { tree } = carryOut(
    { "src/a.ts": "export const a = 1;\n", "src/b.ts": 'import { a } from "./a";\na;\n' },
    "rename the file src/a.ts to fresh",
  );
  expect(tree).toMatchObject({ "src/fresh.ts": "export const a = 1;\n", "src/b.ts": 'import { a } from "./fresh";\na;\n' });
});

test("at the root of the workspace, by its name alone, into a folder", () => {
  const { tree } = carryOut(
    { "a.ts": "export const a = 1;\n", "b.ts": 'import { a } from "./a";\na;\n', "lib/c.ts": "export {};\n" },
    "move a.ts to lib",
  );
  expect(tree).toMatchObject({ "lib/a.ts": "export const a = 1;\n", "b.ts": 'import { a } from "./lib/a";\na;\n' });
  const renamed = carryOut({ "a.ts": "export const a = 1;\n", "b.ts": 'import { a } from "./a";\na;\n' }, "rename a.ts to z.ts");
  expect(renamed.tree).toMatchObject({ "z.ts": "export const a = 1;\n", "b.ts": 'import { a } from "./z";\na;\n' });
});

test("an index file is imported by its folder; paths of the configuration are kept", () => {
  const { tree } = carryOut(
    {
      "tsconfig.json": JSON.stringify({
        compilerOptions: {
          strict: true,
          module: "esnext",
          moduleResolution: "bundler",
          noEmit: true,
          types: [],
          lib: ["es2015"],
          paths: { "@/*": ["./src/*"] },
        },
      }),
      "src/part/index.ts": "export const part = 1;\n",
      "src/one.ts": 'import { part } from "./part";\nexport const one = part;\n',
      "src/two.ts": 'import { one } from "@/one";\nimport { part } from "@/part";\nexport const two = one + part;\n',
    },
    "move src/part/index.ts to src/piece/index.ts",
  );
  expect(tree["src/one.ts"]).toBe('import { part } from "./piece";\nexport const one = part;\n');
  expect(tree["src/two.ts"]).toBe(
    'import { one } from "@/one";\nimport { part } from "@/piece";\nexport const two = one + part;\n',
  );
});

test("a folder moves with all it holds", () => {
  const { tree } = carryOut(
    {
      "src/old/a.ts": 'import { b } from "./b";\nimport { c } from "../c";\nexport const a = b + c;\n',
      "src/old/b.ts": "export const b = 1;\n",
      "src/old/notes.txt": "n",
      "src/c.ts": "export const c = 1;\n",
      "src/d.ts": 'import { a } from "./old/a";\na;\n',
    },
    "move the folder src/old to src/new/place",
  );
  expect(tree).toEqual({
    "src/new/place/a.ts": 'import { b } from "./b";\nimport { c } from "../../c";\nexport const a = b + c;\n',
    "src/new/place/b.ts": "export const b = 1;\n",
    "src/new/place/notes.txt": "n",
    "src/c.ts": "export const c = 1;\n",
    "src/d.ts": 'import { a } from "./new/place/a";\na;\n',
  });
});

const files = { "a.ts": "export const a = 1;\n", "b.ts": "export const b = 1;\n", "lib/b.ts": "export const b = 2;\n" };

test.each([
  ["move a.ts to b.ts", /b\.ts exists already/],
  ["move a.ts to ../a.ts", /outside the workspace/],
  ["move ab.ts to c.ts", /no ab\.ts in the workspace\. Did you mean a\.ts/],
  ["move lib to lib/deeper", /cannot move into itself/],
])("refuses %s", (prompt, reason) => {
  const { tree, said } = carryOut(files, prompt);
  expect(said).toMatch(reason);
  expect(tree).toEqual(files);
});
