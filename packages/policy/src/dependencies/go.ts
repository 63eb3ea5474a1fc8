/** Go modules: go.mod, go.work, go.sum, imports in Go code. */
import {
  type AddedCode,
  type Declared,
  type EcosystemReader,
  type Imported,
  type Lock,
  type Manifest,
  type Setting,
  type Surroundings,
  baseName,
  foldersAbove,
  joinPath,
} from "./ecosystem.ts";

export const go: EcosystemReader = {
  ecosystem: "go",
  lockNames: ["go.sum"],
  notesSpecs: false,
  manifestNames: ["go.mod"],
  kindOf(path) {
    const name = baseName(path);
    if (name === "go.mod" || name === "go.work") return "manifest";
    return name === "go.sum" || name === "go.work.sum" ? "lock" : undefined;
  },
  manifest: readGoMod,
  lock: readGoSum,
  canonical: (name) => name,
  isCode: (path) => path.endsWith(".go"),
  unlisted: unlistedModules,
};

interface Directive {
  readonly verb: string;
  readonly words: readonly string[];
}

/** `verb words` on a line, or many in `verb ( … )`. Undefined where brackets do not fit. */
function directives(text: string): readonly Directive[] | undefined {
  const found: Directive[] = [];
  let block: string | undefined;
  for (const line of text.split("\n")) {
    const words = line
      .replace(/\/\/.*$/, "")
      .trim()
      .split(/\s+/)
      .filter((word) => word !== "");
    const [verb = ""] = words;
    if (verb === "") continue;
    if (block !== undefined && verb === ")") block = undefined;
    else if (block !== undefined) found.push({ verb: block, words });
    else if (words[1] === "(") block = verb;
    else if (verb === ")") return undefined;
    else found.push({ verb, words: words.slice(1) });
  }
  return block === undefined ? found : undefined;
}

const known = new Set([
  "module",
  "go",
  "toolchain",
  "godebug",
  "require",
  "exclude",
  "replace",
  "retract",
  "tool",
  "use",
  "ignore",
]);

function readGoMod(text: string): Manifest | undefined {
  const lines = directives(text);
  if (lines === undefined || lines.some(({ verb }) => !known.has(verb))) return undefined;
  const declared: Declared[] = [];
  const sources: Setting[] = [];
  const scripts: Setting[] = [];
  for (const { verb, words } of lines) {
    const [name = "", version = ""] = words.map((word) => word.replaceAll('"', ""));
    if (verb === "require") declared.push({ name, spec: version, section: "require", kind: "registry" });
    if (verb === "replace") sources.push({ name: `replace ${name}`, text: words.slice(words.indexOf("=>") + 1).join(" ") });
    if (verb === "toolchain") sources.push({ name: "toolchain", text: name });
    if (verb === "tool") scripts.push({ name: "tool", text: name });
  }
  return { declared, sources, scripts };
}

/** Lists more versions than are chosen: a version that is there twice, with and without `/go.mod`, is one. */
function readGoSum(text: string): Lock | undefined {
  const resolved = new Map<string, Lock["resolved"][number]>();
  for (const line of text.split("\n")) {
    if (line.trim() === "") continue;
    const [, name, version] = /^(\S+) (v\S+?)(?:\/go\.mod)? h1:\S+$/.exec(line.trim()) ?? [];
    if (name === undefined || version === undefined) return undefined;
    // Whose manifest alone was read is not used.
    if (line.includes("/go.mod ")) continue;
    resolved.set(`${name}@${version}`, { name, version, kind: "registry", origin: "", script: false, requires: [] });
  }
  return { resolved: [...resolved.values()], flat: true };
}

/** Paths in the import declarations, which stand before all else. */
function importsOf(text: string): readonly string[] {
  const head = text.split(/^(?:func|type|var|const)\b/m, 1)[0] ?? "";
  const code = head.replace(/\/\*[\s\S]*?\*\//g, "").replace(/^\s*\/\/[^\n]*/gm, "");
  return [...code.matchAll(/^\s*(?:import\s+)?(?:\(\s*)?(?:[\w.]+\s+)?(?:"([^"\n]+)"|`([^`\n]+)`)/gm)].map(
    ([, quoted, raw]) => quoted ?? raw ?? "",
  );
}

function unlistedModules({ path, added, before, after }: AddedCode, { fileText }: Surroundings): readonly Imported[] {
  if (!added.some((line) => /["`]/.test(line)) || after() === undefined) return [];
  const old = new Set(importsOf(before() ?? ""));
  const lines = added.join("\n");
  // The standard library's paths have no dot in their first part.
  const fresh = importsOf(after() ?? lines).filter(
    (name) => !old.has(name) && name.split("/", 1)[0]?.includes(".") === true && lines.includes(name),
  );
  if (fresh.length === 0) return [];
  const modules = modulesAround(path, fileText);
  if (modules.length === 0) return [];
  return fresh
    .filter((name) => !modules.some((module) => name === module || name.startsWith(`${module}/`)))
    .map((name) => ({ name: moduleOf(name), specifier: name }));
}

/** What the nearest module requires, and its own name; in a workspace of Go those of the others too. */
function modulesAround(path: string, fileText: Surroundings["fileText"]): readonly string[] {
  const folders = foldersAbove(path);
  const nearest = folders.find((folder) => fileText(joinPath(folder, "go.mod")) !== undefined);
  if (nearest === undefined) return [];
  const own = named(fileText(joinPath(nearest, "go.mod")), ["module", "require", "tool"]);
  const others = folders.flatMap((folder) =>
    named(fileText(joinPath(folder, "go.work")), ["use"]).flatMap((used) =>
      named(fileText(joinPath(joinPath(folder, used), "go.mod")), ["module"]),
    ),
  );
  return [...own, ...others];
}

function named(text: string | undefined, verbs: readonly string[]): readonly string[] {
  const lines = text === undefined ? [] : (directives(text) ?? []);
  return lines.filter(({ verb }) => verbs.includes(verb)).map(({ words }) => words[0]?.replaceAll('"', "") ?? "");
}

/** Best guess at the module of a package: the forges have two parts behind their host. */
function moduleOf(path: string): string {
  const parts = path.split("/");
  return parts.slice(0, /^(github|gitlab|bitbucket)\./.test(path) ? 3 : parts.length).join("/");
}
