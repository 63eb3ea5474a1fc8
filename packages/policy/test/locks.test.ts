/** Lock files as the tools wrote them: `a` for a manifest with is-odd, `b` for one with an alias and a package of one system more. */
import { readFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { disagreements, fileOf, held, reasons } from "../src/dependencies/judged.ts";

const fixture = (name: string): string => readFileSync(path.join(import.meta.dirname, "fixtures/locks", name), "utf8");
const manifest = (dependencies: object): string => JSON.stringify({ name: "shop", version: "1.0.0", dependencies }, undefined, 2);

const a = manifest({ "is-odd": "^3.0.0" });
const b = manifest({ "is-odd": "^3.0.0", fsevents: "2.3.3", "left-pad": "npm:pad-left@2.1.0" });

const tools = [
  { tool: "npm", lock: "package-lock.json", texts: ["npm-a.json", "npm-b.json"] },
  { tool: "npm-shrinkwrap", lock: "npm-shrinkwrap.json", texts: ["npm-a.json", "npm-b.json"] },
  { tool: "pnpm", lock: "pnpm-lock.yaml", texts: ["pnpm-a.yaml", "pnpm-b.yaml"] },
  { tool: "yarn 1", lock: "yarn.lock", texts: ["yarn1-a.lock", "yarn1-b.lock"] },
  { tool: "yarn 4", lock: "yarn.lock", texts: ["berry-a.lock", "berry-b.lock"] },
].map(({ tool, lock, texts: [before = "", after = ""] }) => ({ tool, lock, before: fixture(before), after: fixture(after) }));

describe.each(tools)("the lock file of $tool", ({ lock, before, after }) => {
  it("is explained by its manifest", () => {
    expect(held(lock, before, after, { "package.json": b })).toEqual([]);
    expect(
      disagreements([fileOf("package.json", a, b), fileOf(lock, before, after)], { "package.json": b, [lock]: after }),
    ).toEqual([]);
  });

  it("adds what no manifest asks for", () => {
    const subjects = held(lock, before, after, { "package.json": a });
    expect(subjects).toContain("npm:fsevents@2.3.3");
    expect(subjects.some((subject) => subject.startsWith("npm:repeat-string@1.6.1"))).toBe(true);
    expect(reasons(lock, before, after, { "package.json": a })).toContain(
      `${lock} adds fsevents@2.3.3, which no manifest asks for`,
    );
  });

  it("is missing what the manifest asks for", () => {
    const said = disagreements([fileOf("package.json", a, b)], { "package.json": b, [lock]: before });
    expect(said).toEqual([
      `package.json names fsevents, which ${lock} does not have`,
      `package.json names left-pad, which ${lock} does not have`,
    ]);
  });

  it("moves a version that no manifest asks for", () => {
    const moved = after.replaceAll("1.6.1", "1.6.9");
    expect(held(lock, after, moved, { "package.json": b })).toEqual(["npm:repeat-string@1.6.9"]);
    expect(reasons(lock, after, moved, { "package.json": b })).toEqual([`${lock} moves repeat-string from 1.6.1 to 1.6.9`]);
  });

  it("may lose what it had, and be written in another order", () => {
    expect(held(lock, after, before, { "package.json": a })).toEqual([]);
    const blocks = before.split(/\n\n/);
    const [head = "", ...rest] = blocks;
    if (lock === "yarn.lock")
      expect(held(lock, before, [head, ...rest.reverse()].join("\n\n"), { "package.json": a })).toEqual([]);
  });

  it("is held when it cannot be read", () => {
    if (lock.endsWith(".json"))
      expect(reasons(lock, before, before.slice(0, -20))).toEqual([
        `${lock} cannot be understood, so what it adds cannot be told`,
      ]);
  });
});

describe("where packages come from and what they run", () => {
  const lock = fixture("npm-a.json");
  const with_ = (fields: object): string => {
    const value = JSON.parse(lock);
    Object.assign(value.packages["node_modules/is-odd"], fields);
    return JSON.stringify(value, undefined, 2);
  };

  it.each([
    [
      "another registry",
      { resolved: "https://npm.evil.example/is-odd/-/is-odd-3.0.1.tgz" },
      ["npm:is-odd@3.0.1 from npm.evil.example"],
    ],
    [
      "git",
      { resolved: "git+ssh://git@github.com/evil/is-odd.git#abc" },
      ["npm:is-odd@3.0.1 from git+ssh://git@github.com/evil/is-odd.git"],
    ],
    ["a script", { hasInstallScript: true }, ["npm:is-odd@3.0.1 install script"]],
    ["another name", { name: "evil" }, ["npm:is-odd@3.0.1 from npm:evil"]],
  ])("%s", (_, fields, subjects) => {
    expect(held("package-lock.json", lock, with_(fields), { "package.json": a })).toEqual(subjects);
  });

  it("believes the lock file where the manifest of an own package is not at hand, and only there", () => {
    const value = JSON.parse(lock);
    value.packages["packages/ui"] = { name: "@shop/ui", dependencies: { zod: "^3" } };
    value.packages["node_modules/zod"] = { version: "3.0.0" };
    value.packages["node_modules/@shop/ui"] = { resolved: "packages/ui", link: true };
    const after = JSON.stringify(value, undefined, 2);
    const ui = JSON.stringify({ name: "@shop/ui" });
    expect(held("package-lock.json", lock, after, { "package.json": a })).toEqual([]);
    expect(held("package-lock.json", lock, after, { "package.json": a, "packages/ui/package.json": ui })).toEqual([
      "npm:zod@3.0.0",
    ]);
  });
});

describe("other lock files", () => {
  const cargoLock = (more = "", names = '"itoa"') =>
    `version = 4\n\n[[package]]\nname = "itoa"\nversion = "1.0.11"\nsource = "registry+https://github.com/rust-lang/crates.io-index"\n\n` +
    `[[package]]\nname = "shop"\nversion = "0.1.0"\ndependencies = [\n ${names},\n]\n${more}`;
  const serde =
    '\n[[package]]\nname = "serde"\nversion = "1.0.200"\nsource = "registry+https://github.com/rust-lang/crates.io-index"\n';
  const cargoToml = (more = "") => `[package]\nname = "shop"\nversion = "0.1.0"\n\n[dependencies]\nitoa = "1"\n${more}`;

  it("Cargo.lock", () => {
    const after = cargoLock(serde, '"itoa",\n "serde"');
    expect(held("Cargo.lock", cargoLock(), after, { "Cargo.toml": cargoToml() })).toEqual(["cargo:serde@1.0.200"]);
    expect(held("Cargo.lock", cargoLock(), after, { "Cargo.toml": cargoToml('serde = "1"\n') })).toEqual([]);
    const git = cargoLock().replace(
      "registry+https://github.com/rust-lang/crates.io-index",
      "git+https://github.com/evil/itoa?rev=1#1",
    );
    expect(held("Cargo.lock", cargoLock(), git, { "Cargo.toml": cargoToml() })).toEqual([
      "cargo:itoa@1.0.11 from git+https://github.com/evil/itoa",
    ]);
    expect(disagreements([fileOf("Cargo.toml", cargoToml(), cargoToml('serde = "1"\n'))], { "Cargo.lock": cargoLock() })).toEqual(
      ["Cargo.toml names serde, which Cargo.lock does not have"],
    );
  });

  const uvLock = (more = "", dependencies = '{ name = "httpx" }') =>
    `version = 1\nrequires-python = ">=3.11"\n\n[[package]]\nname = "httpx"\nversion = "0.27.0"\nsource = { registry = "https://pypi.org/simple" }\n\n` +
    `[[package]]\nname = "shop"\nversion = "0.1.0"\nsource = { editable = "." }\ndependencies = [\n    ${dependencies},\n]\n${more}`;
  const pyproject = (list: string) => `[project]\nname = "shop"\nversion = "0.1.0"\ndependencies = [${list}]\n\n[tool.uv]\n`;

  it("uv.lock", () => {
    const rich = '\n[[package]]\nname = "rich"\nversion = "13.0.0"\nsource = { registry = "https://pypi.org/simple" }\n';
    const after = uvLock(rich, '{ name = "httpx" },\n    { name = "rich" }');
    expect(held("uv.lock", uvLock(), after, { "pyproject.toml": pyproject('"httpx"') })).toEqual(["uv:rich@13.0.0"]);
    expect(held("uv.lock", uvLock(), after, { "pyproject.toml": pyproject('"httpx", "Rich>=13"') })).toEqual([]);
    const elsewhere = uvLock().replace("https://pypi.org/simple", "https://pypi.evil.example/simple");
    expect(held("uv.lock", uvLock(), elsewhere, { "pyproject.toml": pyproject('"httpx"') })).toEqual([
      "uv:httpx@0.27.0 from pypi.evil.example",
    ]);
    const change = fileOf("pyproject.toml", pyproject('"httpx"'), pyproject('"httpx", "rich"'));
    expect(disagreements([change], { "uv.lock": uvLock() })).toEqual(["pyproject.toml names rich, which uv.lock does not have"]);
  });

  it("poetry.lock", () => {
    const lock = (more = "") =>
      `[[package]]\nname = "httpx"\nversion = "0.27.0"\n\n[package.dependencies]\ncertifi = "*"\n\n[[package]]\nname = "certifi"\nversion = "2024.1"\n${more}`;
    const toml = '[tool.poetry]\nname = "shop"\n[tool.poetry.dependencies]\npython = "^3.11"\nhttpx = "^0.27"\n';
    expect(
      held("poetry.lock", lock(), lock('\n[[package]]\nname = "evil"\nversion = "1"\n'), { "pyproject.toml": toml }),
    ).toEqual(["pip:evil@1"]);
    expect(held("poetry.lock", undefined, lock(), { "pyproject.toml": toml })).toEqual([]);
  });

  it("go.sum", () => {
    const sum = "github.com/a/b v1.0.0 h1:x=\ngithub.com/a/b v1.0.0/go.mod h1:y=\n";
    const mod = (more = "") => `module example.org/shop\n\ngo 1.22\n\nrequire (\n\tgithub.com/a/b v1.0.0\n${more})\n`;
    const change = fileOf("go.mod", mod(), mod("\tgithub.com/c/d v0.1.0\n"));
    expect(disagreements([change], { "go.sum": sum })).toEqual(["go.mod names github.com/c/d, which go.sum does not have"]);
    expect(disagreements([change], { "go.sum": `${sum}github.com/c/d v0.1.0 h1:z=\n` })).toEqual([]);
    expect(reasons("go.sum", sum, "<<<<<<< HEAD\n", { "go.mod": mod() })).toEqual([
      "go.sum cannot be understood, so what it adds cannot be told",
    ]);
  });
});
