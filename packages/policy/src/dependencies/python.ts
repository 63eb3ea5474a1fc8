/** What pip and uv share: requirement lines, pyproject.toml, imports in Python. */
import { parse } from "smol-toml";
import {
  type AddedCode,
  type Declared,
  type Fields,
  type Imported,
  type Setting,
  type SourceKind,
  type Surroundings,
  fieldsOf,
  foldersAbove,
  isFields,
  joinPath,
  textOf,
  textsOf,
} from "./ecosystem.ts";
import { distributionsOf, pythonOwn } from "./python-names.ts";

/** PEP 503: one name for all its spellings. */
export const canonicalName = (name: string): string => name.toLowerCase().replace(/[-_.]+/g, "-");

/** Undefined: no TOML. */
export function parseToml(text: string): Fields | undefined {
  try {
    return fieldsOf(parse(text.replace(/^\uFEFF/, "")));
  } catch {
    return undefined;
  }
}

/** PEP 508: `name[extra] >= 1; marker`, `name @ address`, or an address alone. */
export function requirement(text: string, section: string): Declared | undefined {
  const body = text.replace(/(^|\s)#.*$/, "").trim();
  const [, name = "", rest = ""] = /^([A-Za-z0-9](?:[\w.-]*[A-Za-z0-9])?)\s*((?:\[[^\]]*\])?.*)$/.exec(body) ?? [];
  const isAddress = /^[a-z+]+:\/\/|^file:|^\.{0,2}\/|^\S+\.(whl|tar\.gz|zip)$/i.test(body);
  if (isAddress) return { name: eggOf(body), spec: body, section, ...sourceOf(body) };
  if (name === "") return undefined;
  const [, address] = /^(?:\[[^\]]*\])?\s*@\s*(\S+)/.exec(rest) ?? [];
  if (address !== undefined) return { name, spec: address, section, ...sourceOf(address) };
  // What stands behind the version: a marker of the system, hashes and options of pip.
  const spec = rest
    .replace(/\s+--.*$|\s*\\$/, "")
    .replace(/\s+/g, " ")
    .trim();
  return { name, spec, section, kind: "registry" };
}

