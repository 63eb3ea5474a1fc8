import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { held, reasons } from "./judged.ts";

const manifest = (fields: object): string => `${JSON.stringify({ name: "shop", version: "1.0.0", ...fields }, undefined, 2)}\n`;
const plain = manifest({ dependencies: { react: "^18.2.0" }, scripts: { test: "vitest" } });

describe("package.json", () => {
  it("tells what is added, and for what a yes is remembered", () => {
    const after = manifest({ dependencies: { react: "^18.2.0", "left-pad": "^1.3.0" }, scripts: { test: "vitest" } });
    expect(held("package.json", plain, after)).toEqual(["npm:left-pad@^1.3.0"]);
    expect(reasons("package.json", plain, after)).toEqual(["package.json adds left-pad ^1.3.0 to dependencies"]);
  });

  it.each<[string, object, string[]]>([
    ["a version", { dependencies: { react: "^19.0.0" } }, ["npm:react@^19.0.0"]],
    ["git", { dependencies: { react: "github:evil/react" } }, ["npm:react@github:evil/react", "npm:react@github:evil/react"]],
    ["a short git address", { dependencies: { react: "evil/react" } }, ["npm:react@evil/react", "npm:react@evil/react"]],
    ["another package", { dependencies: { react: "npm:preact@^10" } }, ["npm:react@npm:preact@^10", "npm:react@npm:preact@^10"]],
    ["a path", { dependencies: { react: "file:../react" } }, ["npm:react@file:../react", "npm:react@file:../react"]],
    ["an override", { dependencies: { react: "^18.2.0" }, overrides: { a: { scheduler: "0.1.0" } } }, ["npm:scheduler@0.1.0"]],
    ["a script at install", { dependencies: { react: "^18.2.0" }, scripts: { postinstall: "x" } }, ["npm:postinstall=x"]],
    [
      "what may run",
      { dependencies: { react: "^18.2.0" }, trustedDependencies: ["esbuild"] },
      ["npm:scripts allowed of=esbuild"],
    ],
    ["a peer", { dependencies: { react: "^18.2.0" }, peerDependencies: { vue: "*" } }, ["npm:vue@*"]],
  ])("holds %s", (_, fields, subjects) => {
    expect(held("package.json", plain, manifest(fields))).toEqual(subjects);
  });

  it.each<[string, object]>([
    ["a removal", {}],
    ["a move to another section", { devDependencies: { react: "^18.2.0" } }],
    ["another script", { dependencies: { react: "^18.2.0" }, scripts: { build: "tsc" } }],
    ["a package of the workspace", { dependencies: { react: "^18.2.0", "@shop/ui": "workspace:*" } }],
    ["a version of its own", { version: "2.0.0", dependencies: { react: "^18.2.0" } }],
  ])("leaves %s", (_, fields) => {
    expect(held("package.json", plain, manifest(fields))).toEqual([]);
  });

  it("holds what cannot be read, whatever was there", () => {
    expect(reasons("app/package.json", plain, plain.slice(0, 60))).toEqual([
      "app/package.json cannot be understood, so what it adds cannot be told",
    ]);
  });

  it("knows the file in another spelling", () => {
    const after = manifest({ dependencies: { react: "^18.2.0", evil: "1" } });
    expect(held("Package.JSON", plain, after)).toEqual(["npm:evil@1"]);
  });

  const names = fc.uniqueArray(fc.stringMatching(/^(@[a-z]{1,4}\/)?[a-z][a-z0-9-]{0,8}$/), { minLength: 1, maxLength: 12 });
  const versions = fc.constantFrom("^1.0.0", "~2.1.0", "3.0.0", "*", ">=1 <3");

  it("takes no reordering for a change, and each addition for one", () => {
    fc.assert(
      fc.property(names, versions, fc.constantFrom(0, 2, 4), fc.integer(), (list, version, indent, seed) => {
        const entries = list.map((name) => [name, version] as const);
        const mixed = entries.toSorted(([a], [b]) => ((a.length * 31 + seed) % 7) - ((b.length * 17 + seed) % 5));
        const text = (of: readonly (readonly [string, string])[]) =>
          JSON.stringify({ dependencies: Object.fromEntries(of) }, undefined, indent);
        const [[added] = ["x"]] = entries;
        expect(held("package.json", text(entries), text(mixed))).toEqual([]);
        expect(held("package.json", text(entries.slice(1)), text(mixed))).toEqual([`npm:${added}@${version}`]);
      }),
    );
  });
});

