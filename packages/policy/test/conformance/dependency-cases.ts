/** Dependencies: what comes with an addition, another version, a source, a script, an import, and a lock file that disagrees. */
import type { ChangeCase } from "./cases.ts";

const manifest = (dependencies: Readonly<Record<string, string>>, more: object = {}): string =>
  `${JSON.stringify({ name: "shop", version: "1.0.0", dependencies, ...more }, null, 2)}\n`;

const npm = { "package.json": manifest({ ws: "8.0.0" }) };
const team = "preset: team\n";
const rule = { decision: "hold", rule: "dependencies" } as const;

/** A manifest of another ecosystem, with one dependency and with two. */
const ecosystems: readonly (readonly [name: string, path: string, before: string, after: string])[] = [
  ["pip", "requirements.txt", "flask==3.0.0\n", "flask==3.0.0\nleftpad==1.0.0\n"],
  [
    "Python",
    "pyproject.toml",
    '[project]\nname = "shop"\nversion = "1"\ndependencies = ["flask==3.0.0"]\n',
    '[project]\nname = "shop"\nversion = "1"\ndependencies = ["flask==3.0.0", "leftpad==1.0.0"]\n',
  ],
  [
    "Cargo",
    "Cargo.toml",
    '[package]\nname = "shop"\nversion = "0.1.0"\n\n[dependencies]\nserde = "1"\n',
    '[package]\nname = "shop"\nversion = "0.1.0"\n\n[dependencies]\nserde = "1"\nleftpad = "1"\n',
  ],
  [
    "Go",
    "go.mod",
    "module example.com/shop\n\ngo 1.22\n\nrequire golang.org/x/text v0.14.0\n",
    "module example.com/shop\n\ngo 1.22\n\nrequire golang.org/x/text v0.14.0\n\nrequire example.com/left v1.0.0\n",
  ],
];

export const dependencyCases: readonly ChangeCase[] = [
  { name: "npm: added", before: npm, after: { "package.json": manifest({ ws: "8.0.0", "left-pad": "1.3.0" }) }, ...rule },
  { name: "npm: taken out", before: npm, after: { "package.json": manifest({}) }, decision: "allow" },
  {
    name: "npm: something else in its manifest",
    before: npm,
    after: { "package.json": manifest({ ws: "8.0.0" }, { description: "x" }) },
    decision: "allow",
  },
  { name: "npm: another version, solo", before: npm, after: { "package.json": manifest({ ws: "8.1.0" }) }, decision: "allow" },
  {
    name: "npm: another version, team",
    policy: team,
    before: npm,
    after: { "package.json": manifest({ ws: "8.1.0" }) },
    ...rule,
  },
  {
    name: "npm: from elsewhere than the registry",
    before: npm,
    after: { "package.json": manifest({ ws: "git+https://example.com/ws.git" }) },
    ...rule,
  },
  {
    name: "npm: something that runs at install",
    before: npm,
    after: { "package.json": manifest({ ws: "8.0.0" }, { scripts: { postinstall: "node x.js" } }) },
    ...rule,
  },
  {
    name: "npm: a script that runs when it is asked for",
    before: npm,
    after: { "package.json": manifest({ ws: "8.0.0" }, { scripts: { lint: "eslint ." } }) },
    decision: "allow",
  },
  {
    name: "npm: an import that no manifest names",
    before: { ...npm, "src/a.ts": "export {};\n" },
    after: { "src/a.ts": 'import pad from "left-pad";\nexport { pad };\n' },
    ...rule,
  },
  {
    name: "npm: an import that the manifest names",
    before: { ...npm, "src/a.ts": "export {};\n" },
    after: { "src/a.ts": 'import ws from "ws";\nexport { ws };\n' },
    decision: "allow",
  },
  {
    name: "npm: an import of what Node has",
    before: { ...npm, "src/a.ts": "export {};\n" },
    after: { "src/a.ts": 'import fs from "node:fs";\nexport { fs };\n' },
    decision: "allow",
  },
  {
    name: "npm: added, by name allowed",
    policy: "dependencies:\n  - hold: [add]\n  - allow: [add]\n    packages: ['@types/*']\n    name: types\n",
    before: npm,
    after: { "package.json": manifest({ ws: "8.0.0", "@types/ws": "8.0.0" }) },
    decision: "allow",
  },
  {
    name: "npm: added, another one allowed",
    policy: "dependencies:\n  - hold: [add]\n    name: added\n  - allow: [add]\n    packages: ['@types/*']\n",
    before: npm,
    after: { "package.json": manifest({ ws: "8.0.0", "left-pad": "1.3.0" }) },
    ...{ decision: "hold", rule: "added" },
  },
  {
    name: "npm: added, blocked",
    policy: "dependencies:\n  - block: [add]\n    packages: [left-pad]\n    name: no-pad\n",
    before: npm,
    after: { "package.json": manifest({ ws: "8.0.0", "left-pad": "1.3.0" }) },
    ...{ decision: "block", rule: "no-pad" },
  },
  {
    name: "layers: an organisation holds what a project allows",
    above: [{ kind: "organisation", text: "dependencies:\n  - hold: [add]\n    name: org-added\n" }],
    policy: "dependencies:\n  - allow: [add]\n",
    before: npm,
    after: { "package.json": manifest({ ws: "8.0.0", "left-pad": "1.3.0" }) },
    ...{ decision: "hold", rule: "org-added" },
  },
  ...ecosystems.flatMap(([name, path, before, after]): ChangeCase[] => [
    { name: `${name}: added`, before: { [path]: before }, after: { [path]: after }, ...rule },
    { name: `${name}: taken out`, before: { [path]: after }, after: { [path]: before }, decision: "allow" },
  ]),
];
