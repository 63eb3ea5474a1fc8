/** Cargo: Cargo.toml with workspace and target tables, Cargo.lock, build scripts, crates that Rust code uses. */
import {
  type AddedCode,
  type Declared,
  type EcosystemReader,
  type Fields,
  type Imported,
  type Lock,
  type Manifest,
  type OwnPackage,
  type Setting,
  type Surroundings,
  baseName,
  emptyManifest,
  fieldsOf,
  foldersAbove,
  hostOf,
  isFields,
  joinPath,
  textOf,
  textsOf,
} from "./ecosystem.ts";
import { parseToml } from "./python.ts";
import { runs } from "./npm.ts";

export const cargo: EcosystemReader = {
  ecosystem: "cargo",
  lockNames: ["Cargo.lock"],
  notesSpecs: false,
  manifestNames: ["Cargo.toml"],
  kindOf(path) {
    const name = baseName(path);
    if (name === "Cargo.toml" || name === "build.rs" || isConfig(path)) return "manifest";
    return name === "Cargo.lock" ? "lock" : undefined;
  },
  manifest(text, path) {
    if (baseName(path) === "build.rs") return runs("build.rs", text);
    return isConfig(path) ? readConfig(text) : readCargoToml(text);
  },
  lock: readCargoLock,
  canonical: (name) => name.replaceAll("_", "-"),
  isCode: (path) => path.endsWith(".rs"),
  unlisted: unlistedCrates,
};

const isConfig = (path: string): boolean => /(?:^|\/)\.cargo\/config(?:\.toml)?$/.test(path);

const tables = ["dependencies", "dev-dependencies", "build-dependencies"];

function readCargoToml(text: string): Manifest | undefined {
  const toml = parseToml(text);
  if (toml === undefined) return undefined;
  const targets = Object.entries(fieldsOf(toml["target"]));
  const patches = Object.entries(fieldsOf(toml["patch"])).map(([registry, table]) => [`patch.${registry}`, table] as const);
  const bent = [...patches, ["replace", toml["replace"]] as const];
  const { build, links } = fieldsOf(toml["package"]);
  return {
    declared: [
      ...tables.flatMap((section) => cratesIn(section, toml[section])),
      ...cratesIn("workspace.dependencies", fieldsOf(toml["workspace"])["dependencies"]),
      ...targets.flatMap(([target, value]) =>
        tables.flatMap((section) => cratesIn(`target.${target}.${section}`, fieldsOf(value)[section])),
      ),
      ...bent.flatMap(([section, table]) => cratesIn(section, table).map((entry) => ({ ...entry, override: true as const }))),
    ],
    scripts: [...setting("build", build), ...setting("links", links)],
    sources: [],
  };
}

function setting(name: string, value: unknown): readonly Setting[] {
  return value === undefined || value === false ? [] : [{ name, text: textOf(value) || JSON.stringify(value) }];
}

function cratesIn(section: string, table: unknown): readonly Declared[] {
  return Object.entries(fieldsOf(table)).map(([name, value]): Declared => {
    if (!isFields(value)) return { name, spec: textOf(value), section, kind: "registry" };
    const spec = textOf(value["version"]) || textOf(value["tag"]) || textOf(value["rev"]) || textOf(value["branch"]);
    if (value["workspace"] === true) return { name, spec: "workspace", section, kind: "workspace" };
    return { name, spec, section, ...crateSource(name, value) };
  });
}

function crateSource(name: string, value: Fields): Pick<Declared, "kind" | "origin"> {
  if (typeof value["git"] === "string") return { kind: "git", origin: value["git"] };
  if (typeof value["path"] === "string") return { kind: "path", origin: value["path"] };
  if (typeof value["registry"] === "string") return { kind: "url", origin: `registry ${value["registry"]}` };
  const real = textOf(value["package"]);
  return real !== "" && real !== name ? { kind: "alias", origin: real } : { kind: "registry" };
}

/** Where crates come from, and what runs in place of the compiler. */
function readConfig(text: string): Manifest | undefined {
  const toml = parseToml(text);
  if (toml === undefined) return undefined;
  const { build, target } = toml;
  const runners = Object.entries(fieldsOf(target)).flatMap(([name, value]) =>
    ["linker", "runner"].flatMap((key) => setting(`${name}.${key}`, fieldsOf(value)[key])),
  );
  return {
    ...emptyManifest,
    sources: ["source", "registries", "registry", "patch", "paths"].flatMap((name) => setting(name, toml[name])),
    scripts: [
      ...["rustc", "rustc-wrapper", "rustc-workspace-wrapper", "rustdoc"].flatMap((key) => setting(key, fieldsOf(build)[key])),
      ...runners,
    ],
  };
}