describe("what else npm, pnpm and yarn read", () => {
  it.each([
    [
      ".npmrc",
      "save-exact=true\n",
      "save-exact=true\nregistry=https://npm.evil.example/\n",
      ["npm:registry=https://npm.evil.example/"],
    ],
    [".npmrc", "", "@shop:registry=https://npm.shop.example/\n", ["npm:@shop:registry=https://npm.shop.example/"]],
    [".npmrc", "", "save-exact=true\n", []],
    [".yarnrc.yml", "", 'npmRegistryServer: "https://npm.evil.example"\n', ["npm:npmRegistryServer=https://npm.evil.example"]],
    [".yarnrc.yml", "", "nodeLinker: node-modules\n", []],
    [
      "pnpm-workspace.yaml",
      "packages:\n  - packages/*\ncatalog:\n  react: ^18.2.0\n",
      "packages:\n  - packages/*\ncatalog:\n  react: ^19.0.0\n  left-pad: ^1.3.0\n",
      ["npm:react@^19.0.0", "npm:left-pad@^1.3.0"],
    ],
    ["pnpm-workspace.yaml", undefined, "onlyBuiltDependencies:\n- esbuild\n", ["npm:scripts allowed of=esbuild"]],
    ["native/binding.gyp", undefined, "{}", ["npm:node-gyp={}"]],
  ])("%s", (path, before, after, subjects) => {
    expect(held(path, before, after)).toEqual(subjects);
  });
});

describe("imports in JavaScript and TypeScript", () => {
  const files = {
    "package.json": manifest({
      dependencies: { react: "^18.2.0", "@scope/kit": "1.0.0" },
      devDependencies: { "@types/hast": "^3" },
      imports: { "#db": "./src/db.js" },
      workspaces: ["packages/*"],
    }),
    "packages/ui/package.json": manifest({ name: "@shop/ui", dependencies: { zod: "^3" } }),
    "packages/web/package.json": manifest({ name: "@shop/web" }),
    "tsconfig.json":
      '{\n  // paths\n  "compilerOptions": { "baseUrl": "./src", "paths": { "@app/*": ["app/*"], "config": ["c.ts"], } },\n}',
    "src/widgets/button.ts": "",
  };

  it.each([
    'import pad from "left-pad";',
    "const pad = require('left-pad/lib/x');",
    "const pad = await import(`left-pad`);",
    'export * from "left-pad";',
    'import type { P } from "left-pad";',
    'type P = import("left-pad").P;',
    'import "left-pad";',
    'import pad = require("left-pad");',
    'import {\n  a,\n  b,\n} from "left-pad";',
    'import pad from\n  "left-pad";',
    'import pad from "left-p\\x61d";',
    "const at = require.resolve('left-pad');",
    "const text = `${require('left-pad')(1)}`;",
    "x = a / b; y = require('left-pad') / 2;",
  ])("holds %j", (code) => {
    expect(held("src/a.ts", "export {};\n", `export {};\n${code}\n`, files)).toEqual(["npm:left-pad"]);
  });

  it.each([
    'import { useState } from "react";',
    'import x from "react/jsx-runtime";',
    'import x from "@scope/kit/deep";',
    'import fs from "node:fs";',
    'import { readFile } from "fs/promises";',
    'import x from "./x.js";',
    'import x from "../left-pad";',
    'import x from "#db";',
    'import x from "@/components/x";',
    'import x from "~/x";',
    'import x from "@app/x";',
    'import x from "config";',
    'import x from "widgets/button";',
    'import x from "shop/sub";',
    'import x from "@shop/ui";',
    'import type { Root } from "hast";',
    'import x from "virtual:pwa";',
    'import x from "bun:test";',
    '// import x from "left-pad";',
    '/* import x from "left-pad"; */',
    "const text = \"import x from 'left-pad'\";",
    "const text = `\nimport x from 'left-pad';\n`;",
    "const list = Array.from('left-pad');",
    "const pattern = /import 'left-pad'/;",
    'loader.import("left-pad");',
    'const name = "left-pad";',
  ])("leaves %j", (code) => {
    expect(held("src/a.ts", "export {};\n", `export {};\n${code}\n`, files)).toEqual([]);
  });

  it("leaves an import that the file had, and code of no project", () => {
    const before = 'import pad from "left-pad";\n';
    expect(held("src/a.ts", before, 'import pad, { x } from "left-pad";\n', files)).toEqual([]);
    expect(held("src/a.ts", undefined, before)).toEqual([]);
  });

  it("asks the manifests above the file, not those beside its project", () => {
    expect(held("packages/ui/a.ts", undefined, 'import "zod";', files)).toEqual([]);
    expect(held("packages/web/a.ts", undefined, 'import "zod";', files)).toEqual(["npm:zod"]);
  });

  it("holds what an address brings", () => {
    expect(held("a.ts", undefined, 'import x from "https://x.example/m.js";', files)).toEqual(["npm:https://x.example/m.js"]);
  });

  it("finds an import behind any code", () => {
    const pieces = fc.constantFrom(
      "const a = `x ${b} y`;",
      "const r = /['\"`/]/g;",
      "// don't",
      "/* it's */",
      "const s = 'it\\'s';",
      "const t = `${`a${{}}`}`;",
      "if (a) { b(); }",
      "x = y / z;",
      "const o = { from: 1, import: 2 };",
      "import.meta.url;",
      "class A { from() {} }",
    );
    fc.assert(
      fc.property(fc.array(pieces), fc.array(pieces), (before, after) => {
        const code = [...before, 'import pad from "left-pad";', ...after].join("\n");
        expect(held("src/a.ts", [...before, ...after].join("\n"), code, files)).toEqual(["npm:left-pad"]);
      }),
    );
  });
});