/** The name in `#egg=name`, or in the last part of the address. */
function eggOf(address: string): string {
  const [, egg] = /[#&]egg=([\w.-]+)/.exec(address) ?? [];
  const [, last = address] = /([^/]+?)(?:\.git)?(?:@[^/]*)?(?:#.*)?$/.exec(address) ?? [];
  return egg ?? last.replace(/-\d.*$/, "");
}

function sourceOf(address: string): { kind: SourceKind; origin: string } {
  const origin = address.replace(/#.*$/, "");
  if (/^git\+|^git:|\.git(@|$)/.test(origin)) return { kind: "git", origin: origin.replace(/(?<=[^/:]{2})@[^/@]*$/, "") };
  return { kind: /^[a-z]+:\/\//.test(origin) && !origin.startsWith("file:") ? "url" : "path", origin };
}

export interface Pyproject {
  readonly declared: readonly Declared[];
  readonly scripts: readonly Setting[];
  readonly sources: readonly Setting[];
  readonly isUv: boolean;
}

export function readPyproject(text: string): Pyproject | undefined {
  const toml = parseToml(text);
  if (toml === undefined) return undefined;
  const project = fieldsOf(toml["project"]);
  const tool = fieldsOf(toml["tool"]);
  const uv = fieldsOf(tool["uv"]);
  const build = fieldsOf(toml["build-system"]);
  const list = (section: string, value: unknown): readonly Declared[] =>
    textsOf(value).flatMap((line) => requirement(line, section) ?? []);
  const groups = (section: string, value: unknown): readonly Declared[] =>
    Object.entries(fieldsOf(value)).flatMap(([name, lines]) => list(`${section}.${name}`, lines));
  const uvSources = fieldsOf(uv["sources"]);
  const declared = [
    ...list("project.dependencies", project["dependencies"]),
    ...groups("project.optional-dependencies", project["optional-dependencies"]),
    ...groups("dependency-groups", toml["dependency-groups"]),
    ...list("build-system.requires", build["requires"]),
    ...list("tool.uv.dev-dependencies", uv["dev-dependencies"]),
    ...poetryIn(fieldsOf(tool["poetry"])),
  ].map((entry) => withUvSource(entry, uvSources));
  return {
    declared: [
      ...declared,
      ...list("tool.uv.override-dependencies", uv["override-dependencies"]).map((entry) => ({
        ...entry,
        override: true as const,
      })),
    ],
    scripts: [
      ...named("build-backend", build["build-backend"]),
      ...named("backend-path", build["backend-path"]),
      ...named("build script", fieldsOf(fieldsOf(tool["poetry"])["build"])["script"]),
    ],
    sources: [
      ...each("index", uv["index"]),
      ...["index-url", "extra-index-url", "find-links", "default-index"].flatMap((name) => named(name, uv[name])),
      ...each("source", fieldsOf(tool["poetry"])["source"]),
    ],
    isUv: "uv" in tool,
  };
}

const named = (name: string, value: unknown): readonly Setting[] =>
  value === undefined ? [] : [{ name, text: textOf(value) || JSON.stringify(value) }];

const each = (name: string, value: unknown): readonly Setting[] =>
  Array.isArray(value) ? value.flatMap((item) => named(name, textOf(fieldsOf(item)["url"]) || item)) : named(name, value);

function withUvSource(entry: Declared, sources: Fields): Declared {
  const key = Object.keys(sources).find((name) => canonicalName(name) === canonicalName(entry.name));
  if (key === undefined) return entry;
  const [first = {}] = [sources[key]].flat();
  const source = fieldsOf(first);
  if (source["workspace"] === true) return { ...entry, kind: "workspace" };
  return { ...entry, ...tableSource(source) };
}

/** `{ git = … }`, `{ url = … }`, `{ path = … }`, `{ index = … }` of uv and poetry. */
function tableSource(source: Fields): { kind: SourceKind; origin?: string } {
  if (typeof source["git"] === "string") return { kind: "git", origin: source["git"] };
  if (typeof source["url"] === "string") return { kind: "url", origin: source["url"] };
  if (typeof source["path"] === "string") return { kind: "path", origin: source["path"] };
  const index = textOf(source["index"]) || textOf(source["source"]);
  return index === "" ? { kind: "registry" } : { kind: "registry", origin: `index ${index}` };
}

function poetryIn(poetry: Fields): readonly Declared[] {
  const groups = Object.entries(fieldsOf(poetry["group"])).map(
    ([name, group]) => [`group.${name}`, fieldsOf(fieldsOf(group)["dependencies"])] as const,
  );
  const tables = [
    ["dependencies", fieldsOf(poetry["dependencies"])] as const,
    ["dev-dependencies", fieldsOf(poetry["dev-dependencies"])] as const,
    ...groups,
  ];
  return tables.flatMap(([section, packages]) =>
    Object.entries(packages)
      .filter(([name]) => name !== "python")
      .map(([name, value]): Declared => {
        const [first = ""] = [value].flat();
        const table = fieldsOf(first);
        const spec = isFields(first) ? textOf(table["version"]) || textOf(table["tag"]) || textOf(table["rev"]) : textOf(first);
        return { name, spec, section: `tool.poetry.${section}`, ...tableSource(table) };
      }),
  );
}

const requirementFiles = [
  "requirements.txt",
  "requirements.in",
  "requirements-dev.txt",
  "requirements_dev.txt",
  "dev-requirements.txt",
  "requirements-test.txt",
  "test-requirements.txt",
  "requirements/base.txt",
  "requirements/dev.txt",
  "requirements/test.txt",
  "requirements/local.txt",
  "requirements/production.txt",
];

export interface PythonManifests {
  readonly names: readonly string[];
  readonly read: (text: string, path: string) => readonly Declared[] | undefined;
}

/** Imports in Python that no manifest around the file names. */
export function unlistedModules(
  { path, added, before, after }: AddedCode,
  around: Surroundings,
  manifests: PythonManifests,
): readonly Imported[] {
  if (!added.some((line) => /^\s*(?:import|from)\s/.test(line)) || after() === undefined) return [];
  const fresh = importedIn(added.join("\n")).filter((module) => !pythonOwn.has(module));
  if (fresh.length === 0) return [];
  const now = new Set(importedIn(after() ?? added.join("\n")));
  const old = new Set(importedIn(before() ?? ""));
  const candidates = fresh.filter((module) => now.has(module) && !old.has(module) && !isOwn(module, path, around));
  if (candidates.length === 0) return [];
  const names = declaredAround(path, around, manifests);
  if (names === undefined) return [];
  return candidates
    .filter((module) => !brings(names, module))
    .map((module) => ({ name: distributionsOf.get(module)?.[0] ?? module, specifier: module }));
}

function brings(names: ReadonlySet<string>, module: string): boolean {
  const plain = canonicalName(module);
  if (names.has(plain) || names.has(`python-${plain}`) || names.has(`py${plain}`) || names.has(`types-${plain}`)) return true;
  if (distributionsOf.get(module)?.some((name) => names.has(canonicalName(name)))) return true;
  // Distributions of one family share a module: `google-cloud-…`, `azure-…`, `jupyter-…`.
  return [...names].some((name) => name.startsWith(`${plain}-`));
}

/** Top-level modules; what stands in texts of several lines is none. */
function importedIn(text: string): readonly string[] {
  const found = new Set<string>();
  const code = text.replace(/("""|''')[\s\S]*?\1/g, '""');
  for (const [, module, list] of code.matchAll(/^[ \t]*(?:from[ \t]+([\w]+)[\w.]*[ \t]+import\b|import[ \t]+([\w., \t]+))/gm)) {
    if (module !== undefined) found.add(module);
    for (const name of list?.split(",") ?? []) {
      const [first = ""] = name.trim().split(/[.\s]/);
      if (first !== "") found.add(first);
    }
  }
  return [...found];
}

/** A folder above the file, a neighbour, or a package in the usual places. */
function isOwn(module: string, path: string, { fileText, hasFile }: Surroundings): boolean {
  const exists = hasFile ?? ((file: string) => fileText(file) !== undefined);
  const folders = foldersAbove(path);
  if (path.split("/").slice(0, -1).includes(module)) return true;
  return [
    ...folders,
    ...folders.map((folder) => joinPath(folder, "src")),
    ...folders.map((folder) => joinPath(folder, "tests")),
  ].some((folder) =>
    [`${module}.py`, `${module}/__init__.py`, `${module}.pyi`, `${module}/__main__.py`].some((name) =>
      exists(joinPath(folder, name)),
    ),
  );
}

/** Undefined where no manifest stands around the file, or one cannot be read. */
function declaredAround(
  path: string,
  { fileText }: Surroundings,
  { names, read }: PythonManifests,
): ReadonlySet<string> | undefined {
  const found = new Set<string>();
  let manifests = 0;
  for (const folder of foldersAbove(path)) {
    for (const name of [...names, ...requirementFiles]) {
      const file = joinPath(folder, name);
      const text = fileText(file);
      if (text === undefined) continue;
      manifests++;
      for (const declared of read(text, file) ?? []) found.add(canonicalName(declared.name));
      const [, own] = /^\s*name\s*=\s*["']?([\w.-]+)/m.exec(text) ?? [];
      if (own !== undefined) found.add(canonicalName(own));
    }
  }
  return manifests === 0 ? undefined : found;
}
