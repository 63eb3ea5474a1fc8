import { describe, expect, test } from "vitest";
import { carryOut } from "../../../../test/instant-harness.ts";

const strict = JSON.stringify({
  compilerOptions: {
    strict: true,
    module: "esnext",
    moduleResolution: "bundler",
    noEmit: true,
    types: [],
    lib: ["es2015"],
    jsx: "preserve",
  },
});
const lib = {
  "tsconfig.json": strict,
  "a.ts": "export const a = 1;\nexport const aa = 2;\n",
  "b.ts": "export const b = 1;\nexport type B = number;\n",
};

describe("organize and sort", () => {
  test("sorts, merges and drops what is unused; exports and the spelling of the rest stay", () => {
    const user =
      "// head\nimport {b} from './b'\nimport {aa} from './a'\nimport {a} from './a'\n\nexport const x = a + aa\nexport {b2} from './c'\nexport {a as a1} from './a'\n";
    const { tree, said } = carryOut({ ...lib, "c.ts": "export const b2 = 1;\n", "u.ts": user }, "organize imports in u.ts");
    expect(tree["u.ts"]).toBe(
      "// head\nimport {a, aa} from './a'\n\nexport const x = a + aa\nexport {b2} from './c'\nexport {a as a1} from './a'\n",
    );
    expect(said).toBe("Organized imports in 1 file.");
  });

  test("sorting keeps unused ones", () => {
    const { tree } = carryOut(
      { ...lib, "u.ts": 'import { b } from "./b";\nimport { a } from "./a";\na;\n' },
      "sort imports in u.ts",
    );
    expect(tree["u.ts"]).toBe('import { a } from "./a";\nimport { b } from "./b";\na;\n');
  });

  test("keeps carriage returns and imports over several lines", () => {
    const many = 'import {\r\n\ta,\r\n\taa\r\n} from "./a";\r\n';
    const { tree } = carryOut(
      { ...lib, "u.ts": `import { b } from "./b";\r\n${many}export const x = [a, aa, b];\r\n` },
      "organize imports in u.ts",
    );
    expect(tree["u.ts"]).toBe(`${many}import { b } from "./b";\r\nexport const x = [a, aa, b];\r\n`);
  });

  test("says so when there is nothing to do, and refuses what is no source file", () => {
    expect(carryOut(lib, "organize imports everywhere").said).toBe("The imports are organized already.");
    expect(carryOut(lib, "organize imports in tsconfig.json").said).toMatch(/no source file/);
    expect(carryOut({ ...lib, "docs/x.md": "" }, "organize imports in docs").said).toMatch(/no source file in docs/);
  });
});

describe("remove unused", () => {
  test("only what is unused goes; order, side effects and types stay", () => {
    const { tree } = carryOut(
      {
        ...lib,
        "src/u.tsx":
          'import "./side";\nimport { b, type B } from "../b";\nimport { a, aa } from "../a";\nexport const x: B = aa;\n',
        "src/side.ts": "export {};\n",
      },
      "remove unused imports in src",
    );
    expect(tree["src/u.tsx"]).toBe(
      'import "./side";\nimport { type B } from "../b";\nimport { aa } from "../a";\nexport const x: B = aa;\n',
    );
  });

  test("nothing to remove", () => {
    expect(carryOut(lib, "remove unused imports").said).toBe("Every import is used.");
  });
});

describe("add missing", () => {
  test("adds them in the file's own style", () => {
    const { tree, said } = carryOut(
      { ...lib, "u.ts": "import { a } from './a'\n\nexport const x: B = a + aa + b\n" },
      "add missing imports in u.ts",
    );
    expect(tree["u.ts"]).toBe("import { a, aa } from './a'\nimport { B, b } from './b'\n\nexport const x: B = a + aa + b\n");
    expect(said).toBe("Added missing imports in 1 file.");
  });

  test("a name that two modules export is asked about, one that only is passed on is not", () => {
    const asked = carryOut(
      { ...lib, "c.ts": "export const a = 3;\n", "u.ts": "export const x = a;\n" },
      "add missing imports in u.ts",
    );
    expect(asked.said).toMatch(/^INSTANT_QUESTION: a in u\.ts:1 is exported by \.\/a and \.\/c/);
    const passed = carryOut(
      { ...lib, "index.ts": 'export * from "./b";\n', "u.ts": "export const x = b;\n" },
      "add missing imports in u.ts",
    );
    expect(passed.tree["u.ts"]).toMatch(/^import \{ b \} from "\.(?:\/b)?";\n/);
  });

  test("says what nobody exports", () => {
    expect(carryOut({ ...lib, "u.ts": "export const x = nowhere;\n" }, "add missing imports in u.ts").said).toMatch(
      /Nothing exports nowhere in u\.ts:1/,
    );
    expect(carryOut(lib, "add missing imports").said).toBe("No import is missing.");
  });
});
