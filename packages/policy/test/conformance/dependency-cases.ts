/** Dependencies: what comes with an addition, another version, a source, a script, an import. */
import type { ChangeCase, Tree } from "./cases.ts";

const json = (fields: object): string => `${JSON.stringify({ name: "shop", ...fields }, undefined, 2)}\n`;
const shop = json({ dependencies: { react: "^18.0.0" }, devDependencies: { vitest: "^4.0.0" } });
const every =
  "dependencies:\n  - hold: [add, change, source, script, import, lock]\n    name: deps\n  - allow: [add]\n    name: types\n    packages: ['@types/*']\n  - block: [add]\n    name: never\n    packages: [left-pad]\n";
const held = { policy: every, decision: "hold", rule: "deps" } as const;
const fine = { policy: every, decision: "allow" } as const;

/** One file, before and after. */
const edit = (path: string, before: string, after: string, besides: Tree = {}): Pick<ChangeCase, "before" | "after"> => ({
  before: { ...besides, [path]: before },
  after: { [path]: after },
});

const manifest = (fields: object): Pick<ChangeCase, "before" | "after"> => edit("package.json", shop, json(fields));
const code = (path: string, line: string, besides: Tree = { "package.json": shop }): Pick<ChangeCase, "before" | "after"> =>
  edit(path, "\n", `${line}\n`, besides);

const lock = (packages: object): string => json({ lockfileVersion: 3, packages });
const locked = { "": { dependencies: { react: "^18.0.0" } }, "node_modules/react": { version: "18.0.0" } };

const npmCases: readonly ChangeCase[] = [
  { name: "npm: an addition", ...held, ...manifest({ dependencies: { react: "^18.0.0", zod: "^4" } }) },
  { name: "npm: one that is allowed", ...fine, ...manifest({ dependencies: { react: "^18.0.0", "@types/node": "^20" } }) },
  {
    name: "npm: one that is blocked",
    ...held,
    ...manifest({ dependencies: { "left-pad": "1" } }),
    decision: "block",
    rule: "never",
  },
  { name: "npm: another version", ...held, ...manifest({ dependencies: { react: "^19.0.0" } }) },
  { name: "npm: a removal", ...fine, ...manifest({ dependencies: { react: "^18.0.0" } }) },
  { name: "npm: another section", ...fine, ...manifest({ dependencies: { vitest: "^4.0.0", react: "^18.0.0" } }) },
  { name: "npm: from git", ...held, ...manifest({ dependencies: { react: "github:evil/react" } }) },
  { name: "npm: a script at install", ...held, ...manifest({ scripts: { postinstall: "node x.js" } }) },
  { name: "npm: a script of the project", ...fine, ...manifest({ scripts: { lint: "oxlint" } }) },
  { name: "npm: a broken manifest", ...held, ...edit("package.json", shop, shop.slice(0, -4)) },
  { name: "npm: another registry", ...held, ...edit(".npmrc", "save-exact=true\n", "registry=https://npm.evil.example/\n") },
  { name: "npm: another setting", ...fine, ...edit(".npmrc", "save-exact=true\n", "save-exact=false\n") },
  {
    name: "npm: the lock file adds what no manifest names",
    ...held,
    ...edit("package-lock.json", lock(locked), lock({ ...locked, "node_modules/evil": { version: "1.0.0" } }), {
      "package.json": shop,
    }),
  },
  {
    name: "npm: the lock file loses what no manifest names",
    ...fine,
    ...edit("package-lock.json", lock({ ...locked, "node_modules/old": { version: "1.0.0" } }), lock(locked), {
      "package.json": shop,
    }),
  },
  {
    name: "npm: the preset holds additions",
    ...manifest({ dependencies: { zod: "^4" } }),
    decision: "hold",
    rule: "dependencies",
  },
  { name: "npm: the preset leaves versions", ...manifest({ dependencies: { react: "^19.0.0" } }), decision: "allow" },
  {
    name: "npm: a file that becomes a manifest",
    ...held,
    before: { "draft.json": json({ dependencies: { zod: "^4" } }) },
    after: {},
    moved: { "package.json": "draft.json" },
  },
  {
    name: "npm: layers: an organisation holds what a project allows",
    policy: "dependencies:\n  - allow: [add]\n    name: mine\n",
    above: [{ kind: "organisation", text: "dependencies:\n  - hold: [add]\n    name: org\n" }],
    ...manifest({ dependencies: { react: "^18.0.0", zod: "^4" } }),
    decision: "hold",
    rule: "org",
  },
];