function readCargoLock(text: string): Lock | undefined {
  const toml = parseToml(text);
  if (toml === undefined) return undefined;
  const packages = Array.isArray(toml["package"]) ? toml["package"].map(fieldsOf) : [];
  const own: OwnPackage[] = [];
  const resolved = packages.map((entry) => {
    const source = textOf(entry["source"]);
    const requires = textsOf(entry["dependencies"]).map((item) => item.split(" ")[0] ?? item);
    const name = textOf(entry["name"]);
    if (source === "") own.push({ name, requires });
    return { name, version: textOf(entry["version"]), script: false, requires, ...lockSource(source) };
  });
  return { resolved, own };
}

function lockSource(source: string): Pick<Lock["resolved"][number], "kind" | "origin"> {
  if (source === "") return { kind: "workspace", origin: "" };
  if (source.startsWith("git+")) return { kind: "git", origin: source.replace(/[?#].*$/, "") };
  return { kind: "registry", origin: hostOf(source.replace(/^(registry|sparse)\+/, "")) };
}

const ofRust = new Set(["std", "core", "alloc", "proc_macro", "test", "crate", "self", "super", "Self"]);

/** `use a::b`, `pub use a`, `extern crate a`, `use {a::b, c}`. */
function cratesUsed(text: string): readonly string[] {
  const found = new Set<string>();
  const code = text.replace(/\/\*[\s\S]*?\*\/|\/\/[^\n]*/g, "");
  for (const [, name = ""] of code.matchAll(/^\s*extern\s+crate\s+(\w+)/gm)) found.add(name);
  for (const [, path = ""] of code.matchAll(/^\s*(?:pub(?:\([^)]*\))?\s+)?use\s+(?:::)?([\w{][^;]*)/gm)) {
    if (!path.startsWith("{")) found.add(/^\w+/.exec(path)?.[0] ?? "");
    else for (const part of topLevel(path.slice(1))) found.add(/^\s*(?:::)?(\w*)/.exec(part)?.[1] ?? "");
  }
  return [...found].filter((name) => /^[a-z_]/.test(name) && !ofRust.has(name));
}

/** Parts between the commas that stand in no inner braces. */
function topLevel(list: string): readonly string[] {
  let depth = 0;
  let part = "";
  const parts: string[] = [];
  for (const character of list) {
    if (character === "{") depth++;
    if (character === "}" && depth-- === 0) break;
    if (character === "," && depth === 0) {
      parts.push(part);
      part = "";
    } else part += character;
  }
  return [...parts, part];
}

function unlistedCrates({ path, added, before, after }: AddedCode, around: Surroundings): readonly Imported[] {
  if (!added.some((line) => /\b(?:use|extern)\s/.test(line)) || after() === undefined) return [];
  const text = after() ?? added.join("\n");
  const old = new Set(cratesUsed(before() ?? ""));
  const fresh = cratesUsed(added.join("\n")).filter((name) => !old.has(name) && !isInScope(text, name));
  if (fresh.length === 0) return [];
  const names = crateNames(path, around);
  if (names === undefined) return [];
  return fresh
    .filter((name) => !names.has(name) && !isModule(path, name, around))
    .map((name) => ({ name: name.replaceAll("_", "-"), specifier: name }));
}

/** A module, or something that another `use` brings. */
function isInScope(text: string, name: string): boolean {
  return new RegExp(
    String.raw`\b(?:mod|enum|struct|fn|trait|macro_rules!)\s+${name}\b|\bas\s+${name}\b|::\s*(?:\{[^;]*\b)?${name}\b\s*[,;}]`,
  ).test(text);
}

/** A module in a file beside it, or below it. */
function isModule(path: string, name: string, { fileText, hasFile }: Surroundings): boolean {
  const exists = hasFile ?? ((file: string) => fileText(file) !== undefined);
  const folder = foldersAbove(path)[0] ?? "";
  const own = path.replace(/\.rs$/, "");
  return [folder, own].some((place) => exists(joinPath(place, `${name}.rs`)) || exists(joinPath(place, `${name}/mod.rs`)));
}

function crateNames(path: string, { fileText }: Surroundings): ReadonlySet<string> | undefined {
  const names = new Set<string>();
  let manifests = 0;
  for (const folder of foldersAbove(path)) {
    const text = fileText(joinPath(folder, "Cargo.toml"));
    const toml = text === undefined ? undefined : parseToml(text);
    if (text === undefined || toml === undefined) continue;
    manifests++;
    for (const { name, section } of readCargoToml(text)?.declared ?? [])
      if (section !== "workspace.dependencies") names.add(name.replaceAll("-", "_"));
    for (const own of [fieldsOf(toml["package"])["name"], fieldsOf(toml["lib"])["name"]])
      names.add(textOf(own).replaceAll("-", "_"));
  }
  return manifests === 0 ? undefined : names;
}