const importCases: readonly ChangeCase[] = [
  { name: "import: a package that nobody names", ...held, ...code("src/a.ts", 'import { z } from "zod";') },
  { name: "import: require", ...held, ...code("src/a.cjs", 'const { z } = require("zod");') },
  { name: "import: in a comment", ...fine, ...code("src/a.ts", '// import { z } from "zod";') },
  { name: "import: what is named", ...fine, ...code("src/a.ts", 'import React from "react";') },
  { name: "import: a file", ...fine, ...code("src/a.ts", 'import { z } from "./zod.ts";') },
  { name: "import: what Node brings", ...fine, ...code("src/a.ts", 'import fs from "node:fs";') },
  { name: "import: Python", ...held, ...code("a.py", "import numpy", { "requirements.txt": "httpx\n" }) },
  { name: "import: Python's own", ...fine, ...code("a.py", "import json", { "requirements.txt": "httpx\n" }) },
  { name: "import: Rust", ...held, ...code("src/lib.rs", "use rand::Rng;", { "Cargo.toml": '[package]\nname = "shop"\n' }) },
  { name: "import: Rust's own", ...fine, ...code("src/lib.rs", "use std::fmt;", { "Cargo.toml": '[package]\nname = "shop"\n' }) },
  {
    name: "import: Go",
    ...held,
    ...edit("a.go", "package a\n", 'package a\n\nimport "github.com/c/d"\n', { "go.mod": "module shop\n" }),
  },
  {
    name: "import: Go's own",
    ...fine,
    ...edit("a.go", "package a\n", 'package a\n\nimport "fmt"\n', { "go.mod": "module shop\n" }),
  },
];

const requirements = (after: string) => edit("requirements.txt", "httpx==0.27\n", after);
const pyproject = (list: string): string => `[project]\nname = "shop"\ndependencies = [${list}]\n[tool.uv]\n`;
const cargo = (list: string): string => `[package]\nname = "shop"\n\n[dependencies]\n${list}`;

const otherCases: readonly ChangeCase[] = [
  { name: "pip: an addition", ...held, ...requirements("httpx==0.27\nevil==1\n") },
  { name: "pip: another index", ...held, ...requirements("-i https://pypi.evil.example/simple\nhttpx==0.27\n") },
  { name: "pip: a comment", ...fine, ...requirements("# pinned\nhttpx==0.27\n") },
  { name: "uv: an addition", ...held, ...edit("pyproject.toml", pyproject('"httpx"'), pyproject('"httpx", "evil"')) },
  { name: "uv: another order", ...fine, ...edit("pyproject.toml", pyproject('"a", "b"'), pyproject('"b", "a"')) },
  { name: "cargo: an addition", ...held, ...edit("Cargo.toml", cargo(""), cargo('rand = "0.8"\n')) },
  { name: "cargo: a build script", ...held, ...edit("build.rs", "\n", "fn main() {}\n") },
  { name: "cargo: a removal", ...fine, ...edit("Cargo.toml", cargo('rand = "0.8"\n'), cargo("")) },
  { name: "go: an addition", ...held, ...edit("go.mod", "module shop\n", "module shop\n\nrequire github.com/c/d v1.0.0\n") },
  { name: "go: a replacement", ...held, ...edit("go.mod", "module shop\n", "module shop\n\nreplace github.com/c/d => ../d\n") },
  { name: "go: a comment", ...fine, ...edit("go.mod", "module shop\n", "module shop // ours\n") },
];

export const dependencyCases: readonly ChangeCase[] = [...npmCases, ...importCases, ...otherCases];
